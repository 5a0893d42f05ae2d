package api_test

import (
	"context"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

func (f *fake) Inbox(_ context.Context, filter workflow.InboxFilter) (workflow.Page[workflow.Waiting], error) {
	f.inbox = filter
	return workflow.Page[workflow.Waiting]{Items: []workflow.Waiting{{ID: "r1", CaseID: "c1", CaseName: "a.txt", CreatedAt: at, DueAt: at}}, Next: "0.1.r1"}, f.call("Inbox")
}

func (f *fake) Comments(context.Context, string) ([]workflow.Comment, error) {
	return []workflow.Comment{f.comment}, f.call("Comments")
}

func (f *fake) AddComment(_ context.Context, by auth.User, caseID, text, key string) (workflow.Comment, error) {
	f.key = key
	f.comment = workflow.Comment{ID: "k1", CaseID: caseID, Text: text, Person: review.Holder{ID: by.ID, Name: by.Name}, CreatedAt: at}
	return f.comment, f.call("AddComment")
}

func TestReviewsThatWaitAreListed(t *testing.T) {
	f := &fake{}
	c := serve(t, f, tokens{}, nil)
	a := c.do("GET", "/reviews?held=free&assigned=me&overdue=true&tier=high&below=0.5&q=tan&limit=7&after=1.2.r0", "mei", "")
	if a.status != 200 || !strings.Contains(a.raw, `"next":"0.1.r1"`) || !strings.Contains(a.raw, `"case_name":"a.txt"`) {
		t.Fatalf("%d %s", a.status, a.raw)
	}
	me := f.inbox.Assigned
	want := workflow.InboxFilter{Free: true, Assigned: me, Overdue: true, Tier: "high", Below: .5, Query: "tan", Limit: 7, After: "1.2.r0"}
	if want.By = f.inbox.By; f.inbox != want || want.By.ID != me || me == "me" || me == "" {
		t.Errorf("asked for %+v", f.inbox)
	}
	c.do("GET", "/reviews?held=me", "mei", "")
	if f.inbox.Mine != me {
		t.Errorf("what I hold is %+v", f.inbox)
	}
	if a := c.do("GET", "/cases?q=tan", "mei", ""); a.status != 200 || f.filter.Query != "tan" {
		t.Errorf("%d, searched for %+v", a.status, f.filter)
	}
	for _, below := range []string{"2", "NaN"} {
		if a := c.do("GET", "/reviews?below="+below, "mei", ""); a.status != 422 {
			t.Errorf("a confidence of %s: %d", below, a.status)
		}
	}
}

func TestPeopleComment(t *testing.T) {
	f := &fake{input: "{}"}
	c := serve(t, f, tokens{}, nil)
	post := func(token, body string) answered {
		return c.do("POST", "/cases/c1/comments", token, body, "Content-Type", "application/json", "Idempotency-Key", "k")
	}
	if a := post("mei", `{"text":"@bob look"}`); a.status != 201 || f.comment.Text != "@bob look" || f.key != "k" {
		t.Errorf("%d %s", a.status, a.raw)
	}
	post("bot", `{"text":"x"}`).want(t, 403, "forbidden")
	if a := post("mei", `{"text":""}`); a.status != 422 {
		t.Errorf("no words: %d", a.status)
	}
	if a := c.do("GET", "/cases/c1/comments", "vic", ""); a.status != 200 || !strings.Contains(a.raw, "@bob look") {
		t.Errorf("%d %s", a.status, a.raw)
	}
}
