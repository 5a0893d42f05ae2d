package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// changes are new values by the path of their field. null is the same as none.
type changes map[string]json.RawMessage

// Schema says that null is allowed: clients send all keys of a decision.
func (changes) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: "object", Nullable: true, AdditionalProperties: true,
		Description: "New values by the path of their field, null to clear it; with the verdicts edit and return"}
}

// decisionRequest is what a person's program sends.
type decisionRequest struct {
	Verdict   string   `json:"verdict" enum:"approve,edit,reject,return,skip"`
	Fields    changes  `json:"fields,omitempty"`
	Confirmed []string `json:"confirmed,omitempty" nullable:"true" maxItems:"1000" doc:"Paths that the person says are right as drafted; with approve, edit and return. What a person set or confirmed is locked: no later draft overwrites it"`
	Redraft   []string `json:"redraft,omitempty" nullable:"true" maxItems:"1000" doc:"With the verdict return: the paths that the model is asked for again. None means all that no person set"`
	Reason    *string  `json:"reason,omitempty" maxLength:"2000" doc:"Needed to reject and to return"`
	Subject   string   `json:"subject" maxLength:"200" doc:"The subject of the review as the person saw it"`
	Epoch     int64    `json:"epoch" minimum:"0" doc:"The epoch of the person's lease"`
	Key       string   `json:"key" minLength:"1" maxLength:"200" doc:"A repeat with the same key gets the first answer"`
}

func (d decisionRequest) request() review.Request {
	r := review.Request{Verdict: kit.Verdict(d.Verdict), Fields: d.Fields, Subject: d.Subject, Epoch: d.Epoch, Key: d.Key,
		Confirmed: d.Confirmed, Redraft: d.Redraft}
	if d.Reason != nil {
		r.Reason = *d.Reason
	}
	return r
}

type toDecide struct {
	ID   string `path:"id" maxLength:"64"`
	Body decisionRequest
}

type toRelease struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Epoch int64 `json:"epoch" minimum:"0" doc:"The epoch of the person's lease"`
	}
}

// claimed is the answer to a claim: no body where nothing waits.
type claimed struct {
	Status int
	Body   *reviewView
}

// decided is the answer to a decision.
type decided struct {
	Decision review.Decision  `json:"decision"`
	Case     workflow.CaseRow `json:"case"`

	Canary orNull[workflow.CanaryFound] `json:"canary" doc:"What was wrong on purpose, to see whether you look: nothing comes of this decision"`
}

// released is the answer to a release.
type released struct {
	ID    string `json:"id"`
	Epoch int64  `json:"epoch" doc:"The epoch that was given up"`
}

func (s *server) registerReviews() {
	handle(s, operation{method: "POST", path: "/reviews/claim", id: "claim-review", tag: "reviews", errors: []int{403},
		summary: "Claim the next review",
		about: "Nobody else gets the review while the lease holds. 204 when nothing waits. " +
			"A body is not needed and not read."}, s.claim)
	s.huma.OpenAPI().Paths["/reviews/claim"].Post.Responses["204"] = &huma.Response{Description: "Nothing waits"}
	handle(s, operation{method: "POST", path: "/reviews/{id}/claim", id: "claim-one-review", tag: "reviews", errors: []int{403, 404, 409},
		summary: "Claim a certain review, or prolong your hold on it",
		about: "Where several people decide and somebody else has this seat, you get another free one of the same round: go on with the id of the answer. " +
			"403 for who is kept from the review, or decided as many within the hour as one may. 409 with the code lost_lease when somebody else holds it, " +
			"decided when it is over, conflict when it waits in a lot or you hold as many as one may. A body is not needed and not read."}, s.claimSeat)
	handle(s, operation{method: "GET", path: "/reviews/{id}", id: "get-review", tag: "reviews", errors: []int{404},
		summary: "Read a review without claiming it"}, s.getReview)
	handle(s, operation{method: "POST", path: "/reviews/{id}/decision", id: "decide-review", tag: "reviews",
		errors: []int{400, 403, 404, 409, 413, 415}, summary: "Decide a review",
		about: "Where a quorum decides, the case moves on once all have, and agree; else one more person settles it. " +
			"403 for who is kept from the review, or decided as many within the hour as one may. " +
			"409 with the code stale when what the person saw has changed, lost_lease when the lease is gone, " +
			"decided when somebody decided before. 422 names the values that break a rule."}, s.decide)
	handle(s, operation{method: "POST", path: "/reviews/{id}/release", id: "release-review", tag: "reviews",
		errors: []int{400, 403, 404, 409, 413, 415}, summary: "Give up a claim, so that others get the review at once"}, s.release)
}

func (s *server) claim(ctx context.Context, by auth.User, _ *struct{}) (*claimed, error) {
	if err := mayDecide(by, "claim a review"); err != nil {
		return nil, err
	}
	r, err := s.Service.Claim(ctx, by)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return &claimed{Status: http.StatusNoContent}, nil
	}
	v := viewReview(r)
	return &claimed{Status: http.StatusOK, Body: &v}, nil
}

func (s *server) claimSeat(ctx context.Context, by auth.User, in *byID) (*body[reviewView], error) {
	if err := mayDecide(by, "claim review "+in.ID); err != nil {
		return nil, err
	}
	r, err := s.Service.ClaimSeat(ctx, by, in.ID)
	if err != nil {
		return nil, err
	}
	return answer(viewReview(r), nil)
}

func (s *server) getReview(ctx context.Context, by auth.User, in *byID) (*body[reviewView], error) {
	r, err := s.Service.Review(ctx, by, in.ID)
	if err != nil {
		return nil, err
	}
	return answer(viewReview(r), nil)
}

func (s *server) decide(ctx context.Context, by auth.User, in *toDecide) (*body[decided], error) {
	if err := mayDecide(by, "decide review "+in.ID); err != nil {
		return nil, err
	}
	// No time to undo: a program that decides means it.
	out, err := s.Service.Decide(ctx, by, in.ID, in.Body.request(), 0)
	return answer(decided{Decision: out.Decision, Case: out.Case, Canary: orNull[workflow.CanaryFound]{out.Canary}}, err)
}

func (s *server) release(ctx context.Context, by auth.User, in *toRelease) (*body[released], error) {
	if err := mayDecide(by, "release review "+in.ID); err != nil {
		return nil, err
	}
	err := s.Service.Release(ctx, by, in.ID, in.Body.Epoch)
	return answer(released{ID: in.ID, Epoch: in.Body.Epoch}, err)
}
