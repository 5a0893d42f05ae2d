package workflow_test

import (
	"slices"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

// TestAPersonFillsInOnceARound lets Ann lose the seat in which she answered to
// Bob: what she filled in counts in the other seat, where she has seen the draft.
func TestAPersonFillsInOnceARound(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, policy(review.Policy{DoubleBlind: 1}))
		id := s.submit("Blue chairs")
		first := s.claim(s.ann)
		if _, err := s.fill(s.ann, first, `{"title": "Blue chairs", "count": "4"}`); err != nil {
			t.Fatal(err)
		}
		if err := s.Release(t.Context(), s.ann, first.ID, first.Lease.Epoch); err != nil {
			t.Fatal(err)
		}
		b, err := s.ClaimOne(t.Context(), s.bob, first.ID)
		if err != nil {
			t.Fatal(err)
		}
		a := s.claim(s.ann)
		if a.ID == first.ID || a.BlindAnswer == nil || string(a.BlindAnswer.Value) != `{"title":"Blue chairs","count":4}` {
			t.Fatalf("in the other seat Ann is shown %+v", a)
		}
		_, err = s.fill(s.ann, a, `{"title": "Blue chairs", "count": "2"}`)
		wantCode(t, err, kit.Conflict)
		if _, err = s.fill(s.ann, a, `{"title": "Blue chairs", "count": "4"}`); err != nil {
			t.Errorf("her answer sent again: %v", err)
		}
		refused(t, db, `INSERT INTO blind_answers (review_id, user_id, value, differs, created_at) VALUES ('`+a.ID+`', '`+s.ann.ID+`', '{}', '[]', 1)`)
		if b, err = s.fill(s.bob, b, `{"title": "Blue chairs", "count": "2"}`); err != nil {
			t.Fatal(err)
		}
		s.mustDecide(s.ann, a, kit.Approve, "")
		s.mustDecide(s.bob, b, kit.Approve, "")
		s.reaches(id, kit.Delivered)
		rounds, err := review.BlindAnswers(t.Context(), db.Read(), "", 10)
		if err != nil || len(rounds) != 1 || len(rounds[0].People) != 2 {
			t.Fatalf("rounds %+v, %v", rounds, err)
		}
		if slices.ContainsFunc(rounds[0].People, func(p review.BlindPerson) bool { return p.Final == nil }) {
			t.Errorf("what they decided in the end is not told: %+v", rounds[0].People)
		}
		s.agrees()
	})
}
