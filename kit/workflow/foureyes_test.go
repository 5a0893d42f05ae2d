package workflow_test

import (
	"context"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
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
		wantCode(t, err, kit.LostLease)
		for _, by := range []auth.User{s.ann, s.bob} {
			_, err = s.ClaimOne(t.Context(), by, id)
			wantCode(t, err, kit.Forbidden)
		}
		if n := s.count(barredEvents); n != 1 {
			t.Errorf("%d events", n)
		}
		cat := s.person("Cat")
		s.mustDecide(cat, s.take(cat, id), kit.Approve, "")
		s.agrees()
	})
}

// Who is kept from a review all at once neither holds it nor is waited for.
func TestWhatIsLeftToSomebodyWhomFourEyesBarIsLeftToTheOthers(t *testing.T) {
	for _, how := range []string{"assigned", "held", "held by another"} {
		t.Run(how, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				s := idle(t, db)
				done, err := s.Submit(t.Context(), s.ann, workflow.Submission{Name: "n", Input: []byte(`{"text":"One"}`)})
				if err == nil {
					err = s.StepNow(t.Context(), done.ID)
				}
				if err != nil {
					t.Fatal(err)
				}
				id := s.reaches(done.ID, kit.InReview).ReviewID
				lea := s.member("Lea", "lea@example.com", auth.Lead)
				if how != "held" {
					if err := s.AssignNow(t.Context(), lea, id, s.ann); err != nil {
						t.Fatal(err)
					}
				}
				if how == "held" {
					s.take(s.ann, id)
				}
				if how == "held by another" {
					set(t, db, `UPDATE reviews SET claimed_by = ?, lease_until = ? WHERE id = ?`, s.bob.ID, s.Clock().Add(time.Hour).UnixMicro(), id)
				}
				strict := s.anew(review.Policy{FourEyes: true})
				for range 2 {
					if err := strict.FourEyesNow(t.Context(), 10); err != nil {
						t.Fatal(err)
					}
				}
				s.mustDecide(s.bob, s.take(s.bob, id), kit.Approve, "")
				const freed = `SELECT COUNT(*) FROM audit_events WHERE kind = 'review.released' AND actor = 'service' AND case_id <> ''`
				if n := s.count(freed); n != 1 {
					t.Errorf("%d events tell it", n)
				}
				s.agrees()
			})
		})
	}
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
