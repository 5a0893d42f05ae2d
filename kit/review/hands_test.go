package review_test

import (
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

func TestOnePersonHoldsFiftyReviewsAtMost(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		var ids []string
		for range 51 {
			ids = append(ids, d.open(review.Opening{}))
		}
		for _, id := range ids[:50] {
			if err := d.claimOne(d.ann, id); err != nil {
				t.Fatal(err)
			}
		}
		wantError(t, d.claimOne(d.ann, ids[50]), kit.Conflict, "Ann holds 50")
		if err := d.claimOne(d.ann, ids[0]); err != nil {
			t.Errorf("what Ann holds already is refused: %v", err)
		}
		if v := d.claim(d.bob); v == nil || v.ID != ids[50] {
			t.Errorf("Bob is given %+v", v)
		}
	})
}
