package review_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

// edits are changed values by path.
type edits = map[string]json.RawMessage

func TestARequestThatNoReviewCouldAccept(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	total := edits{"total": json.RawMessage("1")}
	for _, c := range []struct {
		req   review.Request
		paths string // those named
	}{
		{review.Request{}, "verdict key"},
		{review.Request{Verdict: "accept", Key: "k"}, "verdict"},
		{review.Request{Verdict: kit.Approve}, "key"},
		{review.Request{Verdict: kit.Approve, Key: strings.Repeat("k", 201)}, "key"},
		{review.Request{Verdict: kit.Approve, Key: "k\x00"}, "key"},
		{review.Request{Verdict: kit.Approve, Key: "k\xff"}, "key"},
		{review.Request{Verdict: kit.Approve, Key: "k", Fields: total}, "fields"},
		{review.Request{Verdict: kit.Edit, Key: "k"}, "fields"},
		{review.Request{Verdict: kit.Reject, Key: "k"}, "reason"},
		{review.Request{Verdict: kit.Return, Key: "k", Reason: " \n"}, "reason"},
		{review.Request{Verdict: kit.Reject, Key: "k", Reason: strings.Repeat("长", 2001)}, "reason"},
		{review.Request{Verdict: kit.Reject, Key: "k", Reason: "a\x00b"}, "reason"},
		{review.Request{Verdict: kit.Reject, Key: "k", Reason: "why", Fields: total}, "fields"},
		{review.Request{Verdict: kit.Edit, Key: "k", Fields: edits{"shop": json.RawMessage(`"a\u0000b"`)}}, "shop"},
		{review.Request{Verdict: kit.Edit, Key: "k", Fields: edits{"list": json.RawMessage(`["a",{"b":"\u0007"}]`)}}, "list"},
		{review.Request{Verdict: kit.Edit, Key: "k", Fields: edits{"shop": json.RawMessage("\"\xca\xd5\xbe\xdd\"")}}, "shop"}, // GBK
	} {
		_, _, err := d.decide(d.ann, "any", c.req)
		wantError(t, err, kit.Invalid, "decide: ")
		var paths []string
		for _, f := range kit.FieldsOf(err) {
			paths = append(paths, f.Path)
		}
		if got := strings.Join(paths, " "); got != c.paths {
			t.Errorf("%+v names %q, want %q", c.req, got, c.paths)
		}
	}
}

func TestADecisionHoldsWhatThePersonMadeOfTheDraft(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		d.open(review.Opening{})
		v := d.claim(d.ann)
		req := request(v, kit.Edit)
		req.Fields = edits{"total": json.RawMessage(`"1,010.90"`), "shop": json.RawMessage(`"ABC"`)}
		made, repeated, err := d.decide(d.ann, v.ID, req)
		if err != nil || repeated {
			t.Fatalf("repeated %v, %v", repeated, err)
		}
		if string(made.Value) != `{"shop":"ABC","total":1010.90}` || !slices.Equal(made.Changed, []string{"total"}) {
			t.Errorf("the value is %s, changed %v", made.Value, made.Changed)
		}
		stored, err := review.DecisionByID(t.Context(), db.Read(), made.ID)
		if err != nil || stored.Person.Name != "Ann" || string(stored.Value) != string(made.Value) ||
			!stored.CreatedAt.Equal(noon) || stored.Subject != v.Subject {
			t.Errorf("stored %+v, %v", stored, err)
		}
		if now := d.get(v.ID); now.State != review.Decided || now.Holder != nil {
			t.Errorf("the review is %s, held by %v", now.State, now.Holder)
		}
		wantError(t, d.claimOne(d.bob, v.ID), kit.Decided, "Ann decided edit on 2026-03-01 12:00 UTC")
	})
}

func TestAKeyIsAnsweredOnceAndForOneRequest(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		d.open(review.Opening{})
		v := d.claim(d.ann)
		first, _, err := d.decide(d.ann, v.ID, request(v, kit.Approve))
		if err != nil {
			t.Fatal(err)
		}
		d.now = d.now.Add(time.Hour)
		click := request(v, kit.Approve)
		click.Epoch++ // a lease that was renewed meanwhile makes no other decision
		again, repeated, err := d.decide(d.ann, v.ID, click)
		if err != nil || !repeated || again.ID != first.ID || !again.CreatedAt.Equal(noon) {
			t.Errorf("the repeat gave %+v, repeated %v, %v", again, repeated, err)
		}
		other := request(v, kit.Reject)
		other.Reason = "no"
		_, _, err = d.decide(d.ann, v.ID, other)
		wantError(t, err, kit.Conflict, `the key "click" was used for another decision`)
		_, _, err = d.decide(d.bob, v.ID, request(v, kit.Approve)) // Bob's key is another key
		wantError(t, err, kit.Decided, "Ann decided approve")
	})
}

