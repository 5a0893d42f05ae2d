package api

import (
	"bytes"
	"encoding/json"
)

// twice finds a name that an object in valid JSON has more than once, "" when
// none does. Readers differ in which of the two they take (RFC 8259, section 4):
// what one of them shows as a rejection must not be an approval here.
func twice(data []byte) string {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	type level struct {
		names map[string]bool // nil in an array
		value bool            // a name was read, its value comes
	}
	var open []level
	for {
		token, err := dec.Token()
		if err != nil {
			return "" // the end, or not JSON: others tell
		}
		top := len(open) - 1
		if name, ok := token.(string); ok && top >= 0 && open[top].names != nil && !open[top].value {
			if open[top].names[name] {
				return name
			}
			open[top].names[name], open[top].value = true, true
			continue
		}
		switch token {
		case json.Delim('{'):
			open = append(open, level{names: map[string]bool{}})
		case json.Delim('['):
			open = append(open, level{})
		case json.Delim('}'), json.Delim(']'):
			open = open[:top]
			top--
			fallthrough
		default:
			if top >= 0 {
				open[top].value = false
			}
		}
	}
}
