package export

import (
	"bytes"
	"encoding/json"
)

// quoted is a text as JSON.
func quoted(s string) json.RawMessage {
	line, _ := encode(s) // a text: it cannot fail
	return bytes.TrimSpace(line)
}

// canonical writes a value in one way: no spaces, the keys of what is no schema's
// in order, characters as themselves, numbers as they were written.
func canonical(value json.RawMessage) (json.RawMessage, error) {
	return mapTexts(value, func(_, s string) string { return s })
}

// mapTexts rewrites each text of a JSON value, its key ("" in a list and for
// the whole) told beside it.
func mapTexts(value json.RawMessage, f func(key, text string) string) (json.RawMessage, error) {
	doc, err := decode(value)
	if err != nil {
		return nil, err
	}
	line, err := encode(mapped(doc, "", f))
	return bytes.TrimSpace(line), err
}

// decode reads JSON, numbers as they are written.
func decode(value json.RawMessage) (doc any, err error) {
	dec := json.NewDecoder(bytes.NewReader(value))
	dec.UseNumber()
	return doc, dec.Decode(&doc)
}

func mapped(doc any, key string, f func(key, text string) string) any {
	switch v := doc.(type) {
	case string:
		return f(key, v)
	case map[string]any:
		for k, inner := range v {
			v[k] = mapped(inner, k, f)
		}
	case []any:
		for i, inner := range v {
			v[i] = mapped(inner, "", f)
		}
	}
	return doc
}

// hideInput takes the private values out of a step's input. Where a document's
// text grows or shrinks, its spans go along.
func (s secrets) hideInput(input json.RawMessage) (json.RawMessage, error) {
	if len(s.list) == 0 {
		return input, nil
	}
	doc, err := decode(input)
	if err != nil {
		return nil, err
	}
	s.moveSpans(doc)
	line, err := encode(mapped(doc, "", func(key, text string) string {
		if key == "blob" || key == "media_type" { // a hash, and words of a list
			return text
		}
		return s.hide(text)
	}))
	return bytes.TrimSpace(line), err
}

// moveSpans moves the spans of each document in doc as its text's edits will.
func (s secrets) moveSpans(doc any) {
	switch v := doc.(type) {
	case []any:
		for _, inner := range v {
			s.moveSpans(inner)
		}
	case map[string]any:
		text, isText := v["text"].(string)
		spans, isList := v["spans"].([]any)
		if isText && isList {
			edits := s.edits(text)
			for _, one := range spans {
				moveSpan(one, edits)
			}
			return
		}
		for _, inner := range v {
			s.moveSpans(inner)
		}
	}
}

func moveSpan(one any, edits []edit) {
	at, ok := one.(map[string]any)
	if !ok {
		return
	}
	for _, key := range []string{"start", "end"} {
		if n, ok := at[key].(json.Number); ok {
			if i, err := n.Int64(); err == nil {
				at[key] = moved(int(i), key == "end", edits)
			}
		}
	}
}

// moved is where the byte at stands after the edits: within one of them, at its
// placeholder's start, or its end.
func moved(at int, end bool, edits []edit) int {
	shift := 0
	for _, e := range edits {
		grown := len(e.placeholder) - (e.end - e.start)
		switch {
		case at >= e.end:
			shift += grown
		case at > e.start && end:
			return e.end + grown + shift
		case at > e.start:
			return e.start + shift
		}
	}
	return at + shift
}
