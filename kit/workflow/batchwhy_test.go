package workflow_test

import (
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

// A blind review that nobody filled in stays in the queue, and the batch says
// that it is why.
func TestABatchTellsWhyItLeftACase(t *testing.T) {
	s := start(t, storetest.SQLite(t), policy(review.Policy{Blind: 1}))
	id := s.reaches(s.submit("One two"), kit.InReview).ReviewID
	items, err := s.BatchReturn(t.Context(), s.ann, []string{id, "gone"}, "look again", "k")
	if err != nil || len(items) != 2 {
		t.Fatal(items, err)
	}
	if i := items[0]; i.Code != kit.Conflict || i.Obstacle != review.Unfilled || i.CaseName == "" {
		t.Errorf("of the blind one it says %+v", i)
	}
	if i := items[1]; i.Code != kit.NotFound || i.CaseName != "" || i.Obstacle != "" {
		t.Errorf("of none it says %+v", i)
	}
	if r, err := s.Review(t.Context(), s.ann, id); err != nil || r.State != review.Open || r.Holder != nil {
		t.Errorf("it is left at %+v, %v", r, err)
	}
}
