package eval

import (
	"encoding/json"
	"math"
	"slices"

	"github.com/tackhammer/tackhammer/kit"
)

// right reports whether a draft is right by a measure of single cases.
func right(measure string, kind Kind, want, got json.RawMessage) bool {
	switch measure {
	case "exact":
		return kit.Plain(want) == kit.Plain(got)
	case "within_one":
		return math.Abs(kind.Value(want)-kind.Value(got)) <= 1
	}
	return kind.Match(want, got)
}

// ratings are the answers and the drafts of one field, over the seen cases with
// an answer, and the group of each.
func (t *Trial) ratings(path string) (Ratings, []string) {
	var answers, drafts []json.RawMessage
	var groups []string
	for i, c := range t.cases {
		if !t.seen[i] || kit.Plain(c.Answers[path]) == "" {
			continue
		}
		answers, drafts = append(answers, c.Answers[path]), append(drafts, t.drafts[i].Values[path])
		groups = append(groups, groupOf(c))
	}
	return Pairs(valued(t.kinds[path], answers, drafts)), groups
}

// groupOf is what a case is drawn together with: by itself where it stands
// alone.
func groupOf(c Case) string {
	if c.Group == "" {
		return "case " + c.Name
	}
	return "group " + c.Group
}

// valued makes numbers of answers and drafts: their own where the field has
// numbers, else one for each category. A number that is missing is taken for
// the lowest or the highest answer, whichever is farther from the right one, or
// for one two beyond it, where all answers are close; and a category that is
// missing for one of its own: no draft is better than it would be with a value
// left out, and a missing one is never right, nor within one.
func valued(kind Kind, answers, drafts []json.RawMessage) (a, b []float64) {
	if kind != Number {
		return categories(kind, answers, drafts...), categories(kind, drafts, answers...)
	}
	for _, raw := range answers {
		a = append(a, kind.Value(raw))
	}
	low, high := spread(a)
	for i, raw := range drafts {
		v := kind.Value(raw)
		if math.IsNaN(v) {
			v = min(low, a[i]-2)
			if high-a[i] > a[i]-low {
				v = max(high, a[i]+2)
			}
		}
		b = append(b, v)
	}
	return a, b
}

// categories numbers the values in the order of their forms, among those of
// others.
func categories(kind Kind, values []json.RawMessage, others ...json.RawMessage) []float64 {
	form := func(raw json.RawMessage) string {
		s, ok := kind.Normalise(kit.Plain(raw))
		if !ok {
			return "as written: " + kit.Plain(raw)
		}
		return s
	}
	var forms []string
	for _, raw := range slices.Concat(values, others) {
		forms = append(forms, form(raw))
	}
	slices.Sort(forms)
	forms = slices.Compact(forms)
	numbers := make([]float64, len(values))
	for i, raw := range values {
		n, _ := slices.BinarySearch(forms, form(raw))
		numbers[i] = float64(n)
	}
	return numbers
}

// spread is the lowest and the highest of the numbers, leaving out what is none.
func spread(values []float64) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if !math.IsNaN(v) {
			low, high = min(low, v), max(high, v)
		}
	}
	return low, high
}
