package workflow

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/tackhammer/tackhammer/kit"
)

// maxText bounds a document's text, in bytes. Files are bounded before that by
// the importers.
const maxText = 4 << 20

// inputError says in words what is wrong with a case's input.
func inputError(err error) error {
	path, message := "input", err.Error()
	var typ *json.UnmarshalTypeError
	if errors.As(err, &typ) && typ.Field != "" {
		path, message = "input."+strings.TrimPrefix(typ.Field, "Document."), fmt.Sprintf("must not be %s", typ.Value)
	}
	return invalid("read the input", path, strings.TrimPrefix(message, "json: "))
}

// checkDocument refuses a document that nobody could read, or whose layout
// points outside its text.
func checkDocument(d kit.Document) error {
	switch {
	case strings.TrimSpace(d.Text) == "":
		return invalid("read the input", "input.text", "there is no text")
	case len(d.Text) > maxText:
		return &kit.Error{Code: kit.TooLarge, Message: fmt.Sprintf("read the input: input.text: %d bytes, more than %d", len(d.Text), maxText)}
	case !utf8.ValidString(d.Text):
		return invalid("read the input", "input.text", "must be UTF-8")
	case strings.ContainsRune(d.Text, 0):
		return invalid("read the input", "input.text", "holds U+0000, which is no text")
	}
	last := 0
	for i, s := range d.Spans {
		if s.Start < last || s.End < s.Start || s.End > len(d.Text) || s.Page < 0 {
			return invalid("read the input", fmt.Sprintf("input.spans[%d]", i), "points outside the text or out of order")
		}
		last = s.Start
	}
	return nil
}

// invalid is a refusal of one value.
func invalid(act, path, message string) error {
	e := kit.Errorf(kit.Invalid, "%s: %s: %s", act, path, message)
	e.Fields = []kit.FieldError{{Path: path, Message: message}}
	return e
}
