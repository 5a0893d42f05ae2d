package model

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"

	validator "github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/tackhammer/tackhammer/kit"
)

// maxExponent and maxDigits bound a number: "1e999999999" would cost the exact
// arithmetic of a validator gigabytes, and whoever receives a delivery reads
// numbers as floats.
const (
	maxExponent = 200
	maxDigits   = 100 // sign, point and exponent included
)

// Validate returns what is wrong with raw, sorted by path; nil when it is a
// valid T. Paths are dotted ("items.0.price"), "" for the whole.
func (s *Schema) Validate(raw []byte) []kit.FieldError {
	doc, err := validator.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return []kit.FieldError{{Message: "is not JSON: " + err.Error()}}
	}
	if path, bad := hugeNumber(doc, nil); bad {
		return []kit.FieldError{{Path: path, Message: "is too large or too long a number"}}
	}
	var found *validator.ValidationError
	switch err := s.compiled.Validate(doc); {
	case err == nil:
		return s.rules(raw)
	case errors.As(err, &found):
		return tidy(explain(found, nil))
	default:
		return []kit.FieldError{{Message: err.Error()}}
	}
}

// rulesOf decodes raw into T and asks T's own rules.
func rulesOf[T any](raw []byte) []kit.FieldError {
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		var misfit *json.UnmarshalTypeError
		if errors.As(err, &misfit) {
			return []kit.FieldError{{Path: misfit.Field, Message: "does not fit: " + misfit.Value}}
		}
		return []kit.FieldError{{Message: err.Error()}}
	}
	type ruled interface{ Validate() []kit.FieldError }
	if r, ok := any(&v).(ruled); ok {
		return tidy(r.Validate())
	}
	return nil
}

// explain turns the leaves of a validation error into words.
func explain(e *validator.ValidationError, into []kit.FieldError) []kit.FieldError {
	for _, cause := range e.Causes {
		into = explain(cause, into)
	}
	if len(e.Causes) > 0 {
		return into
	}
	path := strings.Join(e.InstanceLocation, ".")
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		return each(into, path, k.Missing, "is missing")
	case *kind.AdditionalProperties:
		return each(into, path, k.Properties, "is not a field of this form")
	}
	return append(into, kit.FieldError{Path: path, Message: words(e.ErrorKind)})
}

func each(into []kit.FieldError, path string, names []string, message string) []kit.FieldError {
	for _, name := range names {
		into = append(into, kit.FieldError{Path: join(path, name), Message: message})
	}
	return into
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// english prints what has no words of ours.
var english = message.NewPrinter(language.English)

// words says what a value must be.
func words(k validator.ErrorKind) string {
	switch k := k.(type) {
	case *kind.Type:
		return typeWords(k)
	case *kind.Enum:
		return "must be one of: " + list(k.Want)
	case *kind.Format:
		return formatWords(k.Want)
	case *kind.Pattern:
		return "does not have the form " + k.Want
	}
	return boundWords(k)
}

func boundWords(k validator.ErrorKind) string {
	switch k := k.(type) {
	case *kind.Minimum:
		return "must be at least " + plain(k.Want)
	case *kind.Maximum:
		return "must be at most " + plain(k.Want)
	case *kind.ExclusiveMinimum:
		return "must be more than " + plain(k.Want)
	case *kind.ExclusiveMaximum:
		return "must be less than " + plain(k.Want)
	}
	return sizeWords(k)
}

func sizeWords(k validator.ErrorKind) string {
	switch k := k.(type) {
	case *kind.MinLength:
		if k.Want == 1 {
			return "must not be empty"
		}
		return fmt.Sprintf("must have at least %d characters, has %d", k.Want, k.Got)
	case *kind.MaxLength:
		return fmt.Sprintf("must have at most %d characters, has %d", k.Want, k.Got)
	case *kind.MinItems:
		return fmt.Sprintf("must have at least %d entries, has %d", k.Want, k.Got)
	case *kind.MaxItems:
		return fmt.Sprintf("must have at most %d entries, has %d", k.Want, k.Got)
	}
	return k.LocalizedString(english)
}

// typeNames says JSON's types in a person's words.
var typeNames = map[string]string{
	"string": "a text", "number": "a number", "integer": "a whole number", "boolean": "yes or no (true or false)",
	"object": "an object", "array": "a list", "null": "empty (null)",
}

func typeWords(k *kind.Type) string {
	var want []string
	for _, t := range k.Want {
		want = append(want, typeNames[t])
	}
	if k.Got == "null" {
		return "must not be empty: must be " + strings.Join(want, " or ")
	}
	return "must be " + strings.Join(want, " or ")
}

func formatWords(format string) string {
	if format == "date" {
		return "must be a day of the calendar, written YYYY-MM-DD"
	}
	return "is not a valid " + format
}

func list(values []any) string {
	var out []string
	for _, v := range values {
		if v != nil {
			out = append(out, fmt.Sprint(v))
		}
	}
	return strings.Join(out, ", ")
}

func plain(r *big.Rat) string {
	f, _ := r.Float64()
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// tidy sorts problems by path and drops repeats.
func tidy(problems []kit.FieldError) []kit.FieldError {
	slices.SortStableFunc(problems, func(a, b kit.FieldError) int {
		if c := strings.Compare(a.Path, b.Path); c != 0 {
			return c
		}
		return strings.Compare(a.Message, b.Message)
	})
	return slices.Compact(problems)
}

func isHuge(number string) bool {
	_, exp, ok := strings.Cut(strings.ToLower(number), "e")
	n, err := strconv.Atoi(exp)
	return len(number) > maxDigits || ok && (err != nil || n > maxExponent || n < -maxExponent)
}

// hugeNumber finds a number that is out of bounds.
func hugeNumber(doc any, path []string) (string, bool) {
	switch v := doc.(type) {
	case json.Number:
		return strings.Join(path, "."), isHuge(v.String())
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if p, bad := hugeNumber(v[key], append(path, key)); bad {
				return p, true
			}
		}
	case []any:
		for i, inner := range v {
			if p, bad := hugeNumber(inner, append(path, strconv.Itoa(i))); bad {
				return p, true
			}
		}
	}
	return "", false
}
