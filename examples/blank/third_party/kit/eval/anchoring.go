package eval

import (
	"encoding/json"
	"math"
	"strconv"

	"github.com/tackhammer/tackhammer/kit"
)

// Seen is one field that a person filled in before they saw the draft, and
// decided on after.
type Seen struct {
	Group               string // the case
	Blind, Draft, Final json.RawMessage
}

// Anchoring is how far seeing a draft moves people.
type Anchoring struct {
	// Adopted is, of the fields that a person had filled in otherwise than
	// the draft, the share in which they decided as the draft says.
	Adopted Estimate `json:"adopted"`

	// Kept is the share in which they stayed with what they had filled in.
	Kept Estimate `json:"kept"`

	// Shift is, of such fields that are numbers, how far the decision lies on
	// the way from the person's number to the draft's, on average: 0 is
	// unmoved, 1 is the draft. Past the draft it is above 1.
	Shift Estimate `json:"shift"`
}

// Anchor measures anchoring of fields of kind k. Where the draft is right,
// people who adopt it are corrected and not misled: set it against how often
// the draft is right where people differ from it.
//
// Source: the shift is the anchoring index of K. E. Jacowitz and D. Kahneman,
// "Measures of Anchoring in Estimation Tasks", Personality and Social
// Psychology Bulletin 21 (1995) 1161-1166, taken within a person.
func (b Bootstrap) Anchor(k Kind, all []Seen) Anchoring {
	var differ []Seen
	for _, s := range all {
		if !k.Match(s.Blind, s.Draft) {
			differ = append(differ, s)
		}
	}
	return Anchoring{
		Adopted: b.mean(differ, func(s Seen) float64 { return one(k.Match(s.Final, s.Draft)) }),
		Kept:    b.mean(differ, func(s Seen) float64 { return one(k.Match(s.Final, s.Blind)) }),
		Shift:   b.mean(differ, func(s Seen) float64 { return shift(k, s) }),
	}
}

// mean is the average of what f gives, those left out for which it is NaN.
func (b Bootstrap) mean(all []Seen, f func(Seen) float64) Estimate {
	var values []float64
	var groups []string
	for _, s := range all {
		if v := f(s); !math.IsNaN(v) {
			values, groups = append(values, v), append(groups, s.Group)
		}
	}
	return b.Mean(values, groups)
}

// Mean is the average of values, with its interval.
func (b Bootstrap) Mean(values []float64, groups []string) Estimate {
	return b.Estimate(groups, func(units []int) float64 {
		sum := 0.0
		for _, u := range units {
			sum += values[u]
		}
		return ratio(sum, float64(len(units)))
	})
}

// shift is how far a decision moved toward the draft, NaN where there is none
// of three numbers.
func shift(k Kind, s Seen) float64 {
	blind, draft, final := k.Value(s.Blind), k.Value(s.Draft), k.Value(s.Final)
	return ratio(final-blind, draft-blind)
}

// Value is a JSON value as a number, NaN where it is none or k is not Number.
func (k Kind) Value(raw json.RawMessage) float64 {
	form, ok := k.Normalise(kit.Plain(raw))
	if k != Number || !ok {
		return math.NaN()
	}
	v, err := strconv.ParseFloat(form, 64)
	if err != nil {
		return math.NaN()
	}
	return v
}

func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
