package command

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/charmbracelet/huh"

	"github.com/tackhammer/tackhammer/kit"
)

// wizardWords are what the wizard says beside the questions.
type wizardWords struct {
	pages          [4]prompt
	write, yes, no string
}

var wizardIn = map[string]wizardWords{
	"en": {
		pages: [4]prompt{
			{"The nail", "Who pays, and for what"}, {"Today", "What it costs them by hand"},
			{"The offer", "What you ask, and what it costs you"}, {"The bar and the data", "How good it must be, and what shows it"}},
		write: "Write it down?", yes: "Write", no: "Leave it",
	},
	"zh": {
		pages: [4]prompt{
			{"钉子", "谁付钱，为什么付钱"}, {"今天", "手工处理的代价"},
			{"报价", "你收多少，成本多少"}, {"门槛和数据", "要做到多好，用什么来证明"}},
		write: "写入文件吗？", yes: "写入", no: "放弃",
	},
}

// wizard asks the questions.
type wizard struct {
	*asker
	draft *draft
	words wizardWords
	value []string
	write bool
}

// ask puts all questions to a person, beginning with what is said already. It
// fails, and nothing is to be written, when the person gives up.
func (d *draft) ask(ctx context.Context, in io.Reader, out io.Writer, plain bool) error {
	w := &wizard{asker: newAsker(in, out, d.lang, plain), draft: d, words: wizardIn[d.lang], value: make([]string, len(questions)), write: true}
	w.final = true
	for i, q := range questions {
		w.value[i] = d.answers[q.flag]
	}
	err := w.run(ctx, w.groups()...)
	if err == nil && !w.write {
		err = errGivenUp
	}
	if errors.Is(err, errGivenUp) {
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

// groups are the pages of the form.
func (w *wizard) groups() []*huh.Group {
	var pages [4][]huh.Field
	for i, q := range questions {
		pages[q.page] = append(pages[q.page], w.text(q.in(w.draft.lang), &w.value[i], q.needed, q.check))
	}
	pages[3] = append(pages[3], huh.NewConfirm().Title(w.words.write).Description(w.draft.path).
		Affirmative(w.words.yes).Negative(w.words.no).Value(&w.write))
	var groups []*huh.Group
	for i, fields := range pages {
		groups = append(groups, huh.NewGroup(fields...).Title(w.words.pages[i].title).Description(w.words.pages[i].help))
	}
	return groups
}
