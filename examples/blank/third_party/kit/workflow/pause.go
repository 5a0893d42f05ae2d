package workflow

import (
	"context"

	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
)

// Pause is until when a person is to pause, whatever review comes next: they
// decided as many within the hour as any of the policies allows. It is nil for
// who need not.
func (r *Runner) Pause(ctx context.Context, by auth.User) (*review.Pause, error) {
	if !by.MayDecide() {
		return nil, nil
	}
	most := 0
	for _, s := range r.Workflow.steps {
		if s.kind != reviewStep {
			continue
		}
		for _, tier := range append([]review.Tier{{}}, s.policy.Tiers...) {
			limit := s.policy.Named(tier.Name).HourlyCap
			if limit == 0 {
				return nil, nil
			}
			most = max(most, limit)
		}
	}
	return review.PauseFor(ctx, r.DB.Read(), by.ID, most, r.Clock())
}
