package console_test

import (
	"context"
	"encoding/json"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

func (w *world) AnswerBlind(_ context.Context, _ auth.User, id string, _ int64, _ map[string]json.RawMessage) (*review.Review, error) {
	return nil, kit.Errorf(kit.Conflict, "fill in review %s: it is not blind", id)
}

func (w *world) Canary(_ context.Context, _ auth.User, id string) (*workflow.CanaryFound, error) {
	if found, ok := w.canaries[id]; ok {
		return &found, nil
	}
	return nil, kit.Errorf(kit.NotFound, "canary %s: there is none that you decided on", id)
}

// Figures are those of two people, as far as the user may see them.
func (w *world) Figures(_ context.Context, by auth.User, _, _ time.Time) ([]review.Figures, error) {
	if !by.MayDecide() {
		return nil, kit.Errorf(kit.Forbidden, "read the figures of reviewers: %s may not see them", by.Name)
	}
	all := []review.Figures{
		{Person: review.Holder{ID: mei.ID, Name: mei.Name}, Decided: 412, Seconds: 41.4, SecondLook: .05,
			Approved: review.Share{K: 371, N: 412, Low: .867, High: .926}, Edited: review.Share{K: 37, N: 412, Low: .066, High: .121},
			Caught: review.Share{K: 7, N: 8, Low: .529, High: .978}},
		{Person: review.Holder{ID: omar.ID, Name: omar.Name}, Decided: 3, Seconds: 12, SecondLook: .3,
			Approved: review.Share{K: 3, N: 3, Low: .438, High: 1}, Edited: review.Share{K: 0, N: 3, Low: 0, High: .562},
			Caught: review.Share{Low: 0, High: 1}},
	}
	if by.Role == auth.Reviewer {
		return all[:1], nil
	}
	return all, nil
}
