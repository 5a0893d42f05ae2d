package app

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/review"
)

// fewCases is below how many cases a report says that it rests on little.
const fewCases = 30

func (c Config) reportBlindCommand() *cli.Command {
	return &cli.Command{
		Name: "blind", Usage: "compare people with the model, and with each other, where they did not see the draft",
		Description: "Takes the cases whose fields people filled in before they saw the draft (review.blind and\n" +
			"review.double_blind of nail.yaml) and tells for each field how often they agree with the draft and with\n" +
			"each other, beyond chance, and how far seeing the draft then moved them. Each figure has a 95 % interval,\n" +
			"drawn by case. The page /help/statistics of the console says what the figures mean.",
		Flags: shared(jsonFlag(),
			&cli.IntFlag{Name: "draws", Value: 1000, Usage: "how often the cases are drawn for an interval"},
			&cli.Uint64Flag{Name: "seed", Value: 1, Usage: "of the draws: the same gives the same intervals"}),
		Action: c.with(finds, 0, 0, c.reportBlind),
	}
}

func (c Config) reportBlind(ctx context.Context, cc *cli.Context, s *Service) error {
	draws := cc.Int("draws")
	if draws < 100 || draws > 100_000 {
		return kit.Errorf(kit.Invalid, "report: --draws %d", draws).WithHint("write a number from 100 to 100000")
	}
	boot := eval.Bootstrap{Rounds: draws, Rand: rand.New(rand.NewPCG(cc.Uint64("seed"), 0))}
	rounds, left, err := newestRounds(mostRounds, func(before string, limit int) ([]review.BlindRound, error) {
		return review.BlindAnswers(ctx, s.DB.Read(), before, limit)
	})
	if err != nil {
		return err
	}
	reports := []blindReport{}
	for _, step := range s.Runner.Workflow.Reviews() {
		report := compareBlind(step, rounds, boot)
		if left {
			report.leaveOut()
		}
		reports = append(reports, report)
	}
	if cc.Bool("json") {
		return c.printJSON(reports)
	}
	for _, r := range reports {
		if err := r.print(c.Out); err != nil {
			return err
		}
	}
	return nil
}

// A report rests on up to mostRounds rounds, the newest: it holds them in
// memory, and further ones would hardly change an interval.
const (
	mostRounds   = 20_000
	roundsAtOnce = 500
)

// leaveOut says, beside what the report says already, that older rounds are not
// in it.
func (r *blindReport) leaveOut() {
	if r.Cases == 0 {
		return
	}
	if r.Words != "" {
		r.Words += "\n"
	}
	r.Words += fmt.Sprintf("The %d newest of all steps are compared; older ones are left out.", mostRounds)
}

// newestRounds reads, oldest first, up to most of the newest rounds that were
// filled in blind and are decided, and whether it left out older ones. read
// lists them newest first, those before a given one.
func newestRounds(most int, read func(before string, limit int) ([]review.BlindRound, error)) (all []review.BlindRound, left bool, err error) {
	for before := ""; len(all) <= most; before = all[len(all)-1].Round {
		want := min(roundsAtOnce, most+1-len(all))
		some, err := read(before, want)
		if err != nil {
			return nil, false, err
		}
		if all = append(all, some...); len(some) < want {
			break
		}
	}
	left = len(all) > most
	all = all[:min(len(all), most)]
	slices.Reverse(all)
	return all, left, nil
}

// measureWords names what is printed, in its order.
var measureWords = []struct{ name, words string }{
	{"exact", "to the letter"}, {"normalised", "in meaning"}, {"within_one", "within one"}, {"kappa", "kappa"},
	{"weighted_kappa", "weighted kappa"}, {"alpha_nominal", "alpha, nominal"}, {"alpha_ordinal", "alpha, ordinal"},
	{"alpha_interval", "alpha, interval"}, {"pearson", "Pearson"},
}

// print writes a table for each field.
func (r blindReport) print(out io.Writer) error {
	fmt.Fprintf(out, "%s: %d cases filled in blind, %d answers by %d people\n", r.Step, r.Cases, r.Answers, r.People)
	if r.Words != "" {
		fmt.Fprintln(out, r.Words)
	}
	if r.Cases == 0 {
		return nil
	}
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	for _, f := range r.Fields {
		fmt.Fprintf(w, "\n%s\tpeople and the model\tpeople and people\n", f.Field)
		for _, m := range measureWords {
			model, ok := f.Model[m.name]
			if !ok {
				continue
			}
			fmt.Fprintf(w, "  %s\t%s\t%s\n", m.words, figure(model), figure(f.Between[m.name]))
		}
		a := f.Anchoring
		fmt.Fprintf(w, "  anchoring\t%d answers differed from the draft\n", a.Adopted.Units)
		if a.Adopted.Units > 0 {
			fmt.Fprintf(w, "    decided as the draft\t%s\n    stayed with the answer\t%s\n", figure(a.Adopted), figure(a.Kept))
		}
		if a.Shift.Units > 0 {
			fmt.Fprintf(w, "    way to the draft\t%s\n", figure(a.Shift))
		}
	}
	return w.Flush()
}

// figure is an estimate in a table: its value, and its interval where one can
// be told.
func figure(e eval.Estimate) string {
	switch {
	case e.Units == 0:
		return "nothing to compare"
	case math.IsNaN(e.Value):
		return fmt.Sprintf("too little to tell (%d)", e.Units)
	case !e.Known():
		return fmt.Sprintf("%.2f, too little for an interval (%d)", e.Value, e.Units)
	}
	return fmt.Sprintf("%.2f (%.2f to %.2f; %d)", e.Value, e.Low, e.High, e.Units)
}
