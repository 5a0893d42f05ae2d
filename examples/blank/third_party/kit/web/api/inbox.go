package api

import (
	"context"
	"math"
	"net/http"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// whichReviews chooses a page of the reviews that wait.
type whichReviews struct {
	After     string  `query:"after" maxLength:"200" doc:"The next of the page before"`
	Limit     int     `query:"limit" default:"50" minimum:"1" maximum:"200" doc:"How many at most"`
	Held      string  `query:"held" maxLength:"64" doc:"free, me, or the ID of a person who holds them"`
	Assigned  string  `query:"assigned" maxLength:"64" doc:"me, or the ID of the person to whom they were assigned"`
	Overdue   bool    `query:"overdue" doc:"Only those past their due time"`
	Escalated bool    `query:"escalated" doc:"Only those that waited too long"`
	Tier      string  `query:"tier" maxLength:"100" doc:"Only those of this risk tier"`
	Step      string  `query:"step" maxLength:"100" doc:"Only those of this step"`
	Below     float64 `query:"below" minimum:"0" maximum:"1" doc:"Only those whose confidence is less; 0 for all"`
	Query     string  `query:"q" maxLength:"400" doc:"Only those whose case has these words"`
}

// filter is what the service is asked by a user.
func (w whichReviews) filter(by auth.User) workflow.InboxFilter {
	me := func(id string) string {
		if id == "me" {
			return by.ID
		}
		return id
	}
	f := workflow.InboxFilter{By: by, After: w.After, Limit: w.Limit, Assigned: me(w.Assigned), Overdue: w.Overdue, Escalated: w.Escalated,
		Tier: w.Tier, Step: w.Step, Below: w.Below, Query: w.Query, Free: w.Held == "free"}
	if !f.Free {
		f.Mine = me(w.Held)
	}
	return f
}

// toComment is a comment as a program sends it.
type toComment struct {
	ID   string `path:"id" maxLength:"64"`
	Key  string `header:"Idempotency-Key" required:"true" minLength:"1" maxLength:"200" doc:"A repeat with the same key makes no second comment"`
	Body struct {
		Text string `json:"text" minLength:"1" maxLength:"4000" doc:"Plain text; @name calls a person"`
	}
}

// comments are what people said of a case.
type comments struct {
	Items []workflow.Comment `json:"items" nullable:"false"`
}

func (s *server) registerInbox() {
	handle(s, operation{method: "GET", path: "/reviews", id: "list-reviews", tag: "reviews",
		summary: "List the reviews that wait, in the order in which they are to be done",
		about: "A page may hold less than its limit, or nothing, and still have a next: no page looks at more than a bounded number of reviews. " +
			"Of a blind review the confidence and the tier are left out; priority and due_at stand in it, by which reviews are done, though who knows the terms may read the tier from them. Of a round that several people decide one row is listed: the seat " +
			"that is nearest to you. cause says why you may not claim it."}, s.listReviews)
	handle(s, operation{method: "GET", path: "/cases/{id}/comments", id: "list-comments", tag: "cases", errors: []int{404},
		summary: "Read what people said of a case",
		about:   "Nothing while the draft is concealed from the caller, who is to decide blind."}, s.listComments)
	handle(s, operation{method: "POST", path: "/cases/{id}/comments", id: "add-comment", tag: "cases", status: http.StatusCreated,
		errors: []int{400, 403, 404, 409, 413, 415}, summary: "Comment on a case, as a person"}, s.addComment)
}

func (s *server) listReviews(ctx context.Context, by auth.User, in *whichReviews) (*body[page[workflow.Waiting]], error) {
	if math.IsNaN(in.Below) { // it is neither under the least nor over the most
		e := kit.Errorf(kit.Invalid, "list the reviews: query.below is no number")
		e.Fields = []kit.FieldError{{Path: "query.below", Message: "is no number"}}
		return nil, e
	}
	p, err := s.Service.Inbox(ctx, in.filter(by))
	return answer(viewPage(p), err)
}

func (s *server) listComments(ctx context.Context, by auth.User, in *byID) (*body[comments], error) {
	c, err := s.Service.Case(ctx, by, in.ID)
	if err != nil {
		return nil, err
	}
	if c.Concealed != "" {
		return answer(comments{Items: []workflow.Comment{}}, nil)
	}
	all, err := s.Service.Comments(ctx, c.ID)
	return answer(comments{Items: list(all)}, err)
}

func (s *server) addComment(ctx context.Context, by auth.User, in *toComment) (*body[workflow.Comment], error) {
	if !by.Person() {
		return nil, kit.Errorf(kit.Forbidden, "comment on case %s: %s is no person", in.ID, by.Name)
	}
	return answer(s.Service.AddComment(ctx, by, in.ID, in.Body.Text, in.Key))
}
