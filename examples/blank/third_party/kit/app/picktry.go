package app

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/line"
	"github.com/tackhammer/tackhammer/kit/model/ollamaserver"
)

// tryReport is what came of comparing a model with today's.
type tryReport struct {
	At    string       `json:"at"`
	Cases int          `json:"cases"`
	Today pickedReport `json:"today"`
	New   pickedReport `json:"new"`
	Speed [2]speed     `json:"speed"` // of today's and of the new one
	eval.Comparison
	Notes   []string `json:"notes,omitempty"`
	Written []string `json:"written,omitempty"`
}

// speed is how quick and dear a model's drafts were.
type speed struct {
	P50  float64 `json:"p50"` // seconds a case
	P95  float64 `json:"p95"`
	Cost float64 `json:"gpu_cost_a_case"` // at the nail's gpu_hour, one case at a time; 0 where it costs nothing
}

// try compares a model with today's on the same cases.
func (p *picking) try(ctx context.Context, cc *cli.Context) error {
	if m := cc.Float64("margin"); !(m > 0 && m < 0.5) {
		return kit.Errorf(kit.Invalid, "pick: --margin is %v", m).WithHint("write what a smaller model may lose, such as 0.02 for 2 cases in 100")
	}
	today, fresh, err := p.rivals(ctx, cc.String("try"))
	if err != nil {
		return err
	}
	r, err := p.compare(ctx, today, fresh, cc.Float64("margin"))
	if err != nil {
		return err
	}
	if err := p.writeTry(cc, &r); err != nil {
		return err
	}
	if cc.Bool("json") {
		return p.printJSON(r)
	}
	return p.printTry(r)
}

// rivals are today's model and the new one.
func (p *picking) rivals(ctx context.Context, name string) (today, fresh *contender, err error) {
	now := p.nail.Model
	if p.options.Model != "" {
		now = p.options.Model
	}
	if !slices.Contains([]string{"baseline", "learned"}, name) && sized(name) {
		name = "ollama:" + strings.TrimPrefix(name, "ollama:")
	}
	if name == now {
		return nil, nil, kit.Errorf(kit.Invalid, "pick: %s is today's model", name).WithHint("name another with --try, or today's with --model")
	}
	if today, err = p.rival(ctx, now); err != nil {
		return nil, nil, err
	}
	if today.refusal != nil && today.drafts == nil && today.Fits != "no" {
		return nil, nil, today.refusal
	}
	fresh, err = p.rival(ctx, name)
	return today, fresh, err
}

// rival is one model by its name in nail.yaml, under measurement.
func (p *picking) rival(ctx context.Context, name string) (*contender, error) {
	c := &contender{Name: name, Fits: "yes"}
	if !sized(name) {
		c = endpoint(name)
	}
	if model, ok := strings.CutPrefix(name, "ollama:"); ok {
		if !ollamaserver.ValidName(model) {
			return nil, kit.Errorf(kit.Invalid, "pick: %q is no model's name", model).WithHint("write it as `ollama list` shows it")
		}
		have, err := ollamaserver.List(ctx, os.Getenv("OLLAMA_HOST"))
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(have, func(m ollamaserver.Installed) bool { return sameModel(model, m.Name) })
		if i < 0 {
			return nil, kit.Errorf(kit.NotFound, "pick: the server has no model %s", model).WithHint("ollama pull %s", model)
		}
		if c = p.served1(ctx, have[i]); c == nil {
			return nil, kit.Errorf(kit.Invalid, "pick: %s drafts no text", model)
		}
	}
	p.open(ctx, c)
	return c, nil
}

// compare drafts the cases with both, and compares.
func (p *picking) compare(ctx context.Context, today, fresh *contender, margin float64) (tryReport, error) {
	cases := both(today.cases, fresh.cases)
	r := tryReport{At: kit.Now().Format("2006-01-02T15:04:05Z"), Cases: len(cases)}
	p.say("comparing %s with %s on %s", fresh.Name, today.Name, count(len(cases), "labelled case"))
	var drafts [2][]eval.Draft
	for i, c := range []*contender{today, fresh} {
		c.cases = cases
		one, made, err := p.measure(ctx, c)
		if err != nil {
			return r, err
		}
		if drafts[i], r.Speed[i] = made, p.speed(made); i == 0 {
			r.Today = one
		} else {
			r.New = one
		}
	}
	r.Notes = append(p.notes, licenceNotes(pickReport{Candidates: []pickedReport{r.New}, Chosen: r.New.Name})...)
	if r.New.Verdict == eval.Refused {
		r.Advice, r.Why = eval.Keep, "the new one cannot be used: "+r.New.Why
		return r, nil
	}
	if r.Today.Verdict == eval.Refused {
		return r, kit.Errorf(kit.Unavailable, "pick: today's %s cannot draft: %s", today.Name, r.Today.Why)
	}
	comparer := eval.Comparer{Goals: p.goals, Kinds: p.kinds, Margin: margin, Smaller: smaller(fresh, today)}
	r.Comparison = comparer.Compare(evalCases(cases), drafts[0], drafts[1])
	if r.Advice == eval.Switch && r.New.Licence != nil && r.New.Licence.Terms == ollamaserver.NonCommercial {
		r.Advice, r.Why = eval.Keep, r.Why+", but its licence does not allow business use"
	}
	return r, nil
}

// smaller reports whether a model is smaller than another, as far as their
// sizes are known: rules are smaller than all, and a model behind an OpenAI
// endpoint is of no known size.
func smaller(a, b *contender) bool {
	return sized(a.Name) && (!sized(b.Name) && a.Size == 0 || sized(b.Name) && a.Size < b.Size)
}

