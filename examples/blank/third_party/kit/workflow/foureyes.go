package workflow

import (
	"context"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
)

// openFourEyes keeps people from the reviews that opened before the policy
// asked for four eyes, as it does when one opens. It looks at so many reviews
// in one transaction, and does nothing again: it can end at any time, and
// several processes may be at it.
func (r *Runner) openFourEyes(ctx context.Context, atOnce int) error {
	if !r.anyFourEyes() {
		return nil
	}
	type place struct {
		ID     string `bun:"id"`
		CaseID string `bun:"case_id"`
		Step   string `bun:"step"`
		Tiers  string `bun:"tiers"`
		Seat   int    `bun:"seat"`
	}
	for last := (place{}); ; {
		var open []place
		err := r.DB.Read().NewRaw(`SELECT id, case_id, step, tier || besides AS tiers, seat FROM reviews WHERE state = 'open'
			AND (case_id, step, seat) > (?, ?, ?) ORDER BY case_id, step, seat LIMIT ?`, last.CaseID, last.Step, last.Seat, atOnce).Scan(ctx, &open)
		if err != nil || len(open) == 0 {
			return err
		}
		var ids []string
		for _, o := range open {
			if r.terms(o.Step, o.Tiers).FourEyes {
				ids = append(ids, o.ID)
			}
		}
		if len(ids) > 0 {
			err := r.change(ctx, func(ctx context.Context, tx bun.Tx) error { return r.barFrom(ctx, tx, ids...) })
			if err != nil {
				return err
			}
		}
		last = open[len(open)-1]
	}
}

// barFrom holds open reviews to four eyes, and notes whom that keeps out. No
// event of a case tells it: there may be many. What one of them held, or was
// to do, is for the others.
func (r *Runner) barFrom(ctx context.Context, tx bun.Tx, ids ...string) error {
	added, err := review.BarFrom(ctx, tx, ids...)
	if err != nil || len(added) == 0 {
		return err
	}
	if err := r.note(ctx, tx, machine, "reviews.barred", "", map[string]any{"barred": added}); err != nil {
		return err
	}
	freed, err := review.FreeBarred(ctx, tx, slices.Sorted(maps.Keys(added)))
	for _, id := range freed {
		if err := r.noteReview(ctx, tx, auth.User{ID: machine}, "review.released", id); err != nil {
			return err
		}
	}
	return err
}

// anyFourEyes reports whether four eyes are asked for at a step, of all drafts
// or some.
func (r *Runner) anyFourEyes() bool {
	for _, s := range r.Workflow.steps {
		for _, t := range s.policy.Tiers {
			if t.Policy.FourEyes {
				return true
			}
		}
		if s.policy.FourEyes {
			return true
		}
	}
	return false
}
