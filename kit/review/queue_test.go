package review_test

import (
	"context"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

func TestTheQueueGivesTheUrgentThenTheOldest(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		late := d.open(review.Opening{At: noon.Add(time.Minute)})
		early := d.open(review.Opening{At: noon})
		urgent := d.open(review.Opening{At: noon.Add(time.Hour), Priority: 1})
		for i, want := range []string{urgent, early, late} {
			v := d.claim(d.ann)
			if v == nil || v.ID != want {
				t.Fatalf("claim %d gave %+v, want %s", i+1, v, want)
			}
			if v.Holder.Name != "Ann" || v.Lease.Epoch != 1 || !v.Lease.ExpiresAt.Equal(noon.Add(10*time.Minute)) {
				t.Errorf("Ann's claim is %+v of %+v", v.Lease, v.Holder)
			}
		}
		if v := d.claim(d.bob); v != nil {
			t.Errorf("Bob was given %s, which Ann holds", v.ID)
		}
	})
}

func TestALeaseKeepsOthersOutUntilItEnds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		id := d.open(review.Opening{})
		d.claim(d.ann)
		wantError(t, d.claimOne(d.bob, id), kit.LostLease, "held by Ann until 12:10 UTC")
		if err := d.claimOne(d.ann, id); err != nil {
			t.Errorf("Ann claims her own again: %v", err)
		}
		d.now = noon.Add(10 * time.Minute)
		if v := d.get(id); v.Holder != nil {
			t.Errorf("a lease that ended is shown as held by %s", v.Holder.Name)
		}
		if v := d.claim(d.bob); v == nil || v.Lease.Epoch != 2 {
			t.Fatalf("Bob's claim after the lease: %+v", v)
		}
		_, _, err := d.decide(d.ann, id, review.Request{Verdict: kit.Approve, Subject: d.get(id).Subject, Epoch: 1, Key: "k"})
		wantError(t, err, kit.LostLease, "held by Bob")
	})
}

func TestRenewAndReleaseAreTheHoldersAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		id := d.open(review.Opening{})
		v := d.claim(d.ann)
		d.now = noon.Add(9 * time.Minute)
		renew := func(by auth.User, epoch int64) (lease review.Lease, err error) {
			err = d.write(func(ctx context.Context, tx bun.Tx) (err error) {
				lease, err = review.Renew(ctx, db, tx, by, id, epoch, d.now, tenMinutes)
				return err
			})
			return lease, err
		}
		lease, err := renew(d.ann, v.Lease.Epoch)
		if err != nil || !lease.ExpiresAt.Equal(noon.Add(19*time.Minute)) || lease.Epoch != v.Lease.Epoch {
			t.Errorf("renewed to %+v, %v", lease, err)
		}
		_, err = renew(d.bob, v.Lease.Epoch)
		wantError(t, err, kit.LostLease, "held by Ann")
		_, err = renew(d.ann, v.Lease.Epoch+1)
		wantError(t, err, kit.LostLease, "held by Ann")
		release := func(by auth.User) error {
			return d.write(func(ctx context.Context, tx bun.Tx) error {
				return review.Release(ctx, db, tx, by, id, v.Lease.Epoch)
			})
		}
		wantError(t, release(d.bob), kit.LostLease, "held by Ann")
		if err := release(d.ann); err != nil {
			t.Fatal(err)
		}
		wantError(t, release(d.ann), kit.LostLease, "nobody holds it now")
		if got := d.claim(d.bob); got == nil || got.ID != id {
			t.Errorf("what was released is not claimed: %+v", got)
		}
	})
}

func TestOnlyPeopleWhoMayDecideClaim(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	id := d.open(review.Opening{})
	viewer, robot, gone := d.ann, d.ann, d.ann
	viewer.Role = auth.Viewer
	robot.Kind, robot.Role = auth.ServiceKind, auth.Service
	gone.Disabled = true
	for _, u := range []auth.User{viewer, robot, gone, {}} {
		wantError(t, d.claimOne(u, id), kit.Forbidden, "not a person who may decide")
		err := d.write(func(ctx context.Context, tx bun.Tx) error {
			_, err := review.Claim(ctx, d.db, tx, u, d.now, tenMinutes)
			return err
		})
		wantError(t, err, kit.Forbidden, "claim a review")
		_, _, err = d.decide(u, id, request(d.get(id), kit.Approve))
		wantError(t, err, kit.Forbidden, "decide review "+id)
	}
}

func TestAnEscalationRaisesOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		first, second := d.open(review.Opening{At: noon}), d.open(review.Opening{At: noon.Add(time.Second)})
		for i, want := range []int{1, 0} {
			err := d.write(func(ctx context.Context, tx bun.Tx) error {
				late, err := review.Overdue(ctx, tx, second)
				if err != nil || len(late) != want {
					t.Errorf("escalation %d is of %v, %v", i+1, late, err)
				}
				return review.Escalate(ctx, tx, []string{second}, []review.Action{review.Raise}, noon.Add(time.Hour))
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		v := d.claim(d.ann)
		if v.ID != second || v.Priority != 1 || !v.EscalatedAt.Equal(noon.Add(time.Hour)) || v.State != review.Open {
			t.Errorf("claimed %+v, want the escalated %s before %s", v, second, first)
		}
	})
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	_, err := review.Get(t.Context(), d.db.Read(), auth.User{}, "none", d.now)
	wantError(t, err, kit.NotFound, "review none: there is no such review")
	wantError(t, d.claimOne(d.ann, "none"), kit.NotFound, "review none")
	_, _, err = d.decide(d.ann, "none", review.Request{Verdict: kit.Approve, Key: "k"})
	wantError(t, err, kit.NotFound, "review none")
	if got, err := review.DecisionByID(t.Context(), d.db.Read(), "none"); got != nil || err != nil {
		t.Errorf("decision none is %+v, %v", got, err)
	}
}
