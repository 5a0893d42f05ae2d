package model

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/kaptinlin/jsonrepair"

	"github.com/tackhammer/tackhammer/kit"
)

// answer is a judged reply.
type answer struct {
	reply    Reply
	object   string // the JSON object in it; "" when there is none
	at       int    // where object starts in reply.Output; -1 when it was mended
	problems []kit.FieldError
	ended    string // why no further answer was asked for, "" when all tries were made
}

func (a answer) valid() bool    { return len(a.problems) == 0 }
func (a answer) repaired() bool { return a.at < 0 && a.object != "" }

// betterThan reports whether a is worth more than b to the person who has to
// go on from it. The later of equals wins: it has seen the validator's words.
func (a answer) betterThan(b answer) bool {
	if (a.object == "") != (b.object == "") {
		return a.object != ""
	}
	return len(a.problems) <= len(b.problems)
}

// why says what was wrong, for the person who fills the draft by hand.
func (a answer) why() string {
	var parts []string
	for _, p := range a.problems {
		parts = append(parts, strings.TrimSpace(p.Path+" "+p.Message))
	}
	if len(parts) > 3 {
		parts = append(parts[:3], fmt.Sprintf("%d more", len(parts)-3))
	}
	if a.ended != "" {
		parts = append(parts, a.ended)
	}
	return "the model gave no valid answer: " + strings.Join(parts, "; ")
}

// refused is the answer without its object: the Go type does not take it.
func (a answer) refused(err error) answer {
	a.problems = tidy(append(slices.Clone(a.problems), kit.FieldError{Message: err.Error()}))
	a.object, a.reply.Fields = "", nil
	return a
}

// canonical is the answer in schema order; of an invalid one, the values that
// are valid by themselves.
func (a answer) canonical(s *Schema) json.RawMessage {
	flat := s.Flatten([]byte(a.object))
	for path := range flat {
		if a.invalid(path) {
			delete(flat, path)
		}
	}
	return s.Assemble(flat)
}

// invalid reports whether a problem stands at path, in it, or above it.
func (a answer) invalid(path string) bool {
	for _, p := range a.problems {
		if p.Path != "" && (p.Path == path || strings.HasPrefix(p.Path, path+".") || strings.HasPrefix(path, p.Path+".")) {
			return true
		}
	}
	return false
}

// judge finds the object in a reply and validates it, mending what is no JSON.
func judge(s *Schema, reply Reply) answer {
	a := answer{reply: reply}
	candidates := objects(reply.Output)
	for _, c := range candidates {
		text := reply.Output[c.start:c.end]
		if !json.Valid([]byte(text)) {
			continue
		}
		problems := s.Validate([]byte(text))
		if a.object == "" || len(problems) == 0 {
			a.object, a.at, a.problems = text, c.start, problems
		}
		if len(problems) == 0 {
			break
		}
	}
	if a.object == "" {
		a.mend(s, candidates)
	}
	if reply.Cut {
		a.problems = append(a.problems, kit.FieldError{Message: "the answer was cut at its length limit"})
	}
	return a
}

// mend repairs the first candidate. A repair that yields anything but an
// object is no repair: prose becomes a JSON string that way.
func (a *answer) mend(s *Schema, candidates []span) {
	a.at = -1
	if len(candidates) == 0 {
		a.problems = []kit.FieldError{{Message: "the answer holds no JSON object"}}
		return
	}
	first := candidates[0]
	for _, text := range []string{a.reply.Output[first.start:first.end], a.reply.Output[first.start:]} {
		if mended, ok := repair(text); ok {
			a.object = mended
			a.problems = s.Validate([]byte(mended))
			return
		}
	}
	a.problems = []kit.FieldError{{Message: "the answer is not JSON and cannot be mended"}}
}

// maxRepair and maxNesting bound what is mended, in bytes and in brackets that
// open: mending costs more than the length of what is mended.
const (
	maxRepair  = 32 << 10
	maxNesting = 500
)

// repair mends text into an object. The library is fed what no model should
// ever say: a panic in it is an answer that cannot be mended.
func repair(text string) (mended string, ok bool) {
	if len(text) > maxRepair || strings.Count(text, "{")+strings.Count(text, "[") > maxNesting {
		return "", false
	}
	defer func() {
		if recover() != nil {
			mended, ok = "", false
		}
	}()
	mended, err := jsonrepair.Repair(text)
	return mended, err == nil && strings.HasPrefix(mended, "{") && json.Valid([]byte(mended))
}

// maxCandidates bounds how many braces are tried: an answer of nothing but
// braces costs no more than its length.
const maxCandidates = 16

// objects finds the outermost {…} of an answer, respecting strings. One that
// never closes reaches to the end.
func objects(text string) []span {
	var found []span
	for i := 0; i < len(text) && len(found) < maxCandidates; {
		open := strings.IndexByte(text[i:], '{')
		if open < 0 {
			break
		}
		start := i + open
		end, closed := closing(text, start)
		found = append(found, span{start, end})
		if i = end; !closed {
			i = start + 1
		}
	}
	return found
}

// closing returns the end of the object that opens at start.
func closing(text string, start int) (end int, closed bool) {
	depth, quoted := 0, false
	for i := start; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth == 0 {
				return i + 1, true
			}
		}
	}
	return len(text), false
}
