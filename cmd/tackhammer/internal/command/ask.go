package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/huh"
	"github.com/charmbracelet/lipgloss"
	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/quiet"
	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/say"
	"github.com/tackhammer/tackhammer/kit"
)

func init() { quiet.Restore() }

// shade asks the terminal whether it is dark, which the colours of forms follow:
// once, and only where a form is shown.
var shade = sync.OnceFunc(func() {
	lipgloss.SetHasDarkBackground(lipgloss.NewRenderer(os.Stdout).HasDarkBackground())
})

// atTerminal reports whether a person sits there who can be asked. A plan may go
// to standard output: nobody is asked for one.
func atTerminal(c *cli.Context) bool {
	in, isFile := c.App.Reader.(*os.File)
	out, shown := c.App.Writer.(*os.File)
	return isFile && shown && !c.Bool("no-input") && !planning(c) && term.IsTerminal(int(in.Fd())) && term.IsTerminal(int(out.Fd()))
}

// plainTerminal reports whether questions are to be put line by line: to a
// screen reader, or where a terminal cannot move its cursor.
func plainTerminal() bool { return os.Getenv("TERM") == "dumb" || os.Getenv("ACCESSIBLE") != "" }

// errGivenUp is a person who wants no more questions.
var errGivenUp = errors.New("given up")

// prompt is how a question is put to a person.
type prompt struct{ title, help string }

// askWords are what forms say beside their questions.
type askWords struct {
	enter, back, done, toggle, up, down, mark, all, none, needed string
}

var askIn = map[string]askWords{
	"en": {enter: "next", back: "back", done: "finish", toggle: "choose", up: "up", down: "down", mark: "mark", all: "mark all", none: "mark none", needed: "this is needed"},
	"zh": {enter: "下一项", back: "上一项", done: "完成", toggle: "选择", up: "上移", down: "下移", mark: "勾选", all: "全选", none: "全不选", needed: "此项必填"},
}

// asker puts forms to a person: on a screen, or line by line.
type asker struct {
	in    *watched
	out   io.Writer
	plain bool
	final bool // the form that is run is the last one
	words askWords
}

func newAsker(in io.Reader, out io.Writer, lang string, plain bool) *asker {
	return &asker{in: &watched{Reader: in}, out: out, plain: plain, words: askIn[lang]}
}

// run shows the pages of a form until it is filled in. It fails with errGivenUp
// when the person leaves it, when the input ends and when ctx does. What reads
// lines cannot be interrupted in the middle of one, and so it is left behind.
func (a *asker) run(ctx context.Context, pages ...*huh.Group) error {
	var in io.Reader = a.in
	if !a.plain {
		in = a.in.Reader // a terminal, which has to be one for who draws on it
		shade()
	}
	form := huh.NewForm(pages...).WithAccessible(a.plain).WithInput(in).WithOutput(a.out).WithKeyMap(a.keys())
	done := make(chan error, 1)
	go func() { done <- form.RunWithContext(ctx) }()
	var err error
	if a.plain {
		select {
		case err = <-done:
		case <-ctx.Done():
		}
	} else {
		err = <-done // it ends with ctx, and gives the terminal back first
	}
	if errors.Is(err, huh.ErrUserAborted) || ctx.Err() != nil || a.plain && err == nil && a.in.ended {
		return errGivenUp
	}
	return err
}

// watched is a reader that knows whether it came to its end.
type watched struct {
	io.Reader
	ended bool
}

// Read reads on.
func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	w.ended = w.ended || err != nil
	return n, err
}

// text asks for a line. Without a screen the help and what is said already stand
// in the line that asks: there an empty answer keeps it.
func (a *asker) text(p prompt, value *string, needed bool, check func(string) error) huh.Field {
	before := *value
	return huh.NewInput().Title(a.title(p, before)).Description(p.help).Value(value).Validate(func(text string) error {
		text = strings.TrimSpace(text)
		if text == "" && a.plain {
			text = before
		}
		if text == "" {
			if needed {
				return errors.New(a.words.needed)
			}
			return nil
		}
		return inWords(check(text))
	})
}

// inWords is an error as it is said to the person who is asked.
func inWords(err error) error {
	if err == nil {
		return nil
	}
	message, _ := kit.In(err, say.Text)
	return errors.New(message)
}

// title is what a question begins with.
func (a *asker) title(p prompt, now string) string {
	if !a.plain {
		return p.title
	}
	title := p.title
	if p.help != "" {
		title = fmt.Sprintf("%s (%s)", p.title, strings.ReplaceAll(p.help, "\n", " "))
	}
	if now != "" {
		title += fmt.Sprintf(" [%s]", now)
	}
	return title + ":"
}

// choose asks for one of some options.
func (a *asker) choose(p prompt, value *string, options []huh.Option[string]) huh.Field {
	s := huh.NewSelect[string]().Title(p.title).Options(options...).Value(value)
	if a.plain {
		return s.Title(a.title(p, ""))
	}
	return s.Description(p.help)
}

// keys are the forms', told in the person's language.
func (a *asker) keys() *huh.KeyMap {
	k, w := huh.NewDefaultKeyMap(), a.words
	if !a.final {
		w.done = w.enter
	}
	k.Quit = key.NewBinding(key.WithKeys("ctrl+c", "esc"))
	k.Select.Next.SetKeys("enter", "tab", " ")
	k.Select.Submit.SetKeys("enter", " ")
	for _, h := range []struct {
		key, words string
		bindings   []*key.Binding
	}{
		{"enter", w.enter, []*key.Binding{&k.Input.Next, &k.Confirm.Next, &k.Select.Next, &k.MultiSelect.Next}},
		{"shift+tab", w.back, []*key.Binding{&k.Input.Prev, &k.Confirm.Prev, &k.Select.Prev, &k.MultiSelect.Prev}},
		{"enter", w.done, []*key.Binding{&k.Input.Submit, &k.Confirm.Submit, &k.Select.Submit, &k.MultiSelect.Submit}},
		{"↑", w.up, []*key.Binding{&k.Select.Up, &k.MultiSelect.Up}},
		{"↓", w.down, []*key.Binding{&k.Select.Down, &k.MultiSelect.Down}},
		{"←/→", w.toggle, []*key.Binding{&k.Confirm.Toggle}},
		{"space", w.mark, []*key.Binding{&k.MultiSelect.Toggle}},
		{"ctrl+a", w.all, []*key.Binding{&k.MultiSelect.SelectAll}},
		{"ctrl+a", w.none, []*key.Binding{&k.MultiSelect.SelectNone}},
	} {
		for _, b := range h.bindings {
			b.SetHelp(h.key, h.words)
		}
	}
	for _, b := range []*key.Binding{&k.Confirm.Accept, &k.Confirm.Reject, // y and n tell no more than the arrows
		&k.Select.Filter, &k.MultiSelect.Filter} {
		b.SetEnabled(false)
	}
	return k
}
