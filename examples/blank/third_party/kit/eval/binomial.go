package eval

import (
	"math"
	"sort"

	"gonum.org/v1/gonum/mathext"
)

// AtLeast is the probability that k or more of n cases are right where each is
// right with probability share: the p-value of the exact one-sided binomial
// test that the true share is no higher than share. It is at most alpha exactly
// where the Clopper-Pearson lower bound at 1 - alpha reaches share.
//
// Source: P(X >= k) = I_share(k, n-k+1), the regularised incomplete beta
// function; M. Abramowitz and I. A. Stegun, "Handbook of Mathematical
// Functions" (1964), 26.5.24.
func AtLeast(k, n int, share float64) float64 {
	switch {
	case k <= 0:
		return 1
	case k > n || share <= 0:
		return 0
	case share >= 1:
		return 1
	}
	return mathext.RegIncBeta(float64(k), float64(n-k+1), share)
}

// Critical is how many of n cases must be right at least, so that a true share
// below share is shown to be wrong at risk alpha: the least k with AtLeast(k, n,
// share) <= alpha. Where n cases are too few for any k, it is n + 1.
func Critical(n int, share, alpha float64) int {
	return sort.Search(n+1, func(k int) bool { return AtLeast(k, n, share) <= alpha })
}

// LowerBound is the share that the true one reaches at least, at risk alpha,
// when k of n cases were right: the one-sided Clopper-Pearson bound. With n = 0
// it is 0.
func LowerBound(k, n int, alpha float64) float64 {
	low, _ := ClopperPearson(k, n, 1-2*alpha)
	return low
}

// mostNeeded bounds Needed: nobody labels more.
const mostNeeded = 1_000_000

// Needed is how many labelled cases at least let a candidate pass whose right
// ones are the given share of them, rounded down: the least n with floor(seen *
// n) >= Critical(n, share, alpha). ok is false where seen is not above share,
// for then no number does, or where more than a million would be needed.
func Needed(seen, share, alpha float64) (n int, ok bool) {
	if !(seen > share) || alpha <= 0 {
		return 0, false
	}
	// The test of seen*n right ones, a fraction, is passed no later than that of
	// the whole number below it: what it needs is where to begin.
	passes := func(n int) bool {
		k := min(seen, 1) * float64(n)
		return mathext.RegIncBeta(k, float64(n)-k+1, share) <= alpha
	}
	for n = 1 + sort.Search(mostNeeded, func(i int) bool { return passes(i + 1) }); n <= mostNeeded; n++ {
		if k := int(math.Floor(min(seen, 1)*float64(n) + 1e-9)); AtLeast(k, n, share) <= alpha {
			return n, true
		}
	}
	return 0, false
}
