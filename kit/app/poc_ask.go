package app

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/line"
	"github.com/tackhammer/tackhammer/kit/model"
)

// pocKeys are what one may type.
const pocKeys = "Enter: right · type the right value · -: there is none · :b back · :d whole document · :s skip this file · :q stop"

// pocPeek is how many lines of a document are shown at first.
const pocPeek = 30

// pocAsker asks a person, or the lines of a script, for right values.
type pocAsker struct {
	in     <-chan string
	out    io.Writer
	schema *model.Schema
	person bool // someone sits there: a mistake is asked again, and time is measured
	line   int
}

// pocLines reads lines until the end. The channel closes there.
func pocLines(in io.Reader) <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(in); s.Scan(); {
			lines <- s.Text()
		}
	}()
	return lines
}

// next is the next line; ok is false at the end. It fails when ctx ends.
func (a *pocAsker) next(ctx context.Context) (text string, ok bool, err error) {
	select {
	case text, ok = <-a.in:
		a.line++
		return strings.TrimSpace(text), ok, nil
	case <-ctx.Done():
		fmt.Fprintln(a.out)
		return "", false, kit.Errorf(kit.Unavailable, "report poc: interrupted").WithHint("run it again: what was answered is kept")
	}
}

// ask shows a case and its draft, and asks for each field. It returns nil and
// false when the person stops, or the lines do.
func (a *pocAsker) ask(ctx context.Context, one *pocCase, at, n int) (*pocAnswer, bool, error) {
	a.show(one, at, n)
	began := kit.Now()
	answer := &pocAnswer{Values: map[string]json.RawMessage{}}
	fields := a.schema.Fields()
	for i := 0; i < len(fields); {
		f := fields[i]
		draft := one.Draft.Values[f.Path]
		fmt.Fprintf(a.out, "  %s: %s\n  > ", f.Label["en"], pocWords(draft))
		text, ok, err := a.next(ctx)
		switch {
		case err != nil:
			return nil, false, err
		case !ok || text == ":q":
			return nil, false, nil
		case text == ":s":
			return &pocAnswer{Skipped: true}, true, nil
		case text == ":b":
			i = max(0, i-1)
			continue
		case text == ":d":
			fmt.Fprintf(a.out, "\n%s\n\n", one.Document.Text)
			continue
		}
		value, err := pocValue(f, draft, text)
		if err != nil && !a.person {
			return nil, false, kit.Errorf(kit.Invalid, "report poc: line %d, %s of %s: %w", a.line, f.Path, one.file.Name, err)
		}
		if err != nil {
			fmt.Fprintf(a.out, "    %v\n", err)
			continue
		}
		answer.Values[f.Path] = value
		i++
	}
	if a.person {
		answer.Seconds = kit.Now().Sub(began).Seconds()
	}
	return answer, true, nil
}

// show prints a case's head and the beginning of its text.
func (a *pocAsker) show(one *pocCase, at, n int) {
	fmt.Fprintf(a.out, "\n── %d of %d ── %s ──\n", at, n, one.file.Name)
	lines := strings.Split(strings.TrimSpace(one.Document.Text), "\n")
	for _, l := range lines[:min(len(lines), pocPeek)] {
		fmt.Fprintf(a.out, "  │ %s\n", l)
	}
	if len(lines) > pocPeek {
		fmt.Fprintf(a.out, "  │ … and %d lines more (:d)\n", len(lines)-pocPeek)
	}
	if one.Err != "" {
		fmt.Fprintf(a.out, "  no draft: %s\n", one.Err)
	}
	fmt.Fprintf(a.out, "  %s\n\n", line.Wrap(pocKeys, 2))
}

// pocWords is a value as people read it, whole.
func pocWords(raw json.RawMessage) string {
	if text := kit.Plain(raw); text != "" {
		return strings.Join(strings.Fields(text), " ")
	}
	return "–"
}

// pocValue is what was typed of a field, as JSON. Nothing accepts the draft;
// "=" before a value takes it as it stands, be it "-" or ":q".
func pocValue(f model.FieldSpec, draft json.RawMessage, text string) (json.RawMessage, error) {
	switch text {
	case "":
		if len(draft) == 0 {
			return json.RawMessage("null"), nil
		}
		return draft, nil
	case "-", "–":
		return json.RawMessage("null"), nil
	}
	text = strings.TrimPrefix(text, "=")
	switch f.Kind {
	case model.Number, model.Integer:
		form, ok := eval.Number.Normalise(text)
		if !ok || !json.Valid([]byte(form)) {
			return nil, fmt.Errorf("%q is not a number", text)
		}
		return json.RawMessage(form), nil
	case model.Date:
		form, ok := eval.Date.Normalise(text)
		if !ok {
			return nil, fmt.Errorf("%q is not a day, such as 2026-03-31", text)
		}
		text = form
	case model.Bool:
		yes, err := strconv.ParseBool(text)
		if err != nil {
			return nil, fmt.Errorf("%q is neither true nor false", text)
		}
		return json.RawMessage(strconv.FormatBool(yes)), nil
	case model.Enum:
		if !slices.Contains(f.Enum, text) {
			return nil, fmt.Errorf("%q is none of %s", text, strings.Join(f.Enum, ", "))
		}
	case model.JSON:
		if !json.Valid([]byte(text)) {
			return nil, fmt.Errorf("it is not JSON")
		}
		return json.RawMessage(text), nil
	}
	raw, err := json.Marshal(text)
	return raw, err
}
