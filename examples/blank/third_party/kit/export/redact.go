package export

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
)

// redactor puts placeholders in the place of private values: [COMPANY_1] for
// the first company, and again wherever the same one comes back.
type redactor struct {
	schema  *model.Schema
	private []model.FieldSpec
	numbers map[string]int // by field and folded value
	counts  map[string]int // by field
}

// newRedactor takes out the fields of paths and those that the schema says. It
// fails with kit.Invalid for one of a few values: what its few words stand for
// cannot be hidden.
func newRedactor(schema *model.Schema, paths []string) (*redactor, error) {
	r := &redactor{schema: schema, numbers: map[string]int{}, counts: map[string]int{}}
	for _, f := range schema.Fields() {
		if !f.Private && !slices.Contains(paths, f.Path) {
			continue
		}
		if f.Kind == model.Enum || f.Kind == model.Bool {
			return nil, kit.Errorf(kit.Invalid, "take out the private field %s: it has but a few values, which stand in each prompt", f.Path).
				WithHint("make it a text, or leave it out of the draft")
		}
		r.private = append(r.private, f)
	}
	return r, nil
}

// paths names the private fields.
func (r *redactor) paths() []string {
	out := []string{}
	for _, f := range r.private {
		out = append(out, f.Path)
	}
	return out
}

// secret is one private value.
type secret struct {
	spec        model.FieldSpec
	value       json.RawMessage
	texts       []string // as which it can be written; none for a number or a date
	placeholder string
}

// secrets are those of one example, by what it might be known by: the approved
// value first, then the draft's.
type secrets struct {
	schema *model.Schema
	list   []secret
}

// of reads the private values of an example. A draft that misread the approved
// value has the same placeholder, as both are one name.
func (r *redactor) of(approved, draft map[string]json.RawMessage, fields []kit.Field) secrets {
	s := secrets{schema: r.schema}
	for _, spec := range r.private {
		right, isRight := r.secret(spec, approved[spec.Path], "")
		if isRight {
			s.list = append(s.list, right)
		}
		same := ""
		if isRight && alike(fold(string(approved[spec.Path])), fold(string(draft[spec.Path]))) {
			same = right.placeholder
		}
		if wrong, ok := r.secret(spec, draft[spec.Path], same); ok {
			wrong.texts = append(wrong.texts, spellings(spec, fields)...)
			s.list = append(s.list, wrong)
		}
	}
	return s
}

// spellings are the texts that the draft took a text field from.
func spellings(spec model.FieldSpec, fields []kit.Field) (texts []string) {
	if spec.Kind != model.Text && spec.Kind != model.LongText {
		return nil
	}
	for _, f := range fields {
		for _, e := range f.Evidence {
			if f.Path == spec.Path && fold(e.Text) != "" {
				texts = append(texts, e.Text)
			}
		}
	}
	return texts
}

// secret makes the one of a value; false for none.
func (r *redactor) secret(spec model.FieldSpec, value json.RawMessage, placeholder string) (secret, bool) {
	texts := leafTexts(value)
	switch string(value) {
	case "", "null", "[]", "{}":
		return secret{}, false
	}
	if len(texts) == 0 && spec.Kind != model.Number && spec.Kind != model.Integer && spec.Kind != model.JSON {
		return secret{}, false
	}
	if placeholder == "" {
		placeholder = r.placeholder(spec.Path, value)
	}
	return secret{spec, value, texts, placeholder}, true
}

// notName is what a placeholder does not hold.
var notName = regexp.MustCompile(`[^\pL\pN]+`)

// placeholder is the one of a value, a new one when it was not seen before.
func (r *redactor) placeholder(path string, value json.RawMessage) string {
	key := path + "\x00" + sameValue(value)
	if r.numbers[key] == 0 {
		r.counts[path]++
		r.numbers[key] = r.counts[path]
	}
	return fmt.Sprintf("[%s_%d]", strings.ToUpper(strings.Trim(notName.ReplaceAllString(path, "_"), "_")), r.numbers[key])
}

// sameValue is what a value is known again by.
func sameValue(value json.RawMessage) string {
	if n, ok := new(big.Rat).SetString(string(value)); ok && len(value) < 40 {
		return n.RatString()
	}
	if f := fold(string(value)); f != "" {
		return f
	}
	return string(value)
}

// leafTexts are the texts in a value that say something.
func leafTexts(value json.RawMessage) (texts []string) {
	_, _ = mapTexts(value, func(_, s string) string {
		if strings.TrimSpace(s) != "" {
			texts = append(texts, s)
		}
		return s
	})
	return texts
}

// values are the fields of an example without what is private, its own and
// what of it stands in others.
func (s secrets) values(flat map[string]json.RawMessage, private []model.FieldSpec) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for path, value := range flat {
		isPrivate := slices.ContainsFunc(private, func(f model.FieldSpec) bool { return f.Path == path })
		out[path] = s.value(path, value, isPrivate)
	}
	return out
}

func (s secrets) value(path string, value json.RawMessage, private bool) json.RawMessage {
	for _, one := range s.list {
		if private && one.spec.Path == path && string(one.value) == string(value) {
			return quoted(one.placeholder)
		}
	}
	hidden, err := mapTexts(value, func(_, text string) string { return s.hide(text) })
	if err != nil {
		return value // it came from the schema: it is JSON
	}
	return hidden
}

// edit is a place with what comes in its stead.
type edit struct {
	span
	placeholder string
}

// hide puts placeholders in the place of each private value of a text.
func (s secrets) hide(text string) string {
	var b strings.Builder
	at := 0
	for _, e := range s.edits(text) {
		b.WriteString(text[at:e.start] + e.placeholder)
		at = e.end
	}
	return b.String() + text[at:]
}

// edits are the places of private values in order. Those that overlap become
// one, under the name of the longest: of "ABC" in "ABC Trading" nothing stays.
func (s secrets) edits(text string) []edit {
	if len(s.list) == 0 || text == "" {
		return nil
	}
	var all []edit
	f := foldPlaces(text)
	for _, one := range s.list {
		for _, p := range one.places(s.schema, f) {
			all = append(all, edit{p, one.placeholder})
		}
	}
	slices.SortStableFunc(all, func(a, b edit) int { return a.start - b.start })
	var out []edit
	longest := 0
	for _, e := range all {
		size, last := e.end-e.start, len(out)-1
		if last < 0 || e.start >= out[last].end {
			out, longest = append(out, e), size
			continue
		}
		out[last].end = max(out[last].end, e.end)
		if size > longest {
			out[last].placeholder, longest = e.placeholder, size
		}
	}
	return out
}

// places finds a private value in a text: as it is written, and in the
// notations that evidence knows.
func (s secret) places(schema *model.Schema, f folded) []span {
	var out []span
	for _, text := range s.texts {
		out = append(out, f.places(text)...)
	}
	if len(out) > 0 && s.spec.Kind != model.Date && s.spec.Kind != model.Number && s.spec.Kind != model.Integer {
		return out
	}
	for _, p := range schema.Places(f.text, s.spec.Path, s.value) {
		out = append(out, span{p[0], p[1]})
	}
	return out
}
