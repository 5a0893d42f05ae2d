package api

import (
	"context"

	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// lotService is what the API needs of a runner for lots.
type lotService interface {
	Lots(ctx context.Context, after string, limit int) (workflow.Page[review.Lot], error)
	Lot(ctx context.Context, id string) (*review.Lot, error)
	DecideLot(ctx context.Context, by auth.User, id string, q review.LotRequest) (*review.Lot, bool, error)
}

type toDecideLot struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Verdict string  `json:"verdict" enum:"accept,reject"`
		Reason  *string `json:"reason,omitempty" maxLength:"2000" doc:"Needed to reject"`
		Subject string  `json:"subject" maxLength:"200" doc:"The subject of the lot as the person saw it"`
		Key     string  `json:"key" minLength:"1" maxLength:"200" doc:"A repeat with the same key gets the first answer"`
	}
}

func (s *server) registerLots() {
	handle(s, operation{method: "GET", path: "/lots", id: "list-lots", tag: "lots",
		summary: "List lots, newest first, without their cases"}, s.listLots)
	handle(s, operation{method: "GET", path: "/lots/{id}", id: "get-lot", tag: "lots", errors: []int{404},
		summary: "Read a lot",
		about: "result comes with the whole sample reviewed. Which cases are in the sample, and its seed, " +
			"are told once the lot is decided: until then all reviews look alike."}, s.getLot)
	handle(s, operation{method: "POST", path: "/lots/{id}/decision", id: "decide-lot", tag: "lots",
		errors: []int{400, 403, 404, 409, 413, 415}, summary: "Accept or reject a lot",
		about: "Every case of an accepted lot is delivered under this decision; those of a rejected one are reviewed singly. " +
			"409 with the code stale when the lot is not what the person saw, conflict when its sample is not reviewed yet or " +
			"breaks the promise that is to be accepted, decided when somebody decided before."}, s.decideLot)
}

func (s *server) listLots(ctx context.Context, _ auth.User, in *keyset) (*body[page[review.Lot]], error) {
	p, err := s.Service.Lots(ctx, in.After, in.Limit)
	return answer(viewPage(p), err)
}

func (s *server) getLot(ctx context.Context, _ auth.User, in *byID) (*body[*review.Lot], error) {
	return answer(s.Service.Lot(ctx, in.ID))
}

func (s *server) decideLot(ctx context.Context, by auth.User, in *toDecideLot) (*body[*review.Lot], error) {
	if err := mayDecide(by, "decide lot "+in.ID); err != nil {
		return nil, err
	}
	// No time to undo: a program that decides means it.
	q := review.LotRequest{Accept: in.Body.Verdict == "accept", Subject: in.Body.Subject, Key: in.Body.Key}
	if in.Body.Reason != nil {
		q.Reason = *in.Body.Reason
	}
	l, _, err := s.Service.DecideLot(ctx, by, in.ID, q)
	return answer(l, err)
}
