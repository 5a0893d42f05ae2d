package workflow

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/review"
)

// The counters of the ledger, kept by day like all tallies. The first five are
// by model, "" where a call failed before any model of the step had answered
// this process; workTally is by verdict, and "release" of what was given back.
// They hold seconds and tokens, not money: see nail.Rates.
const (
	callsTally   = "model.calls"   // answers asked for
	failedTally  = "model.failed"  // tries to draft that came to nothing
	secondsTally = "model.seconds" // from request to answer
	promptTally  = "model.prompt"  // tokens
	outputTally  = "model.output"  // tokens
	workTally    = "work"          // seconds of people, from claim to decision
)

// charge counts what a draft took of its model, in the transaction that stores
// the draft: a program that is killed before counts nothing, and one that is
// killed after does not draft again.
func (r *Runner) charge(ctx context.Context, tx bun.Tx, name string, u model.Usage) error {
	return r.tallyCall(ctx, tx, []count{
		{callsTally, name, float64(max(u.Tries, 1))},
		{secondsTally, name, max(u.Elapsed, 0).Seconds()},
		{promptTally, name, float64(max(u.PromptTokens, 0))},
		{outputTally, name, float64(max(u.OutputTokens, 0))},
	})
}

// chargeFailed counts the time of a call of which nothing came: its error, or a
// case that moved meanwhile, left no draft. Only a program that is killed
// during a call leaves its seconds uncounted. How long the model took is all
// that is known of it.
func (r *Runner) chargeFailed(ctx context.Context, s *step, took time.Duration) {
	name, _ := r.drafters.Load(s.name)
	by, _ := name.(string)
	err := r.change(context.WithoutCancel(ctx), func(ctx context.Context, tx bun.Tx) error {
		return r.tallyCall(ctx, tx, []count{{callsTally, by, 1}, {failedTally, by, 1}, {secondsTally, by, took.Seconds()}})
	})
	if err != nil {
		r.Logger.Warn("count a call that failed", "step", s.name, "seconds", took.Seconds(), "error", err)
	}
}

// tallyCall adds a call to the counters, and has the leads told when it spends
// the month's budget. The transaction must hold the trail, so that just one
// call finds that it did.
func (r *Runner) tallyCall(ctx context.Context, tx bun.Tx, counts []count) error {
	now := r.Clock()
	before, err := r.budgetAt(ctx, tx, now)
	if err != nil {
		return err
	}
	if err := tally(ctx, tx, now, counts); err != nil {
		return err
	}
	after, err := r.budgetAt(ctx, tx, now)
	if err != nil || before.Stopped || !after.Stopped {
		return err
	}
	r.Logger.Warn("the month's budget for the model is spent: drafting stops", "budget", after.Month, "until", after.Resumes)
	return r.notice(ctx, tx, noticeBudget, "", "", "")
}

// tallyWork counts the seconds that a decision took, a skip's and a return's
// too. They stay when it is taken back: they were spent. What followed a lot
// took nobody's time: its sample did, review by review.
func tallyWork(ctx context.Context, tx bun.Tx, d review.Decision) error {
	if d.LotID != "" {
		return nil
	}
	return review.Tally(ctx, tx, d.CreatedAt, workTally, string(d.Verdict), max(d.Seconds, 0))
}

// tallyRelease counts the time since a review was claimed, for who gives it
// back. Of a lease that ran out nobody knows when its holder left: it counts
// nothing.
func (r *Runner) tallyRelease(ctx context.Context, tx bun.Tx, id string) error {
	var claimed int64
	if err := tx.NewRaw(`SELECT claimed_at FROM reviews WHERE id = ?`, id).Scan(ctx, &claimed); err != nil {
		return err
	}
	now := r.Clock()
	return review.Tally(ctx, tx, now, workTally, "release", max(now.Sub(micros(claimed)), 0).Seconds())
}
