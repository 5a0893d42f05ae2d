package console_test

import (
	"context"
	"math"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/nail"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// spending is what the fake service's calls and minutes cost.
type spending struct {
	costs  workflow.Costs
	budget workflow.Budget
}

func (w *world) Costs(_ context.Context, by auth.User, _ int) (workflow.Costs, error) {
	if !by.MayLead() {
		return workflow.Costs{}, kit.Errorf(kit.Forbidden, "read the costs: %s may not see them", by.Name)
	}
	c := w.spending.costs
	c.Budget = w.spending.budget
	return c, w.fail
}

func (w *world) Budget(context.Context) (workflow.Budget, error) { return w.spending.budget, w.fail }

// spends are thirty days of a service with a budget that is half spent.
func spends(now time.Time) spending {
	r := nail.Rates{Currency: "USD", Price: 0.5, Wage: 18, GPUHour: 1.44, Slots: 4, Budget: 100}
	f := nail.Facts{Days: 29.5, Submitted: 1100, Drafted: 1050, Delivered: 1000, Calls: 1200, Failed: 20, PromptTokens: 1_234_567,
		OutputTokens: 45_678, ModelSeconds: 4000, Decisions: 800, ReviewSeconds: 16000, Touched: 750, InLots: 250}
	c := workflow.Costs{Rates: r, Facts: f, Ledger: r.Ledger(f), Models: []workflow.ModelCost{
		{Model: "qwen3:4b", Drafts: 1050, Calls: 1170, PromptTokens: f.PromptTokens, OutputTokens: f.OutputTokens, Seconds: 3900, Cost: 3900 * r.Second()},
		{Model: "", Calls: 30, Failed: 20, Seconds: 100, Cost: 100 * r.Second()}}}
	for i := range 30 {
		n := 20 + 8*math.Sin(float64(i)/3)
		c.Days = append(c.Days, workflow.CostDay{Day: now.AddDate(0, 0, i-29).Truncate(24 * time.Hour), Submitted: n, Delivered: n, ModelSeconds: 7 * n, ReviewSeconds: 26 * n})
	}
	next := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	return spending{costs: c, budget: workflow.Budget{Month: 100, Spent: 47.25, Resumes: &next}}
}
