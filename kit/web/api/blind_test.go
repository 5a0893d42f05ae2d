package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
)

func (f *fake) AnswerBlind(_ context.Context, _ auth.User, _ string, epoch int64, fields map[string]json.RawMessage) (*review.Review, error) {
	f.epoch, f.req.Fields = epoch, fields
	r := f.review()
	r.Blind, r.BlindAnswer = true, &review.BlindAnswer{Value: json.RawMessage(`{"total":2}`), Differs: []string{"total"}, CreatedAt: at}
	return r, f.call("AnswerBlind")
}

func (f *fake) Figures(_ context.Context, by auth.User, from, to time.Time) ([]review.Figures, error) {
	f.from, f.to = from, to
	if by.Role == auth.Viewer {
		return nil, kit.Errorf(kit.Forbidden, "read the figures of reviewers: %s may not see them", by.Name)
	}
	return []review.Figures{{Person: review.Holder{ID: by.ID, Name: by.Name}, Decided: 3, Verdicts: map[kit.Verdict]int{kit.Approve: 3}}}, f.call("Figures")
}

func TestABlindReviewIsFilledIn(t *testing.T) {
	f := &fake{input: "{}"}
	c := serve(t, f, tokens{}, nil)
	a := c.do("POST", "/reviews/r1/blind", "mei", `{"fields": {"total": 2, "note": null}, "epoch": 3}`)
	if a.status != http.StatusOK || f.epoch != 3 || string(f.req.Fields["total"]) != "2" || len(f.req.Fields) != 2 {
		t.Fatalf("%d %s: epoch %d, fields %v", a.status, a.raw, f.epoch, f.req.Fields)
	}
	if a.at("blind") != true || a.at("blind_answer", "differs").([]any)[0] != "total" || a.at("concealed") != "" {
		t.Errorf("answered %s", a.raw)
	}
	if a := c.do("POST", "/reviews/r1/blind", "vic", `{"fields": {}, "epoch": 3}`); a.status != http.StatusForbidden {
		t.Errorf("a viewer got %d %s", a.status, a.raw)
	}
	if a := c.do("POST", "/reviews/r1/blind", "mei", `{"fields": 4, "epoch": 3}`); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a number for the fields got %d %s", a.status, a.raw)
	}
	f.err = kit.Errorf(kit.Conflict, "fill in review r1: you filled it in before")
	if a := c.do("POST", "/reviews/r1/blind", "mei", `{"fields": {}, "epoch": 3}`); a.status != http.StatusConflict || a.str("code") != "conflict" {
		t.Errorf("a second answer got %d %s", a.status, a.raw)
	}
}

func TestFiguresAreReadOfASpanOfDays(t *testing.T) {
	f := &fake{}
	c := serve(t, f, tokens{}, nil)
	a := c.do("GET", "/reviewers?from=2026-11-01&to=2026-11-24", "mei", "")
	if a.status != http.StatusOK || f.from.Format(time.DateOnly) != "2026-11-01" || f.to.Format(time.DateOnly) != "2026-11-24" {
		t.Fatalf("%d %s: asked from %s to %s", a.status, a.raw, f.from, f.to)
	}
	if items := a.at("items").([]any); len(items) != 1 || a.str("to") != "2026-11-24" {
		t.Errorf("answered %s", a.raw)
	}
	if c.do("GET", "/reviewers", "mei", ""); f.to.Sub(f.from) != 29*24*time.Hour {
		t.Errorf("without days it asked from %s to %s", f.from, f.to)
	}
	for path, want := range map[string]int{"/reviewers?from=2026-12-01&to=2026-11-24": 422, "/reviewers?from=May": 422} {
		if a := c.do("GET", path, "mei", ""); a.status != want {
			t.Errorf("%s got %d %s", path, a.status, a.raw)
		}
	}
	if a := c.do("GET", "/reviewers", "vic", ""); a.status != http.StatusForbidden {
		t.Errorf("a viewer got %d %s", a.status, a.raw)
	}
}
