package kit

import (
	"bytes"
	"encoding/json"
)

// Plain is a JSON value as a person would write it: a text without its quotes,
// nothing for null and for no value, and anything else in its own spelling.
func Plain(value json.RawMessage) string {
	value = bytes.TrimSpace(value)
	if len(value) == 0 || string(value) == "null" {
		return ""
	}
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	return string(value)
}
