package workflow

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
)

// mayLeave refuses a delivery under a decision that is not what the case's last
// round of reviews came to. What brought the case here looked at that already:
// this is for whoever moves a case past it in the database.
func (r *Runner) mayLeave(ctx context.Context, tx bun.Tx, c *current, s *step, d review.Decision) error {
	seats, err := review.Round(ctx, tx, d.ReviewID, r.Clock())
	if err != nil {
		return err
	}
	latest, err := latestReview(ctx, tx, c.ID)
	if err != nil {
		return err
	}
	var step string
	if err := tx.NewRaw(`SELECT step FROM reviews WHERE id = ?`, d.ReviewID).Scan(ctx, &step); err != nil {
		return err
	}
	last := slices.ContainsFunc(seats, func(s review.Seat) bool { return s.ReviewID == latest })
	follow := review.Rule(seats).Follow
	if last && follow != nil && follow.ID == d.ID && d.Verdict.Releases() && !unlooked(seats, d) && r.lastBefore(s, step) {
		return nil
	}
	return kit.Errorf(kit.Forbidden, "deliver case %s: its reviews did not come to the decision %s", c.ID, d.ID).
		WithHint("somebody changed the database past the program: run verify")
}

// unlooked reports whether a second look, or a settling, opened after a decision
// and ended without one of its own: nobody looked at that decision.
func unlooked(seats []review.Seat, d review.Decision) bool {
	return slices.ContainsFunc(seats, func(s review.Seat) bool {
		return s.Kind != review.First && s.Decision == nil && s.ReviewID > d.ID && !s.CreatedAt.Before(d.CreatedAt)
	})
}

// lastBefore reports whether no other review step lies between a review step and
// s. One that the workflow does not have any more may have had any place.
func (r *Runner) lastBefore(s *step, name string) bool {
	for s != nil && s.kind != reviewStep {
		s = s.from
	}
	return s == nil || s.name == name || r.Workflow.step(name) == nil
}
