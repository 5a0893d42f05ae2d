package eval

import (
	"math"
	"sort"
)

// LotBound returns the exact upper bound, at confidence conf, for the share of
// wrong cases in a lot of size cases of which a random sample was looked at
// and wrong were found in it: the largest number of wrong cases that the
// sample does not speak against, divided by size. With X hypergeometric, the
// wrong ones in a sample drawn without replacement, that is
//
//	max { K : P(X <= wrong | size, K, sample) >= 1 - conf } / size
//
// A lot that was looked at whole has the bound wrong/size; of no sample nothing
// is known and the bound is 1. For a lot much larger than its sample it comes
// to the one-sided bound of Clopper and Pearson.
//
// Source: the one-sided interval that inverts the exact test of each K; see
// W. Wang, "Exact Optimal Confidence Intervals for Hypergeometric Parameters",
// JASA 110 (2015) 1491-1499.
func LotBound(wrong, sample, size int, conf float64) float64 {
	if sample <= 0 || size <= 0 {
		return 1
	}
	sample = min(sample, size)
	wrong = max(0, min(wrong, sample))
	most := size - (sample - wrong) // the others were seen to be right
	// The chance of so few falls with K: the first K that is too unlikely ends
	// the search. What is too close to tell, for rounding, raises the bound.
	refused := sort.Search(most-wrong, func(i int) bool {
		return atMost(wrong, sample, wrong+1+i, size) <= (1-conf)*(1-1e-9)
	})
	return float64(wrong+refused) / float64(size)
}

// SampleSize returns how many of a lot of size cases are to be looked at so
// that a sample with none wrong promises, at confidence conf, at most the share
// err of wrong cases: the least n with LotBound(0, n, size, conf) <= err. It is
// at least 1; a lot that is too small for the promise is looked at whole.
func SampleSize(size int, err, conf float64) int {
	if size <= 0 {
		return 0
	}
	return 1 + sort.Search(size-1, func(i int) bool { return LotBound(0, i+1, size, conf) <= err })
}

// atMost is the chance to find at most k wrong ones in a sample of n, drawn
// without replacement from size of which wrong are wrong.
func atMost(k, n, wrong, size int) float64 {
	sum, all := 0.0, lnChoose(size, n)
	for x := max(0, n-(size-wrong)); x <= min(k, wrong); x++ {
		sum += math.Exp(lnChoose(wrong, x) + lnChoose(size-wrong, n-x) - all)
	}
	return sum
}

// lnChoose is the logarithm of the binomial coefficient.
func lnChoose(n, k int) float64 {
	return lnFactorial(n) - lnFactorial(k) - lnFactorial(n-k)
}

func lnFactorial(n int) float64 {
	v, _ := math.Lgamma(float64(n + 1))
	return v
}
