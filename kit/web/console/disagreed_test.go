package console_test

import (
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

func TestADisagreementIsSaidToBeSettledByAnother(t *testing.T) {
	w := newWorld()
	w.add("r1", "a.txt").Cause = review.Disagreed
	w.add("r2", "b.txt").Cause = review.Looked
	k := w.cases["c-r1"]
	k.Cause, k.Undecided = review.Disagreed, &workflow.Undecided{Out: 1, Others: 2, Disagree: true}
	k.Decision = &review.Decision{ID: "d1", ReviewID: "r1", Verdict: kit.Approve, Person: review.Holder{ID: mei.ID, Name: mei.Name}, CreatedAt: w.now}
	c := serve(t, w, nil).as("tp_mei")
	page := c.get("/cases/c-r1")
	page.has(t, 200, "You and a colleague disagree; somebody else settles it.")
	page.lacks(t, "Others still to decide")
	c.get("/reviews/r1").has(t, 200, "You have decided on this already. A colleague settles the disagreement.")
	page = c.get("/reviews/r2")
	page.has(t, 200, "You have decided on this already.")
	page.lacks(t, "disagreement")
	c.get("/inbox").lacks(t, "To be settled")
	w.together.settles = map[string]bool{"r2": true}
	w.reviews["r2"].Cause = ""
	c.get("/inbox").has(t, 200, ">To be settled</span>", "Colleagues decided differently. You settle it.")
}
