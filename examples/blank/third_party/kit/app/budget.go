package app

import (
	"context"
	"fmt"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/nail"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// budgetWords say how far the month's budget is spent, and what that stops.
func budgetWords(b workflow.Budget, currency string) string {
	words := fmt.Sprintf("budget of the month for the model: %s of %s %s spent", nail.Amount(b.Spent), nail.Amount(b.Month), currency)
	if b.Stopped {
		words += fmt.Sprintf("; drafting waits until %s UTC, or until budget.month is raised", b.Resumes.Format("2006-01-02 15:04"))
	}
	return words
}

// checkBudget says what the nail's budget means, and warns where it means
// nothing or is spent.
func checkBudget(ctx context.Context, o Options, n nail.Nail) finding {
	f, rates := finding{Check: "budget", OK: true}, n.Rates()
	if !rates.Limited() {
		f.Words = fmt.Sprintf("%s %s a month have no effect: without gpu_hour, model calls cost nothing", nail.Amount(rates.Budget), rates.Currency)
		f.Warn, f.Hint = true, "state what an hour of the model's machine costs as gpu_hour, or take budget.month out"
		return f
	}
	b, err := budgetNow(ctx, o, n)
	switch {
	case kit.CodeOf(err) == kit.NotFound:
		f.Words = fmt.Sprintf("%s %s a month pay for %.0f minutes of model calls", nail.Amount(rates.Budget), rates.Currency, rates.Budget/rates.Second()/60)
	case err != nil:
		f.Words = "not read: " + err.Error()
	default:
		f.Words, f.Warn = budgetWords(b, rates.Currency), b.Stopped
	}
	return f
}

// budgetNow reads how far the budget is spent, from a database that is left as
// it is.
func budgetNow(ctx context.Context, o Options, n nail.Nail) (workflow.Budget, error) {
	db, err := openDB(ctx, o, n, true)
	if err != nil {
		return workflow.Budget{}, err
	}
	defer db.Close()
	missing, err := db.Pending(ctx)
	if err == nil && missing > 0 {
		err = kit.Errorf(kit.Conflict, "the database lacks %d migrations", missing)
	}
	if err != nil {
		return workflow.Budget{}, err
	}
	return workflow.BudgetOf(ctx, db.Read(), n.Rates(), kit.Now())
}
