package workflow

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
)

// undoReject is how long a rejection can be taken back.
const undoReject = time.Minute

// Decide records a person's decision and moves the case on, in one
// transaction. Its errors are those of review.Decide. With undo, what the
// decision releases waits that long, and Undo can take it back; a rejection
// can be taken back for a minute.
func (r *Runner) Decide(ctx context.Context, by auth.User, reviewID string, req review.Request, undo time.Duration) (Outcome, error) {
	var out Outcome
	err := r.changeBy(ctx, by, func(ctx context.Context, tx bun.Tx, by auth.User) error {
		c, s, err := r.underReview(ctx, tx, reviewID)
		if err != nil {
			return err
		}
		out.Decision, out.Repeated, err = review.Decide(ctx, r.DB, tx, s.schema, by, reviewID, req, r.Clock(), r.terms)
		if err != nil {
			return err
		}
		if !out.Repeated {
			if err := r.follow(ctx, tx, c, s, out.Decision, undo); err != nil {
				return err
			}
		}
		if out.Canary, err = toldOf(ctx, tx, out.Decision); err != nil {
			return err
		}
		row, err := caseRow(ctx, tx, c.ID)
		out.Case = row
		return err
	})
	if out.Decision.Verdict == kit.Skip {
		out.Decision.Subject = req.Subject // it may be concealed
	}
	if v := out.Decision.Verdict; err == nil && out.Canary == nil && undo > 0 && (v.Releases() || v == kit.Reject) {
		until := out.Decision.CreatedAt.Add(undo)
		out.UndoUntil = &until
	}
	return out, err
}

// underReview locks the case that a review belongs to.
func (r *Runner) underReview(ctx context.Context, tx bun.Tx, reviewID string) (*current, *step, error) {
	var of struct {
		CaseID string `bun:"case_id"`
		Step   string `bun:"step"`
	}
	err := tx.NewRaw(`SELECT case_id, step FROM reviews WHERE id = ?`, reviewID).Scan(ctx, &of)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil, kit.Errorf(kit.NotFound, "review %s: there is no such review", reviewID)
	}
	if err != nil {
		return nil, nil, err
	}
	s := r.Workflow.step(of.Step)
	if s == nil || s.kind != reviewStep {
		return nil, nil, kit.Errorf(kit.Conflict, "review %s: the workflow has no review step %s any more", reviewID, of.Step)
	}
	c, err := r.lockCase(ctx, tx, of.CaseID)
	return c, s, err
}

// Retry sends a failed case back to the step that failed.
func (r *Runner) Retry(ctx context.Context, by auth.User, caseID string) error {
	return r.changeBy(ctx, by, func(ctx context.Context, tx bun.Tx, by auth.User) error {
		if !by.MayDecide() {
			return kit.Errorf(kit.Forbidden, "retry case %s: %s is not a person who may decide", caseID, by.Name)
		}
		c, err := r.lockCase(ctx, tx, caseID)
		if err != nil {
			return err
		}
		if kit.State(c.State) != kit.Failed {
			return kit.Errorf(kit.Conflict, "retry case %s: it has not failed, it is in state %s", caseID, c.State)
		}
		s := r.Workflow.step(c.Step)
		if s == nil {
			return kit.Errorf(kit.Conflict, "retry case %s: the workflow has no step %s any more", caseID, c.Step)
		}
		if s.kind == reviewStep {
			return r.retryReview(ctx, tx, c, s, by)
		}
		if err := r.enter(ctx, tx, c, s, 0); err != nil {
			return err
		}
		return r.note(ctx, tx, by.ID, "case.retried", c.ID, map[string]string{"step": c.Step})
	})
}

// Claim gives the user the next review that waits, nil when none does.
func (r *Runner) Claim(ctx context.Context, by auth.User) (*review.Review, error) {
	var got review.Claimed
	err := r.changeBy(ctx, by, func(ctx context.Context, tx bun.Tx, by auth.User) (err error) {
		got, err = review.Claim(ctx, r.DB, tx, by, r.Clock(), r.terms)
		if err != nil || got.ID == "" {
			return err
		}
		return r.noteClaim(ctx, tx, by, got)
	})
	if err != nil || got.ID == "" {
		return nil, err
	}
	return r.Review(ctx, by, got.ID)
}

// ClaimOne gives the user a certain review and no other. Its errors are those
// of review.ClaimOne.
func (r *Runner) ClaimOne(ctx context.Context, by auth.User, id string) (*review.Review, error) {
	return r.claimed(ctx, by, id, review.ClaimOne)
}

// ClaimSeat gives the user a certain review or, where somebody else has it,
// another free seat of its round. Its errors are those of review.ClaimOne.
func (r *Runner) ClaimSeat(ctx context.Context, by auth.User, id string) (*review.Review, error) {
	return r.claimed(ctx, by, id, review.ClaimSeat)
}

// claimed claims in one of these ways, and reads what was got.
func (r *Runner) claimed(ctx context.Context, by auth.User, id string, claim func(context.Context, *store.DB, bun.Tx, auth.User, string,
	time.Time, review.Terms) (review.Claimed, error)) (*review.Review, error) {
	var got review.Claimed
	err := r.changeBy(ctx, by, func(ctx context.Context, tx bun.Tx, by auth.User) (err error) {
		if got, err = claim(ctx, r.DB, tx, by, id, r.Clock(), r.terms); err != nil {
			return err
		}
		return r.noteClaim(ctx, tx, by, got)
	})
	if err != nil {
		return nil, err
	}
	return r.Review(ctx, by, got.ID)
}
