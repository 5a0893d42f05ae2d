package workflow_test

import (
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

// A sample says nothing of drafts whose bar is known not to hold: its lot is
// broken up, however far it has come.
func TestAVoidBarBreaksUpItsOpenLots(t *testing.T) {
	for looked, state := range map[string]review.LotState{"no": review.Sampling, "some": review.Sampling, "all": review.Ready} {
		t.Run(looked, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				s := gathering(t, db, small(8), "v1")
				b := s.certify()
				ids := s.sure(8)
				l := s.until(review.Sampling)
				var d *review.Decision
				for i := range l.Sample {
					if looked == "all" || looked == "some" && i == 0 {
						v := s.claim(s.ann)
						out, err := s.Decide(t.Context(), s.ann, v.ID, review.Request{Verdict: kit.Approve, Subject: v.Subject,
							Epoch: v.Lease.Epoch, Key: kit.NewID()}, time.Hour)
						if err != nil {
							t.Fatal(err)
						}
						d = &out.Decision
					}
				}
				l = s.until(state)
				if err := s.VoidBar(t.Context(), s.lead, b.ID, "a new printer"); err != nil {
					t.Fatal(err)
				}
				for _, accept := range []bool{true, false} {
					_, err := s.decideLot(s.lead, l, accept)
					wantCode(t, err, kit.Conflict)
				}
				if d != nil { // what was decided by itself can be taken back as ever
					if _, err := s.Undo(t.Context(), s.ann, d.ID); err != nil {
						t.Fatal(err)
					}
				}
				done := s.count(`SELECT COUNT(*) FROM reviews WHERE state = 'decided'`)
				if waits := s.waiting(); len(waits)+done != len(ids) || s.only().State != review.VoidLot {
					t.Errorf("%d of %d cases wait, %d are decided", len(waits), len(ids), done)
				}
				if n := s.count(`SELECT COUNT(*) FROM audit_events WHERE kind = 'lot.voided' AND case_id = ''`); n != 1 {
					t.Errorf("%d events", n)
				}
				for _, id := range s.waiting() {
					s.mustDecide(s.ann, s.claimOf(s.ann, id), kit.Edit, `{"count": "8"}`)
					s.reaches(id, kit.Delivered)
				}
				s.good()
			})
		})
	}
}

func TestALotThatWasAcceptedStandsWhenItsBarIsVoid(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := gathering(t, db, small(8), "v1")
		b := s.certify()
		ids := s.sure(8)
		s.lookAt(s.until(review.Sampling), 0)
		if _, err := s.decideLot(s.lead, s.until(review.Ready), true); err != nil {
			t.Fatal(err)
		}
		if err := s.VoidBar(t.Context(), s.lead, b.ID, "a new printer"); err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			s.reaches(id, kit.Delivered)
		}
		s.good()
	})
}
