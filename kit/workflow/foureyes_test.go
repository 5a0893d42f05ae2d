package workflow_test

import (
	"context"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// anew sets another runner of the service up, with a policy over its own.
func (s *service) anew(p review.Policy) *workflow.Runner {
	s.t.Helper()
	c := s.Config
	c.Policy = p
	r, err := workflow.NewRunner(c)
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

// count is the answer of a query that counts.
func (s *service) count(query string, args ...any) (n int) {
	s.t.Helper()
	if err := s.DB.Read().NewRaw(query, args...).Scan(s.t.Context(), &n); err != nil {
		s.t.Fatal(err)
	}
	return n
}

const barredEvents = `SELECT COUNT(*) FROM audit_events WHERE kind = 'reviews.barred' AND case_id = ''`

func TestFourEyesHoldForWhatWasOpenWhenTheyWereAskedFor(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := idle(t, db)
		id := s.allBarred()
		held := s.take(s.ann, id)
		servers := []*workflow.Runner{s.anew(review.Policy{FourEyes: true}), s.anew(review.Policy{FourEyes: true})}
		started := make(chan error)
		for _, r := range servers {
			go func() { started <- r.Start(t.Context()) }()
		}
		for _, r := range servers {
			if err := <-started; err != nil {
				t.Error(err)
			}
			defer r.Stop(context.Background())
		}
		_, err := s.decide(s.ann, held, kit.Approve, "")
		wantCode(t, err, kit.Forbidden)
		if err := s.Release(t.Context(), s.ann, id, held.Lease.Epoch); err != nil {
			t.Fatal(err)
		}
		_, err = s.ClaimOne(t.Context(), s.bob, id)
		wantCode(t, err, kit.Forbidden)
		if n := s.count(barredEvents); n != 1 {
			t.Errorf("%d events", n)
		}
		cat := s.person("Cat")
		s.mustDecide(cat, s.take(cat, id), kit.Approve, "")
		s.agrees()
	})
}

func TestFourEyesAreMendedInBatchesAndOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := idle(t, db, policy(review.Policy{Quorum: 2}))
		for range 3 {
			s.waiting("One")
		}
		set(t, db, `UPDATE cases SET submitted_by = ?`, s.ann.ID)
		if err := s.FourEyesNow(t.Context(), 4); err != nil || s.count(`SELECT COUNT(*) FROM barred`) != 0 {
			t.Errorf("without four eyes: %v", err)
		}
		strict := s.anew(review.Policy{Tiers: []review.Tier{{Name: "any", When: "true", Policy: review.Policy{FourEyes: true}}}})
		set(t, db, `UPDATE reviews SET tier = 'any' WHERE case_id <> (SELECT MIN(id) FROM cases)`)
		for range 2 {
			if err := strict.FourEyesNow(t.Context(), 2); err != nil {
				t.Fatal(err)
			}
			if kept, events := s.count(`SELECT COUNT(*) FROM barred WHERE user_id = ? AND why = 'submitted'`, s.ann.ID), s.count(barredEvents); kept != 4 || events != 2 {
				t.Errorf("kept from %d reviews, in %d events", kept, events)
			}
		}
	})
}
