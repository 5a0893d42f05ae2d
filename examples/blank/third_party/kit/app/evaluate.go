package app

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/line"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/nail"
)

func (c Config) evalCommand() *cli.Command {
	return &cli.Command{
		Name: "eval", Usage: "measure the drafts against known answers",
		Description: "Drafts each labelled case without a person, and prints per field how many drafts are right: to the\n" +
			"letter, and normalised (texts by letters and digits, dates by day, numbers by value) with a 95 %\n" +
			"interval; what the confidences are worth; and what a case takes. Labelled cases are pairs of files of\n" +
			"one name in two folders, or what people decided here (--from cases), or both; a text that comes twice\n" +
			"counts once. What a model's server answered is kept in DATA/evals: a run that was interrupted goes on\n" +
			"where it was, and the same question is not asked twice. --html writes a page with pictures, to show\n" +
			"or to print. --misses lists each wrong value; --json and the page always do.\n\n" +
			"The answers' folder holds NAME.json for the case NAME, and CSV sheets for many cases at once: the first line\n" +
			"is case and the fields (case,total), each other line a case and its values; an empty cell is no answer.\n" +
			"--unanswered FIELD drafts nothing: it prints the lines that such a sheet lacks, to be filled in.",
		Flags: shared(append(labelFlags(), jsonFlag(),
			&cli.StringFlag{Name: "html", Usage: "write a page with pictures to `FILE`"},
			&cli.StringFlag{Name: "lang", Usage: "language of the page, en or zh; nail.yaml says it otherwise"},
			&cli.BoolFlag{Name: "misses", Usage: "list each wrong value: case, field, draft and answer"},
			&cli.IntFlag{Name: "parallel", Value: 4, Usage: "how many drafts to make at a time; at most nail.yaml's slots of a server"},
			&cli.BoolFlag{Name: "fresh", Usage: "ask a model's server again what it answered before"},
			&cli.StringFlag{Name: "unanswered", Usage: "print each case that has no answer to `FIELD`, as lines of a sheet"},
			&cli.BoolFlag{Name: "bar", Usage: "exit with 4 when a field is below nail.yaml's bar"})...),
		Action: c.evaluate,
	}
}

func (c Config) evaluate(cc *cli.Context) error {
	if err := line.WantArgs(cc, 0, 0); err != nil {
		return err
	}
	ctx, o := cc.Context, options(cc)
	n, err := c.nail(o.Nail)
	if err != nil {
		return err
	}
	if parallel := cc.Int("parallel"); parallel < 1 {
		return kit.Errorf(kit.Invalid, "evaluate: parallel is %d", parallel).WithHint("give how many cases to draft at a time, 1 or more")
	}
	if path := cc.String("unanswered"); path != "" {
		return c.tellUnanswered(cc, n, path)
	}
	d, err := c.drafting(ctx, o, n, cmp.Or(o.Model, n.Model), how{parallel: cc.Int("parallel"), fresh: cc.Bool("fresh"), silent: cc.Bool("json")})
	if err != nil {
		return err
	}
	l, err := c.judgeable(ctx, cc, n, d)
	if err != nil {
		return err
	}
	e, err := d.evaluate(ctx, l, n)
	if err != nil {
		return err
	}
	if err := c.tellEvaluation(cc, e, n); err != nil {
		return err
	}
	if cc.Bool("bar") {
		return belowBar(e.Report, n)
	}
	return nil
}

// judgeable are the labelled cases of the flags that the model may be judged
// on. What is left out is told.
func (c Config) judgeable(ctx context.Context, cc *cli.Context, n nail.Nail, d *drafting) (labels, error) {
	l, err := c.labels(ctx, cc, n)
	if err != nil {
		return l, err
	}
	l, err = d.unseen(l)
	c.tellLabels(l)
	return l, err
}

// tellEvaluation prints the evaluation, and writes its page when asked for.
func (c Config) tellEvaluation(cc *cli.Context, e evaluation, n nail.Nail) error {
	show := func() error { return c.printEvaluation(e, n, cc.Bool("misses")) }
	if cc.Bool("json") {
		show = func() error { return c.printJSON(e) }
	}
	path := cc.String("html")
	if err := show(); err != nil || path == "" {
		return err
	}
	p, err := evaluationPage(e, n, cmp.Or(cc.String("lang"), n.Lang, "en"))
	if err != nil {
		return err
	}
	if err := writeFile(path, func(w io.Writer) error { return p.write(w) }); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.Err, "wrote the page to %s\n", path)
	return err
}

// goals are the nail's bar as it is judged, in order of path.
func goals(n nail.Nail) (all []eval.Goal) {
	for _, path := range slices.Sorted(maps.Keys(n.Bar)) {
		g := n.Bar[path]
		all = append(all, eval.Goal{Path: path, Measure: g.Measure, Threshold: g.Threshold, Confidence: g.Confidence})
	}
	return all
}

// kinds says how each field is compared.
func kinds(schema *model.Schema) map[string]eval.Kind {
	ks := map[string]eval.Kind{}
	if schema == nil {
		return ks
	}
	for _, f := range schema.Fields() {
		ks[f.Path] = kindOf(f)
	}
	return ks
}

// kindOf says how a field is compared.
func kindOf(f model.FieldSpec) eval.Kind {
	switch f.Kind {
	case model.Date:
		return eval.Date
	case model.Number, model.Integer:
		return eval.Number
	}
	return eval.Text
}

// belowBar fails when a field with a bar is below it, each judged by the
// measure that its bar names.
func belowBar(r eval.Report, n nail.Nail) error {
	var low []string
	for path := range n.Bar {
		f, _ := r.Field(path)
		switch {
		case f.N == 0:
			low = append(low, path+" (no case answers it)")
		case f.Goal != nil && f.Goal.Measure != "normalised" && !f.Goal.Reached():
			low = append(low, path+" ("+measureName(f.Goal.Measure)+")")
		case f.Goal == nil || !f.Goal.Reached():
			low = append(low, path)
		}
	}
	if len(low) == 0 {
		return nil
	}
	return kit.Errorf(kit.BelowBar, "eval: below the bar of nail.yaml: %s", strings.Join(slices.Sorted(slices.Values(low)), ", "))
}
