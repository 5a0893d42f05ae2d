package app

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/nail"
)

// legend says what counts.
const legend = "exact: right to the letter; normalised: right in meaning, which is what counts against the bar"

// printReport prints the score as a table, with the nail's bar beside it, and
// the wrong values when they are asked for.
func (c Config) printReport(r eval.Report, n nail.Nail, misses bool) error {
	fmt.Fprintf(c.Out, "%s on %d cases, %.3f s a case (p50 %.3f, p95 %.3f)\n\n", r.Model.Name, r.Cases, r.SecondsPerCase, r.P50, r.P95)
	w := tabwriter.NewWriter(c.Out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "field\tn\texact\tnormalised\t95 % interval\tbar\t")
	for _, f := range r.Fields {
		fmt.Fprintln(w, row(f, n.Bar[f.Path].Threshold))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(c.Out, "\n%s\n", legend)
	for _, f := range r.Failed {
		fmt.Fprintf(c.Out, "\nno draft of %s: %s", f.Name, f.Reason)
	}
	if len(r.Failed) > 0 {
		fmt.Fprintln(c.Out)
	}
	if misses {
		return c.printMisses(r.Misses)
	}
	return nil
}

// row is a line of the table. A bar of 0 is none.
func row(f eval.Field, bar float64) string {
	share, mark := "-", ""
	if bar > 0 {
		share = percent(bar)
	}
	if bar > 0 && f.Normalised < bar {
		mark = "  below"
	}
	if f.N == 0 {
		return fmt.Sprintf("%s\t0\t-\t-\t-\t%s\t%s", f.Path, share, mark)
	}
	return fmt.Sprintf("%s\t%d\t%.1f %%\t%.1f %%\t%.1f to %.1f %%\t%s\t%s",
		f.Path, f.N, 100*f.Exact, 100*f.Normalised, 100*f.Low, 100*f.High, share, mark)
}

// printMisses lists the wrong values as a table.
func (c Config) printMisses(misses []eval.Miss) error {
	if len(misses) == 0 {
		_, err := fmt.Fprintln(c.Out, "\nno value is wrong")
		return err
	}
	fmt.Fprintln(c.Out)
	w := tabwriter.NewWriter(c.Out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "case\tfield\tdraft\tanswer")
	for _, m := range misses {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", m.Case, m.Path, value(m.Draft), value(m.Answer))
	}
	return w.Flush()
}

// value is JSON that fits a line of the table: short, and without the tabs and
// breaks that make the table.
func value(raw []byte) string {
	s := strings.Join(strings.Fields(string(raw)), " ")
	var text string
	if json.Unmarshal(raw, &text) == nil && s != "null" {
		s = strconv.Quote(text) // where JSON may write & as a number
	}
	if s == "" || s == "null" {
		return "-"
	}
	const most = 60
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most-1]) + "…"
	}
	return s
}
