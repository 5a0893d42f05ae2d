package eval

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
)

// Estimate is a measure with its interval. What cannot be told is NaN, and
// null as JSON.
type Estimate struct {
	Value     float64
	Low, High float64
	Units     int // that it was taken over
	Groups    int // that they belong to: the cases
}

// MarshalJSON writes what cannot be told as null.
func (e Estimate) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Value  *float64 `json:"value"`
		Low    *float64 `json:"low"`
		High   *float64 `json:"high"`
		Units  int      `json:"units"`
		Groups int      `json:"groups"`
	}{told(e.Value), told(e.Low), told(e.High), e.Units, e.Groups})
}

func told(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

// Known reports whether the measure and its interval can be told.
func (e Estimate) Known() bool { return told(e.Value) != nil && told(e.Low) != nil }

// Bootstrap makes intervals of any measure by drawing, with replacement, as
// many groups as there are, again and again. What belongs together (the fields
// of a case, the answers to a question) is drawn together: else the interval is
// too narrow, for they are right or wrong together.
type Bootstrap struct {
	Rounds     int        // Defaults to 1000
	Confidence float64    // Defaults to Confidence, 0.95
	Rand       *rand.Rand // needed
}

// Estimate takes a measure over units, of which groups names the group of
// each. The interval is from one percentile of the drawn measures to the other.
// With fewer than two groups, or where most draws have no measure, it cannot
// be told.
//
// Source: B. Efron, "Bootstrap Methods: Another Look at the Jackknife", Annals
// of Statistics 7 (1979) 1-26; of groups: A. C. Davison and D. V. Hinkley,
// "Bootstrap Methods and their Application" (1997), section 3.8.
func (b Bootstrap) Estimate(groups []string, measure func(units []int) float64) Estimate {
	members := map[string][]int{}
	var names []string
	all := make([]int, len(groups))
	for u, g := range groups {
		if members[g] == nil {
			names = append(names, g)
		}
		members[g], all[u] = append(members[g], u), u
	}
	e := Estimate{Value: measure(all), Low: math.NaN(), High: math.NaN(), Units: len(groups), Groups: len(names)}
	if len(names) < 2 || math.IsNaN(e.Value) {
		return e
	}
	drawn := b.draw(names, members, measure)
	if rounds := b.rounds(); 2*len(drawn) > rounds {
		tail := (1 - b.confidence()) / 2
		e.Low, e.High = quantile(drawn, tail), quantile(drawn, 1-tail)
	}
	return e
}

// draw is the measure of each draw that has one, in order.
func (b Bootstrap) draw(names []string, members map[string][]int, measure func([]int) float64) (drawn []float64) {
	var units []int
	for range b.rounds() {
		units = units[:0]
		for range names {
			units = append(units, members[names[b.Rand.IntN(len(names))]]...)
		}
		if v := measure(units); !math.IsNaN(v) {
			drawn = append(drawn, v)
		}
	}
	slices.Sort(drawn)
	return drawn
}

func (b Bootstrap) rounds() int {
	if b.Rounds <= 0 {
		return 1000
	}
	return b.Rounds
}

func (b Bootstrap) confidence() float64 {
	if b.Confidence <= 0 {
		return Confidence
	}
	return b.Confidence
}

// quantile of sorted values, between two of them in proportion.
func quantile(sorted []float64, p float64) float64 {
	at := p * float64(len(sorted)-1)
	low := int(at)
	high := min(low+1, len(sorted)-1)
	return sorted[low] + (at-float64(low))*(sorted[high]-sorted[low])
}

// Measures names what two or more coders are compared by.
var Measures = []string{"exact", "within_one", "kappa", "weighted_kappa", "alpha_nominal", "alpha_ordinal", "alpha_interval", "pearson"}

var measures = map[string]func(Ratings) float64{
	"exact": Exact, "within_one": WithinOne, "kappa": Kappa, "weighted_kappa": WeightedKappa, "pearson": Pearson,
	"alpha_nominal":  func(r Ratings) float64 { return Alpha(r, Nominal) },
	"alpha_ordinal":  func(r Ratings) float64 { return Alpha(r, Ordinal) },
	"alpha_interval": func(r Ratings) float64 { return Alpha(r, Interval) },
}

// Agreement takes some of Measures of ratings, with intervals. groups names
// the group of each unit.
func (b Bootstrap) Agreement(r Ratings, groups []string, names ...string) map[string]Estimate {
	all := map[string]Estimate{}
	for _, name := range names {
		all[name] = b.Estimate(groups, func(units []int) float64 { return measures[name](r.Units(units)) })
	}
	return all
}
