package app

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// blindReport compares who filled in the drafts of a step blind.
type blindReport struct {
	Step    string       `json:"step"`
	Cases   int          `json:"cases"`
	Answers int          `json:"answers"`
	People  int          `json:"people"`
	Words   string       `json:"words"` // what to beware of; "" for nothing
	Fields  []blindField `json:"fields"`
}

// blindField is how one field fares, by eval.Measures and "normalised".
type blindField struct {
	Field     string                   `json:"field"`
	Kind      model.Kind               `json:"kind"`
	Model     map[string]eval.Estimate `json:"people_and_model"`
	Between   map[string]eval.Estimate `json:"people_and_people"`
	Anchoring eval.Anchoring           `json:"anchoring"`
}

// sides are two values of a field for each unit, and the unit's case.
type sides struct {
	a, b  []json.RawMessage
	cases []string
}

func (s *sides) add(a, b json.RawMessage, caseID string) {
	s.a, s.b, s.cases = append(s.a, a), append(s.b, b), append(s.cases, caseID)
}

// compareBlind makes the report of a step. Where two people filled a draft in,
// who was first counts as the first coder.
func compareBlind(step workflow.ReviewStep, rounds []review.BlindRound, boot eval.Bootstrap) blindReport {
	r := blindReport{Step: step.Name, Fields: []blindField{}}
	mine := slices.DeleteFunc(slices.Clone(rounds), func(of review.BlindRound) bool { return of.Step != step.Name })
	cases, people := map[string]bool{}, map[string]bool{}
	for _, round := range mine {
		cases[round.CaseID] = true
		for _, p := range round.People {
			people[p.UserID] = true
			r.Answers++
		}
	}
	r.Cases, r.People = len(cases), len(people)
	switch {
	case r.Cases == 0:
		r.Words = "There is nothing to compare yet: nail.yaml's review.blind or review.double_blind says which share of the cases people fill in first."
		return r
	case r.Cases < fewCases:
		r.Words = fmt.Sprintf("That is too little to decide anything by: with fewer than %d cases the intervals are wide, and may be wrong themselves.", fewCases)
	}
	for _, spec := range step.Schema.Fields() {
		r.Fields = append(r.Fields, compareField(step.Schema, spec, mine, boot))
	}
	return r
}

// compareField takes the measures of one field.
func compareField(schema *model.Schema, spec model.FieldSpec, rounds []review.BlindRound, boot eval.Bootstrap) blindField {
	var with, between sides
	var seen []eval.Seen
	at := func(value json.RawMessage) json.RawMessage { return schema.Flatten(value)[spec.Path] }
	for _, round := range rounds {
		draft := at(round.Draft)
		for _, p := range round.People {
			with.add(at(p.Answer), draft, round.CaseID)
			if p.Final != nil {
				seen = append(seen, eval.Seen{Group: round.CaseID, Blind: at(p.Answer), Draft: draft, Final: at(p.Final)})
			}
		}
		if len(round.People) > 1 {
			between.add(at(round.People[0].Answer), at(round.People[1].Answer), round.CaseID)
		}
	}
	kind := kindOf(spec)
	return blindField{Field: spec.Path, Kind: spec.Kind, Model: with.compare(spec, boot), Between: between.compare(spec, boot),
		Anchoring: boot.Anchor(kind, seen)}
}

// compare takes the measures that have a meaning for the field: shares for all,
// kappa and nominal alpha where it has categories, all where it has numbers.
func (s sides) compare(spec model.FieldSpec, boot eval.Bootstrap) map[string]eval.Estimate {
	kind := kindOf(spec)
	var letter, meaning []float64
	for i := range s.a {
		letter = append(letter, share(string(s.a[i]) == string(s.b[i])))
		meaning = append(meaning, share(kind.Match(s.a[i], s.b[i])))
	}
	all := map[string]eval.Estimate{}
	switch spec.Kind {
	case model.Number, model.Integer:
		all = s.agreement(boot, kind.Value, eval.Measures...)
	case model.Enum, model.Bool:
		all = s.agreement(boot, category(spec), "kappa", "alpha_nominal")
	}
	all["exact"], all["normalised"] = boot.Mean(letter, s.cases), boot.Mean(meaning, s.cases)
	return all
}

// agreement rates the units to which both sides gave a value.
func (s sides) agreement(boot eval.Bootstrap, rate func(json.RawMessage) float64, names ...string) map[string]eval.Estimate {
	var a, b []float64
	var cases []string
	for i := range s.a {
		x, y := rate(s.a[i]), rate(s.b[i])
		if !math.IsNaN(x) && !math.IsNaN(y) {
			a, b, cases = append(a, x), append(b, y), append(cases, s.cases[i])
		}
	}
	return boot.Agreement(eval.Pairs(a, b), cases, names...)
}

// category numbers the values of a field that has a few.
func category(spec model.FieldSpec) func(json.RawMessage) float64 {
	words := spec.Enum
	if spec.Kind == model.Bool {
		words = []string{"false", "true"}
	}
	return func(raw json.RawMessage) float64 {
		var word string
		if json.Unmarshal(raw, &word) != nil {
			word = string(raw)
		}
		if i := slices.Index(words, word); i >= 0 {
			return float64(i)
		}
		return math.NaN()
	}
}

func share(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
