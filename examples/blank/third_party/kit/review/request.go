package review

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tackhammer/tackhammer/kit"
)

// check refuses what no review could accept.
func (r Request) check() error {
	var bad faults
	bad.add(r.Verdict.Valid(), "verdict", "must be approve, edit, reject, return or skip")
	bad.add(r.Key != "" && len(r.Key) <= maxKey, "key", "must be there, at most 200 bytes: a repeated click carries the same key")
	bad.add(clean(r.Key), "key", "must be UTF-8 without control characters")
	bad.add(clean(r.Reason) && utf8.RuneCountInString(r.Reason) <= maxReason, "reason", "must be UTF-8 text of at most 2000 characters")
	needs := r.Verdict == kit.Reject || r.Verdict == kit.Return
	bad.add(!needs || strings.TrimSpace(r.Reason) != "", "reason", "say why, so that the model and your colleagues learn from it")
	r.checkFields(&bad)
	return bad.err("decide")
}

// checkFields refuses what contradicts itself about single fields.
func (r Request) checkFields(bad *faults) {
	sets := r.Verdict == kit.Edit || r.Verdict == kit.Return
	bad.add(sets || len(r.Fields) == 0, "fields", "only the verdicts edit and return change fields")
	bad.add(r.Verdict != kit.Edit || len(r.Fields) > 0, "fields", "an edit names at least one changed field")
	bad.add(sets || r.Verdict == kit.Approve || len(r.Confirmed) == 0, "confirmed", "a verdict that keeps nothing confirms no field")
	bad.add(r.Verdict == kit.Return || len(r.Redraft) == 0, "redraft", "only the verdict return asks the model again")
	if sets {
		for _, path := range slices.Sorted(maps.Keys(r.Fields)) {
			bad.add(typed(r.Fields[path]), path, "must be UTF-8 without control characters")
		}
	}
	for _, path := range r.Confirmed {
		_, changed := r.Fields[path]
		bad.add(!changed, path, "is changed and confirmed at once")
	}
}

// faults are values that break rules.
type faults []kit.FieldError

func (f *faults) add(ok bool, path, message string) {
	if !ok {
		*f = append(*f, kit.FieldError{Path: path, Message: message})
	}
}

// err is what the faults come to, nil when there are none.
func (f faults) err(act string) error {
	if len(f) == 0 {
		return nil
	}
	e := kit.Errorf(kit.Invalid, "%s: %s: %s", act, f[0].Path, f[0].Message)
	e.Fields = f
	return e
}

// clean reports whether s is UTF-8 that both engines store and pages show.
func clean(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r'
	})
}

// typed reports whether all text in a JSON value is clean. JSON that is broken
// is left to the schema, which tells it better.
func typed(value json.RawMessage) bool {
	if !utf8.Valid(value) {
		return false // a decoder would put U+FFFD in its place
	}
	dec := json.NewDecoder(bytes.NewReader(value))
	dec.UseNumber()
	for {
		token, err := dec.Token()
		if err != nil {
			return true
		}
		if text, ok := token.(string); ok && !clean(text) {
			return false
		}
	}
}
