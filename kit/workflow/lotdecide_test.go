package workflow_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

func TestALotIsDecidedOnceByOneWhoMay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p := small(8)
		p.Roles = []auth.Role{auth.Reviewer, auth.Lead}
		s := gathering(t, db, p, "v1")
		s.certify()
		s.sure(8)
		s.lookAt(s.until(review.Sampling), 0)
		l := s.until(review.Ready)
		boss, err := s.accounts.Add(t.Context(), "Boss", "boss@example.com", auth.Admin)
		if err != nil {
			t.Fatal(err)
		}
		for _, by := range []auth.User{s.robot, boss} {
			_, err := s.decideLot(by, l, true)
			wantCode(t, err, kit.Forbidden)
		}
		stale := *l
		stale.Subject = strings.Repeat("0", 64)
		_, err = s.decideLot(s.lead, &stale, true)
		wantCode(t, err, kit.Stale)
		_, _, err = s.DecideLot(t.Context(), s.lead, l.ID, review.LotRequest{Subject: l.Subject, Key: "k"})
		wantCode(t, err, kit.Invalid) // rejected without a reason

		q := review.LotRequest{Accept: true, Subject: l.Subject, Key: "click"}
		var wg sync.WaitGroup
		var first sync.Map
		for i := range 8 {
			wg.Go(func() {
				done, repeated, err := s.DecideLot(context.Background(), s.lead, l.ID, q)
				if err != nil || done.State != review.AcceptedLot {
					t.Errorf("click %d: %+v, %v", i, done, err)
				}
				if !repeated {
					first.Store(i, true)
				}
			})
		}
		wg.Wait()
		n := 0
		first.Range(func(any, any) bool { n++; return true })
		if n != 1 {
			t.Errorf("%d clicks were the first", n)
		}
		q.Accept, q.Reason = false, "no"
		_, _, err = s.DecideLot(t.Context(), s.lead, l.ID, q)
		wantCode(t, err, kit.Conflict)
		_, err = s.decideLot(s.ann, l, true)
		wantCode(t, err, kit.Decided)
		s.eventually("all deliveries", func() bool { return s.out.count() == 8 })
		s.good()
	})
}

func TestACaseThatChangedSinceItGatheredIsNotAccepted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := gathering(t, db, small(8), "v1")
		s.certify()
		s.sure(8)
		s.lookAt(s.until(review.Sampling), 0)
		l := s.until(review.Ready)
		_, err := db.SQL().ExecContext(t.Context(), `UPDATE drafts SET prompt_hash = 'other' WHERE case_id IN
			(SELECT case_id FROM lot_cases WHERE NOT sampled)`)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.decideLot(s.lead, l, true)
		wantCode(t, err, kit.Stale)
		if _, err := s.decideLot(s.lead, l, false); err != nil {
			t.Error(err)
		}
	})
}

func TestUndoTakesTheOutcomeBackUntilTheLotIsDecided(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := gathering(t, db, small(8), "v1")
		s.certify()
		s.sure(8)
		l := s.until(review.Sampling)
		for range l.Sample - 1 {
			s.mustDecide(s.ann, s.claim(s.ann), kit.Approve, "")
		}
		last := s.claim(s.ann)
		approve := func(v *review.Review) string {
			t.Helper()
			out, err := s.Decide(t.Context(), s.ann, v.ID, review.Request{Verdict: kit.Approve, Subject: v.Subject,
				Epoch: v.Lease.Epoch, Key: kit.NewID()}, time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			return out.Decision.ID
		}
		decision := approve(last)
		s.until(review.Ready)
		if _, err := s.Undo(t.Context(), s.ann, decision); err != nil {
			t.Fatal(err)
		}
		if l := s.until(review.Sampling); l.Looked != l.Sample-1 || l.Result != nil {
			t.Errorf("after the undo: %+v", l)
		}
		again, err := s.Review(t.Context(), s.ann, last.ID)
		if err != nil {
			t.Fatal(err)
		}
		decision = approve(again)
		if _, err := s.decideLot(s.lead, s.until(review.Ready), true); err != nil {
			t.Fatal(err)
		}
		_, err = s.Undo(t.Context(), s.ann, decision)
		wantCode(t, err, kit.Conflict)
		s.good()
	})
}
