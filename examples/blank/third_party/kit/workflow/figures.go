package workflow

import (
	"context"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
)

// Figures tells how people reviewed on the days of from to to, as far as the
// user may know: admins and leads of all, reviewers of themselves. Others are
// kit.Forbidden. It reads kept counters, never counts.
func (r *Runner) Figures(ctx context.Context, by auth.User, from, to time.Time) ([]review.Figures, error) {
	db := r.DB.Read()
	all, err := review.ReadFigures(ctx, db, by, from, to)
	if err != nil {
		return nil, err
	}
	base := 0.0
	for _, s := range r.Workflow.steps {
		if s.kind == reviewStep {
			base = max(base, s.policy.SecondLook)
		}
	}
	for i := range all {
		f := &all[i]
		if f.SecondLook, err = review.SecondLookShare(ctx, db, f.Person.ID, base, r.Clock()); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Canary tells what was wrong, on purpose, with a review that the user decided
// on; admins and leads are told of anybody's. Before the decision, and of any
// other review, it is kit.NotFound.
func (r *Runner) Canary(ctx context.Context, by auth.User, reviewID string) (*CanaryFound, error) {
	found, _, err := canaryOf(ctx, r.DB.Read(), reviewID)
	if err != nil {
		return nil, err
	}
	if found == nil || found.person == "" || found.person != by.ID && !by.MayLead() {
		return nil, kit.Errorf(kit.NotFound, "canary %s: there is none that you decided on", reviewID)
	}
	return found, nil
}
