package workflow_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

// pushed moves a case past its review, as somebody who writes to the database
// would, and has the service take it up.
func (s *service) pushed(id, queries, decision string) {
	s.t.Helper()
	queries += `;
INSERT INTO outputs (case_id, step, seq, value, decision_id, created_at) SELECT case_id, 'check', 1, value, id, 1 FROM decisions WHERE id = '` + decision + `';
UPDATE cases SET state = 'delivering', step = 'export', updated_at = 1 WHERE id = '` + id + `'`
	for _, q := range strings.Split(queries, ";\n") {
		s.exec(q)
	}
	if err := s.SweepNow(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	if c := s.reaches(id, kit.Failed); c.Error.Code != kit.Forbidden || s.out.count() > 0 {
		s.t.Errorf("it failed with %+v, %d left", c.Error, s.out.count())
	}
}

// insertsDelivery is the database's answer to a delivery under a decision.
func (s *service) insertsDelivery(id, decision string) error {
	return s.DB.Write(s.t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw(`INSERT INTO deliveries (id, case_id, step, decision_id, releases, output, receipt, created_at)
			VALUES ('forged', ?, 'export', ?, TRUE, '{}', '{}', 1)`, id, decision).Exec(ctx)
		if err == nil {
			return errBack
		}
		return err
	})
}

const withdrawn = `UPDATE reviews SET state = 'decided', ended = 'withdrawn', decided_at = 1 WHERE state = 'open'`

// Whoever writes to the database cannot have what waits for another look leave
// without it, and the trail tells that they tried.
func TestNothingLeavesPastASecondLook(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, policy(review.Policy{SecondLook: 1}))
		id := s.submit("One two")
		d := s.mustDecide(s.ann, s.claim(s.ann), kit.Approve, "").Decision
		s.agrees()
		s.pushed(id, withdrawn, d.ID)
		if err := s.insertsDelivery(id, d.ID); err == nil || !strings.Contains(err.Error(), "a delivery needs a decision that stands") {
			t.Errorf("the database says %v", err)
		}
		if all := strings.Join(s.compare(), "\n"); !strings.Contains(all, "was ended by nobody") {
			t.Errorf("Compare says %q", all)
		}
	})
}

func TestNothingLeavesPastADisagreement(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, policy(review.Policy{SecondLook: 1}))
		id := s.submit("One two")
		d := s.mustDecide(s.ann, s.claim(s.ann), kit.Approve, "").Decision
		no := s.mustDecide(s.bob, s.claim(s.bob), kit.Reject, "").Decision
		s.agrees()
		if err := s.insertsDelivery(id, d.ID); err == nil {
			t.Error("the database takes a delivery that waits to be settled")
		}
		s.exec(fmt.Sprintf(`UPDATE decisions SET undone_at = 1 WHERE id = '%s'`, no.ID))
		s.pushed(id, withdrawn, d.ID)
		if err := s.insertsDelivery(id, d.ID); err == nil || !strings.Contains(err.Error(), "a delivery needs a decision that stands") {
			t.Errorf("the database says %v", err)
		}
	})
}

// The seat of whoever is still to look stays.
func TestAnOpenSeatOfARoundThatWasDecidedOnIsNotDeleted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, policy(review.Policy{SecondLook: 1}))
		id := s.submit("One two")
		s.mustDecide(s.ann, s.claim(s.ann), kit.Approve, "")
		s.reaches(id, kit.InReview)
		if _, err := db.SQL().ExecContext(t.Context(), `DELETE FROM reviews WHERE state = 'open'`); err == nil {
			t.Error("the seat of the second look was deleted")
		}
	})
}

// delivered has the trail say that a case left under a decision.
func delivered(id, decision string) string {
	return fmt.Sprintf(`INSERT INTO audit_events (seq, at, actor, kind, case_id, data, prev, hash) SELECT MAX(seq) + 1, MAX(at), 'service',
		'delivery.made', '%s', '{"delivery": "x", "decision": "%s"}', '', 'x' FROM audit_events`, id, decision)
}

// Also where every guard was taken away, and the service fooled.
func TestCompareNamesWhatLeftPastASeat(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, policy(review.Policy{SecondLook: 1}))
		id := s.submit("One two")
		d := s.mustDecide(s.ann, s.claim(s.ann), kit.Approve, "").Decision
		s.reaches(id, kit.InReview)
		s.names("the delivery x left before the review", delivered(id, d.ID))
		s.names("was ended by nobody", withdrawn)
		s.names("was ended by nobody", strings.Replace(withdrawn, "withdrawn", "expired", 1))
		s.names("nobody made the decision that it says it has", strings.Replace(withdrawn, "withdrawn", "", 1))
		s.names("is open again, though it was decided", `UPDATE reviews SET state = 'open' WHERE state = 'decided'`)
		no := s.mustDecide(s.bob, s.claim(s.bob), kit.Reject, "").Decision
		s.reaches(id, kit.InReview)
		s.names("the delivery x goes against the decision "+no.ID, delivered(id, d.ID))
	})
}
