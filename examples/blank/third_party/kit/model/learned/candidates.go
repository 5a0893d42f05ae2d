package learned

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
)

const (
	mostCandidates = 300 // of a field in a document, the rules' own always among them
	mostRecalled   = 60  // that answers seen before are looked up for, the surest first
)

// candidate is a value that a field might have.
type candidate struct {
	raw        json.RawMessage
	text       string // raw as a person would write it
	form       string // in which values that mean the same are equal
	start, end int    // bytes of the document that speak for it; both 0 when none do
	confidence float64
	own        bool    // the rules' own answer
	mended     bool    // words were put right
	like       float64 // how alike the answer seen before is that it is taken from, 0 to 1
	seen       int     // how many other cases had this answer
}

// set is the candidates of one field.
type set struct {
	page  *page
	spec  model.FieldSpec
	all   []candidate
	other map[string]model.Guess // the rules' own answers, of all fields
}

// gather collects the candidates of a field: what the rules see, the same with
// words mended, and answers seen before that are spelled nearly so. Of a case
// that is learned from, less is what it taught itself.
func gather(p *page, spec model.FieldSpec, r *ranker, guesses []model.Guess, own map[string]model.Guess, less *lesson) (set, error) {
	s := set{page: p, spec: spec, other: own}
	var err error
	if s.all, err = seenByRules(spec.Path, r.kind, guesses, own); err != nil {
		return s, err
	}
	if !isText(spec.Kind) {
		return s, nil
	}
	for _, c := range s.all[:min(len(s.all), mostRecalled)] {
		if text, ok := r.mends.mend(c.text, less); ok {
			s.add(r.kind, c, text, 0)
		}
	}
	for _, c := range s.all[:min(len(s.all), mostRecalled)] {
		if spelling, like := r.memory.nearest(c.form, less); like > 0 {
			s.add(r.kind, c, spelling, like)
		}
	}
	for i := range s.all {
		s.all[i].seen = r.memory.count(s.all[i].form, less)
	}
	return s, nil
}

// isText reports whether values of a kind are spelled in words.
func isText(k model.Kind) bool { return k == model.Text || k == model.LongText }

// add adds what is made of candidate c, unless it is there.
func (s *set) add(kind Kind, c candidate, text string, like float64) {
	form, ok := kind.Normalise(text)
	if !ok || len(s.all) >= mostCandidates {
		return
	}
	for _, old := range s.all {
		if old.form == form && old.start == c.start && old.end == c.end {
			return
		}
	}
	s.all = append(s.all, candidate{raw: quote(text), text: text, form: form, start: c.start, end: c.end,
		confidence: c.confidence, mended: like == 0, like: like})
}

// quote writes a text as JSON, "<" and its kin as they are.
func quote(s string) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // cannot fail: it is a text
	return bytes.TrimSpace(b.Bytes())
}

// seenByRules are the guesses for a path that can be read: the rules' own
// first, then the surest.
func seenByRules(path string, kind Kind, guesses []model.Guess, own map[string]model.Guess) ([]candidate, error) {
	some := slices.DeleteFunc(slices.Clone(guesses), func(g model.Guess) bool { return g.Path != path })
	slices.SortStableFunc(some, func(a, b model.Guess) int { return cmp.Compare(b.Confidence, a.Confidence) })
	answer, answered := own[path]
	if answered {
		some = slices.Insert(some, 0, answer)
	}
	seen := map[string]bool{}
	var out []candidate
	for i, g := range some {
		c, ok, err := ofGuess(kind, g)
		if err != nil {
			return nil, err
		}
		c.own = answered && i == 0
		key := fmt.Sprint(c.start, " ", c.end, " ", c.form)
		if ok && !seen[key] && len(out) < mostCandidates {
			out = append(out, c)
		}
		seen[key] = true
	}
	return out, nil
}

func ofGuess(kind Kind, g model.Guess) (candidate, bool, error) {
	raw, err := json.Marshal(g.Value)
	if err != nil {
		return candidate{}, false, fmt.Errorf("field %s: %w", g.Path, err)
	}
	text := kit.Plain(raw)
	form, ok := kind.Normalise(text)
	return candidate{raw: raw, text: text, form: form, start: g.Start, end: g.End, confidence: min(1, max(0, g.Confidence))}, ok, nil
}
