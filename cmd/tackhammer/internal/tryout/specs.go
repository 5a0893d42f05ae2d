// Package tryout tries a template: it chooses few specs in which every pair of
// options occurs, renders an app for each, and builds, vets and tests it with no
// network.
//
//	for _, spec := range tryout.Specs(manifest) {
//		plan, err := tryout.Render(src, spec)
//		…
//		err = tryout.Prove(ctx, plan, dir)
//	}
//
// Rendering runs nothing of a template. Prove runs its tests, and so is for
// templates of people that one trusts.
package tryout

import (
	"fmt"
	"slices"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/pairs"
	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
)

// option is something to choose, with what each of its values does to a Spec.
type option struct {
	values []func(*scaffold.Spec)
	when   []pairs.Need
}

// The places of the options that conditions of a template can name.
const (
	langAt = iota
	dbAt
	firstAnswer
)

// Specs returns the specs to try for a template: every two values of its
// questions, of what every app is asked, and of what can be added to it, stand
// together in one of them. An awkward name and an awkward text are among them.
func Specs(m scaffold.Manifest) []scaffold.Spec {
	all := []option{
		choice(scaffold.Langs, func(s *scaffold.Spec, v string) { s.Lang = v }),
		choice(scaffold.DBs, func(s *scaffold.Spec, v string) { s.DB = v }),
	}
	tried := map[string][]any{}
	for _, q := range m.Questions {
		tried[q.Name] = answers(q, m)
		all = append(all, option{setting(q.Name, tried[q.Name]), needs(q.When, m.Questions, tried)})
	}
	all = append(all,
		choice([]string{"baseline", "ollama:qwen3:4b"}, func(s *scaffold.Spec, v string) { s.Model = v }),
		choice([]string{"Tried out", awkward}, func(s *scaffold.Spec, v string) { s.Name = v }))
	if m.Adds != (scaffold.Adds{}) {
		all = append(all, additions()...)
	}
	var specs []scaffold.Spec
	for _, row := range pairs.Cover(shape(all)) {
		specs = append(specs, specOf(m.Name, all, row))
	}
	return specs
}

// awkward is a name, and a text, that has to be quoted wherever it stands.
const awkward = `O'Brien "北" & 2`

func shape(all []option) (shapes []pairs.Option) {
	for _, o := range all {
		shapes = append(shapes, pairs.Option{Values: len(o.values), When: o.when})
	}
	return shapes
}

// specOf is the spec of one row.
func specOf(template string, all []option, row []int) scaffold.Spec {
	s := scaffold.Spec{Template: template, Answers: map[string]any{}}
	for i, v := range row {
		if v != pairs.Absent {
			all[i].values[v](&s)
		}
	}
	s.Module = "example.com/" + s.Slug()
	return s
}

func choice(values []string, set func(*scaffold.Spec, string)) (o option) {
	for _, v := range values {
		o.values = append(o.values, func(s *scaffold.Spec) { set(s, v) })
	}
	return o
}

func setting(name string, values []any) (all []func(*scaffold.Spec)) {
	for _, v := range values {
		all = append(all, func(s *scaffold.Spec) { s.Answers[name] = v })
	}
	return all
}

// answers are the answers to try: the default, the ends of a range, each choice,
// and whatever a condition names.
func answers(q scaffold.Question, m scaffold.Manifest) (all []any) {
	add := func(v any) {
		if checked, err := q.Check(v); err == nil && !slices.Contains(all, checked) {
			all = append(all, checked)
		}
	}
	if q.Default != nil {
		add(q.Default)
	}
	for _, c := range q.Choices {
		add(c.Value)
	}
	switch q.Type {
	case "yes-no":
		add(true)
		add(false)
	case "number":
		for _, end := range []*float64{q.Min, q.Max} {
			if end != nil {
				add(*end)
			}
		}
	case "text":
		if q.Pattern == "" {
			add(awkward)
		}
	}
	for _, w := range conditions(m) {
		for _, v := range w.Answers[q.Name] {
			add(v)
		}
	}
	if len(all) == 0 {
		add(1.0) // a number without a default and without ends
	}
	return all
}

func conditions(m scaffold.Manifest) (all []scaffold.When) {
	for _, q := range m.Questions {
		all = append(all, q.When)
	}
	for _, r := range m.Files {
		all = append(all, r.When)
	}
	return all
}

// needs are a question's conditions as places and values.
func needs(w scaffold.When, questions []scaffold.Question, tried map[string][]any) (all []pairs.Need) {
	if len(w.Lang) > 0 {
		all = append(all, pairs.Need{Option: langAt, Values: places(w.Lang, scaffold.Langs)})
	}
	if len(w.DB) > 0 {
		all = append(all, pairs.Need{Option: dbAt, Values: places(w.DB, scaffold.DBs)})
	}
	for i, q := range questions {
		if values, ok := w.Answers[q.Name]; ok {
			all = append(all, pairs.Need{Option: firstAnswer + i, Values: places(values, tried[q.Name])})
		}
	}
	return all
}

func places[T comparable](of, in []T) (at []int) {
	for i, v := range in {
		if slices.Contains(of, v) {
			at = append(at, i)
		}
	}
	return at
}

// additions are with and without an addition of each kind; the fields of all
// types come together, and so do the targets of both kinds.
func additions() []option {
	var fields []scaffold.Field
	for i, t := range scaffold.FieldTypes {
		f := scaffold.Field{Name: fmt.Sprintf("more_%d", i+1), Type: t}
		if t == "choice" {
			f.Values = []string{"food", "travel"}
		}
		fields = append(fields, f)
	}
	none := func(*scaffold.Spec) {}
	two := func(set func(*scaffold.Spec)) option { return option{values: []func(*scaffold.Spec){none, set}} }
	step := func(name, kind string) func(*scaffold.Spec) {
		return func(s *scaffold.Spec) { s.Steps = []scaffold.Step{{Name: name, Kind: kind}} }
	}
	return []option{
		two(func(s *scaffold.Spec) { s.Fields = fields }),
		{values: []func(*scaffold.Spec){none, step("sort", "draft"), step("round-off", "code")}},
		two(func(s *scaffold.Spec) { s.Importers = []scaffold.Importer{{Name: "mail", Ext: ".eml"}} }),
		two(func(s *scaffold.Spec) {
			s.Targets = []scaffold.Target{{Name: "books", Kind: "webhook", URL: "https://books.example/in"}, {Name: "ledger", Kind: "code"}}
		}),
		two(func(s *scaffold.Spec) { s.Channels = []scaffold.Channel{{Kind: "slack", URLEnv: "SLACK_URL"}} }),
		two(func(s *scaffold.Spec) { s.Models = []string{"ollama:qwen3:1.7b"} }),
	}
}
