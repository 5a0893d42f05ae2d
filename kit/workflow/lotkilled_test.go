package workflow_test

import (
	"testing"

	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

// Wherever the program dies while the cases of an accepted lot follow it, each
// has followed once in the end, and the lot is settled.
func TestALotThatIsCutOffAnywhereIsFollowedOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		const size, batch = 34, 25
		s, l := untilReady(t, db, size)
		if _, err := s.decideLot(s.lead, l, true); err != nil {
			t.Fatal(err)
		}
		pending, err := review.Pending(t.Context(), db.Read(), l.ID, size)
		if err != nil || len(pending) != size-l.Sample || len(pending) < batch+2 {
			t.Fatalf("%d cases are to follow, %v", len(pending), err)
		}
		cut := func(act, when string, done int) {
			t.Helper()
			free := stuckAt(t, db, act, when)
			defer free()
			if err := s.anew(review.Policy{}).TendNow(t.Context(), l.ID); err == nil {
				t.Errorf("%s where %s: nothing was cut off", act, when)
			}
			if n := s.count(`SELECT COUNT(*) FROM decisions WHERE lot_id = ?`, l.ID); n != done {
				t.Errorf("%s where %s: %d cases followed, want %d", act, when, n, done)
			}
		}
		for i, one := range pending {
			done := i / batch * batch // a batch follows as a whole or not at all
			cut("INSERT ON decisions", "NEW.case_id = '"+one.CaseID+"'", done)
			if i%batch == 1 {
				cut("INSERT ON audit_events", "NEW.kind = 'decision.made' AND NEW.case_id = '"+one.CaseID+"'", done)
				cut("UPDATE ON cases", "NEW.id = '"+one.CaseID+"'", done)
				cut("INSERT ON river_job", "NEW.kind = 'tackhammer_step' AND CAST(NEW.args AS TEXT) LIKE '%"+one.CaseID+"%'", done)
			}
		}
		cut("UPDATE ON lots", "NEW.settled_at IS NOT NULL", len(pending))
		s.goOn()
		s.eventually("all deliveries", func() bool { return s.out.count() == size })
		if n := s.count(`SELECT COUNT(*) FROM decisions WHERE lot_id = ?`, l.ID); n != len(pending) {
			t.Errorf("%d decisions for %d cases", n, len(pending))
		}
		s.good()
	})
}
