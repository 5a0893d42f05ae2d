package scaffold

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/tackhammer/tackhammer/kit"
)

// Question is what a template asks besides what every app is asked. Its answer
// is in Spec.Answers under Name, and <% .Answer "name" %> in a template's files.
type Question struct {
	Name    string      `json:"name"` // snake_case
	Type    string      `json:"type"` // one of QuestionTypes
	Ask     Description `json:"ask"`
	Help    Description `json:"help,omitzero"`
	Default any         `json:"default,omitempty"` // as Answers holds it; nil where an answer must be given
	Choices []Choice    `json:"choices,omitempty"` // of the type choice
	Pattern string      `json:"pattern,omitempty"` // of the type text: a regular expression for the whole answer
	Whole   bool        `json:"whole,omitempty"`   // of the type number: no fraction
	Min     *float64    `json:"min,omitempty"`     // of the type number
	Max     *float64    `json:"max,omitempty"`
	When    When        `json:"when,omitzero"` // asked under these conditions alone
}

// QuestionTypes are the types of a Question. Answers holds them as string,
// int or float64, bool, and string.
var QuestionTypes = []string{"text", "number", "yes-no", "choice"}

// Choice is one of the answers to a question of the type choice.
type Choice struct {
	Value string      `json:"value"`
	Label Description `json:"label,omitzero"` // what people read. Defaults to Value
}

// In returns the label in lang.
func (c Choice) In(lang string) string {
	if l := c.Label.In(lang); l != "" {
		return l
	}
	return c.Value
}

// Asked lists the questions that spec is asked, in the order of the manifest:
// those whose conditions hold with spec and its answers so far, where a
// question that has no answer yet counts with its default.
func (m Manifest) Asked(spec Spec) []Question {
	spec.Answers = maps.Clone(spec.Answers)
	if spec.Answers == nil {
		spec.Answers = map[string]any{}
	}
	spec = spec.filled()
	var asked []Question
	for _, q := range m.Questions {
		if !q.When.fits(spec) {
			delete(spec.Answers, q.Name)
			continue
		}
		asked = append(asked, q)
		if _, ok := spec.Answers[q.Name]; !ok && q.Default != nil {
			spec.Answers[q.Name] = q.Default
		}
	}
	return asked
}

// Answer returns spec with each answer checked, in its type, and with the
// defaults of what was asked and not answered. It fails with kit.Invalid, and
// names all that is wrong at once: an answer to no question, or to one that is
// not asked under its conditions; one of the wrong type, out of range or not
// among the choices; a question without a default that has no answer.
func (m Manifest) Answer(spec Spec) (Spec, error) {
	given := spec.Answers
	spec.Answers = map[string]any{}
	var wrong problems
	for _, q := range m.Questions {
		v, ok := given[q.Name]
		switch {
		case !q.When.fits(spec.filled()):
			if ok {
				wrong.add(spot{}, q.Name, "answer %s: it is not asked here, only when %s", q.Name, q.When)
			}
		case !ok && q.Default == nil:
			wrong.add(spot{}, q.Name, "answer %s: it has no default; %s", q.Name, q.wants())
		case !ok:
			spec.Answers[q.Name] = q.Default
		default:
			v, err := q.Check(v)
			if err != nil {
				wrong.add(spot{}, q.Name, "%s", err)
			}
			spec.Answers[q.Name] = v
		}
	}
	m.unknownAnswers(given, &wrong)
	if len(spec.Answers) == 0 {
		spec.Answers = nil
	}
	return spec, wrong.err("")
}

// unknownAnswers tells of answers to questions that nobody asks.
func (m Manifest) unknownAnswers(given map[string]any, wrong *problems) {
	var names []string
	for _, q := range m.Questions {
		names = append(names, q.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		near, said := kit.Closest(name, names), printed(name)
		switch {
		case slices.Contains(names, name):
		case near != "":
			wrong.add(spot{}, name, "answer %s: the template %s does not ask that; did you mean %s?", said, m.Name, near)
		case len(names) == 0:
			wrong.add(spot{}, name, "answer %s: the template %s asks nothing", said, m.Name)
		default:
			wrong.add(spot{}, name, "answer %s: the template %s does not ask that; it asks %s", said, m.Name, strings.Join(names, ", "))
		}
	}
}

// printed is a word from a file as a terminal may have it: quoted, where it holds
// what does not print.
func printed(word string) string {
	if strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(word)
	}
	return word
}

// Carry returns those of the answers that m still asks and takes, for an app
// whose template has changed, and the names of the others, sorted.
func (m Manifest) Carry(spec Spec) (answers map[string]any, dropped []string) {
	kept := spec
	kept.Answers = map[string]any{}
	for _, q := range m.Questions {
		v, ok := spec.Answers[q.Name]
		if !ok || !q.When.fits(kept.filled()) {
			v, ok = q.Default, q.Default != nil && q.When.fits(kept.filled())
		} else if checked, err := q.Check(v); err == nil {
			v = checked
		} else {
			v, ok = q.Default, q.Default != nil
		}
		if ok {
			kept.Answers[q.Name] = v
		}
	}
	for _, name := range slices.Sorted(maps.Keys(spec.Answers)) {
		if said(kept.Answers[name]) != said(spec.Answers[name]) {
			dropped = append(dropped, name)
		}
	}
	return kept.Answers, dropped
}

// Manifest reads the manifest of a template of s, with its questions.
func (s Source) Manifest(template string) (Manifest, error) { return s.manifest(template) }
