package app

import (
	"cmp"
	"context"
	"errors"
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
		Description: "Pairs the files of two folders by name, drafts each case without a person, and prints per field\n" +
			"how many drafts are right: to the letter, and normalised (texts by letters and digits, dates by day,\n" +
			"numbers by value) with a 95 % interval. --misses lists each wrong value; --json always does.",
		Flags: shared(append(labelFlags(), jsonFlag(),
			&cli.BoolFlag{Name: "misses", Usage: "list each wrong value: case, field, draft and answer"},
			&cli.IntFlag{Name: "parallel", Value: 4, Usage: "how many drafts to make at a time"},
			&cli.BoolFlag{Name: "bar", Usage: "exit with 4 when a field is below nail.yaml's bar"},
			&cli.BoolFlag{Name: "fresh", Usage: "ask a model's server again what it answered before"})...),
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
	d, err := c.drafting(ctx, o, n, cmp.Or(o.Model, n.Model), how{parallel: cc.Int("parallel"), fresh: cc.Bool("fresh"), silent: cc.Bool("json")})
	if err != nil {
		return err
	}
	l, err := c.labels(ctx, cc, n)
	if err != nil {
		return err
	}
	c.tellLabels(l)
	report, err := d.score(ctx, l, slices.Collect(maps.Keys(n.Bar)))
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
func (d *drafting) score(ctx context.Context, l labels, fields []string) (eval.Report, error) {
	made, err := d.all(ctx, l.Cases)
	if err != nil {
		return eval.Report{}, err
	}
	o := eval.Options{Model: d.Model, Kinds: kinds(d.Schema)}
	o.Fields = slices.AppendSeq(fields, maps.Keys(o.Kinds))
	drafts := make([]eval.Draft, len(made))
	errs := make([]error, len(made))
	for i, one := range made {
		drafts[i] = one.Draft
		if one.Err != "" {
			errs[i] = errors.New(one.Err)
		}
	}
	return eval.Score(l.cases(), drafts, errs, o)
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
