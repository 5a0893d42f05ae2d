package api

import (
	"context"
	"encoding/json"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
)

// answers are a person's own values by field.
type answers map[string]json.RawMessage

// Schema says that a value may be of any kind, as the form's fields are.
func (answers) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: "object", AdditionalProperties: true,
		Description: "Values by the path of their field; what is left out is empty"}
}

type toFillIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Fields answers `json:"fields"`
		Epoch  int64   `json:"epoch" minimum:"0" doc:"The epoch of the person's lease"`
	}
}

// days bounds what figures are read of.
type days struct {
	From string `query:"from" format:"date" doc:"The first day, UTC. Defaults to 29 days before the last"`
	To   string `query:"to" format:"date" doc:"The last day, UTC. Defaults to today"`
}

// reviewers is the answer to a question for figures.
type reviewers struct {
	From  string           `json:"from"`
	To    string           `json:"to"`
	Items []review.Figures `json:"items" nullable:"false"`
}

func (s *server) registerBlind() {
	handle(s, operation{method: "POST", path: "/reviews/{id}/blind", id: "fill-in-review", tag: "reviews",
		errors: []int{400, 403, 404, 409, 413, 415}, summary: "Fill in a blind review, and see its draft",
		about: "A review whose blind is true shows no draft until its holder has filled the fields in by the source. " +
			"That is done once. 409 with the code conflict when it was done before or the review is not blind."}, s.fillIn)
	handle(s, operation{method: "GET", path: "/reviewers", id: "list-reviewers", tag: "service", errors: []int{403},
		summary: "Read how people review, in figures",
		about: "Admins and leads read everybody's, reviewers their own. Each share has its Wilson interval at 95 %; " +
			"seconds are from claim to decision, on average."}, s.listReviewers)
}

func (s *server) fillIn(ctx context.Context, by auth.User, in *toFillIn) (*body[reviewView], error) {
	if err := mayDecide(by, "fill in review "+in.ID); err != nil {
		return nil, err
	}
	r, err := s.Service.AnswerBlind(ctx, by, in.ID, in.Body.Epoch, in.Body.Fields)
	if err != nil {
		return nil, err
	}
	return answer(viewReview(r), nil)
}

func (s *server) listReviewers(ctx context.Context, by auth.User, in *days) (*body[reviewers], error) {
	from, to, err := in.span(kit.Now())
	if err != nil {
		return nil, err
	}
	figures, err := s.Service.Figures(ctx, by, from, to)
	return answer(reviewers{From: from.Format(time.DateOnly), To: to.Format(time.DateOnly), Items: list(figures)}, err)
}

// span is the days that were asked for.
func (d days) span(now time.Time) (from, to time.Time, err error) {
	if to, err = dayOr(d.To, now); err != nil {
		return from, to, err
	}
	if from, err = dayOr(d.From, to.AddDate(0, 0, -29)); err == nil && to.Before(from) {
		err = kit.Errorf(kit.Invalid, "list reviewers: the last day %s is before the first", d.To)
	}
	return from, to, err
}

func dayOr(text string, otherwise time.Time) (time.Time, error) {
	if text == "" {
		return otherwise, nil
	}
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return at, kit.Errorf(kit.Invalid, "list reviewers: %q is no day, such as 2026-11-24", text)
	}
	return at, nil
}
