package workflow_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// allBarred makes a case that Ann brought in and Bob looked at: with four eyes
// it is left to nobody of theirs.
func (s *service) allBarred() (reviewID string) {
	s.t.Helper()
	done, err := s.Submit(s.t.Context(), s.ann, workflow.Submission{Name: "n", Input: []byte(`{"text":"One"}`)})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, next := range []func(){func() { s.mustDecide(s.bob, s.claim(s.bob), kit.Return, "") }, func() {}} {
		if err := s.StepNow(s.t.Context(), done.ID); err != nil {
			s.t.Fatal(err)
		}
		next()
	}
	return s.reaches(done.ID, kit.InReview).ReviewID
}

func TestACaseThatEverybodyIsKeptFromStaysInSightAndEscalates(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := idle(t, db, policy(review.Policy{FourEyes: true, Escalation: []review.Action{review.Raise}}))
		id := s.allBarred()
		for _, by := range []auth.User{s.ann, s.bob} {
			if v, err := s.Claim(t.Context(), by); err != nil || v != nil {
				t.Errorf("%s is given %+v, %v", by.Name, v, err)
			}
		}
		if err := s.EscalateNow(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		p, err := s.Inbox(t.Context(), workflow.InboxFilter{Escalated: true})
		if err != nil || len(p.Items) != 1 || p.Items[0].ID != id {
			t.Errorf("the inbox shows %+v, %v", p.Items, err)
		}
		if v := s.claim(s.person("Cat")); v.ID != id || v.Priority != 1 {
			t.Errorf("who comes new is given %+v", v)
		}
	})
}

// TestWhereNoLeadMayLookAReviewIsLeftToAll has leads who are not there, who
// left, or who may not look themselves.
func TestWhereNoLeadMayLookAReviewIsLeftToAll(t *testing.T) {
	for name, lead := range map[string]func(s *service, reviewID string, lead auth.User) string{
		"left": func(*service, string, auth.User) string {
			return `UPDATE users SET disabled_at = 1 WHERE role = 'lead'`
		},
		"barred": func(_ *service, id string, l auth.User) string {
			return `INSERT INTO barred VALUES ('` + id + `', '` + l.ID + `', 'submitted')`
		},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				s := idle(t, db, policy(review.Policy{Escalation: []review.Action{review.Reassign}}))
				lea, err := s.accounts.Add(t.Context(), "Lea", "lea@example.com", auth.Lead)
				if err != nil {
					t.Fatal(err)
				}
				s.waiting("One")
				v := s.claim(s.ann)
				set(t, db, lead(s, v.ID, lea))
				if err := s.EscalateNow(t.Context(), v.ID); err != nil {
					t.Fatal(err)
				}
				if got := s.claim(s.bob); got.ID != v.ID {
					t.Errorf("Bob is given %s, want %s", got.ID, v.ID)
				}
			})
		})
	}
}

// TestABatchGoesOnWhereItDied finds a review claimed, as one whose program
// died before the decision leaves it.
func TestABatchGoesOnWhereItDied(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := idle(t, db)
		ids := []string{s.reaches(s.waiting("One"), kit.InReview).ReviewID, s.reaches(s.waiting("Two"), kit.InReview).ReviewID}
		if _, err := s.ClaimOne(t.Context(), s.ann, ids[1]); err != nil {
			t.Fatal(err)
		}
		for range 2 { // the repeat does nothing twice
			items, err := s.BatchReturn(t.Context(), s.ann, ids, "look again", "k")
			if err != nil || len(items) != 2 || items[0].Code != "" || items[1].Code != "" {
				t.Fatalf("returned %+v, %v", items, err)
			}
		}
		var n int
		if err := db.Read().NewRaw(`SELECT COUNT(*) FROM decisions WHERE verdict = 'return'`).Scan(t.Context(), &n); err != nil || n != 2 {
			t.Errorf("%d were returned, %v", n, err)
		}
		s.agrees()
	})
}

func TestASettlingIsTakenBackWithWhatItLocked(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := idle(t, db, policy(review.Policy{Quorum: 2}))
		cat := s.person("Cat")
		id := s.waiting("One two")
		s.mustDecide(s.ann, s.claim(s.ann), kit.Edit, `{"count": "7"}`)
		s.mustDecide(s.bob, s.claim(s.bob), kit.Reject, "")
		locks := func() []review.Lock {
			all, err := review.Locks(t.Context(), db.Read(), id, "extract")
			if err != nil {
				t.Fatal(err)
			}
			return all
		}
		v := s.claim(cat)
		out, err := s.Decide(t.Context(), cat, v.ID, review.Request{Verdict: kit.Edit, Fields: raws(`{"count":9}`), Subject: v.Subject,
			Epoch: v.Lease.Epoch, Key: "k"}, time.Hour)
		if err != nil || len(locks()) != 1 || string(locks()[0].Value) != "9" {
			t.Fatalf("settled with %v, %v", locks(), err)
		}
		if _, err := s.Undo(t.Context(), cat, out.Decision.ID); err != nil || len(locks()) != 0 {
			t.Fatalf("taken back, with %v still set: %v", locks(), err)
		}
		again, err := s.Review(t.Context(), cat, v.ID)
		if err != nil {
			t.Fatal(err)
		}
		s.mustDecide(cat, again, kit.Reject, "")
		s.reaches(id, kit.Rejected)
		s.agrees()
	})
}

// TestAStormOnSeats has all people claim and decide on cases for two at once.
func TestAStormOnSeats(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := idle(t, db, policy(review.Policy{Quorum: 2}))
		var ids []string
		for range 8 {
			ids = append(ids, s.waiting("One two"))
		}
		var wg sync.WaitGroup
		for i := range 6 {
			by := s.person("Person" + string(rune('a'+i)))
			wg.Go(func() { s.sweep(by) })
		}
		wg.Wait()
		for _, id := range ids {
			s.reaches(id, kit.Delivering)
		}
		var twice int
		err := db.Read().NewRaw(`SELECT COUNT(*) FROM (SELECT 1 FROM decisions d JOIN reviews r ON r.id = d.review_id
			GROUP BY r.round, d.user_id HAVING COUNT(*) > 1) AS x`).Scan(t.Context(), &twice)
		if err != nil || twice > 0 {
			t.Errorf("%d times somebody decided twice in a round, %v", twice, err)
		}
		s.agrees()
	})
}

// sweep has a person approve whatever they are given.
func (s *service) sweep(by auth.User) {
	for {
		v, err := s.Claim(context.Background(), by)
		if err != nil {
			s.t.Error(err)
		}
		if err != nil || v == nil {
			return
		}
		_, err = s.Decide(context.Background(), by, v.ID, review.Request{Verdict: kit.Approve, Subject: v.Subject, Epoch: v.Lease.Epoch, Key: "k"}, 0)
		if err != nil {
			s.t.Error(err)
		}
	}
}
