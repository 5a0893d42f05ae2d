package api

import (
	"context"

	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// costService is what the API needs of a runner for what things cost.
type costService interface {
	Costs(ctx context.Context, by auth.User, days int) (workflow.Costs, error)
}

// whichDays chooses a stretch that ends today.
type whichDays struct {
	Days int `query:"days" default:"30" minimum:"1" maximum:"366" doc:"How many days, today's included (UTC)"`
}

func (s *server) registerCosts() {
	handle(s, operation{method: "GET", path: "/costs", id: "get-costs", tag: "service", errors: []int{403},
		summary: "Read what model calls and reviews cost, for leads and admins",
		about: "facts are measured, rates are what nail.yaml says today, and ledger is what the two come to. Time is kept, not money: " +
			"amounts for days past are at today's rates too. A figure that cannot be told is null, and untold says what is missing."}, s.getCosts)
}

func (s *server) getCosts(ctx context.Context, by auth.User, in *whichDays) (*body[workflow.Costs], error) {
	return answer(s.Service.Costs(ctx, by, in.Days))
}
