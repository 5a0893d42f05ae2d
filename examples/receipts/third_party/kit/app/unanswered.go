package app

import (
	"encoding/csv"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/nail"
)

// tellUnanswered prints the labelled cases, and the documents with no answer at
// all, that do not answer the field path: lines of a sheet, without its head.
func (c Config) tellUnanswered(cc *cli.Context, n nail.Nail, path string) error {
	known := kinds(c.Workflow(c.Baseline).FirstSchema())
	if _, ok := known[path]; !ok {
		names := slices.Sorted(maps.Keys(known))
		err := kit.Errorf(kit.Invalid, "eval: --unanswered %s is no field: there are %s", path, strings.Join(names, ", "))
		if near := kit.Closest(path, names); near != "" {
			return err.WithHint("did you mean %s?", near)
		}
		return err
	}
	l, err := c.labels(cc.Context, cc, n)
	if err != nil {
		return err
	}
	names := slices.Clone(l.NoAnswer)
	for _, one := range l.Cases {
		if _, told := one.Answers[path]; !told && one.Correction == nil {
			names = append(names, one.Name)
		}
	}
	slices.Sort(names)
	w := csv.NewWriter(c.Out)
	for _, name := range names {
		if err := w.Write([]string{name, ""}); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}
