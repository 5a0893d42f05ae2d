package app

import (
	"bufio"
	"cmp"
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

// pocPeek is how many lines of a document are shown at first.
const pocPeek = 30

// pocAsker asks a person, or the lines of a script, for right values.
type pocAsker struct {
	in     <-chan string
	out    io.Writer
	schema *model.Schema
	say    wordbook
	lang   string
	person bool // someone sits there: a mistake is asked again, and time is measured
	line   int
	err    error // the first word that there is not
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

// word is what the person reads, in the page's language.
func (a *pocAsker) word(key string, args ...any) string {
	s, err := a.say.say("poc.ask."+key, args...)
	a.err = cmp.Or(a.err, err)
	return s
}

// why words what is wrong with a value.
func (a *pocAsker) why(w *pocWrong) string {
	return a.word(w.key, "Typed", w.typed, "Of", strings.Join(w.of, a.word("comma")))
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
		fmt.Fprintf(a.out, "  %s\n  > ", a.word("field", "Label", cmp.Or(f.Label[a.lang], f.Label["en"]), "Draft", pocWords(draft)))
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
		value, wrong := pocValue(f, draft, text)
		if wrong != nil && !a.person {
			return nil, false, kit.Errorf(kit.Invalid, "report poc: line %d, %s of %s: %s", a.line, f.Path, one.file.Name, a.why(wrong))
		}
		if wrong != nil {
			fmt.Fprintf(a.out, "    %s\n", a.why(wrong))
			continue
		}
		answer.Values[f.Path] = value
		i++
	}
	if a.person {
		answer.Seconds = kit.Now().Sub(began).Seconds()
	}
	return answer, true, a.err
}

// show prints a case's head and the beginning of its text.
func (a *pocAsker) show(one *pocCase, at, n int) {
	fmt.Fprintf(a.out, "\n── %s ──\n", a.word("head", "At", at, "N", n, "File", one.file.Name))
	lines := strings.Split(strings.TrimSpace(one.Document.Text), "\n")
	for _, l := range lines[:min(len(lines), pocPeek)] {
		fmt.Fprintf(a.out, "  │ %s\n", l)
	}
	if len(lines) > pocPeek {
		fmt.Fprintf(a.out, "  │ … %s\n", a.word("more", "Count", len(lines)-pocPeek))
	}
	if one.Err != "" {
		fmt.Fprintf(a.out, "  %s\n", a.word("failed", "Reason", one.Err))
	}
	fmt.Fprintf(a.out, "  %s\n\n", line.Wrap(a.word("keys"), 2))
}

// pocWords is a value as people read it, whole.
func pocWords(raw json.RawMessage) string {
	if text := kit.Plain(raw); text != "" {
		return strings.Join(strings.Fields(text), " ")
	}
	return "–"
}

// pocWrong is what is wrong with a value that was typed: the key of its words,
// and what they name.
type pocWrong struct {
	key, typed string
	of         []string
}

// pocValue is what was typed of a field, as JSON. Nothing accepts the draft;
// "=" before a value takes it as it stands, be it "-" or ":q".
func pocValue(f model.FieldSpec, draft json.RawMessage, text string) (json.RawMessage, *pocWrong) {
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
			return nil, &pocWrong{key: "number", typed: text}
		}
		return json.RawMessage(form), nil
	case model.Date:
		form, ok := eval.Date.Normalise(text)
		if !ok {
			return nil, &pocWrong{key: "date", typed: text}
		}
		text = form
	case model.Bool:
		yes, err := strconv.ParseBool(text)
		if err != nil {
			return nil, &pocWrong{key: "bool", typed: text}
		}
		return json.RawMessage(strconv.FormatBool(yes)), nil
	case model.Enum:
		if !slices.Contains(f.Enum, text) {
			return nil, &pocWrong{"enum", text, f.Enum}
		}
	case model.JSON:
		if !json.Valid([]byte(text)) {
			return nil, &pocWrong{key: "json", typed: text}
		}
		return json.RawMessage(text), nil
	}
	raw, _ := json.Marshal(text) // a text always is JSON
	return raw, nil
}
