package workflow_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// What stands beside the inbox and its filters is how many rows they show.
func TestTheInboxCountsItsRows(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := idle(t, db, policy(review.Policy{Quorum: 3}))
		agree := func(when string, rows int64) {
			t.Helper()
			n, err := s.Counts(t.Context(), s.ann.ID)
			if err != nil || n.Waiting != rows {
				t.Errorf("%s: counts %+v, want %d rows, %v", when, n, rows, err)
			}
			for name, c := range map[string]struct {
				f workflow.InboxFilter
				n int64
			}{"all": {n: n.Waiting}, "overdue": {workflow.InboxFilter{Overdue: true}, int64(n.Overdue)}, "escalated": {workflow.InboxFilter{Escalated: true}, int64(n.Escalated)}} {
				c.f.By = s.ann
				p, err := s.Inbox(t.Context(), c.f)
				if err != nil || int64(len(p.Items)) != c.n {
					t.Errorf("%s, %s: %d rows, but %d beside them, %v", when, name, len(p.Items), c.n, err)
				}
			}
		}
		first := s.reaches(s.waiting("One"), kit.InReview).ReviewID
		s.waiting("Two")
		agree("two rounds of three", 2)
		set(t, db, `UPDATE reviews SET due_at = 1`)
		if err := s.EscalateNow(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		agree("overdue and raised", 2)
		for i, by := range []string{"Cat", "Dan", "Eve"} {
			p := s.person(by)
			s.mustDecide(p, s.take(p, s.seat(first)), kit.Approve, "")
			agree(fmt.Sprint(i+1, " decided"), []int64{2, 2, 1}[i])
		}
		for _, waits := range []bool{false, true, false} {
			err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
				_, err := tx.NewRaw(`UPDATE reviews SET waits = ? WHERE state = 'open'`, waits).Exec(ctx)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			agree(fmt.Sprint("waits ", waits), map[bool]int64{true: 1}[waits])
		}
	})
}

// seat is an open seat of a review's round.
func (s *service) seat(reviewID string) (id string) {
	s.t.Helper()
	err := s.DB.Read().NewRaw(`SELECT o.id FROM reviews r JOIN reviews o ON o.round = r.round WHERE r.id = ? AND o.state = 'open' LIMIT 1`,
		reviewID).Scan(s.t.Context(), &id)
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}
