package workflow

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"time"
)

// Canary is an error that is put into a draft on purpose, to see whether the
// person who reviews it looks. What is decided on such a draft never leaves.
type Canary struct {
	// Name says what is wrong, in a few words for the trail: "a swapped digit".
	Name string

	// Make names a field of the draft and gives it a wrong value that a
	// careful person sees by the source, and a hasty one does not. It returns
	// false for a draft that it cannot be put into.
	Make func(s Specimen) (path string, wrong json.RawMessage, ok bool)
}

// Specimen is a draft that an error is to be put into.
type Specimen struct {
	Values map[string]json.RawMessage // of its fields, by path; those alone that the source speaks for
	Rand   *rand.Rand                 // draws the same for the same case

	// Other returns a value that another case's draft has in a field, nil when
	// there is none.
	Other func(path string) json.RawMessage
}

// SwapDigits swaps two neighbouring digits of a number or text that differ:
// 33.90 becomes 39.30.
func SwapDigits(path string) Canary {
	return Canary{Name: "a swapped digit in " + path, Make: func(s Specimen) (string, json.RawMessage, bool) {
		wrong := bytes.Clone(s.Values[path])
		pairs := swappable(wrong)
		if len(pairs) == 0 {
			return path, nil, false
		}
		p := pairs[s.Rand.IntN(len(pairs))]
		wrong[p[0]], wrong[p[1]] = wrong[p[1]], wrong[p[0]]
		return path, wrong, true
	}}
}

// swappable are the places of neighbouring digits that differ. A decimal point
// between two does not part them. A zero is not brought to the front.
func swappable(value []byte) (pairs [][2]int) {
	last := -1
	for i, c := range value {
		switch {
		case c >= '0' && c <= '9':
			front := last == 0 || last == 1 && (value[0] == '"' || value[0] == '-')
			if last >= 0 && value[last] != c && !(front && c == '0') {
				pairs = append(pairs, [2]int{last, i})
			}
			last = i
		case c == '.' && last >= 0:
		default:
			last = -1
		}
	}
	return pairs
}

// MoveDate moves a date of the form YYYY-MM-DD by one to nine days, forward or
// back.
func MoveDate(path string) Canary {
	return Canary{Name: "a moved date in " + path, Make: func(s Specimen) (string, json.RawMessage, bool) {
		var text string
		if json.Unmarshal(s.Values[path], &text) != nil {
			return path, nil, false
		}
		day, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return path, nil, false
		}
		days := 1 + s.Rand.IntN(9)
		if s.Rand.IntN(2) == 0 {
			days = -days
		}
		return path, json.RawMessage(`"` + day.AddDate(0, 0, days).Format(time.DateOnly) + `"`), true
	}}
}

// AnotherOf takes the value that another case has in the field.
func AnotherOf(path string) Canary {
	return Canary{Name: "another case's " + path, Make: func(s Specimen) (string, json.RawMessage, bool) {
		mine := s.Values[path]
		if len(mine) == 0 {
			return path, nil, false
		}
		wrong := s.Other(path)
		return path, wrong, len(wrong) > 0 && !alike(mine, wrong)
	}}
}

// alike reports whether two values would read the same to a person in a hurry:
// such an error could not be seen.
func alike(a, b json.RawMessage) bool { return folded(a) == folded(b) }

// folded is a value without case and spaces.
func folded(v json.RawMessage) string {
	return strings.ToLower(strings.Join(strings.Fields(string(v)), ""))
}
