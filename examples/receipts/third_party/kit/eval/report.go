package eval

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"gonum.org/v1/gonum/stat"
)

// Confidence is that of an interval for which no other is asked.
const Confidence = 0.95

// Report is how good a model's drafts were.
type Report struct {
	Model          kit.ModelInfo `json:"model"`
	Cases          int           `json:"cases"`
	Failed         []Failure     `json:"failed"`           // the cases without a draft, in order
	Fields         []Field       `json:"fields"`           // in order of path
	Misses         []Miss        `json:"misses"`           // what is not right by its Kind, in order of case and path
	SecondsPerCase float64       `json:"seconds_per_case"` // mean over the cases with a draft
	P50            float64       `json:"p50"`              // median of the same, in seconds
	P95            float64       `json:"p95"`              // 95th percentile of the same, in seconds
}

// Failure is a case that got no draft.
type Failure struct {
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

// Miss is one value that is wrong. Draft is null where the case got no draft, or
// one without this field.
type Miss struct {
	Case   string          `json:"case"`
	Path   string          `json:"path"`
	Draft  json.RawMessage `json:"draft"`
	Answer json.RawMessage `json:"answer"`
}

// Field is the score of one field. N counts the cases whose answer has this
// field and leaves it not empty: what a person left blank says nothing of the
// draft. A case that failed, or whose draft lacks the field, counts as wrong. Where N is 0, the shares are 0
// and say nothing.
type Field struct {
	Path       string  `json:"path"`
	N          int     `json:"n"`
	Exact      float64 `json:"exact"`      // share that is right to the letter, 0 to 1
	Normalised float64 `json:"normalised"` // share that is right by its Kind, 0 to 1
	Low        float64 `json:"low"`        // Wilson interval of Normalised at Confidence
	High       float64 `json:"high"`
}

// Field returns the score of the field at path.
func (r Report) Field(path string) (Field, bool) {
	i := slices.IndexFunc(r.Fields, func(f Field) bool { return f.Path == path })
	if i < 0 {
		return Field{}, false
	}
	return r.Fields[i], true
}

// score turns counts into a Field.
func score(path string, n, exact, normalised int) Field {
	f := Field{Path: path, N: n}
	f.Low, f.High = Wilson(normalised, n, Confidence)
	if n > 0 {
		f.Exact = float64(exact) / float64(n)
		f.Normalised = float64(normalised) / float64(n)
	}
	return f
}

// setTimes fills the figures that tell how long drafts took.
func (r *Report) setTimes(took []time.Duration) {
	if len(took) == 0 {
		return
	}
	seconds := make([]float64, len(took))
	for i, d := range took {
		seconds[i] = d.Seconds()
	}
	slices.Sort(seconds)
	r.SecondsPerCase = stat.Mean(seconds, nil)
	r.P50 = stat.Quantile(0.50, stat.Empirical, seconds, nil)
	r.P95 = stat.Quantile(0.95, stat.Empirical, seconds, nil)
}
