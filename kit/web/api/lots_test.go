package api_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// lot is the one that the fake has, its sample reviewed.
var lot = review.Lot{ID: "l1", Step: "check", State: review.Ready, FullAt: 200, Size: 200, Sample: 90, Looked: 90, Error: 0.02,
	Confidence: 0.95, OpenedAt: at, ClosesAt: at, Subject: "s9", Result: &review.LotResult{Bound: 0.02, Keeps: true},
	Bar: review.Bar{ID: "b1", Step: "extract", Threshold: 0.9, Error: 0.05, Confidence: 0.95, Labels: 60, CertifiedAt: at}}

func (f *fake) Lots(_ context.Context, after string, limit int) (workflow.Page[review.Lot], error) {
	f.after, f.limit = after, limit
	return workflow.Page[review.Lot]{Items: []review.Lot{lot}, Next: "l1"}, f.call("Lots")
}

func (f *fake) Lot(_ context.Context, id string) (*review.Lot, error) {
	if id != lot.ID {
		return nil, kit.Errorf(kit.NotFound, "lot %s: there is no such lot", id)
	}
	l := lot
	return &l, f.call("Lot")
}

func (f *fake) DecideLot(_ context.Context, _ auth.User, _ string, q review.LotRequest) (*review.Lot, bool, error) {
	f.lotReq = q
	l := lot
	l.State = review.AcceptedLot
	return &l, false, f.call("DecideLot")
}

func TestALotIsReadAndDecided(t *testing.T) {
	f := &fake{}
	c := serve(t, f, tokens{}, nil)
	if got := c.do(http.MethodGet, "/lots?limit=5", "vic", ""); got.status != 200 || f.limit != 5 || !strings.Contains(got.raw, `"next":"l1"`) {
		t.Errorf("the list is %d %s", got.status, got.raw)
	}
	got := c.do(http.MethodGet, "/lots/l1", "bot", "")
	if got.status != 200 || got.str("subject") != "s9" || got.at("result", "keeps") != true || got.at("cases") != nil || got.at("seed") != nil {
		t.Errorf("the lot is %d %s", got.status, got.raw)
	}
	if got := c.do(http.MethodGet, "/lots/l2", "bot", ""); got.status != 404 {
		t.Errorf("a lot that is not there: %d", got.status)
	}
	body := `{"verdict":"accept","reason":"fine","subject":"s9","key":"k"}`
	if got := c.do(http.MethodPost, "/lots/l1/decision", "mei", body); got.status != 200 || got.str("state") != "accepted" {
		t.Errorf("accepting answers %d %s", got.status, got.raw)
	}
	if want := (review.LotRequest{Accept: true, Reason: "fine", Subject: "s9", Key: "k"}); f.lotReq != want {
		t.Errorf("asked for %+v, want %+v", f.lotReq, want)
	}
	f.calls = nil
	for _, c := range []struct {
		status int
		answer answered
	}{
		{403, c.do(http.MethodPost, "/lots/l1/decision", "bot", body)},
		{403, c.do(http.MethodPost, "/lots/l1/decision", "vic", body)},
		{422, c.do(http.MethodPost, "/lots/l1/decision", "mei", `{"verdict":"approve","subject":"s","key":"k"}`)},
		{422, c.do(http.MethodPost, "/lots/l1/decision", "mei", `{"verdict":"accept","subject":"s","key":""}`)},
		{405, c.do(http.MethodGet, "/lots/l1/decision", "mei", "")},
	} {
		if c.answer.status != c.status {
			t.Errorf("answered %d %s, want %d", c.answer.status, c.answer.raw, c.status)
		}
	}
	if len(f.calls) != 0 {
		t.Errorf("what was refused reached the service: %v", f.calls)
	}
}
