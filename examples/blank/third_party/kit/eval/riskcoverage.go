package eval

import (
	"math"
	"slices"
)

// Pass is a step of the risk-coverage curve: what passes, and how much of it is
// wrong, when all at least as sure as Threshold pass.
type Pass struct {
	Threshold float64 `json:"threshold"`
	Passed    int     `json:"passed"`
	Wrong     int     `json:"wrong"`    // of Passed
	Coverage  float64 `json:"coverage"` // Passed of all, 0 to 1
	Risk      float64 `json:"risk"`     // Wrong of Passed, 0 to 1
}

// RiskCoverage is the curve of the steps from the strictest threshold to the
// loosest. Equal confidences are one step: no threshold parts them. What is
// barred never passes, and so the curve may end before coverage 1.
//
// Source: R. El-Yaniv and Y. Wiener, "On the Foundations of Noise-free Selective
// Classification", JMLR 11 (2010) 1605-1641.
func RiskCoverage(outcomes []Outcome) []Pass {
	free := slices.DeleteFunc(slices.Clone(outcomes), func(o Outcome) bool { return o.Barred })
	steps := bySureness(free)
	slices.Reverse(steps)
	var curve []Pass
	passed, wrong := 0, 0
	for _, step := range steps {
		passed += len(step)
		for _, o := range step {
			wrong += int(1 - hit(o))
		}
		curve = append(curve, Pass{Threshold: step[0].Confidence, Passed: passed, Wrong: wrong,
			Coverage: float64(passed) / float64(len(outcomes)), Risk: float64(wrong) / float64(passed)})
	}
	return curve
}

// AURC is the area under the risk-coverage curve, 0 to 1: the mean, over the n
// outcomes, of the risk when all pass that are at least as sure. The lower, the
// better confidence tells the right from the wrong. Equal confidences share the
// risk of their step, and what is barred comes last, in one step. NaN without
// outcomes.
//
// Source: Y. Geifman, G. Uziel and R. El-Yaniv, "Bias-Reduced Uncertainty
// Estimation for Deep Neural Classifiers", ICLR (2019), section 3.
func AURC(outcomes []Outcome) float64 {
	sum, before := 0.0, 0
	for _, p := range RiskCoverage(outcomes) {
		sum += float64(p.Passed-before) * p.Risk
		before = p.Passed
	}
	wrong, n := wrongs(outcomes), len(outcomes)
	if before < n { // all pass at the last step, the barred among them
		sum += float64(n-before) * float64(wrong) / float64(n)
	}
	return ratio(sum, float64(n))
}

// ExcessAURC is AURC less that of a confidence which puts all that is right
// before all that is wrong: what is left is the fault of the confidence, not of
// the model. 0 is the best. With m right of n, the best is the sum over i from
// m+1 to n of (i-m)/i, over n. NaN without outcomes.
//
// Source: as of AURC, section 3, there by an integral in the place of the sum.
func ExcessAURC(outcomes []Outcome) float64 {
	n := len(outcomes)
	right, best := n-wrongs(outcomes), 0.0
	for i := right + 1; i <= n; i++ {
		best += float64(i-right) / float64(i)
	}
	return math.Max(0, AURC(outcomes)-ratio(best, float64(n)))
}

func wrongs(outcomes []Outcome) (n int) {
	for _, o := range outcomes {
		n += int(1 - hit(o))
	}
	return n
}