// TestEverythingThatAPersonSeesIsBoundToTheDecision changes each part of what
// was seen behind the person's back.
func TestEverythingThatAPersonSeesIsBoundToTheDecision(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	for _, change := range []string{
		`UPDATE cases SET input = '{"text":"other"}' WHERE id = (SELECT case_id FROM reviews WHERE id = ?)`,
		`UPDATE drafts SET value = '{"shop":"X","total":1}' WHERE id = (SELECT draft_id FROM reviews WHERE id = ?)`,
		`UPDATE drafts SET fields = '[{"path":"shop"}]' WHERE id = (SELECT draft_id FROM reviews WHERE id = ?)`,
		`UPDATE drafts SET model_name = 'other' WHERE id = (SELECT draft_id FROM reviews WHERE id = ?)`,
		`UPDATE drafts SET model_digest = 'v2' WHERE id = (SELECT draft_id FROM reviews WHERE id = ?)`,
		`UPDATE drafts SET prompt_hash = 'q' WHERE id = (SELECT draft_id FROM reviews WHERE id = ?)`,
		`UPDATE drafts SET gave_up = 'no answer' WHERE id = (SELECT draft_id FROM reviews WHERE id = ?)`,
	} {
		d.open(review.Opening{})
		v := d.claim(d.ann)
		err := d.write(func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewRaw(change, v.ID).Exec(ctx)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = d.decide(d.ann, v.ID, request(v, kit.Approve))
		wantError(t, err, kit.Stale, "it changed since you saw it")
		if now := d.get(v.ID); now.State != review.Open || now.Subject == v.Subject {
			t.Errorf("after %q the review is %s, its subject the same: %v", change, now.State, now.Subject == v.Subject)
		}
	}
}

func TestALateDecisionCountsWhileNobodyElseClaimed(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	d.open(review.Opening{})
	v := d.claim(d.ann)
	d.now = noon.Add(24 * time.Hour)
	if _, _, err := d.decide(d.ann, v.ID, request(v, kit.Approve)); err != nil {
		t.Errorf("the day after: %v", err)
	}
}

func TestSkippingLeavesAReviewOpenForOthers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		d.open(review.Opening{})
		v := d.claim(d.ann)
		skipped, _, err := d.decide(d.ann, v.ID, request(v, kit.Skip))
		if err != nil || skipped.Value != nil {
			t.Fatalf("skipped %+v, %v", skipped, err)
		}
		if d.claim(d.ann) != nil {
			t.Error("Ann is given what she skipped")
		}
		if got := d.claim(d.bob); got == nil || got.ID != v.ID {
			t.Errorf("Bob is given %+v", got)
		}
		if s, err := review.Standing(t.Context(), db.Read(), v.CaseID); s != nil || err != nil {
			t.Errorf("a skip stands as the decision: %+v, %v", s, err)
		}
	})
}

func TestReopeningGivesTheReviewBackToItsPerson(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		d.open(review.Opening{})
		v := d.claim(d.ann)
		made, _, err := d.decide(d.ann, v.ID, request(v, kit.Approve))
		if err != nil {
			t.Fatal(err)
		}
		err = d.write(func(ctx context.Context, tx bun.Tx) error {
			return review.Reopen(ctx, tx, made, d.now, time.Minute)
		})
		if err != nil {
			t.Fatal(err)
		}
		now := d.get(v.ID)
		if now.State != review.Open || now.Holder.Name != "Ann" || now.Lease.Epoch != v.Lease.Epoch+1 {
			t.Errorf("reopened as %+v", now)
		}
		if s, err := review.Standing(t.Context(), db.Read(), v.CaseID); s != nil || err != nil {
			t.Errorf("an undone decision stands: %+v, %v", s, err)
		}
		req := request(now, kit.Reject)
		req.Key, req.Reason = "second", "it was no receipt"
		if _, _, err := d.decide(d.ann, v.ID, req); err != nil {
			t.Errorf("deciding again: %v", err)
		}
	})
}
