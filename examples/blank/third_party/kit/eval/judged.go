package eval

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/tackhammer/tackhammer/kit"
)

// agreementRounds is how often agreement is drawn anew for its interval.
const agreementRounds = 1000

// judgeAll fills in what the report says of goals, confidences and agreement.
func (r *Report) judgeAll(cases []Case, results []result, opts Options) {
	kinds := map[string]Kind{}
	for _, f := range r.Fields {
		kinds[f.Path] = opts.kind(f.Path, cases)
	}
	r.Outcomes, r.Agreement = []Judged{}, map[string]map[string]Estimate{}
	for i := range r.Fields {
		r.judgeField(&r.Fields[i], cases, results, kinds)
	}
	r.setGoals(cases, results, opts)
	r.judgeCases(cases, results, kinds, opts)
	for _, path := range opts.Agreement {
		if f, ok := r.Field(path); ok && f.N > 0 {
			r.Agreement[path] = agreement(cases, results, path, kinds[path])
		}
	}
}

// kind says how the values of a field are compared.
func (o Options) kind(path string, cases []Case) Kind {
	if k, ok := o.Kinds[path]; ok {
		return k
	}
	return kindOf(answersAt(path, cases))
}

// judgeField says what the confidences of a field are worth.
func (r *Report) judgeField(f *Field, cases []Case, results []result, kinds map[string]Kind) {
	var mine []Judged
	told := false // a model that knows no confidence has no calibration
	for i, c := range cases {
		if kit.Plain(c.Answers[f.Path]) == "" {
			continue
		}
		if j, known := judge(c, results[i], f.Path, kinds[f.Path]); known {
			mine, told = append(mine, j), told || !j.Missing
		}
	}
	if told {
		c := CalibrationOf(mine)
		f.Calibration, r.Outcomes = &c, append(r.Outcomes, mine...)
	}
}

// judgeCases says the same of the cases: by the fields with a goal, or by all
// where none has one.
func (r *Report) judgeCases(cases []Case, results []result, kinds map[string]Kind, opts Options) {
	paths := map[string]bool{}
	for _, g := range opts.Goals {
		paths[g.Path] = true
	}
	if len(paths) == 0 {
		for path := range kinds {
			paths[path] = true
		}
	}
	r.CaseFields = slices.Sorted(maps.Keys(paths))
	var all []Judged
	told := false
	for i, c := range cases {
		if j, known := judgeCase(c, results[i], r.CaseFields, kinds); known {
			all, told = append(all, j), told || !j.Missing
		}
	}
	if told {
		c := CalibrationOf(all)
		r.Calibration, r.Outcomes = &c, append(r.Outcomes, all...)
	}
}

// setGoals says how the fields stand against their goals, and widens or narrows
// their intervals to how sure the goal wants to be.
func (r *Report) setGoals(cases []Case, results []result, opts Options) {
	t := NewTrial(opts.Goals, opts.Kinds, cases, 1)
	for i, res := range results {
		d := res.Draft
		if res.err != nil {
			d = Draft{}
		}
		t.Add(i, d)
	}
	for _, s := range t.Fields() {
		i := slices.IndexFunc(r.Fields, func(f Field) bool { return f.Path == s.Path })
		if i < 0 {
			continue
		}
		f := &r.Fields[i]
		f.Goal = &s
		f.Low, f.High = Wilson(f.right(), f.N, s.Confidence)
	}
}

// right is how many are right by their Kind.
func (f Field) right() int { return int(f.Normalised*float64(f.N) + 0.5) }

// Reached reports whether what was measured reaches the threshold. Whether
// cases to come will is Verdict's to say.
func (s Standing) Reached() bool { return s.Seen > 0 && s.Value >= s.Threshold }

// agreement takes Measures of the drafts of a field with its answers. A draft
// that is missing is as far off as one can be.
func agreement(cases []Case, results []result, path string, kind Kind) map[string]Estimate {
	var answers, drafts []json.RawMessage
	var groups []string
	for i, c := range cases {
		if kit.Plain(c.Answers[path]) == "" {
			continue
		}
		answers, groups = append(answers, c.Answers[path]), append(groups, groupOf(c))
		var draft json.RawMessage
		if results[i].err == nil {
			draft = results[i].Values[path]
		}
		drafts = append(drafts, draft)
	}
	a, b := valued(kind, answers, drafts)
	boot := Bootstrap{Rounds: agreementRounds, Rand: rand.New(rand.NewPCG(1, 1))}
	return boot.Agreement(Pairs(a, b), groups, meaningful(kind)...)
}

// meaningful are the measures that say something of a kind: without numbers,
// nothing is near or far.
func meaningful(kind Kind) []string {
	if kind == Number {
		return Measures
	}
	return []string{"exact", "kappa", "alpha_nominal"}
}
