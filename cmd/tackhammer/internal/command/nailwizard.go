package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/huh"

	"github.com/tackhammer/tackhammer/kit"
)

// wizardWords are what the wizard says beside the questions.
type wizardWords struct {
	pages             [4]prompt
	write, yes, no    string
	needed            string
	enter, back, done string
	toggle            string
}

var wizardIn = map[string]wizardWords{
	"en": {
		pages: [4]prompt{
			{"The nail", "Who pays, and for what"}, {"Today", "What it costs them by hand"},
			{"The offer", "What you ask, and what it costs you"}, {"The bar and the data", "How good it must be, and what shows it"}},
		write: "Write it down?", yes: "Write", no: "Leave it", needed: "this is needed", enter: "next", back: "back", done: "finish", toggle: "choose",
	},
	"zh": {
		pages: [4]prompt{
			{"钉子", "谁付钱，为什么付钱"}, {"今天", "手工处理的代价"},
			{"报价", "你收多少，成本多少"}, {"门槛和数据", "要做到多好，用什么来证明"}},
		write: "写入文件吗？", yes: "写入", no: "放弃", needed: "此项必填", enter: "下一项", back: "上一项", done: "完成", toggle: "选择",
	},
}

// wizard asks the questions.
type wizard struct {
	draft *draft
	words wizardWords
	plain bool // lines instead of a screen, for a screen reader or a dumb terminal
	value []string
	write bool
}

// ask puts all questions to a person, beginning with what is said already. It
// fails, and nothing is to be written, when the person gives up.
func (d *draft) ask(ctx context.Context, in io.Reader, out io.Writer, plain bool) error {
	w := &wizard{draft: d, words: wizardIn[d.lang], plain: plain, value: make([]string, len(questions)), write: true}
	for i, q := range questions {
		w.value[i] = d.answers[q.flag]
	}
	input := &watched{Reader: in}
	if plain {
		in = input
	}
	err := w.run(ctx, in, out)
	if err == nil && (!w.write || plain && input.ended) {
		err = huh.ErrUserAborted
	}
	if errors.Is(err, huh.ErrUserAborted) || ctx.Err() != nil {
		return kit.Errorf(kit.Unavailable, "nail: given up; nothing was written")
	}
	if err != nil {
		return kit.Errorf(kit.Internal, "nail: ask: %w", err).WithHint("give the answers as flags instead: --help lists them")
	}
	for i, q := range questions {
		d.answers[q.flag] = strings.TrimSpace(w.value[i])
	}
	return nil
}

// run shows the form until it is filled in. What reads lines cannot be
// interrupted in the middle of one, and so it is left behind.
func (w *wizard) run(ctx context.Context, in io.Reader, out io.Writer) error {
	form := huh.NewForm(w.groups()...).WithAccessible(w.plain).WithInput(in).WithOutput(out).WithKeyMap(w.keys())
	if !w.plain {
		return form.RunWithContext(ctx)
	}
	done := make(chan error, 1)
	go func() { done <- form.RunWithContext(ctx) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
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

// groups are the pages of the form.
func (w *wizard) groups() []*huh.Group {
	var pages [4][]huh.Field
	for i, q := range questions {
		pages[q.page] = append(pages[q.page], w.field(i, q))
	}
	pages[3] = append(pages[3], huh.NewConfirm().Title(w.words.write).Description(w.draft.path).
		Affirmative(w.words.yes).Negative(w.words.no).Value(&w.write))
	var groups []*huh.Group
	for i, fields := range pages {
		groups = append(groups, huh.NewGroup(fields...).Title(w.words.pages[i].title).Description(w.words.pages[i].help))
	}
	return groups
}

// field is one question. Without a screen the help and what is said already
// stand in the line that asks: there an empty answer keeps it.
func (w *wizard) field(i int, q question) huh.Field {
	p := q.in(w.draft.lang)
	title := p.title
	if w.plain {
		title = fmt.Sprintf("%s (%s)", p.title, p.help)
		if w.value[i] != "" {
			title += fmt.Sprintf(" [%s]", w.value[i])
		}
		title += ":"
	}
	before := w.value[i]
	return huh.NewInput().Title(title).Description(p.help).Value(&w.value[i]).Validate(func(text string) error {
		text = strings.TrimSpace(text)
		if text == "" && q.needed && !(w.plain && before != "") {
			return errors.New(w.words.needed)
		}
		return q.check(text)
	})
}

// keys are the form's, told in the person's language.
func (w *wizard) keys() *huh.KeyMap {
	k := huh.NewDefaultKeyMap()
	k.Quit = key.NewBinding(key.WithKeys("ctrl+c", "esc"))
	for _, b := range []*key.Binding{&k.Input.Next, &k.Confirm.Next} {
		b.SetHelp("enter", w.words.enter)
	}
	for _, b := range []*key.Binding{&k.Input.Prev, &k.Confirm.Prev} {
		b.SetHelp("shift+tab", w.words.back)
	}
	for _, b := range []*key.Binding{&k.Input.Submit, &k.Confirm.Submit} {
		b.SetHelp("enter", w.words.done)
	}
	k.Confirm.Toggle.SetHelp("←/→", w.words.toggle)
	k.Confirm.Accept.SetEnabled(false) // y and n tell no more than the arrows
	k.Confirm.Reject.SetEnabled(false)
	return k
}
