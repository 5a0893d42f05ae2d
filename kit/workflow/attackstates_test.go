package workflow_test

import (
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

func TestCompareNamesWhatWasMovedBesideItsReviews(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, policy(review.Policy{Quorum: 2}))
		id := s.submit("One two")
		v := s.reviewing(id)
		s.agrees()
		for _, c := range [][2]string{
			{"is said to be in the state delivering, but is review", `UPDATE cases SET state = 'delivering', step = 'export'`},
			{"is said to be in the state drafting, but is review", `UPDATE cases SET state = 'drafting'`},
			{"its name, workflow or hash is not the one", `UPDATE cases SET name = 'other.pdf'`},
			{"its name, workflow or hash is not the one", `UPDATE cases SET workflow = 'other'`},
			{"its name, workflow or hash is not the one", `UPDATE cases SET input_hash = 'x'`},
			{"is not of the step nope", `UPDATE reviews SET step = 'nope'`},
			{"waits for nobody", `UPDATE reviews SET waits = FALSE`},
			{"was not left to " + s.ann.ID, `UPDATE reviews SET assigned_to = '` + s.ann.ID + `'`},
			{"the round " + v.ID + " has 1 seats, it was opened with 2", `DELETE FROM reviews WHERE seat = 2`},
			{"nobody made the decision that it says it has", `UPDATE reviews SET state = 'decided' WHERE seat = 2`},
		} {
			s.names("case "+id+": ", c[1])
			s.names(c[0], c[1])
		}
		s.mustDecide(s.ann, s.claim(s.ann), kit.Reject, "")
		s.mustDecide(s.bob, s.claim(s.bob), kit.Reject, "")
		s.reaches(id, kit.Rejected)
		s.agrees()
		s.names("is said to be in the state review, but is rejected", `UPDATE cases SET state = 'review'`)
		s.names("is said to be in the state failed, but is rejected", `UPDATE cases SET state = 'failed'`)
	})
}
