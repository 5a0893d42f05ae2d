package app

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/line"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/nail"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

func (c Config) evalCommand() *cli.Command {
	return &cli.Command{
		Name: "eval", Usage: "measure the drafts against known answers",
		Description: "Pairs the files of two folders by name, drafts each case without a person, and prints per field\n" +
			"how many drafts are right: to the letter, and normalised (texts by letters and digits, dates by day,\n" +
			"numbers by value) with a 95 % interval. --misses lists each wrong value; --json always does.",
		Flags: shared(jsonFlag(),
			&cli.StringFlag{Name: "cases", Value: "golden/cases", Usage: "`FOLDER` of documents"},
			&cli.StringFlag{Name: "answers", Value: "golden/answers", Usage: "`FOLDER` of NAME.json, an object of the right values"},
			&cli.BoolFlag{Name: "misses", Usage: "list each wrong value: case, field, draft and answer"},
			&cli.IntFlag{Name: "parallel", Value: 4, Usage: "how many drafts to make at a time"},
			&cli.BoolFlag{Name: "bar", Usage: "exit with 4 when a field is below nail.yaml's bar"}),
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
	m, err := c.model(o, n)
	if err != nil {
		return err
	}
	g, err := pairs(ctx, reader(n), cc.String("cases"), cc.String("answers"))
	if err != nil {
		return err
	}
	c.tellUnpaired(g)
	report, err := c.score(ctx, m, g, eval.Options{Parallel: cc.Int("parallel"), Fields: slices.Collect(maps.Keys(n.Bar))}, cc.Bool("json"))
	if err != nil {
		return err
	}
	if cc.Bool("json") {
		err = c.printJSON(report)
	} else {
		err = c.printReport(report, n, cc.Bool("misses"))
	}
	if err == nil && cc.Bool("bar") {
		err = belowBar(report, n)
	}
	return err
}

// score drafts the cases and compares them with their answers. Each field of
// the schema has a score.
func (c Config) score(ctx context.Context, m model.Provider, g golden, o eval.Options, silent bool) (eval.Report, error) {
	info, err := m.Info(ctx)
	if err != nil {
		return eval.Report{}, err
	}
	w := c.Workflow(m)
	if err := w.Check(); err != nil {
		return eval.Report{}, err
	}
	bar := c.progress(len(g.cases), "drafting", silent)
	defer bar.end()
	o.Model, o.Kinds, o.Progress = info, kinds(w.FirstSchema()), func(int, int) { bar.step() }
	o.Fields = slices.AppendSeq(o.Fields, maps.Keys(o.Kinds))
	return eval.Run(ctx, g.cases, drafter(w, g.unread), o)
}

// drafter drafts a case by the workflow's first step. A document that could not
// be read has no draft.
func drafter(w *workflow.Workflow, unread map[string]error) eval.DraftFunc {
	return func(ctx context.Context, cs eval.Case) (eval.Draft, error) {
		if err := unread[cs.Name]; err != nil {
			return eval.Draft{}, err
		}
		input, err := json.Marshal(cs.Document)
		if err != nil {
			return eval.Draft{}, err
		}
		d, err := w.FirstDraft(ctx, input)
		if err != nil {
			return eval.Draft{}, err
		}
		return draftOf(w.FirstSchema(), d), nil
	}
}

// draftOf is a draft as it is compared with the answers.
func draftOf(schema *model.Schema, d review.Draft) eval.Draft {
	var usage model.Usage
	_ = json.Unmarshal(d.Usage, &usage) // written by FirstDraft
	out := eval.Draft{Values: schema.Flatten(d.Value), Confidence: map[string]float64{}, Marked: d.GaveUp != "",
		PromptTokens: usage.PromptTokens, OutputTokens: usage.OutputTokens, Seconds: usage.Elapsed.Seconds()}
	for _, f := range d.Fields {
		out.Confidence[f.Path] = f.Confidence
		out.Marked = out.Marked || len(f.Marks) > 0
	}
	return out
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

// belowBar fails when a field with a bar is below it.
func belowBar(r eval.Report, n nail.Nail) error {
	var low []string
	for path, bar := range n.Bar {
		f, _ := r.Field(path)
		switch {
		case f.N == 0:
			low = append(low, path+" (no case answers it)")
		case f.Normalised < bar.Threshold:
			low = append(low, path)
		}
	}
	if len(low) == 0 {
		return nil
	}
	return kit.Errorf(kit.BelowBar, "eval: below the bar of nail.yaml: %s", strings.Join(slices.Sorted(slices.Values(low)), ", "))
}
