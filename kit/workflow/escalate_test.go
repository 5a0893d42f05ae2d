package workflow_test

import (
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

// waiting makes a case whose draft waits for people, without a queue.
func (s *service) waiting(text string) string {
	s.t.Helper()
	id := s.submit(text)
	if err := s.StepNow(s.t.Context(), id); err != nil {
		s.t.Fatal(err)
	}
	return id
}

func TestAReviewThatExpiresFailsItsCaseAndIsRetried(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := idle(t, db, policy(review.Policy{Quorum: 2, Escalation: []review.Action{review.Notify, review.Expire}}))
		id := s.waiting("One two")
		v := s.claim(s.ann)
		s.mustDecide(s.ann, v, kit.Approve, "")
		if err := s.EscalateNow(t.Context(), v.ID); err != nil {
			t.Fatal(err)
		}
		c := s.reaches(id, kit.Failed)
		if c.Error.Code != "expired" || c.Delivery != nil || c.ReviewID != "" {
			t.Errorf("expired with %+v", c.Error)
		}
		if err := s.Retry(t.Context(), s.bob, id); err != nil {
			t.Fatal(err)
		}
		c = s.reaches(id, kit.InReview)
		if c.Draft.ID != v.Draft.ID || c.ReviewID == v.ID {
			t.Errorf("retried with draft %s, review %s", c.Draft.ID, c.ReviewID)
		}
		s.agrees()
	})
}

func TestAReviewLeftTooLongGoesToTheLeads(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := idle(t, db, policy(review.Policy{Escalation: []review.Action{review.Reassign, review.Raise}}))
		lead, err := s.accounts.Add(t.Context(), "Lea", "lea@example.com", auth.Lead)
		if err != nil {
			t.Fatal(err)
		}
		id := s.waiting("One")
		v := s.claim(s.ann)
		for range 2 { // once is enough
			if err := s.EscalateNow(t.Context(), v.ID); err != nil {
				t.Fatal(err)
			}
		}
		_, err = s.decide(s.ann, v, kit.Approve, "")
		wantCode(t, err, kit.LostLease)
		_, err = s.ClaimOne(t.Context(), s.ann, v.ID)
		wantCode(t, err, kit.Forbidden)
		if got := s.claim(lead); got.Priority != 1 || got.EscalatedAt == nil {
			t.Errorf("the lead is given %+v", got)
		}
		if c := s.reaches(id, kit.InReview); c.Decision != nil {
			t.Errorf("waiting decided: %+v", c.Decision)
		}
	})
}
