package eval

import (
	"math"
	"slices"
)

// Ratings is what coders said of units: Ratings[c][u] is the value that coder
// c gave unit u, NaN where they gave none. All coders have the same units.
type Ratings [][]float64

// Pairs makes the ratings of two coders.
func Pairs(a, b []float64) Ratings { return Ratings{a, b} }

// Exact is the share, 0 to 1, of the units that both of the first two coders
// valued, on which they gave the same value. Without such a unit it is NaN, as
// is each of the measures below where it has no meaning.
func Exact(r Ratings) float64 {
	return r.share(func(a, b float64) bool { return a == b })
}

// WithinOne is the share of those units on which the two values are at most
// one apart.
func WithinOne(r Ratings) float64 {
	return r.share(func(a, b float64) bool { return math.Abs(a-b) <= 1 })
}

func (r Ratings) share(agree func(a, b float64) bool) float64 {
	a, b := r.both()
	n := 0.0
	for i := range a {
		if agree(a[i], b[i]) {
			n++
		}
	}
	return n / float64(len(a))
}

// Kappa is Cohen's kappa of the first two coders: the share on which they
// agree beyond what two who draw from the same answers blindly would. 1 is
// perfect, 0 is chance, below 0 is worse. Each value is a category of its own.
// Where both gave one and the same value everywhere it is NaN: nothing could
// have gone wrong.
//
// Source: J. Cohen, "A Coefficient of Agreement for Nominal Scales",
// Educational and Psychological Measurement 20 (1960) 37-46.
func Kappa(r Ratings) float64 {
	a, b := r.both()
	n := float64(len(a))
	left, right, seen := counts(a), counts(b), 0.0
	chance := 0.0
	for v, k := range left {
		chance += k * right[v]
	}
	for i := range a {
		if a[i] == b[i] {
			seen++
		}
	}
	return ratio(n*seen-chance, n*n-chance)
}

// WeightedKappa is kappa with quadratic weights: a disagreement counts by the
// square of how far apart the two values are. With the weights (a-b)^2 it is
//
//	1 - mean (a_i - b_i)^2 / mean (a_i - b_j)^2, the latter over all i and j
//
// Source: J. Cohen, "Weighted Kappa", Psychological Bulletin 70 (1968)
// 213-220; the form by moments: J. L. Fleiss and J. Cohen, Educational and
// Psychological Measurement 33 (1973) 613-619.
func WeightedKappa(r Ratings) float64 {
	a, b := r.both()
	n := float64(len(a))
	ma, mb := mean(a), mean(b)
	seen, spread := 0.0, 0.0
	for i := range a {
		seen += (a[i] - b[i]) * (a[i] - b[i])
		spread += (a[i]-ma)*(a[i]-ma) + (b[i]-mb)*(b[i]-mb)
	}
	chance := spread + n*(ma-mb)*(ma-mb)
	return ratio(chance-seen, chance)
}

// Pearson is the correlation of the first two coders' values, -1 to 1. It does
// not see that one of them is always higher than the other.
//
// Source: K. Pearson, "Notes on Regression and Inheritance in the Case of Two
// Parents", Proceedings of the Royal Society 58 (1895) 240-242.
func Pearson(r Ratings) float64 {
	a, b := r.both()
	ma, mb := mean(a), mean(b)
	ab, aa, bb := 0.0, 0.0, 0.0
	for i := range a {
		x, y := a[i]-ma, b[i]-mb
		ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
	}
	return min(1, max(-1, ratio(ab, math.Sqrt(aa)*math.Sqrt(bb))))
}

// Scale is what the distance of two values means to Alpha.
type Scale int

// The scales.
const (
	Nominal  Scale = iota // two values are the same or not
	Ordinal               // how many values lie between counts
	Interval              // the square of the difference counts
)

// Alpha is Krippendorff's alpha: agreement of any number of coders, of whom
// some may have left units out, beyond chance. 1 is perfect, 0 is chance. Units
// that fewer than two coders valued say nothing. Where all values are one and
// the same it is NaN.
//
// For the ordinal scale, the distance of two values is the difference of their
// mid-ranks among all paired values, which is Krippendorff's sum over the
// values between them: it is the interval alpha of the mid-ranks.
//
// Source: K. Krippendorff, "Computing Krippendorff's Alpha-Reliability"
// (2011), University of Pennsylvania.
func Alpha(r Ratings, s Scale) float64 {
	units := r.paired()
	var all []float64
	for _, unit := range units {
		all = append(all, unit...)
	}
	if s == Ordinal {
		ranks := midRanks(all)
		for _, unit := range units {
			for i, v := range unit {
				unit[i] = ranks[v]
			}
		}
		for i, v := range all {
			all[i] = ranks[v]
		}
	}
	distance := squares
	if s == Nominal {
		distance = differing
	}
	seen := 0.0
	for _, unit := range units {
		seen += distance(unit) / float64(len(unit)-1)
	}
	chance := distance(all)
	return ratio(chance-float64(len(all)-1)*seen, chance)
}

// squares is the sum of the squared differences of all ordered pairs.
func squares(values []float64) float64 {
	m, sum := mean(values), 0.0
	for _, v := range values {
		sum += (v - m) * (v - m)
	}
	return 2 * float64(len(values)) * sum
}

// differing is the number of ordered pairs of different values.
func differing(values []float64) float64 {
	n := float64(len(values))
	same := 0.0
	for _, k := range counts(values) {
		same += k * k
	}
	return n*n - same
}

// midRanks is the mean rank of each value among all.
func midRanks(values []float64) map[float64]float64 {
	sorted := slices.Sorted(slices.Values(values))
	ranks := map[float64]float64{}
	for from := 0; from < len(sorted); {
		to := from
		for to < len(sorted) && sorted[to] == sorted[from] {
			to++
		}
		ranks[sorted[from]] = float64(from+to+1) / 2
		from = to
	}
	return ranks
}

// both are the values of the first two coders for the units that both valued.
func (r Ratings) both() (a, b []float64) {
	if len(r) < 2 {
		return nil, nil
	}
	for u, v := range r[0] {
		if w := r[1][u]; !math.IsNaN(v) && !math.IsNaN(w) {
			a, b = append(a, v), append(b, w)
		}
	}
	return a, b
}

// paired are the values of each unit that at least two coders valued.
func (r Ratings) paired() (units [][]float64) {
	if len(r) == 0 {
		return nil
	}
	for u := range r[0] {
		var unit []float64
		for _, coder := range r {
			if !math.IsNaN(coder[u]) {
				unit = append(unit, coder[u])
			}
		}
		if len(unit) > 1 {
			units = append(units, unit)
		}
	}
	return units
}

// Units are the ratings of some units alone, one of them as often as it is
// named.
func (r Ratings) Units(units []int) Ratings {
	some := make(Ratings, len(r))
	for c, coder := range r {
		some[c] = make([]float64, len(units))
		for i, u := range units {
			some[c][i] = coder[u]
		}
	}
	return some
}

func counts(values []float64) map[float64]float64 {
	n := map[float64]float64{}
	for _, v := range values {
		n[v]++
	}
	return n
}

// mean is exact for values that are all the same, so that no spread is made
// by rounding.
func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v - values[0]
	}
	if len(values) == 0 {
		return math.NaN()
	}
	return values[0] + sum/float64(len(values))
}

// ratio is NaN where there is nothing to divide by.
func ratio(a, b float64) float64 {
	if b == 0 {
		return math.NaN()
	}
	return a / b
}
