package review_test

import (
	"context"
	"math"
	"testing"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

// tallies adds to kept counters of a day before noon's.
func (d *desk) tallies(daysAgo int, counts map[string]map[string]float64) {
	d.t.Helper()
	err := d.write(func(ctx context.Context, tx bun.Tx) error {
		for name, keys := range counts {
			for key, n := range keys {
				if err := review.Tally(ctx, tx, d.now.AddDate(0, 0, -daysAgo), name, key, n); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

func TestFiguresAddUpDaysAndKeepPeopleApart(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		ann, bob := d.ann.ID, d.bob.ID
		d.tallies(0, map[string]map[string]float64{"by": {ann + ".approve": 6, ann + ".skip": 3, bob + ".reject": 1},
			"seconds": {ann: 90, bob: 7}, "canary.caught": {ann: 1}})
		d.tallies(3, map[string]map[string]float64{"by": {ann + ".edit": 2, ann + ".approve": 1}, "seconds": {ann: 45}, "canary.missed": {ann: 2}})
		d.tallies(40, map[string]map[string]float64{"by": {ann + ".approve": 100}, "seconds": {ann: 1}})

		all, err := review.ReadFigures(t.Context(), db.Read(), auth.User{Kind: auth.PersonKind, Role: auth.Lead}, d.now.AddDate(0, 0, -29), d.now)
		if err != nil || len(all) != 2 || all[0].Person.Name != "Ann" || all[1].Person.Name != "Bob" {
			t.Fatalf("figures %+v, %v", all, err)
		}
		a := all[0]
		if a.Decided != 9 || a.Verdicts[kit.Skip] != 3 || a.Seconds != 15 || a.Approved.K != 7 || a.Edited.K != 2 || a.Caught.K != 1 || a.Caught.N != 3 {
			t.Errorf("Ann's figures are %+v", a)
		}
		low, high := eval.Wilson(7, 9, 0.95)
		if a.Approved.Low != low || a.Approved.High != high || math.Abs(a.Approved.Part()-7.0/9) > 1e-12 {
			t.Errorf("her approvals are %+v, want %v to %v", a.Approved, low, high)
		}
		if b := all[1]; b.Decided != 1 || b.Seconds != 7 || b.Caught.N != 0 || b.Caught.Low != 0 || b.Caught.High != 1 {
			t.Errorf("Bob's figures are %+v", b)
		}
		day, err := review.ReadFigures(t.Context(), db.Read(), d.ann, d.now, d.now)
		if err != nil || len(day) != 1 || day[0].Decided != 6 {
			t.Errorf("of one day Ann sees %+v, %v", day, err)
		}
	})
}

func TestWhoSeesWhoseFigures(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	d.tallies(0, map[string]map[string]float64{"by": {d.ann.ID + ".approve": 1, d.bob.ID + ".approve": 1}})
	for _, c := range []struct {
		role auth.Role
		kind auth.Kind
		sees int // people; -1 for a refusal
	}{
		{auth.Admin, auth.PersonKind, 2}, {auth.Lead, auth.PersonKind, 2}, {auth.Reviewer, auth.PersonKind, 1},
		{auth.Viewer, auth.PersonKind, -1}, {auth.Service, auth.ServiceKind, -1},
	} {
		all, err := review.ReadFigures(t.Context(), d.db.Read(), auth.User{ID: d.ann.ID, Name: "Ann", Kind: c.kind, Role: c.role}, d.now, d.now)
		switch {
		case c.sees < 0:
			wantError(t, err, kit.Forbidden, "may not see them")
		case err != nil || len(all) != c.sees || all[0].Person.ID != d.ann.ID:
			t.Errorf("a %s sees %+v, %v", c.role, all, err)
		}
	}
}

// A reviewer who decided nothing yet has a row of their own.
func TestAReviewersOwnRowIsThereBeforeTheFirstDecision(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	all, err := review.ReadFigures(t.Context(), d.db.Read(), d.bob, d.now, d.now)
	if err != nil || len(all) != 1 || all[0].Person.Name != "Bob" || all[0].Decided != 0 || all[0].Seconds != 0 {
		t.Errorf("Bob sees %+v, %v", all, err)
	}
}
