package app

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/golden"
	"github.com/tackhammer/tackhammer/kit/line"
	"github.com/tackhammer/tackhammer/kit/nail"
)

func (c Config) reportPocCommand() *cli.Command {
	return &cli.Command{
		Name: "poc", Usage: "write the page for the first meeting: a customer's own files, drafted, a few of them reviewed on the spot",
		Description: "Reads and drafts the files of a folder, and asks on the terminal whether the drafts of some of them, taken by\n" +
			"chance, are right: Enter accepts a field, anything else that is typed is the right value. Each answer is kept\n" +
			"in DATA/poc at once: run it again after a break, and it goes on where it was. From a script, --answers names\n" +
			"a folder of NAME.json, the right values of the file NAME, or - for lines on the standard input, the same that\n" +
			"one would type. The page stands alone and prints on A4; what was not measured is marked in it as assumed.",
		Flags: shared(jsonFlag(),
			&cli.StringFlag{Name: "files", Usage: "the customer's `FOLDER`; needed"},
			outFlag("the page's `FILE`, such as poc.html; needed"),
			&cli.StringFlag{Name: "lang", Usage: "language of the page and of the questions, en or zh; nail.yaml says it otherwise"},
			&cli.IntFlag{Name: "review", Value: 10, Usage: "how many drafts to review; 0 for none"},
			&cli.StringFlag{Name: "answers", Usage: "right values from `FOLDER` instead of the terminal; - for lines on the standard input"},
			&cli.IntFlag{Name: "parallel", Value: 4, Usage: "how many drafts to make at a time"}),
		Action: c.reportPoc,
	}
}

// pocRun is one making of the page.
type pocRun struct {
	nail    nail.Nail
	model   *drafting
	files   []pocFile
	cases   []*pocCase // of the readable files with a text of their own
	sample  []*pocCase // cases in the order in which they are reviewed
	skipped int        // of the sample: the person did not want to answer
	seen    int        // of the cases: the model was made from them
}

func (c Config) reportPoc(cc *cli.Context) error {
	if err := line.WantArgs(cc, 0, 0); err != nil {
		return err
	}
	ctx, o := cc.Context, options(cc)
	n, err := c.nail(o.Nail)
	if err != nil {
		return err
	}
	lang := cmp.Or(cc.String("lang"), n.Lang)
	if err := checkPoc(cc, lang); err != nil {
		return err
	}
	say, err := words("poc", lang)
	if err != nil {
		return err
	}
	d, err := c.drafting(ctx, o, n, cmp.Or(o.Model, n.Model), how{parallel: cc.Int("parallel"), silent: cc.Bool("json")})
	if err != nil {
		return err
	}
	run := &pocRun{nail: n, model: d}
	if err := run.read(ctx, c, cc.String("files"), cc.Bool("json")); err != nil {
		return err
	}
	if err := run.draft(ctx); err != nil {
		return err
	}
	from, err := c.pocSource(cc, d, say, lang)
	if err != nil {
		return err
	}
	if err := run.review(ctx, from, cc.Int("review")); err != nil {
		return err
	}
	return c.finishPoc(ctx, cc, &pocView{say: say, lang: lang, facts: run.facts(), run: run})
}

// checkPoc looks at the flags before anything takes time.
func checkPoc(cc *cli.Context, lang string) error {
	const usage = "report poc --files FOLDER --out poc.html"
	switch {
	case cc.String("files") == "":
		return kit.Errorf(kit.Invalid, "report poc: --files is missing: the folder with the customer's files").WithHint(usage)
	case cc.String("out") == "":
		return kit.Errorf(kit.Invalid, "report poc: --out is missing: the file of the page").WithHint(usage)
	case cc.Int("review") < 0 || cc.Int("parallel") < 1:
		return kit.Errorf(kit.Invalid, "report poc: --review counts from 0, --parallel from 1")
	case pageLangs[lang] == pageLangs[""]:
		return kit.Errorf(kit.Invalid, "report poc: no words in the language %q", lang).WithHint("write en or zh")
	}
	if info, err := os.Stat(cc.String("files")); err != nil || !info.IsDir() {
		return kit.Errorf(kit.Invalid, "report poc: --files %s is no folder", cc.String("files")).WithHint(usage)
	}
	if a := cc.String("answers"); a != "" && a != "-" {
		if info, err := os.Stat(a); err != nil || !info.IsDir() {
			return kit.Errorf(kit.Invalid, "report poc: --answers %s is no folder", a).WithHint("a folder of NAME.json, or - for lines")
		}
	}
	if info, err := os.Stat(filepath.Dir(cc.String("out"))); err != nil || !info.IsDir() {
		return kit.Errorf(kit.Invalid, "report poc: the folder of --out %s is not there", cc.String("out")).WithHint("make it first")
	}
	return nil
}

