package eval

import (
	"cmp"
	"slices"
	"sort"

	"gonum.org/v1/gonum/mathext"
)

// Outcome is what came of one labelled draft.
type Outcome struct {
	Confidence float64 // of its least sure field, 0 to 1
	Barred     bool    // a sign on it lets it pass no threshold
	Wrong      bool
}

// Threshold is a confidence from which on drafts pass, with what was seen of it.
type Threshold struct {
	Value  float64 `json:"value"`
	Passed int     `json:"passed"` // labelled drafts at least that sure
	Wrong  int     `json:"wrong"`  // of those
	P      float64 `json:"p"`      // the chance of no more wrong ones, were the share of wrong drafts above it alpha
}

// LearnThenTest certifies the loosest of thresholds above which at most the
// share alpha of drafts is wrong: if none is that good, it certifies one with at
// most the chance delta, whatever the drafts are like. The thresholds must have
// been fixed without the outcomes (see Grid) and are tried from strict to loose:
// with k of the n that pass wrong, a threshold is certified when
//
//	P(Binomial(n, alpha) <= k) <= delta
//
// and the first that is not ends the search. ok is false when not even the
// strictest is certified: then nothing passes. The tried ones are returned too,
// strict first.
//
// Source: A. N. Angelopoulos, S. Bates, E. J. Candès, M. I. Jordan and L. Lei,
// "Learn then Test" (arXiv 2110.01052), fixed sequence testing, with the exact
// binomial p-value in the place of Hoeffding's.
func LearnThenTest(outcomes []Outcome, thresholds []float64, alpha, delta float64) (best Threshold, ok bool, tried []Threshold) {
	order := slices.Clone(thresholds)
	slices.SortFunc(order, func(a, b float64) int { return cmp.Compare(b, a) })
	for _, value := range slices.Compact(order) {
		t := passing(outcomes, value)
		t.P = BinomCDF(t.Wrong, t.Passed, alpha)
		tried = append(tried, t)
		if t.Passed == 0 || t.P > delta {
			break
		}
		best, ok = t, true
	}
	return best, ok, tried
}

// passing counts the drafts that pass a threshold.
func passing(outcomes []Outcome, value float64) Threshold {
	t := Threshold{Value: value}
	for _, o := range outcomes {
		if o.Barred || o.Confidence < value {
			continue
		}
		t.Passed++
		if o.Wrong {
			t.Wrong++
		}
	}
	return t
}

// BinomCDF is P(X <= k) of X binomial with n tries of chance p, exactly by the
// incomplete beta function.
func BinomCDF(k, n int, p float64) float64 {
	switch {
	case k < 0:
		return 0
	case k >= n:
		return 1
	}
	return mathext.RegIncBeta(float64(n-k), float64(k+1), 1-p)
}

// LabelsFor is how many labelled drafts certify at most the share alpha of wrong
// ones with the chance delta of error, when that many of them are wrong.
func LabelsFor(wrong int, alpha, delta float64) int {
	most := 1
	for BinomCDF(wrong, most, alpha) > delta {
		most *= 2
	}
	return sort.Search(most, func(n int) bool { return BinomCDF(wrong, n, alpha) <= delta })
}

// gridSteps is how many thresholds a grid has, at most. Each is a test, and one
// that fails by chance ends the search: many small steps find no more than few.
const gridSteps = 20

// Grid is the thresholds to try on cases labelled drafts, made of what other
// drafts were like: those fix the grid, and may not be certified on. The
// strictest is where about as many pass as certify alpha at delta with one
// wrong, as far as there are so many; the others follow in steps of as many
// drafts each, down to where all pass. Barred drafts pass nowhere. None is 0.
func Grid(others []Outcome, cases int, alpha, delta float64) []float64 {
	var sure []float64
	for _, o := range others {
		if !o.Barred && o.Confidence > 0 {
			sure = append(sure, o.Confidence)
		}
	}
	if len(sure) == 0 {
		return nil
	}
	slices.SortFunc(sure, func(a, b float64) int { return cmp.Compare(b, a) })
	share := float64(len(others)) / float64(max(cases, 1)) // drafts of the others for each case
	first := min(len(sure)-1, int(share*float64(LabelsFor(1, alpha, delta))))
	var grid []float64
	for i := range gridSteps {
		at := first + (len(sure)-1-first)*i/(gridSteps-1)
		grid = append(grid, sure[at])
	}
	return slices.Compact(grid)
}
