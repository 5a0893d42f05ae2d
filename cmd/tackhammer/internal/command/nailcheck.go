package command

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/mattn/go-runewidth"
	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/say"
	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/line"
	"github.com/tackhammer/tackhammer/kit/nail"
)

func nailCheckCommand() *cli.Command {
	return &cli.Command{
		Name: "check", Usage: "judge a nail: is there a buyer, a scenario, data of one's own, and does it pay", ArgsUsage: "[FILE]",
		Description: "Reads FILE, nail.yaml here otherwise, and counts the cases that it names. Without a buyer, a scenario and\n" +
			"cases of one's own the nail is refused, with exit code 4. What nobody measured is marked as assumed.",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "json", Usage: "print a JSON object for scripts"},
			&cli.Float64Flag{Name: "review-seconds", Usage: "how long a person takes to review a case, as `SECONDS` that were measured", DefaultText: "a third of the minutes by hand, assumed"},
		},
		Action: runNailCheck,
	}
}

// judgement is what a check of a nail prints.
type judgement struct {
	File     string         `json:"file"`
	Refused  bool           `json:"refused"`
	Findings []nail.Finding `json:"findings"`
	Evidence nail.Evidence  `json:"evidence"`
	Month    month          `json:"month"`
	Meeting  []seen         `json:"meeting"` // what a customer would see first
}

// seen is a line of what a customer would see.
type seen struct {
	What  string `json:"what"`
	Words string `json:"words"`
}

// month is what a month brings, in the nail's currency.
type month struct {
	Currency        string         `json:"currency"`
	Review          nail.Reviewing `json:"review"` // of a case
	ByHand          float64        `json:"by_hand"`
	HoursByHand     float64        `json:"hours_by_hand"`
	HoursSaved      float64        `json:"hours_saved"`
	Revenue         float64        `json:"revenue"`
	Machine         float64        `json:"machine"`
	ReviewCost      float64        `json:"review_cost"`
	Left            float64        `json:"left"`
	BreakEven       int            `json:"break_even"` // cases a month; 0 when each pays, -1 when none do
	StressLeft      float64        `json:"stress_left"`
	StressBreakEven int            `json:"stress_break_even"`
}

func monthOf(n nail.Nail, w nail.Worth) month {
	return month{n.Currency, w.Review, w.HumanMonth, w.HandHours, w.SavedHours, w.Revenue, w.GPUMonth, w.ReviewMonth,
		w.Left, w.CasesToPay, w.StressLeft, w.StressCasesToPay}
}

func runNailCheck(c *cli.Context) error {
	if err := line.WantArgs(c, 0, 1); err != nil {
		return err
	}
	path := "nail.yaml"
	if c.NArg() == 1 {
		path = c.Args().First()
	}
	n, err := nail.Load(path)
	if kit.CodeOf(err) == kit.NotFound {
		return kit.Errorf(kit.Invalid, "%w", err).WithHint("%s nail makes one", self())
	}
	if err != nil {
		return err
	}
	review := n.AssumedReview()
	if s := c.Float64("review-seconds"); c.IsSet("review-seconds") {
		if !(s > 0 && s < 1e6) {
			return kit.Errorf(kit.Invalid, "nail check: --review-seconds %v", s).WithHint("write the seconds that a review takes, such as 25")
		}
		review = nail.Reviewing{Seconds: s, Measured: 1}
	}
	evidence := gather(c.Context, n, filepath.Dir(path))
	if err := c.Context.Err(); err != nil {
		return kit.Errorf(kit.Unavailable, "nail check: interrupted")
	}
	w := n.Worth(review)
	j := judgement{File: path, Findings: n.JudgeIn(evidence, w, wordsOf(c)), Evidence: evidence, Month: monthOf(n, w), Meeting: meeting(n, w, wordsOf(c))}
	return j.tell(c.App.Writer, c.Bool("json"))
}

// tell prints the judgement, and fails when the nail is refused.
func (j judgement) tell(w io.Writer, asJSON bool) error {
	var lacks []string
	for _, f := range j.Findings {
		if f.Severity == nail.Refused {
			j.Refused, lacks = true, append(lacks, f.Check)
		}
	}
	if asJSON {
		if err := printJSON(w, j); err != nil {
			return err
		}
	} else {
		j.print(w)
	}
	if !j.Refused {
		return nil
	}
	return kit.Errorf(kit.BelowBar, "nail check: refused: %s", strings.Join(lacks, ", "))
}

// margin is where the words of a finding begin.
const margin = len("refused  break-even  ")

func (j judgement) print(w io.Writer) {
	marks := map[nail.Severity]string{nail.Good: say.Text("ok"), nail.Warning: say.Text("look"), nail.Refused: say.Text("REFUSED")}
	for _, f := range j.Findings {
		fmt.Fprintf(w, "%s  %-10s  %s\n", runewidth.FillRight(marks[f.Severity], 7), f.Check, line.Wrap(f.Words, margin))
		if f.Mend != "" {
			fmt.Fprintf(w, "%*s%s\n", margin, "", line.Wrap("→ "+f.Mend, margin))
		}
	}
	if len(j.Meeting) == 0 {
		return
	}
	fmt.Fprint(w, say.Text("\nwhat the customer would see in the first meeting:\n"))
	for _, l := range j.Meeting {
		fmt.Fprintf(w, "  %s  %s\n", runewidth.FillRight(l.What, 9), line.Wrap(l.Words, 13))
	}
}

// meeting says in a few lines what a customer would see first. A star marks
// what nobody measured. Without today's cost, a volume and a price there is
// nothing to see.
func meeting(n nail.Nail, w nail.Worth, words func(string) string) []seen {
	if w.HumanMonth <= 0 || n.Price <= 0 {
		return []seen{}
	}
	star, basis := "", words("nail.yaml states the minutes, the wage, the cases and the price")
	if w.Review.Measured == 0 {
		star = "*"
		basis += words("; * is assumed: a review takes a third of the minutes by hand. `report poc` measures it on the customer's files")
	}
	return []seen{
		{words("today"), fmt.Sprintf(words("%s min a case by hand, %d cases a month: %.0f hours, %s %s"), number(n.Today.Minutes), n.Volume, w.HandHours, nail.Amount(w.HumanMonth), n.Currency)},
		{words("with this"), fmt.Sprintf(words("%.0f s%s to review a draft: %.0f hours%s, %s"), w.Review.Seconds, star, w.ReviewHours, star, saved(w.SavedHours, star, words))},
		{words("price"), fmt.Sprintf(words("%s %s a case, %s a month"), nail.Amount(n.Price), n.Currency, nail.Amount(w.Revenue))},
		{words("kept"), fmt.Sprintf(words("%s %s a month where we review, %s%s where their people do"), nail.Amount(w.Saving), n.Currency, nail.Amount(w.Kept), star)},
		{words("people"), words("decide on every case before it leaves; what cannot be read, and what the model is unsure of, is theirs")},
		{words("basis"), basis},
	}
}

func saved(hours float64, star string, words func(string) string) string {
	if hours < 0 {
		return fmt.Sprintf(words("%.0f hours more%s"), -hours, star)
	}
	return fmt.Sprintf(words("%.0f hours saved%s"), hours, star)
}
