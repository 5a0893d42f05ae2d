package app

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/nail"
)

// What counts, and how the confidences are judged.
const (
	legend = "exact: right to the letter; normalised: right in meaning, which is what counts against the bar"
	surely = "sure: mean confidence; right: share of them that is; Brier: 0 is best, 0.25 says nothing; ECE: how far sure is from\n" +
		"right, over 10 bins of equal size; AURC: share that is wrong, in the mean, when the surest pass first"
)

// printEvaluation prints the score as a table, with the nail's bar beside it,
// what the confidences are worth, and the wrong values when they are asked for.
func (c Config) printEvaluation(e evaluation, n nail.Nail, misses bool) error {
	r := e.Report
	fmt.Fprintf(c.Out, "%s on %d cases, %.3f s a case (p50 %.3f, p95 %.3f)\n\n", r.Model.Name, r.Cases, r.SecondsPerCase, r.P50, r.P95)
	w := tabwriter.NewWriter(c.Out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "field\tn\texact\tnormalised\t95 % interval\tbar\t")
	for _, f := range r.Fields {
		fmt.Fprintln(w, row(f))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(c.Out, "\n%s\n", legend)
	for _, words := range standings(r) {
		fmt.Fprintln(c.Out, words)
	}
	if err := printCalibration(c.Out, r); err != nil {
		return err
	}
	if err := printAgreement(c.Out, r, e.scores); err != nil {
		return err
	}
	for _, words := range e.spent() {
		fmt.Fprintln(c.Out, words)
	}
	return c.printWrong(r, misses)
}

// printWrong tells which cases have no draft, and what is wrong with the others.
func (c Config) printWrong(r eval.Report, misses bool) error {
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

// row is a line of the table.
func row(f eval.Field) string {
	share, mark := barWords(f.Goal)
	if f.N == 0 {
		return fmt.Sprintf("%s\t0\t-\t-\t-\t%s\t%s", f.Path, share, mark)
	}
	interval := fmt.Sprintf("%.1f to %.1f %%", 100*f.Low, 100*f.High)
	if f.Goal != nil && f.Goal.Confidence != eval.Confidence {
		interval += " at " + percent(f.Goal.Confidence)
	}
	return fmt.Sprintf("%s\t%d\t%.1f %%\t%.1f %%\t%s\t%s\t%s", f.Path, f.N, 100*f.Exact, 100*f.Normalised, interval, share, mark)
}

// barWords say what a field is to reach, and whether it is below that.
func barWords(s *eval.Standing) (share, mark string) {
	if s == nil {
		return "-", ""
	}
	if share = percent(s.Threshold); s.Measure != "normalised" {
		share = fmt.Sprintf("%s %s, is %s", measureName(s.Measure), measuredWords(s.Measure, s.Threshold), measuredWords(s.Measure, s.Value))
	}
	if !s.Reached() {
		mark = "  below"
	}
	return share, mark
}

// measureName is a measure's name as people write it.
func measureName(measure string) string { return strings.ReplaceAll(measure, "_", " ") }

// measuredWords writes a share in percent, and what is no share as it is.
func measuredWords(measure string, v float64) string {
	if slices.Contains([]string{"exact", "normalised", "within_one"}, measure) {
		return percent(math.Round(1000*v) / 1000)
	}
	return fmt.Sprintf("%.2f", v)
}

// standings say of the fields that reach their bar here whether cases to come
// will as well.
func standings(r eval.Report) (out []string) {
	for _, f := range r.Fields {
		s := f.Goal
		if s == nil || !s.Reached() || s.Verdict == eval.Passed {
			continue
		}
		words := fmt.Sprintf("%s reaches its bar on these cases, and %d do not make it %s sure that others will", f.Path, s.Seen, percent(s.Confidence))
		if s.Needed > 0 {
			words += fmt.Sprintf(": at this rate %d would", s.Needed)
		}
		out = append(out, words)
	}
	return out
}

// printCalibration tells what the confidences are worth, where the model has
// any.
func printCalibration(out io.Writer, r eval.Report) error {
	if r.Calibration == nil {
		return nil
	}
	fmt.Fprintln(out)
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "confidence of\tn\tsure\tright\tBrier\tECE\tAURC\t")
	for _, f := range r.Fields {
		if f.Calibration != nil {
			fmt.Fprintln(w, calibrationRow(f.Path, *f.Calibration))
		}
	}
	fmt.Fprintln(w, calibrationRow("the case", *r.Calibration))
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "\n%s\nthe case: right in %s, as sure as the draft's least sure field\n", surely, strings.Join(r.CaseFields, ", "))
	return err
}

func calibrationRow(name string, c eval.Calibration) string {
	return fmt.Sprintf("%s\t%d\t%.1f %%\t%.1f %%\t%.3f\t%.3f\t%.3f\t", name, c.N, 100*c.Confidence, 100*c.Accuracy, c.Brier, c.ECE, c.AURC)
}

// printAgreement tells how drafts and answers agree where there are grades or
// classes.
func printAgreement(out io.Writer, r eval.Report, paths []string) error {
	first := true
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	for _, path := range paths {
		for _, measure := range eval.Measures {
			e, ok := r.Agreement[path][measure]
			if !ok {
				continue
			}
			if first {
				fmt.Fprintln(w, "\nagreement of\tby\tis\t95 % interval")
				first = false
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", path, measureName(measure), figureOrDash(e.Value), rangeOrDash(e))
		}
	}
	return w.Flush()
}

func figureOrDash(v float64) string {
	if math.IsNaN(v) {
		return "-"
	}
	return fmt.Sprintf("%.2f", v)
}

func rangeOrDash(e eval.Estimate) string {
	if !e.Known() {
		return "-"
	}
	return fmt.Sprintf("%.2f to %.2f", e.Low, e.High)
}

// spent says what the drafts took, as far as it is known.
func (e evaluation) spent() (out []string) {
	if e.OutputTokens > 0 {
		out = append(out, fmt.Sprintf("\n%.1f tokens a second; %d of prompts and %d of answers", e.TokensPerSecond, e.PromptTokens, e.OutputTokens))
	}
	if m := e.Memory; m != nil {
		words := fmt.Sprintf("%s in memory, %s of it on the GPU", bytesWords(m.Size), bytesWords(m.VRAM))
		if m.Spilled {
			words += ": it does not fit"
		}
		out = append(out, words)
	}
	if c := e.Cost; c != nil {
		out = append(out, fmt.Sprintf("%s %s a case, at %s an hour of the GPU and %d answers at a time", nail.Amount(c.Case), c.Currency, nail.Amount(c.GPUHour), c.Slots))
	}
	if e.GaveUp > 0 {
		out = append(out, fmt.Sprintf("%d drafts have no valid answer: a person fills them in by hand", e.GaveUp))
	}
	if e.Cached > 0 {
		out = append(out, fmt.Sprintf("%d of %d drafts are made of answers that were kept, with the times they took then; --fresh asks again", e.Cached, e.Cases))
	}
	if e.Lost > 0 {
		out = append(out, fmt.Sprintf("%d cases count as wrong since the server failed: run it again, and they are asked anew", e.Lost))
	}
	return out
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
