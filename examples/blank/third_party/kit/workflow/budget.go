package workflow

import (
	"context"
	"fmt"
	"time"

	"github.com/riverqueue/river"
	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/nail"
	"github.com/tackhammer/tackhammer/kit/review"
)

// OverBudget is the code of a case that waits for its draft because the month's
// budget for the model is spent. It is told while that is so, and stored
// nowhere.
const OverBudget kit.Code = "budget"

// budgetLook is how long a draft waits before it looks at the budget again.
const budgetLook = 45 * time.Second

// Budget is what model calls may cost in a calendar month (UTC), and how much
// of it is spent. Without a limit it is the zero value.
type Budget struct {
	Month   float64    `json:"month,omitempty" doc:"What model calls may cost in this calendar month (UTC)"`
	Spent   float64    `json:"spent,omitempty" doc:"What they cost so far, at today's prices"`
	Stopped bool       `json:"stopped" doc:"Whether drafting waits because the budget is spent"`
	Resumes *time.Time `json:"resumes,omitempty" doc:"When the next month begins"`
}

// Part is how much of the budget is spent, 0 without one; it may pass 1.
func (b Budget) Part() float64 {
	if b.Month <= 0 {
		return 0
	}
	return b.Spent / b.Month
}

// Budget tells how much of the month's budget is spent. It reads kept counters.
//
// A call is made as long as something is left: those in flight when the budget
// is spent, at most Config.Slots in each process, go over it.
func (r *Runner) Budget(ctx context.Context) (Budget, error) {
	return r.budgetAt(ctx, r.DB.Read(), r.Clock())
}

func (r *Runner) budgetAt(ctx context.Context, db bun.IDB, now time.Time) (Budget, error) {
	return BudgetOf(ctx, db, r.Rates, now)
}

// BudgetOf is Runner.Budget for who has no runner: of the month of now, at the
// given rates.
func BudgetOf(ctx context.Context, db bun.IDB, rates nail.Rates, now time.Time) (b Budget, err error) {
	if !rates.Limited() {
		return b, nil
	}
	first := time.Date(now.UTC().Year(), now.UTC().Month(), 1, 0, 0, 0, 0, time.UTC)
	next := first.AddDate(0, 1, 0)
	var seconds float64
	err = db.NewRaw(`SELECT COALESCE(SUM(n), 0.0) FROM tallies WHERE name = ? AND day >= ? AND day < ?`,
		secondsTally, review.Day(first), review.Day(next)).Scan(ctx, &seconds)
	b = Budget{Month: rates.Budget, Spent: seconds * rates.Second(), Resumes: &next}
	b.Stopped = b.Spent >= b.Month
	return b, err
}

// errOverBudget ends a try to draft before it has begun.
var errOverBudget = kit.Errorf(OverBudget, "draft: the month's budget for the model is spent")

// mayDraft refuses to draft when the budget is spent.
func (r *Runner) mayDraft(ctx context.Context) error {
	b, err := r.Budget(ctx)
	if err == nil && b.Stopped {
		err = errOverBudget
	}
	return err
}

// save puts a draft off without using up a try. The hands that are to draft
// wait a little with it in theirs, so that however many drafts are due, few
// are looked at in a second.
func (w *stepWorker) save(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return river.JobSnooze(0)
	case <-time.After(w.r.look / 30):
		return river.JobSnooze(spread(w.r.look))
	}
}

// waitsForBudget says of cases that are to be drafted why they are not, while
// the budget is spent. What is in flight then is taken for waiting too.
func (r *Runner) waitsForBudget(ctx context.Context, rows ...*CaseRow) error {
	var b Budget
	for _, c := range rows {
		s := r.Workflow.step(c.Step)
		if c.State != kit.Drafting || c.Error != "" || s == nil || s.kind != draftStep || !r.Rates.Limited() {
			continue
		}
		if b.Resumes == nil {
			var err error
			if b, err = r.Budget(ctx); err != nil {
				return err
			}
		}
		if b.Stopped {
			c.Error = b.words()
		}
	}
	return nil
}

// pointers are to the items of a list.
func pointers[T any](items []T) []*T {
	all := make([]*T, len(items))
	for i := range items {
		all[i] = &items[i]
	}
	return all
}

// words say why a case waits.
func (b Budget) words() string {
	return fmt.Sprintf("the month's budget for the model is spent: drafting goes on on %s, or when the budget is raised",
		b.Resumes.Format("2006-01-02 15:04 MST"))
}
