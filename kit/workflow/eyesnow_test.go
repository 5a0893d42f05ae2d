package workflow_test

import (
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// A process that does no work has noted nothing of whom four eyes keep out;
// what it runs by holds all the same.
func TestFourEyesHoldInAProcessThatDoesNoWork(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := idle(t, db)
		id := s.allBarred()
		held := s.take(s.ann, id)
		strict := &service{t: t, Runner: s.anew(review.Policy{FourEyes: true})}
		lea := s.member("Lea", "lea@example.com", auth.Lead)
		_, err := strict.decide(s.ann, held, kit.Approve, "")
		wantKept(t, err, review.BroughtIn)
		if err := strict.Release(t.Context(), s.ann, id, held.Lease.Epoch); err != nil {
			t.Fatal(err)
		}
		for why, by := range map[review.Cause]auth.User{review.BroughtIn: s.ann, review.DecidedBefore: s.bob} {
			if v, err := strict.Claim(t.Context(), by); err != nil || v != nil {
				t.Errorf("%s is given %+v, %v", by.Name, v, err)
			}
			_, err := strict.ClaimOne(t.Context(), by, id)
			wantKept(t, err, why)
			wantKept(t, strict.AssignNow(t.Context(), lea, id, by), why)
			strict.keeps(by, id, why)
		}
		cat := s.person("Cat")
		strict.keeps(cat, id, "")
		strict.mustDecide(cat, strict.claim(cat), kit.Approve, "")
		s.agrees()
	})
}

// wantKept wants an error to say for which cause a person is kept out.
func wantKept(t *testing.T, err error, why review.Cause) {
	t.Helper()
	wantCode(t, err, kit.Forbidden)
	if got := review.CauseOf(err); got != why {
		t.Errorf("the cause is %q, want %q: %v", got, why, err)
	}
}

// keeps wants the inbox, the review and its case to say why they are not for a
// person.
func (s *service) keeps(by auth.User, id string, why review.Cause) {
	s.t.Helper()
	p, err := s.Inbox(s.t.Context(), workflow.InboxFilter{By: by})
	if err != nil || len(p.Items) != 1 || p.Items[0].Cause != why {
		s.t.Errorf("the inbox of %s shows %+v, %v", by.Name, p.Items, err)
	}
	v, err := s.Review(s.t.Context(), by, id)
	if err != nil || v.Cause != why {
		s.t.Fatalf("the review tells %s %+v, %v", by.Name, v, err)
	}
	if c, err := s.Case(s.t.Context(), by, v.CaseID); err != nil || c.Cause != why {
		s.t.Errorf("the case tells %s %q, %v", by.Name, c.Cause, err)
	}
}

func TestWhoBroughtTheFirstCasesInIsGivenTheNextOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := idle(t, db)
		for range 5 {
			s.waiting("One")
		}
		set(t, db, `UPDATE cases SET submitted_by = ?`, s.ann.ID)
		last := s.waiting("Two")
		strict := s.anew(review.Policy{Tiers: []review.Tier{{Name: "any", When: "true", Policy: review.Policy{FourEyes: true}}}})
		set(t, db, `UPDATE reviews SET tier = 'any'`)
		if v, err := strict.Claim(t.Context(), s.ann); err != nil || v == nil || v.CaseID != last {
			t.Errorf("Ann is given %+v, %v", v, err)
		}
		set(t, db, `UPDATE reviews SET tier = '' WHERE id = (SELECT MIN(id) FROM reviews)`)
		if v, err := strict.Claim(t.Context(), s.ann); err != nil || v == nil || v.CaseID == last {
			t.Errorf("where the terms ask for no four eyes, Ann is given %+v, %v", v, err)
		}
	})
}
