package app

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/line"
	"github.com/tackhammer/tackhammer/kit/nail"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

func (c Config) reportCostCommand() *cli.Command {
	return &cli.Command{
		Name: "cost", Usage: "tell what a delivered case costs, and what a month comes to at this pace",
		Description: "Every model call and every review minute is counted where it is spent: failed calls, skips and returns\n" +
			"too. Time is kept, not money, so that all amounts are at today's prices in nail.yaml: price, gpu_hour and\n" +
			"slots, reviewer.wage. The machine of the model is counted in two ways: rented day and night and shared\n" +
			"over the cases, or by the second of its calls, where a second costs gpu_hour / 3600 / slots. What cannot\n" +
			"be told is left out, with the reason.",
		Action: c.with(finds, 0, 0, c.reportCost),
		Flags: shared(jsonFlag(),
			&cli.IntFlag{Name: "days", Value: 30, Usage: "the last `N` days (UTC), today included, at most 366"}),
	}
}

func (c Config) reportCost(ctx context.Context, cc *cli.Context, s *Service) error {
	days := cc.Int("days")
	if days < 1 || days > workflow.BoardDays {
		return kit.Errorf(kit.Invalid, "report cost: --days %d", days).WithHint("write a number of days from 1 to %d", workflow.BoardDays)
	}
	costs, err := s.Runner.Costs(ctx, operator, days)
	if err != nil {
		return err
	}
	if cc.Bool("json") {
		return c.printJSON(costs)
	}
	return printCosts(c.Out, costs)
}

// printCosts prints what was measured, what is assumed, and what the two come
// to.
func printCosts(out io.Writer, c workflow.Costs) error {
	f, cur := c.Facts, c.Rates.Currency
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintf(w, "measured over %.1f days\n", f.Days)
	fmt.Fprintf(w, "  cases\t%d came in, %d delivered\n", f.Submitted, f.Delivered)
	fmt.Fprintf(w, "  review\t%s in %d decisions\n", minuteWords(f.ReviewSeconds), f.Decisions)
	fmt.Fprintf(w, "  model\t%s in %d calls, %d failed; %d tokens in, %d out\n", minuteWords(f.ModelSeconds), f.Calls, f.Failed, f.PromptTokens, f.OutputTokens)
	fmt.Fprintf(w, "  people's share\t%s of the time, %s of the cases let out\n", partWords(c.Ledger.HumanMinutes), partWords(c.Ledger.HumanCases))
	fmt.Fprintln(w, "stated in nail.yaml")
	fmt.Fprintf(w, "  a case\t%s\n", priceWords(c.Rates.Price, cur))
	fmt.Fprintf(w, "  an hour of review\t%s\n", priceWords(c.Rates.Wage, cur))
	fmt.Fprintf(w, "  an hour of the machine\t%s, %d slots\n", machineWords(c.Rates.GPUHour, cur), c.Rates.Slots)
	if err := w.Flush(); err != nil {
		return err
	}
	printLedger(out, c)
	printModels(out, c)
	if c.Budget.Resumes != nil {
		fmt.Fprintf(out, "\n%s\n", budgetWords(c.Budget, cur))
	}
	return nil
}

// printLedger prints the figures under both ways of paying for the machine.
func printLedger(out io.Writer, c workflow.Costs) {
	l := c.Ledger
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "\n%s\tmachine rented\tby its calls\t\n", c.Rates.Currency)
	row := func(name string, of func(nail.Account) string) {
		fmt.Fprintf(w, "%s\t%s\t%s\t\n", name, of(l.Rented), of(l.ByCalls))
	}
	month := func(name string, of func(nail.Account) *float64) {
		row(name, func(a nail.Account) string { return amountWords(of(a)) })
	}
	month("a delivered case", func(a nail.Account) *float64 { return a.Case })
	row("of that people", func(a nail.Account) string { return partWords(a.HumanShare) })
	month("margin of a case", func(a nail.Account) *float64 { return a.Margin })
	month("a month at this pace: revenue", inMonth(func(m nail.Month) float64 { return m.Revenue }))
	month("people", inMonth(func(m nail.Month) float64 { return m.People }))
	month("model", inMonth(func(m nail.Month) float64 { return m.Model }))
	month("remains", inMonth(func(m nail.Month) float64 { return m.Margin }))
	month("with 20 % less revenue", func(a nail.Account) *float64 {
		return inMonth(func(m nail.Month) float64 { return m.Margin })(nail.Account{Month: a.Stress})
	})
	row("break-even, cases a month", func(a nail.Account) string { return evenWords(a.BreakEven) })
	row("with 20 % less revenue", func(a nail.Account) string { return evenWords(a.StressBreakEven) })
	w.Flush() // to a terminal or a file: what fails there fails above
	for _, missing := range l.Untold {
		fmt.Fprintln(out, line.Wrap("- "+untoldWords[missing], 2))
	}
}

// inMonth takes a figure of a month, nil where the month cannot be told.
func inMonth(of func(nail.Month) float64) func(nail.Account) *float64 {
	return func(a nail.Account) *float64 {
		if a.Month == nil {
			return nil
		}
		v := of(*a.Month)
		return &v
	}
}

// printModels prints what each model took.
func printModels(out io.Writer, c workflow.Costs) {
	if len(c.Models) == 0 {
		return
	}
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\nmodel\tdrafts\tcalls\tfailed\tseconds\tcost\t")
	for _, m := range c.Models {
		name := m.Model
		if name == "" {
			name = "(none answered)"
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%.1f\t%s\t\n", name, m.Drafts, m.Calls, m.Failed, m.Seconds, nail.Amount(m.Cost))
	}
	w.Flush()
}

// untoldWords say why figures are missing.
var untoldWords = map[string]string{
	"delivered": "what a case costs cannot be told: none was delivered in these days",
	"price":     "margins cannot be told: nail.yaml states no price",
	"wage":      "what people cost cannot be told: nail.yaml states no reviewer.wage",
	"days":      "a month at this pace cannot be told from less than two days",
}

func amountWords(a *float64) string {
	if a == nil {
		return "-"
	}
	return nail.Amount(*a)
}

func partWords(a *float64) string {
	if a == nil {
		return "-"
	}
	return shareWords(*a)
}

func priceWords(a float64, currency string) string {
	if a <= 0 {
		return "not stated"
	}
	return nail.Amount(a) + " " + currency
}

// machineWords is what an hour of the machine costs; 0 is no rented machine.
func machineWords(a float64, currency string) string {
	if a <= 0 {
		return "nothing"
	}
	return priceWords(a, currency)
}

// minuteWords is a time in minutes, a short one in seconds.
func minuteWords(seconds float64) string {
	if seconds < 120 {
		return fmt.Sprintf("%.1f seconds", seconds)
	}
	return fmt.Sprintf("%.1f minutes", seconds/60)
}

func evenWords(n *int) string {
	switch {
	case n == nil:
		return "-"
	case *n < 0:
		return "never"
	case *n == 0:
		return "each pays for itself"
	}
	return fmt.Sprint(*n)
}
