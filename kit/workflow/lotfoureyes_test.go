package workflow_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// untilReady gathers a lot of cases that its lead brought in, and stops the
// service when its sample was reviewed.
func untilReady(t *testing.T, db *store.DB, size int) (*lots, *review.Lot) {
	t.Helper()
	s := gathering(t, db, small(size), "v1")
	s.certify()
	for i := range size {
		input, _ := json.Marshal(kit.Document{Name: "note.txt", Text: fmt.Sprintf("Sure %d\nof 7", i+10)})
		if _, err := s.Submit(t.Context(), s.lead, workflow.Submission{Name: "note.txt", Input: input}); err != nil {
			t.Fatal(err)
		}
	}
	s.lookAt(s.until(review.Sampling), 0)
	l := s.until(review.Ready)
	s.eventually("the sample to be delivered", func() bool { return s.out.count() == l.Sample })
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s, l
}

// goOn starts a service that asks for four eyes, and waits for the one lot to
// be settled.
func (s *lots) goOn() {
	s.t.Helper()
	r := s.anew(review.Policy{FourEyes: true})
	if err := r.Start(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = r.Stop(context.Background()) })
	s.eventually("the lot to be settled", func() bool { return s.count(`SELECT COUNT(*) FROM lots WHERE settled_at IS NOT NULL`) == 1 })
}

// A lot that was accepted is settled under that decision, whatever the terms
// have become since: it was lawful then.
func TestALotThatWasAcceptedIsSettledWhenFourEyesComeOn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s, l := untilReady(t, db, 8)
		if _, err := s.decideLot(s.lead, l, true); err != nil { // and the process dies before the cases follow
			t.Fatal(err)
		}
		s.goOn()
		if n := s.count(`SELECT COUNT(*) FROM decisions WHERE lot_id = ? AND user_id = ?`, l.ID, s.lead.ID); n != l.Size-l.Sample {
			t.Errorf("%d of %d cases followed", n, l.Size-l.Sample)
		}
		s.eventually("all deliveries", func() bool { return s.out.count() == l.Size })
		s.good()
	})
}

// A case from which the person was kept all the same cannot follow: it is
// reviewed singly, and keeps none of the others.
func TestACaseThatCannotFollowItsLotLeavesIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s, l := untilReady(t, db, 8)
		if _, err := s.decideLot(s.lead, l, true); err != nil {
			t.Fatal(err)
		}
		set(t, db, `INSERT INTO barred (review_id, user_id, why) SELECT MIN(id), ?, 'submitted' FROM reviews WHERE state = 'open' AND NOT waits`, s.lead.ID)
		s.goOn()
		s.eventually("the deliveries of the others", func() bool { return s.out.count() == l.Size-1 })
		if n := s.count(`SELECT COUNT(*) FROM audit_events WHERE kind = 'lot.left' AND case_id <> ''`); n != 1 {
			t.Errorf("%d events tell it", n)
		}
		if _, err := s.ClaimOne(t.Context(), s.lead, s.reaches(s.waiting()[0], kit.InReview).ReviewID); review.CauseOf(err) != review.BroughtIn {
			t.Errorf("the lead is let to it: %v", err)
		}
		s.mustDecide(s.ann, s.claim(s.ann), kit.Approve, "")
		s.eventually("all deliveries", func() bool { return s.out.count() == l.Size })
	})
}

// Nobody decides on a lot by whose terms now they may not look at one of its
// cases, whether or not that was noted by who does the work.
func TestFourEyesHoldForALotThatIsNotDecided(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s, l := untilReady(t, db, 8)
		strict := s.anew(review.Policy{FourEyes: true})
		s.Runner = strict
		for range 2 {
			for _, accept := range []bool{true, false} {
				_, err := s.decideLot(s.lead, l, accept)
				wantCode(t, err, kit.Forbidden)
			}
			if err := strict.FourEyesNow(t.Context(), 10); err != nil { // second time, it is noted
				t.Fatal(err)
			}
		}
		other := s.member("Max", "max@example.com", auth.Lead)
		if _, err := s.decideLot(other, l, true); err != nil {
			t.Fatal(err)
		}
		s.goOn()
		s.eventually("all deliveries", func() bool { return s.out.count() == l.Size })
		s.good()
	})
}
