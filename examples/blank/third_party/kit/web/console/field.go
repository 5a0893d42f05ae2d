package console

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/review"
)

// level is a confidence as a word and a bar.
type level struct {
	Word    string // of the catalogue: high, mid or low
	Percent int
}

// doubtful is the confidence under which a field is called low.
const doubtful = 0.5

func (d *desk) levelOf(confidence float64) level {
	l := level{Word: "low", Percent: int(min(max(confidence, 0), 1)*100 + 0.5)}
	switch {
	case confidence >= d.Sure:
		l.Word = "high"
	case confidence >= doubtful:
		l.Word = "mid"
	}
	return l
}

// fieldView is one row of the review form.
type fieldView struct {
	ID                string // "f3": the third field of the schema
	Path              string
	Label             string
	Input             string // text, long, date, number, integer, bool, choice or json
	Value             string // what the input holds
	Draft             string // what the model drafted
	Shown, DraftShown string // the same two, for reading
	Options           []string
	Nullable          bool
	Max               int
	Level             level
	Marks             []string // of the catalogue
	Evidence          []evidenceView
	Look              bool   // the draft asks for a look
	Open              bool   // for a look, or for what the person did
	Did               string // what the person did: changed, cleared, confirmed or nothing
	Set               bool   // a person settled it before this draft was made
	SetBy             string // who; "" where it was approved in an earlier step
	Redraft           bool   // the model is to be asked for it again, if the review is returned
	Diff              []part // the words between draft and value
	Problem           string
	Still             bool // to be read: the review is not the person's
}

// Changed reports whether the value is another one than the draft's.
func (f fieldView) Changed() bool { return f.Did == "changed" || f.Did == "cleared" }

// Settled reports whether a person has said something of the field.
func (f fieldView) Settled() bool { return f.Did != "" || f.Set }

// evidenceView is a place that a row points at.
type evidenceView struct {
	Anchor string // of the mark in the text; "" when it lies outside
	Line   int
	Text   string
}

// specs are the fields of a review in the order of its schema.
func (d *desk) specs(r *review.Review) []model.FieldSpec {
	if s := d.Service.Schema(r.Step); s != nil {
		return s.Fields()
	}
	var specs []model.FieldSpec
	for _, f := range r.Draft.Fields {
		specs = append(specs, model.FieldSpec{Path: f.Path, Kind: model.JSON, Nullable: true})
	}
	return specs
}

// drafted is the draft's value of each field.
func (d *desk) drafted(r *review.Review) map[string]json.RawMessage {
	values := map[string]json.RawMessage{}
	if s := d.Service.Schema(r.Step); s != nil {
		values = s.Flatten(r.Draft.Value)
	}
	for _, f := range r.Draft.Fields {
		if _, ok := values[f.Path]; !ok {
			values[f.Path] = f.Value
		}
	}
	return values
}

// rows are the fields as the form shows them: those that ask for a look first,
// the least sure at the top.
func (d *desk) rows(t *tongue, r *review.Review, e edits, problems map[string]string) []fieldView {
	byPath := map[string]kit.Field{}
	for _, f := range r.Draft.Fields {
		byPath[f.Path] = f
	}
	values := d.drafted(r)
	var rows []fieldView
	for i, spec := range d.specs(r) {
		row := d.row(t, spec, byPath[spec.Path], written(values[spec.Path]), e)
		row.ID = fmt.Sprintf("f%d", i)
		row.Problem = problems[spec.Path]
		row.settle(t, r, e)
		row.Open = row.Look || row.Changed() || row.Problem != ""
		rows = append(rows, row)
	}
	return ordered(rows, byPath)
}

// row is one field as it was drafted and typed, without its place in the form.
func (d *desk) row(t *tongue, spec model.FieldSpec, f kit.Field, draft string, e edits) fieldView {
	value := e.of(spec.Path, draft)
	row := fieldView{Path: spec.Path, Label: labelOf(spec, t.tag), Value: value, Draft: draft, Options: spec.Enum,
		Nullable: spec.Nullable, Max: spec.MaxLength, Level: d.levelOf(f.Confidence),
		Input: inputOf(spec, draft, value), Shown: t.read(spec, value), DraftShown: t.read(spec, draft)}
	for _, m := range f.Marks {
		if m == kit.MarkSet { // told in words of its own
			row.Set = true
			continue
		}
		row.Marks = append(row.Marks, string(m))
	}
	if f.Path == "" {
		row.Marks = append(row.Marks, "newer") // the schema got the field after the draft was made
	}
	if hidden(draft) {
		row.Marks = append(row.Marks, "hidden_text")
	}
	for _, ev := range f.Evidence {
		row.Evidence = append(row.Evidence, evidenceView{Line: ev.Line, Text: ev.Text})
	}
	row.Look = !row.Set && (row.Level.Word != "high" || len(row.Marks) > 0)
	return row
}

// settle says what people did with the field: this one now, or another before.
func (f *fieldView) settle(t *tongue, r *review.Review, e edits) {
	for _, l := range r.Locked {
		if l.Path == f.Path {
			f.Set, f.SetBy, f.Look = true, visible(l.Person.Name), false
		}
	}
	switch {
	case f.Value == f.Draft && e.sure(f.Path, f.Draft):
		f.Did = "confirmed"
	case f.Value == f.Draft:
	case strings.TrimSpace(f.Value) == "":
		f.Did = "cleared"
	default:
		f.Did = "changed"
	}
	if f.Changed() {
		f.Diff = diff(f.DraftShown, f.Shown)
		if e.subject != "" && e.subject != r.Subject {
			f.Marks = append(f.Marks, "earlier")
		}
	}
	f.Redraft = !f.Settled()
	if e.chose {
		f.Redraft = !f.Set && slices.Contains(e.redraft, f.Path)
	}
}

// ordered sorts the rows by how much they ask for a look; sure ones keep the
// order of the schema.
func ordered(rows []fieldView, byPath map[string]kit.Field) []fieldView {
	sort.SliceStable(rows, func(i, j int) bool {
		a, b := rows[i], rows[j]
		if a.Open != b.Open {
			return a.Open
		}
		return a.Open && byPath[a.Path].Confidence < byPath[b.Path].Confidence
	})
	return rows
}

// labelOf names a field in a language.
func labelOf(spec model.FieldSpec, lang string) string {
	return firstOf(spec.Label[lang], spec.Label["en"], spec.Path)
}

// inputOf chooses the input of a field. What an input of its type could not
// hold unchanged is edited as text.
func inputOf(spec model.FieldSpec, draft, value string) string {
	switch spec.Kind {
	case model.LongText:
		return "long"
	case model.Date:
		if (draft == "" || isDay(draft)) && (value == "" || isDay(value)) {
			return "date"
		}
		return "text"
	case model.Enum:
		if value == "" || slices.Contains(spec.Enum, value) {
			return "choice"
		}
		return "text"
	case model.Bool:
		if spec.Nullable || draft == "" {
			return "maybe"
		}
		return "bool"
	case model.Number, model.Integer, model.JSON:
		return string(spec.Kind)
	}
	if strings.Contains(draft+value, "\n") { // an input of one line would drop the others
		return "long"
	}
	return "text"
}
