package workflow

import (
	"context"
	"slices"
	"time"

	"github.com/riverqueue/river"
	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
)

// escalateArgs is the job of seeing to a round that waited too long, by one of
// its reviews.
type escalateArgs struct {
	Review string `json:"review"`
}

// Kind names the job in the queue.
func (escalateArgs) Kind() string { return "tackhammer_escalate" }

// insertEscalation makes the job of seeing to a review at a time.
func (r *Runner) insertEscalation(ctx context.Context, tx bun.Tx, reviewID string, at time.Time) error {
	return r.insertJob(ctx, tx, escalateArgs{Review: reviewID}, at, river.InsertOpts{})
}

// escalate does what the policy says with the reviews that opened together
// with one and still wait. It never decides.
func (r *Runner) escalate(ctx context.Context, reviewID string) error {
	return r.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		c, s, err := r.underReview(ctx, tx, reviewID)
		if err != nil {
			return err
		}
		late, err := review.Overdue(ctx, tx, reviewID)
		if err != nil || len(late) == 0 {
			return err
		}
		terms, err := r.termsOf(ctx, tx, reviewID)
		if err != nil {
			return err
		}
		actions := terms.Escalation
		if len(actions) == 0 {
			actions = []review.Action{review.Raise}
		}
		if err := review.Escalate(ctx, tx, late, actions, r.Clock()); err != nil {
			return err
		}
		err = r.note(ctx, tx, machine, "review.escalated", c.ID, map[string]any{"review": reviewID, "reviews": late, "actions": actions})
		if err == nil && slices.Contains(actions, review.Notify) {
			err = r.notice(ctx, tx, noticeEscalated, "", c.ID, reviewID)
		}
		if err != nil || !slices.Contains(actions, review.Expire) {
			return err
		}
		return r.expire(ctx, tx, c, s, reviewID)
	})
}

// expire ends a round that nobody decided in time. The case fails, and a
// person can retry it.
func (r *Runner) expire(ctx context.Context, tx bun.Tx, c *current, s *step, reviewID string) error {
	if err := review.EndRound(ctx, tx, reviewID, review.Expired, r.Clock()); err != nil {
		return err
	}
	if err := r.judgeLot(ctx, tx, reviewID, review.Wrong); err != nil {
		return err
	}
	return r.setFailed(ctx, tx, c, s.name, expiredCode, "nobody decided in time: the review expired")
}

// expiredCode is why a case failed whose review expired.
const expiredCode kit.Code = "expired"

// retryReview opens a fresh review of the draft whose review expired.
func (r *Runner) retryReview(ctx context.Context, tx bun.Tx, c *current, s *step, by auth.User) error {
	var draft string
	err := tx.NewRaw(`SELECT id FROM drafts WHERE case_id = ? AND step = ? AND NOT canary ORDER BY id DESC LIMIT 1`,
		c.ID, s.from.name).Scan(ctx, &draft)
	if err != nil {
		return err
	}
	if err := r.openReview(ctx, tx, c, s, draft); err != nil {
		return err
	}
	return r.note(ctx, tx, by.ID, "case.retried", c.ID, map[string]string{"step": c.Step})
}