// both are the cases on which both may be judged.
func both(a, b []labelled) (cases []labelled) {
	hashes := map[string]bool{}
	for _, l := range b {
		hashes[l.Hash] = true
	}
	for _, l := range a {
		if hashes[l.Hash] {
			cases = append(cases, l)
		}
	}
	return cases
}

func evalCases(all []labelled) []eval.Case {
	cases := make([]eval.Case, len(all))
	for i, l := range all {
		cases[i] = l.Case
	}
	return cases
}

// measure drafts every case with one model and holds it to the bar.
func (p *picking) measure(ctx context.Context, c *contender) (pickedReport, []eval.Draft, error) {
	l := eval.Ladder{Goals: p.goals, Kinds: p.kinds, Batch: p.how.parallel, Full: true}
	shown := p.progress(len(c.cases), c.Name, p.how.silent)
	defer shown.end()
	if c.drafts != nil {
		c.drafts.progress = func(int) *bar { return &bar{b: shown.b} }
	}
	choice, err := l.Choose(ctx, []eval.Candidate{{
		Name: c.Name, Cases: evalCases(c.cases),
		Ready: func(ctx context.Context) error { return p.ready(ctx, c) },
		Draft: func(ctx context.Context, places []int) ([]eval.Draft, error) { return p.draft(ctx, c, places) },
	}})
	if err != nil {
		return pickedReport{}, nil, err
	}
	return p.report([]*contender{c}, choice).Candidates[0], choice.Tried[0].Drafts, nil
}

// speed is that of some drafts.
func (p *picking) speed(drafts []eval.Draft) speed {
	var all []float64
	sum := 0.0
	for _, d := range drafts {
		all = append(all, d.Seconds)
		sum += d.Seconds
	}
	if len(all) == 0 {
		return speed{}
	}
	slices.Sort(all)
	at := func(q float64) float64 { return all[min(len(all)-1, int(q*float64(len(all))))] }
	return speed{P50: at(0.5), P95: at(0.95), Cost: sum / float64(len(all)) / 3600 * p.nail.GPUHour}
}

// writeTry switches the nail where that is advised and asked for.
func (p *picking) writeTry(cc *cli.Context, r *tryReport) error {
	if !cc.Bool("write") || r.Advice != eval.Switch || cc.Bool("dry-run") {
		return nil
	}
	path, err := p.writeNail(picked(pickReport{At: r.At, Candidates: []pickedReport{r.Today, r.New}, Chosen: r.New.Name, Digest: r.New.Digest}))
	if path != "" {
		r.Written = append(r.Written, path)
	}
	return err
}

// printTry prints the two side by side, and the advice.
func (p *picking) printTry(r tryReport) error {
	w := tabwriter.NewWriter(p.Out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "\tsize\tneeds\tfits\tlicence\tp50\tp95\tcost a case\tbar")
	for i, c := range []pickedReport{r.Today, r.New} {
		cost := "-"
		if r.Speed[i].Cost > 0 {
			cost = fmt.Sprintf("%.5f %s", r.Speed[i].Cost, p.nail.Currency)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%.2f s\t%.2f s\t%s\t%s\n", c.Name, sizeWord(c), dash(c.Needs), c.Fits, licenceWord(c.Licence), r.Speed[i].P50, r.Speed[i].P95, cost, verdictWord(c))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := p.printCompared(r); err != nil {
		return err
	}
	for _, note := range r.Notes {
		fmt.Fprintf(p.Out, "note: %s\n", line.Wrap(note, len("note: ")))
	}
	advice := map[eval.Advice]string{eval.Switch: "switch to " + r.New.Name, eval.Keep: "keep " + r.Today.Name}
	fmt.Fprintf(p.Out, "\n%s: %s%s\n", cmp.Or(advice[r.Advice], string(r.Advice)), r.Why, more(r))
	if len(r.Written) > 0 {
		fmt.Fprintf(p.Out, "written to %s\n", strings.Join(r.Written, " and "))
	} else if r.Advice == eval.Switch {
		fmt.Fprintln(p.Out, "nothing was written; --write writes it into nail.yaml")
	}
	return nil
}

// more says how many cases would decide.
func more(r tryReport) string {
	if r.Advice != eval.Undecided || r.Needed <= r.Cases {
		return ""
	}
	return fmt.Sprintf("; %d more labelled cases would, if they went as these did", r.Needed-r.Cases)
}

// printCompared prints each field's pairs.
func (p *picking) printCompared(r tryReport) error {
	if len(r.Fields) == 0 {
		return nil
	}
	fmt.Fprintln(p.Out)
	w := tabwriter.NewWriter(p.Out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "field\tof\ttoday\tnew\tonly today's\tonly new\tMcNemar p\tdifference\tshown\t")
	for _, f := range r.Fields {
		pairs := "\t\t"
		if f.Paired != nil {
			pairs = fmt.Sprintf("%d\t%d\t%.3f", f.Paired.OnlyOld, f.Paired.OnlyNew, f.Paired.P())
		}
		fmt.Fprintf(w, "%s\t%d\t%.1f %%\t%.1f %%\t%s\t%+.1f (%+.1f to %+.1f)\t%s\t\n", f.Path, f.Cases, 100*f.Old, 100*f.New, pairs, 100*f.Difference, 100*f.Low, 100*f.High, shown(f))
	}
	err := w.Flush()
	fmt.Fprintf(p.Out, "\nnot worse: shown to lose less than %.1f points; only …: cases that one of the two alone has right\n", 100*r.Margin)
	return err
}

// shown says what the pairs of a field show.
func shown(f eval.Compared) string {
	switch {
	case f.Better:
		return "better"
	case f.Worse && f.NoWorse:
		return "a little worse"
	case f.Worse:
		return "worse"
	case f.NoWorse:
		return "not worse"
	}
	return "nothing"
}
