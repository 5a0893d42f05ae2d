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
	Look              bool // the draft asks for a look
	Open              bool // for a look, or for what the person did
	Changed           bool
	Problem           string
}

// evidenceView is a place that a row points at.
type evidenceView struct {
	Anchor string // of the mark in the text; "" when it lies outside
	Line   int
	Text   string
}

// edits is what a person typed into the fields of a review, by path, with what
// the inputs held when the page was made.
type edits struct {
	now  map[string]string
	base map[string]string
}

// of returns what the input of a field is to hold. A field that the person left
// alone follows the draft, also when the draft is another one by now.
func (e edits) of(path, draft string) string {
	now, ok := e.now[path]
	if !ok || now == e.base[path] {
		return draft
	}
	return now
}

// any reports whether the person changed something.
func (e edits) any() bool {
	for path, now := range e.now {
		if now != e.base[path] {
			return true
		}
	}
	return false
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
		row.Open = row.Look || row.Changed || row.Problem != ""
		rows = append(rows, row)
	}
	return ordered(rows, byPath)
}

// row is one field without its place in the form.
func (d *desk) row(t *tongue, spec model.FieldSpec, f kit.Field, draft string, e edits) fieldView {
	value := e.of(spec.Path, draft)
	row := fieldView{Path: spec.Path, Label: labelOf(spec, t.tag), Value: value, Draft: draft, Options: spec.Enum,
		Nullable: spec.Nullable, Max: spec.MaxLength, Level: d.levelOf(f.Confidence), Changed: value != draft,
		Input: inputOf(spec, draft, value), Shown: t.read(spec, value), DraftShown: t.read(spec, draft)}
	for _, m := range f.Marks {
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
	row.Look = row.Level.Word != "high" || len(row.Marks) > 0
	return row
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
