package learned

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// ranker chooses a field's value.
type ranker struct {
	kind    Kind
	weights map[string]float64
	memory  *memory
	mends   *mends
}

// choose returns the best candidate and the probability that its value is
// right: the sum over all candidates that say the same. ok is false when there
// is none.
func (r *ranker) choose(s set) (best candidate, sure float64, ok bool) {
	if len(s.all) == 0 {
		return candidate{}, 0, false
	}
	p := r.probabilities(s)
	byForm := map[string]float64{}
	for i, c := range s.all {
		byForm[c.form] += p[i]
	}
	highest := -1.0
	for i, c := range s.all {
		if q := byForm[c.form]; q > sure+1e-12 || !ok || c.form == best.form && p[i] > highest {
			best, sure, highest, ok = c, q, p[i], true
		}
	}
	return best, sure, true
}

// probabilities are those of the candidates, and last that none is right.
func (r *ranker) probabilities(s set) []float64 {
	scores := prior(s)
	i := 0
	d := describe(s, func(name []byte) { scores[i] += r.weights[string(name)] })
	for ; i < len(s.all); i++ {
		d.describe(s.all[i])
	}
	d.nothing()
	softmax(scores)
	return scores
}

// prior is what the rules think before anything is learned, as logarithms of
// probabilities: their answer is as likely as they say, and the rest is shared
// out evenly, to none of the candidates as well.
func prior(s set) []float64 {
	scores := make([]float64, len(s.all)+1)
	for i, c := range s.all {
		if c.own {
			sure := max(0.01, min(0.99, c.confidence))
			scores[i] = math.Log(sure) - math.Log(1-sure) + math.Log(float64(len(s.all)))
		}
	}
	return scores
}

// softmax turns scores into probabilities.
func softmax(scores []float64) {
	all := floats.LogSumExp(scores)
	for i := range scores {
		scores[i] = math.Exp(scores[i] - all)
	}
}
