package workflow_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// reads is a case's history as JSON, which has to have the kinds, and none of
// the words.
func (s *service) reads(by auth.User, id string, words ...string) string {
	s.t.Helper()
	p, err := s.History(s.t.Context(), by, id, "", 0)
	if err != nil || len(p.Items) == 0 {
		s.t.Fatalf("%s reads %+v, %v", by.Name, p, err)
	}
	body, err := json.Marshal(p.Items)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, w := range words {
		if strings.Contains(string(body), w) {
			s.t.Errorf("%s reads %q in\n%s", by.Name, w, body)
		}
	}
	return string(body)
}

// noted are the data of a kind of events, the oldest first.
func (s *service) noted(kind string) (all []map[string]any) {
	s.t.Helper()
	var rows []string
	if err := s.DB.Read().NewRaw(`SELECT data FROM audit_events WHERE kind = ? ORDER BY seq`, kind).Scan(s.t.Context(), &rows); err != nil {
		s.t.Fatal(err)
	}
	for _, row := range rows {
		var data map[string]any
		if err := json.Unmarshal([]byte(row), &data); err != nil {
			s.t.Fatal(err)
		}
		all = append(all, data)
	}
	return all
}

// seed is that of all samples.
func (s *service) seed() (seed string) {
	s.t.Helper()
	err := s.DB.Write(s.t.Context(), func(ctx context.Context, tx bun.Tx) (err error) {
		seed, err = review.Seed(ctx, tx, kit.Now())
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return seed
}

func TestWhatAHistoryLeavesOutCannotBeTried(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, canaries, func(c *workflow.Config) {
			c.Canaries[0].Make = func(workflow.Specimen) (string, json.RawMessage, bool) { return "", nil, false }
		})
		id := s.submit("Blue chairs")
		s.reaches(id, kit.InReview)
		s.reads(s.ann, id, `"seq"`, `"hash"`, `"prev"`)
		passed := s.noted("canary.passed")
		if len(passed) != 1 || passed[0]["nonce"] != review.Seal(s.seed(), "canary.passed", id, passed[0]["draft"].(string), "") {
			t.Errorf("the hidden event is %v", passed)
		}
		s.agrees()
	})
}

func TestWhoJoinedALotCannotBeTried(t *testing.T) {
	s := gathering(t, storetest.SQLite(t), small(8), "v1")
	s.certify()
	id := s.sure(1)[0]
	s.eventually("the case is in a lot", func() bool { return len(s.noted("lot.joined")) > 0 })
	joined := s.noted("lot.joined")
	if len(joined) != 1 || joined[0]["nonce"] != review.Seal(s.seed(), "lot.joined", id, "", joined[0]["lot"].(string)) {
		t.Errorf("the hidden event is %v", joined)
	}
	s.agrees()
}

func TestABlindRoundTellsNothingOfItsOtherSeats(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, policy(review.Policy{DoubleBlind: 1}))
		id := s.submit("Blue chairs")
		a, b := s.claim(s.ann), s.claim(s.bob)
		if a.Subject != "" || b.Subject != "" {
			t.Errorf("before they filled it in, Ann and Bob are told the subjects %q, %q", a.Subject, b.Subject)
		}
		a, err := s.fill(s.ann, a, `{"title": "Blue chairs", "count": "2"}`)
		if err != nil || a.Subject == "" {
			t.Fatalf("Ann filled it in: subject %q, %v", a.Subject, err)
		}
		if got := s.noted("blind.answered"); len(got) != 1 || strings.Contains(got[0]["seal"].(string), kit.Hash(a.BlindAnswer.Value)) ||
			got[0]["seal"] != review.Seal(s.seed(), "blind answer", a.ID, s.ann.ID, string(a.BlindAnswer.Value)) || got[0]["value"] != nil {
			t.Errorf("the trail notes %v", got)
		}
		s.reads(s.bob, id, "blind.answered", s.ann.ID, a.ID, "subject")
		if own := s.reads(s.ann, id, s.bob.ID); !strings.Contains(own, "blind.answered") || !strings.Contains(own, "review.claimed") {
			t.Errorf("Ann does not read what she did herself: %s", own)
		}
		s.mustDecide(s.ann, a, kit.Approve, "")
		if b, err = s.fill(s.bob, b, `{"title": "Blue chairs", "count": "2"}`); err != nil {
			t.Fatal(err)
		}
		s.reads(s.bob, id, s.ann.ID)
		s.mustDecide(s.bob, b, kit.Approve, "")
		s.reaches(id, kit.Delivered)
		if all := s.reads(s.bob, id); strings.Count(all, "blind.answered") != 2 || !strings.Contains(all, "round") {
			t.Errorf("once all is decided, Bob reads %s", all)
		}
		s.agrees()
	})
}

func TestWhoIsToLeaveABlindReviewToOthersNeedsNoSubject(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, policy(review.Policy{Blind: 1}))
		id := s.submit("Blue chairs")
		out := s.mustDecide(s.ann, s.claim(s.ann), kit.Skip, "")
		if out.Decision.Subject != "" {
			t.Errorf("for leaving it, Ann is told the subject %s", out.Decision.Subject)
		}
		s.reads(s.ann, id, "subject")
		s.agrees()
	})
}

func TestASecondLookerIsNotToldThatTheCaseWasLetOut(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, policy(review.Policy{SecondLook: 1}))
		id := s.submit("One two")
		a := s.claim(s.ann)
		s.mustDecide(s.ann, a, kit.Approve, "")
		s.reads(s.bob, id, "review.opened", "second", s.ann.ID, a.ID)
		b := s.claim(s.bob)
		if b.Seat != 1 || b.Quorum != 1 {
			t.Errorf("Bob's seat is %d of %d", b.Seat, b.Quorum)
		}
		s.reads(s.bob, id, "review.opened", "second", s.ann.ID, a.ID)
		s.mustDecide(s.bob, b, kit.Approve, "")
		s.reaches(id, kit.Delivered)
		if all := s.reads(s.bob, id); !strings.Contains(all, `"second"`) || strings.Count(all, "review.claimed") != 2 {
			t.Errorf("once all is decided, Bob reads %s", all)
		}
	})
}

// TestPagesOfAHistoryTellNotHowMuchIsWithheld reads it event by event: each
// page is full, and what leads on is no number.
func TestPagesOfAHistoryTellNotHowMuchIsWithheld(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, policy(review.Policy{SecondLook: 1}))
		id := s.submit("One two")
		s.mustDecide(s.ann, s.claim(s.ann), kit.Approve, "")
		s.claim(s.bob)
		whole, err := s.History(t.Context(), s.bob, id, "", 0)
		if err != nil || whole.Next != "" {
			t.Fatal(whole.Next, err)
		}
		var got []string
		for after := ""; ; {
			p, err := s.History(t.Context(), s.bob, id, after, 1)
			if err != nil || len(p.Items) != 1 {
				t.Fatalf("a page has %+v, %v", p.Items, err)
			}
			got = append(got, p.Items[0].Kind)
			if after = p.Next; after == "" {
				break
			}
			if len(after) != 64 {
				t.Fatalf("what leads on is %q", after)
			}
		}
		if !slices.EqualFunc(got, whole.Items, func(a string, b workflow.Event) bool { return a == b.Kind }) {
			t.Errorf("page by page %v, at once %+v", got, whole.Items)
		}
	})
}
