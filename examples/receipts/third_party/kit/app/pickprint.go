package app

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/line"
	"github.com/tackhammer/tackhammer/kit/model/ollamaserver"
)

// printPick prints the candidates, how their fields stand, and the choice.
func (p *picking) printPick(r pickReport) error {
	fmt.Fprintf(p.Out, "%s, %s; %s\n\n", count(len(r.Candidates), "candidate"), count(r.Cases, "labelled case"), p.sharing(r))
	w := tabwriter.NewWriter(p.Out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "candidate\tsize\tneeds\tfits\tlicence\tcalls\tverdict")
	for _, c := range r.Candidates {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%s\n", c.Name, sizeWord(c), dash(c.Needs), c.Fits, licenceWord(c.Licence), c.Calls, verdictWord(c))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := p.printStandings(r); err != nil {
		return err
	}
	gap := "\n"
	for _, c := range r.Candidates {
		if c.Why != "" && c.Verdict != eval.Passed && c.Verdict != eval.Untried {
			fmt.Fprintf(p.Out, "%s%s: %s\n", gap, c.Name, line.Wrap(c.Why, 0))
			gap = ""
		}
	}
	fmt.Fprintf(p.Out, "\n%s of the %d that every case of every candidate takes (%.0f %%)\n", count(r.Calls, "call"), r.Grid, 100*ofGrid(r))
	if slices.ContainsFunc(r.Candidates, func(c pickedReport) bool { return c.Licence != nil && c.Licence.Terms == ollamaserver.Conditions }) {
		fmt.Fprintln(p.Out, "* business use under conditions: read the licence")
	}
	for _, note := range r.Notes {
		fmt.Fprintf(p.Out, "note: %s\n", line.Wrap(note, len("note: ")))
	}
	if r.Chosen != "" {
		rank := "smallest"
		if !sized(r.Chosen) {
			rank = "first" // of those in the order tried
		}
		fmt.Fprintf(p.Out, "\n%s is the %s that reaches the bar%s\n", r.Chosen, rank, wrote(r.Written))
	}
	return nil
}

// sharing says how the risk is shared.
func (p *picking) sharing(r pickReport) string {
	low, high := 1.0, 0.0
	for _, g := range p.goals {
		low, high = min(low, g.Confidence), max(high, g.Confidence)
	}
	words := percent(1 - high)
	if low < high {
		words += " to " + percent(1-low)
	}
	if len(r.Candidates) == 1 {
		return "the risk that one below the bar is chosen is at most " + words
	}
	return fmt.Sprintf("the risk that one below the bar is chosen, %s, is shared by all", words)
}

// printStandings prints how the fields of the candidates that drafted stand.
func (p *picking) printStandings(r pickReport) error {
	w := tabwriter.NewWriter(p.Out, 0, 4, 2, ' ', 0)
	n := 0
	for _, c := range r.Candidates {
		name := c.Name
		for _, f := range c.Fields {
			if c.Calls == 0 {
				break
			}
			if n++; n == 1 {
				fmt.Fprintln(w, "\ncandidate\tfield\t   right\t  share\tat least\t    bar\tneeds\t")
			}
			fmt.Fprintf(w, "%s\t%s\n", name, standing(f))
			name = ""
		}
	}
	return w.Flush()
}

// standing is a line of the table.
func standing(f eval.Standing) string {
	path := f.Path
	if f.Measure != "normalised" {
		path += " (" + strings.ReplaceAll(f.Measure, "_", " ") + ")"
	}
	bar := fmt.Sprintf("%7s", percent(f.Threshold))
	switch {
	case f.Critical > 0:
		return fmt.Sprintf("%s\t%8s\t%5.1f %%\t%6.1f %%\t%s\t%d of %d\t%s", path, fmt.Sprintf("%d/%d", f.Right, f.Seen), 100*f.Value, 100*f.Low, bar, f.Critical, f.Cases, fieldWord(f))
	case f.Seen < f.Cases:
		return fmt.Sprintf("%s\t%8s\t%7s\t%8s\t%s\tall %d\t%s", path, fmt.Sprintf("-/%d", f.Seen), "-", "-", bar, f.Cases, fieldWord(f))
	}
	return fmt.Sprintf("%s\t%8d\t%7.3f\t%8.3f\t%7.3f\t\t%s", path, f.Seen, f.Value, f.Low, f.Threshold, fieldWord(f))
}

// fieldWord is a field's verdict.
func fieldWord(f eval.Standing) string {
	if f.TooFew() {
		return "too few"
	}
	return string(f.Verdict)
}

func verdictWord(c pickedReport) string {
	switch c.Verdict {
	case eval.Untried:
		return "not tried: " + passedBefore(c.Name)
	case eval.Passed:
		return "passed"
	}
	if c.TooSlow {
		return "too slow"
	}
	return string(c.Verdict)
}

// passedBefore says why a candidate was left untried.
func passedBefore(name string) string {
	if !sized(name) {
		return "one before it passed"
	}
	return "a smaller one passed"
}

// sizeWord is a candidate's size.
func sizeWord(c pickedReport) string {
	if !sized(c.Name) {
		return "unknown"
	}
	return gb(c.Size)
}

// licenceWord is a licence in a word or two.
func licenceWord(l *ollamaserver.Licence) string {
	switch {
	case l == nil:
		return "your own"
	case l.Terms == ollamaserver.NonCommercial:
		return "NON-COMMERCIAL"
	case l.Terms == ollamaserver.Unknown && l.Name == "":
		return "none told"
	case l.Terms == ollamaserver.Unknown:
		return "unknown"
	case l.Terms == ollamaserver.Conditions:
		return l.Name + " *"
	}
	return l.Name
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// ofGrid is the share of the full grid's calls that were made.
func ofGrid(r pickReport) float64 {
	if r.Grid == 0 {
		return 0
	}
	return float64(r.Calls) / float64(r.Grid)
}

// wrote says where a choice was written.
func wrote(files []string) string {
	if len(files) == 0 {
		return "; nothing was written"
	}
	return ": written to " + strings.Join(files, " and ")
}
