package eval

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Paired counts how two models fared on the same cases.
type Paired struct {
	Both    int `json:"both"`     // right by both
	OnlyOld int `json:"only_old"` // right by the first alone
	OnlyNew int `json:"only_new"` // right by the second alone
	Neither int `json:"neither"`
}

// Add counts one case.
func (p *Paired) Add(old, new bool) {
	switch {
	case old && new:
		p.Both++
	case old:
		p.OnlyOld++
	case new:
		p.OnlyNew++
	default:
		p.Neither++
	}
}

// N is how many cases were counted.
func (p Paired) N() int { return p.Both + p.OnlyOld + p.OnlyNew + p.Neither }

// Difference is the share that the second model is right more often than the
// first, -1 to 1; 0 of no cases.
func (p Paired) Difference() float64 {
	if p.N() == 0 {
		return 0
	}
	return float64(p.OnlyNew-p.OnlyOld) / float64(p.N())
}

// PBetter is the one-sided p-value of McNemar's exact test against "the second
// model is no better": only the cases on which the two differ speak, and under
// that each falls to either side with probability 1/2.
//
// Source: Q. McNemar, "Note on the Sampling Error of the Difference Between
// Correlated Proportions or Percentages", Psychometrika 12 (1947) 153-157; the
// exact form is the binomial test of the discordant pairs at 1/2.
func (p Paired) PBetter() float64 { return AtLeast(p.OnlyNew, p.OnlyNew+p.OnlyOld, 0.5) }

// PWorse is the same against "the second model is no worse".
func (p Paired) PWorse() float64 { return AtLeast(p.OnlyOld, p.OnlyNew+p.OnlyOld, 0.5) }

// P is the two-sided p-value of McNemar's exact test, 1 where the two never
// differ.
func (p Paired) P() float64 { return min(1, 2*min(p.PBetter(), p.PWorse())) }

// PNoWorse is the one-sided p-value against "the second model is right less
// often by margin or more": a small one shows that it is not worse by as much
// (non-inferiority). It is Tango's score test, which at margin 0 is McNemar's
// approximate one and keeps its level with few discordant pairs, too. Without a
// case it is 1.
//
// Source: T. Tango, "Equivalence Test and Confidence Interval for the
// Difference in Proportions for the Paired-Sample Design", Statistics in
// Medicine 17 (1998) 891-908, formulae 14 to 19.
func (p Paired) PNoWorse(margin float64) float64 {
	return tango(float64(p.N()), float64(p.OnlyOld), float64(p.OnlyNew), margin)
}

// tango is the p-value for onlyOld and onlyNew of n cases, which may be
// fractions.
func tango(n, onlyOld, onlyNew, margin float64) float64 {
	if n == 0 {
		return 1
	}
	// q is the likeliest share of cases that the new one alone has right, given
	// that the old one alone has right as much and margin more.
	a := 2 * n
	b := -onlyNew - onlyOld + (2*n-onlyOld+onlyNew)*margin
	c := -onlyNew * margin * (1 - margin)
	q := (math.Sqrt(math.Max(0, b*b-4*a*c)) - b) / (2 * a)
	variance := n * (2*q + margin*(1-margin))
	if variance <= 0 {
		return 1
	}
	return 1 - distuv.UnitNormal.CDF((onlyNew-onlyOld+n*margin)/math.Sqrt(variance))
}
