package console

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/width"

	"github.com/tackhammer/tackhammer/kit/model"
)

// lines ends lines as forms do once they are read back, so that a text that
// nobody touched is not taken for a changed one.
var lines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// written is a value as a person reads it and types it in. null and a value
// that is not there are "".
func written(raw json.RawMessage) string {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return ""
	}
	switch raw[0] {
	case '"':
		var s string
		if json.Unmarshal(raw, &s) == nil {
			return lines.Replace(s)
		}
	case '{', '[':
		var out bytes.Buffer
		if json.Indent(&out, raw, "", "  ") == nil {
			return out.String()
		}
	}
	return string(raw)
}

// read is a written value for reading: yes or no, thousands in groups, a day
// whose month cannot be taken for its day.
func (t *tongue) read(spec model.FieldSpec, value string) string {
	switch {
	case spec.Kind == model.Bool && value == "true":
		return t.T("field.yes")
	case spec.Kind == model.Bool && value == "false":
		return t.T("field.no")
	case spec.Kind == model.Number && decimal.MatchString(value):
		return thousands(value)
	case spec.Kind == model.Date && isDay(value):
		at, _ := time.Parse(time.DateOnly, value) // a day: it cannot fail
		return at.Format(t.T("date.layout"))
	}
	return value
}

// thousands sets commas into a number, as both languages write it.
func thousands(number string) string {
	sign, digits := "", number
	if strings.HasPrefix(number, "-") {
		sign, digits = "-", number[1:]
	}
	end := len(digits)
	if dot := strings.IndexByte(digits, '.'); dot >= 0 {
		end = dot
	}
	for i := end - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// typed is the JSON of what a person typed into a field. problem is the
// catalogue's key of what is wrong with it, or "".
func typed(spec model.FieldSpec, text string) (raw json.RawMessage, problem string) {
	trimmed := strings.TrimSpace(text)
	if trimmed == "" {
		switch {
		case spec.Nullable:
			return json.RawMessage("null"), ""
		case spec.Kind == model.Text || spec.Kind == model.LongText:
			return json.RawMessage(`""`), "" // the schema says whether that will do
		}
		return nil, "field.required"
	}
	switch spec.Kind {
	case model.Number:
		return number(trimmed, decimal, "field.number")
	case model.Integer:
		return number(trimmed, whole, "field.integer")
	case model.Date:
		return date(trimmed)
	case model.Bool:
		return choice(trimmed, []string{"true", "false"}, json.RawMessage(trimmed))
	case model.Enum:
		return choice(text, spec.Enum, quoted(text))
	case model.JSON:
		if !json.Valid([]byte(trimmed)) {
			return nil, "field.json"
		}
		var out bytes.Buffer
		_ = json.Compact(&out, []byte(trimmed)) // valid: it cannot fail
		return out.Bytes(), ""
	}
	return quoted(trimmed), ""
}

func quoted(s string) json.RawMessage {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string: it cannot fail
	return bytes.TrimSpace(out.Bytes())
}

func choice(text string, allowed []string, raw json.RawMessage) (json.RawMessage, string) {
	if !slices.Contains(allowed, text) {
		return nil, "field.choice"
	}
	return raw, ""
}

var (
	decimal = regexp.MustCompile(`^-?\d+(\.\d+)?$`)
	whole   = regexp.MustCompile(`^-?\d+$`)
	grouped = regexp.MustCompile(`^-?\d{1,3}(,\d{3})+(\.\d+)?$`)
	zeros   = regexp.MustCompile(`^(-?)0+(\d)`)
	day     = regexp.MustCompile(`^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$`)
)

// number reads digits as people type them: full-width ones of a Chinese input
// method, and groups of thousands.
func number(text string, shape *regexp.Regexp, problem string) (json.RawMessage, string) {
	s := width.Narrow.String(text)
	s = strings.ReplaceAll(s, "−", "-")
	if grouped.MatchString(s) {
		s = strings.ReplaceAll(s, ",", "")
	}
	if !shape.MatchString(s) {
		return nil, problem
	}
	return json.RawMessage(zeros.ReplaceAllString(s, "$1$2")), ""
}

// date reads a day written from the year down, the one order that is read the
// same everywhere.
func date(text string) (json.RawMessage, string) {
	m := day.FindStringSubmatch(width.Narrow.String(text))
	if m == nil {
		return nil, "field.date"
	}
	at, err := time.Parse("2006-1-2", m[1]+"-"+m[2]+"-"+m[3])
	if err != nil {
		return nil, "field.date"
	}
	return quoted(at.Format(time.DateOnly)), ""
}

// isDay reports whether a browser's date input can hold s: it would show any
// other text as nothing.
func isDay(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}
