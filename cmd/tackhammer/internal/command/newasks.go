package command

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/huh"
	"github.com/mattn/go-runewidth"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
	"github.com/tackhammer/tackhammer/kit/line"
)

// own asks what the template asks. A question whose conditions hang on answers
// comes on a page after them.
func (w *newWizard) own(ctx context.Context) error {
	m, err := w.r.src.Manifest(w.r.spec.Template)
	if err != nil {
		return err
	}
	done := map[string]bool{}
	for {
		var page []*typedAnswer
		for _, q := range m.Asked(w.r.spec) {
			if done[q.Name] || waits(q, page) {
				continue
			}
			done[q.Name] = true
			page = append(page, w.typedAnswer(q))
		}
		if len(page) == 0 {
			return w.forget(m)
		}
		if err := w.askOwn(ctx, page); err != nil {
			return err
		}
	}
}

// waits reports whether a question hangs on an answer that is being asked for.
func waits(q scaffold.Question, page []*typedAnswer) bool {
	return slices.ContainsFunc(page, func(a *typedAnswer) bool { _, ok := q.When.Answers[a.Name]; return ok })
}

// forget drops answers to what is no longer asked.
func (w *newWizard) forget(m scaffold.Manifest) error {
	asked := m.Asked(w.r.spec)
	for name := range w.r.spec.Answers {
		if !slices.ContainsFunc(asked, func(q scaffold.Question) bool { return q.Name == name }) {
			delete(w.r.spec.Answers, name)
		}
	}
	return nil
}

// typedAnswer is a question with its answer in words.
type typedAnswer struct {
	scaffold.Question
	text string
}

func (w *newWizard) typedAnswer(q scaffold.Question) *typedAnswer {
	if v, ok := w.r.spec.Answers[q.Name]; ok {
		return &typedAnswer{q, q.Typed(v)}
	}
	if q.Default != nil {
		return &typedAnswer{q, q.Typed(q.Default)}
	}
	return &typedAnswer{q, ""}
}

// askOwn puts a page of questions, and keeps the answers.
func (w *newWizard) askOwn(ctx context.Context, page []*typedAnswer) error {
	var fields []huh.Field
	for _, a := range page {
		fields = append(fields, w.ownField(a))
	}
	if err := w.page(ctx, w.words.own, fields...); err != nil {
		return err
	}
	if w.r.spec.Answers == nil {
		w.r.spec.Answers = map[string]any{}
	}
	for _, a := range page {
		v, err := a.Parse(a.text)
		if err != nil {
			return err
		}
		w.r.spec.Answers[a.Name] = v
	}
	return nil
}

func (w *newWizard) ownField(a *typedAnswer) huh.Field {
	p := prompt{a.Ask.In(w.lang), a.Help.In(w.lang)}
	var all []huh.Option[string]
	switch a.Type {
	case "yes-no":
		all = []huh.Option[string]{huh.NewOption(w.words.yes, "yes"), huh.NewOption(w.words.no, "no")}
	case "choice":
		for _, c := range a.Choices {
			all = append(all, huh.NewOption(c.In(w.lang), c.Value))
		}
	default:
		return w.text(p, &a.text, a.Default == nil, func(v string) error { _, err := a.Parse(v); return err })
	}
	if a.text == "" {
		a.text = all[0].Value
	}
	return w.choose(p, &a.text, all)
}

// fields asks for fields until there are enough.
func (w *newWizard) fields(ctx context.Context) error {
	if !w.takesMore() {
		return nil
	}
	for {
		all := &w.r.spec.Fields
		choice := "enough"
		options := []huh.Option[string]{huh.NewOption(w.words.enough, "enough"), huh.NewOption(w.words.add, "add")}
		for _, f := range *all {
			options = append(options, huh.NewOption(fmt.Sprintf(w.words.takeOut, fieldText(f)), "-"+f.Name))
		}
		if err := w.page(ctx, w.words.adding, w.choose(w.words.fields, &choice, options)); err != nil {
			return err
		}
		switch {
		case choice == "enough":
			return nil
		case choice == "add":
			f, err := w.field(ctx)
			if err != nil {
				return err
			}
			*all = append(*all, f)
		default:
			*all = slices.DeleteFunc(*all, func(f scaffold.Field) bool { return "-"+f.Name == choice })
		}
	}
}

