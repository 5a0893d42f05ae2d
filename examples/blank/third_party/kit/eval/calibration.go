package eval

import (
	"cmp"
	"math"
	"slices"
)

// Bin holds outcomes of a like confidence: in a calibrated model as many of
// them are right as it was sure of.
type Bin struct {
	Low        float64 `json:"low"`  // confidence of the least sure
	High       float64 `json:"high"` // and of the surest
	N          int     `json:"n"`
	Right      int     `json:"right"`
	Confidence float64 `json:"confidence"` // mean
	Accuracy   float64 `json:"accuracy"`   // share that is right
	From       float64 `json:"from"`       // Wilson interval of Accuracy at Confidence, 0.95
	To         float64 `json:"to"`
}

// Brier is the mean squared distance of the confidence from what came: 1 where
// the outcome is right, 0 where it is wrong. It is 0 for who is sure and right
// every time, 0.25 for who says 0.5 whatever comes, NaN without outcomes.
//
// Source: G. W. Brier, "Verification of Forecasts Expressed in Terms of
// Probability", Monthly Weather Review 78 (1950) 1-3, for two classes and
// counting one of them.
func Brier(outcomes []Outcome) float64 {
	sum := 0.0
	for _, o := range outcomes {
		d := o.Confidence - hit(o)
		sum += d * d
	}
	return ratio(sum, float64(len(outcomes)))
}

// hit is 1 for what is right.
func hit(o Outcome) float64 {
	if o.Wrong {
		return 0
	}
	return 1
}

// EqualMass makes at most n bins of as many outcomes each as can be, from the
// least sure up. Equal confidences are never parted, so that bins may differ in
// size, and that what comes does not hang on the order of outcomes.
//
// Source: K. Nguyen and B. O'Connor, "Posterior Calibration and Exploratory
// Analysis for Natural Language Processing Models", EMNLP (2015), "adaptive
// binning".
func EqualMass(outcomes []Outcome, n int) []Bin {
	steps := bySureness(outcomes)
	var bins []Bin
	for left, from := len(outcomes), 0; from < len(steps); {
		want := float64(left) / float64(max(1, n-len(bins)))
		to, size := from, 0
		for to < len(steps) && (size == 0 || nearer(size, size+len(steps[to]), want)) {
			size += len(steps[to])
			to++
		}
		bins = append(bins, bin(slices.Concat(steps[from:to]...)))
		left, from = left-size, to
	}
	return bins
}

// nearer reports whether a bin of size with is nearer to want than one without.
func nearer(without, with int, want float64) bool {
	return math.Abs(float64(with)-want) <= math.Abs(float64(without)-want)
}

// Binned makes bins between stated edges, in rising order: the i-th holds the
// confidences from edges[i] up to, and without, edges[i+1]; the last holds its
// upper edge as well. Bins without outcomes are left out.
func Binned(outcomes []Outcome, edges []float64) []Bin {
	in := make([][]Outcome, max(0, len(edges)-1))
	for _, o := range outcomes {
		for i := range in {
			if o.Confidence >= edges[i] && (o.Confidence < edges[i+1] || i == len(in)-1 && o.Confidence == edges[i+1]) {
				in[i] = append(in[i], o)
			}
		}
	}
	var bins []Bin
	for _, some := range in {
		if len(some) > 0 {
			bins = append(bins, bin(some))
		}
	}
	return bins
}

// bin sums up outcomes, of which there is one.
func bin(some []Outcome) Bin {
	b := Bin{Low: math.Inf(1), High: math.Inf(-1), N: len(some)}
	confidences := make([]float64, len(some))
	for i, o := range some {
		b.Low, b.High, confidences[i] = min(b.Low, o.Confidence), max(b.High, o.Confidence), o.Confidence
		if !o.Wrong {
			b.Right++
		}
	}
	slices.Sort(confidences) // the mean does not hang on their order
	b.Confidence, b.Accuracy = mean(confidences), float64(b.Right)/float64(b.N)
	b.From, b.To = Wilson(b.Right, b.N, Confidence)
	return b
}

// ECE is the expected calibration error: how far, in the mean over all outcomes,
// a bin's share of right ones is from its mean confidence. 0 is calibrated; NaN
// without bins. It hangs on the bins, and is too high by chance where they are
// small: name them with it.
//
// Source: M. P. Naeini, G. F. Cooper and M. Hauskrecht, "Obtaining Well
// Calibrated Probabilities Using Bayesian Binning", AAAI (2015).
func ECE(bins []Bin) float64 {
	sum, n := 0.0, 0
	for _, b := range bins {
		sum += float64(b.N) * math.Abs(b.Accuracy-b.Confidence)
		n += b.N
	}
	return ratio(sum, float64(n))
}

// bySureness are the outcomes of each confidence, the least sure first.
func bySureness(outcomes []Outcome) (steps [][]Outcome) {
	sorted := slices.Clone(outcomes)
	slices.SortStableFunc(sorted, compareSureness)
	for i, o := range sorted {
		if i == 0 || compareSureness(sorted[i-1], o) != 0 {
			steps = append(steps, nil)
		}
		steps[len(steps)-1] = append(steps[len(steps)-1], o)
	}
	return steps
}

func compareSureness(a, b Outcome) int { return cmp.Compare(a.Confidence, b.Confidence) }