// pocSource is where right values come from: what was answered before, then the
// folder or the lines of --answers, or whoever sits at the terminal.
func (c Config) pocSource(cc *cli.Context, d *drafting, say wordbook, lang string) (s pocSource, err error) {
	s = pocSource{store: filepath.Join(cmp.Or(cc.String("data"), "data"), "poc"), model: d.Model.Digest}
	in, isFile := cc.App.Reader.(*os.File)
	person := isFile && term.IsTerminal(int(in.Fd())) && terminal(c.Err)
	switch answers := cc.String("answers"); {
	case answers == "-":
		s.asker = &pocAsker{in: pocLines(cc.App.Reader), out: c.Err, schema: d.Schema, say: say, lang: lang}
	case answers != "":
		s.folder, err = golden.Open(answers)
	case person && !cc.Bool("json"):
		s.asker = &pocAsker{in: pocLines(in), out: c.Err, schema: d.Schema, say: say, lang: lang, person: true}
	}
	return s, err
}

// draft drafts all cases.
func (r *pocRun) draft(ctx context.Context) error {
	all := make([]labelled, len(r.cases))
	for i, one := range r.cases {
		all[i] = one.labelled
	}
	made, err := r.model.all(ctx, all)
	if err != nil {
		return err
	}
	for i := range made {
		r.cases[i].drafted = made[i]
	}
	return nil
}

// review asks for the right values of so many cases. They are taken by chance,
// in the order of their hashes: the same each time, and nobody chose them. A
// case that the model was made from would flatter it, and is left out.
func (r *pocRun) review(ctx context.Context, from pocSource, want int) error {
	by, learns := r.model.Provider.(learner)
	for _, one := range r.cases {
		if learns && by.Saw(one.Hash) {
			r.seen++
			continue
		}
		r.sample = append(r.sample, one)
	}
	slices.SortFunc(r.sample, func(a, b *pocCase) int { return cmp.Compare(a.Hash, b.Hash) })
	want = min(want, len(r.sample))
	done := 0
	for _, one := range r.sample {
		if done >= want {
			break
		}
		answer, more, err := from.answer(ctx, one, done+1, want)
		if err != nil {
			return err
		}
		switch {
		case answer != nil && answer.Skipped:
			r.skipped++
		case answer != nil:
			one.answer = answer
			done++
		}
		if !more {
			break
		}
	}
	return nil
}

// finishPoc writes the page and says what is in it.
func (c Config) finishPoc(ctx context.Context, cc *cli.Context, view *pocView) error {
	facts := view.facts
	p := page{Name: "poc", Lang: view.lang, Title: view.title(), Lead: view.lead(), Foot: view.foot(), Data: view.body(ctx)}
	if view.err != nil {
		return view.err
	}
	out := cc.String("out")
	if err := writeFile(out, func(w io.Writer) error { return p.write(w) }); err != nil {
		return err
	}
	if cc.Bool("json") {
		return c.printJSON(facts)
	}
	fmt.Fprintf(c.Out, "%d files, %d drafted, %d reviewed", facts.Files, facts.Drafted, facts.Reviewed)
	if facts.Reviewed > 0 {
		fmt.Fprintf(c.Out, "; in %d of these every field is right", facts.AllRight)
	}
	fmt.Fprintf(c.Out, "\nwrote the page to %s\n", out)
	return nil
}