// field asks for one more.
func (w *newWizard) field(ctx context.Context) (scaffold.Field, error) {
	f := scaffold.Field{Type: "text"}
	var types []huh.Option[string]
	for _, t := range scaffold.FieldTypes {
		types = append(types, huh.NewOption(t+": "+w.words.fieldTypes[t], t))
	}
	err := w.page(ctx, w.words.adding,
		w.text(w.words.fieldName, &f.Name, true, w.freeName),
		w.choose(w.words.fieldType, &f.Type, types),
		w.text(w.words.fieldTold, &f.Description, false, func(v string) error {
			return scaffold.Field{Name: "a", Type: "text", Description: strings.TrimSpace(v)}.Check()
		}))
	f.Name, f.Description = strings.TrimSpace(f.Name), strings.TrimSpace(f.Description)
	if err != nil || f.Type != "choice" {
		return f, err
	}
	values := ""
	err = w.page(ctx, w.words.adding, w.text(w.words.fieldValues, &values, true, func(v string) error {
		_, err := scaffold.ParseField(f.Name + ":choice:" + v)
		return err
	}))
	if err != nil {
		return f, err
	}
	read, err := scaffold.ParseField(f.Name + ":choice:" + values)
	f.Values = read.Values
	return f, err
}

// freeName takes the name of a field that is not there yet.
func (w *newWizard) freeName(name string) error {
	f := scaffold.Field{Name: strings.TrimSpace(name), Type: "text"}
	return scaffold.Additions{Fields: append(slices.Clone(w.r.spec.Fields), f)}.Check()
}

func fieldText(f scaffold.Field) string {
	if len(f.Values) > 0 {
		return fmt.Sprintf("%s (%s: %s)", f.Name, f.Type, strings.Join(f.Values, ", "))
	}
	return fmt.Sprintf("%s (%s)", f.Name, f.Type)
}

// summary says what will be written, or why it cannot be.
func (w *newWizard) summary() (text string, wrong bool) {
	s := w.r.spec
	rows := [][2]string{
		{w.words.labels[rowTemplate], s.Template}, {w.words.labels[rowName], s.Name}, {w.words.labels[rowFolder], cleanDir(w.r.dir)},
		{w.words.labels[rowModule], s.Module}, {w.words.labels[rowModel], s.Model}, {w.words.labels[rowCandidates], strings.Join(s.Models, ", ")},
		{w.words.labels[rowLang], w.words.langs[s.Lang]}, {w.words.labels[rowDB], w.words.dbs[s.DB]},
	}
	if m, err := w.r.src.Manifest(s.Template); err == nil {
		for _, q := range m.Asked(s) {
			rows = append(rows, [2]string{q.Name, q.Typed(s.Answers[q.Name])})
		}
	}
	var fields []string
	for _, f := range s.Fields {
		fields = append(fields, fieldText(f))
	}
	rows = append(rows, [2]string{w.words.labels[rowFields], strings.Join(fields, ", ")})
	plan, err := w.r.src.Plan(s)
	if err != nil {
		return table(rows) + "\n\n" + err.Error(), true
	}
	own, lib := countFiles(plan)
	rows = append(rows, [2]string{w.words.labels[rowFiles], fmt.Sprintf(w.words.files, own, lib)},
		[2]string{w.words.labels[rowNext], strings.Join(nextSteps(w.r.dir, plan)[:2], " && ")})
	return table(rows), false
}

// table is rows of a name and a text, without those that have none.
func table(rows [][2]string) string {
	wide := 0
	for _, r := range rows {
		if r[1] != "" {
			wide = max(wide, runewidth.StringWidth(r[0]))
		}
	}
	var lines []string
	for _, r := range rows {
		if r[1] != "" {
			lines = append(lines, runewidth.FillRight(r[0], wide)+"  "+line.Wrap(r[1], wide+6))
		}
	}
	return strings.Join(lines, "\n")
}
