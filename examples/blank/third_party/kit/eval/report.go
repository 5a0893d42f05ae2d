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
	Seconds        []float64     `json:"seconds"`          // of each case with a draft, rising

	PromptTokens    int     `json:"prompt_tokens"`     // of all drafts
	OutputTokens    int     `json:"output_tokens"`     // of all drafts
	TokensPerSecond float64 `json:"tokens_per_second"` // OutputTokens a second of drafting, one draft at a time; 0 without tokens

	Calibration *Calibration                   `json:"calibration"` // of cases: right in each of CaseFields, as sure as the least sure field; null where no confidence is told
	CaseFields  []string                       `json:"case_fields"`
	Agreement   map[string]map[string]Estimate `json:"agreement"` // by path, of Options.Agreement
	Outcomes    []Judged                       `json:"outcomes"`  // what Calibration and those of Fields are made of
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
	Low        float64 `json:"low"`        // Wilson interval of Normalised at Confidence, or at that of the goal
	High       float64 `json:"high"`

	Goal        *Standing    `json:"goal"`        // how it stands against its goal; null where it has none
	Calibration *Calibration `json:"calibration"` // of this field; null where no confidence is told
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

// setTokens counts the tokens of the drafts, and how quick they came.
func (r *Report) setTokens(results []result) {
	seconds := 0.0
	for _, res := range results {
		if res.err == nil && res.OutputTokens > 0 {
			r.PromptTokens += res.PromptTokens
			r.OutputTokens += res.OutputTokens
			seconds += res.took.Seconds()
		}
	}
	if seconds > 0 {
		r.TokensPerSecond = float64(r.OutputTokens) / seconds
	}
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
	r.Seconds = seconds
	r.SecondsPerCase = stat.Mean(seconds, nil)
	r.P50 = stat.Quantile(0.50, stat.Empirical, seconds, nil)
	r.P95 = stat.Quantile(0.95, stat.Empirical, seconds, nil)
}
