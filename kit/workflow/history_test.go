package workflow_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// TestALongHistoryIsReadInPages reads a case with more events than a page
// shows: the pages together are all of them, once.
func TestALongHistoryIsReadInPages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		id := s.submit("One")
		s.reaches(id, kit.InReview)
		err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			for i := range 130 {
				if _, err := audit.Append(ctx, tx, audit.Event{At: kit.Now(), Actor: s.ann.ID, Kind: "noted", CaseID: id, Data: fmt.Appendf(nil, `{"n":%d}`, i)}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		whole, err := audit.Events(t.Context(), db.Read(), id)
		if err != nil {
			t.Fatal(err)
		}
		c := s.seen(s.bob, id)
		got := slices.Clone(c.History)
		if len(got) != 100 {
			t.Errorf("a case is read with %d events", len(got))
		}
		for after := c.Earlier; after != ""; {
			p, err := s.History(t.Context(), s.bob, id, after, 20)
			if err != nil || len(p.Items) > 20 {
				t.Fatalf("%d events, %v", len(p.Items), err)
			}
			slices.Reverse(p.Items)
			got, after = append(p.Items, got...), p.Next
		}
		if !slices.EqualFunc(got, whole, func(a workflow.Event, b audit.Event) bool {
			return a.Kind == b.Kind && (a.Kind != "noted" || string(a.Data) == string(b.Data))
		}) {
			t.Errorf("the pages have %d events, the case %d", len(got), len(whole))
		}
		_, err = s.History(t.Context(), s.bob, "none", "", 0)
		wantCode(t, err, kit.NotFound)
		_, err = s.History(t.Context(), s.bob, id, "x", 0)
		wantCode(t, err, kit.Invalid)
	})
}

func TestAPageOfHistoryTellsNoMoreThanTheCase(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, policy(review.Policy{DoubleBlind: 1}))
		id := s.submit("One two")
		var err error
		a := s.claim(s.ann)
		if a, err = s.fill(s.ann, a, `{"title": "One two", "count": "2"}`); err != nil {
			t.Fatal(err)
		}
		s.mustDecide(s.ann, a, kit.Approve, "")
		b := s.claim(s.bob)
		p, err := s.History(t.Context(), s.bob, id, "", 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range p.Items {
			if e.Kind == "decision.made" || strings.Contains(string(e.Data), "elapsed_ms") {
				t.Errorf("Bob, who fills in blind, reads %s %s", e.Kind, e.Data)
			}
		}
		if b, err = s.fill(s.bob, b, `{"title": "One two", "count": "2"}`); err != nil {
			t.Fatal(err)
		}
		s.mustDecide(s.bob, b, kit.Approve, "")
		s.reaches(id, kit.Delivered)
		if p, err = s.History(t.Context(), s.bob, id, "", 0); err != nil || !slices.ContainsFunc(p.Items, func(e workflow.Event) bool {
			return e.Kind == "decision.made" && e.Actor == s.ann.ID
		}) {
			t.Errorf("once all is decided, Bob does not read what Ann did: %v", err)
		}
	})
}
