package model

import (
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
)

// Apply sets fields of raw to what a person typed and returns the whole in
// schema order. An edit may come as a form sends it, as a text: "33.90" or
// "1,234.50" becomes a number where the schema says number, "true" a bool, ""
// null where that is allowed. It returns what is wrong with the result, an
// unknown path included; the bytes are then not fit for anything but showing.
func (s *Schema) Apply(raw []byte, edits map[string]json.RawMessage) ([]byte, []kit.FieldError) {
	flat := s.Flatten(raw)
	var problems []kit.FieldError
	for _, path := range slices.Sorted(maps.Keys(edits)) {
		spec, ok := s.field(path)
		if !ok {
			problems = append(problems, kit.FieldError{Path: path, Message: "is not a field of this form"})
			continue
		}
		if !json.Valid(edits[path]) {
			problems = append(problems, kit.FieldError{Path: path, Message: "is not JSON"})
			continue
		}
		flat[path] = coerce(spec, edits[path])
	}
	out := s.Assemble(flat)
	return out, tidy(append(problems, s.Validate(out)...))
}

// coerce reads a typed-in text as the field's kind. What does not read as it
// is left as it came, for validation to refuse in words.
func coerce(spec FieldSpec, value json.RawMessage) json.RawMessage {
	var text string
	if json.Unmarshal(value, &text) != nil || bytes.Equal(bytes.TrimSpace(value), []byte("null")) {
		return value
	}
	trimmed := strings.TrimSpace(text)
	if trimmed == "" && spec.Nullable {
		return json.RawMessage("null")
	}
	switch spec.Kind {
	case Number, Integer:
		if n, ok := plainNumber(trimmed); ok {
			return json.RawMessage(n)
		}
	case Bool:
		if trimmed == "true" || trimmed == "false" {
			return json.RawMessage(trimmed)
		}
	case JSON:
		if strings.ContainsAny(trimmed[:min(1, len(trimmed))], "[{") && json.Valid([]byte(trimmed)) {
			return json.RawMessage(trimmed)
		}
	case Date, Enum:
		return quote(trimmed)
	case Text, LongText:
		return quote(strings.ReplaceAll(text, "\r\n", "\n"))
	}
	return value
}

var typedNumber = regexp.MustCompile(`^[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?$`)

// plainNumber writes a number as JSON does: no plus, no thousands separators,
// no leading zeros. The decimals stay as typed.
func plainNumber(s string) (string, bool) {
	if strings.HasPrefix(s, ".") {
		s = "0" + s
	}
	if !typedNumber.MatchString(s) {
		return "", false
	}
	sign := ""
	if s[0] == '-' {
		sign = "-"
	}
	s = strings.TrimLeft(strings.ReplaceAll(strings.TrimLeft(s, "+-"), ",", ""), "0")
	if s == "" || s[0] == '.' {
		s = "0" + s
	}
	return sign + s, true
}

// quote writes s as a JSON string, "<" and its kin as they are.
func quote(s string) json.RawMessage {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s)
	return bytes.TrimSpace(b.Bytes())
}
