package workflow_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

func TestAStepsExpressionIsCheckedAgainstItsDraft(t *testing.T) {
	tier := func(when string) review.Policy {
		return review.Policy{Tiers: []review.Tier{{Name: "large", When: when}}}
	}
	if err := path("notes", "extract", "check", tier("count > 3")).Check(); err != nil {
		t.Error(err)
	}
	err := path("notes", "extract", "check", tier("gave_up || cuont > 3")).Check()
	if want := "step check: tier large: when, at character 12: unknown name cuont; did you mean count?"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestAWorkflowListsItsReviews(t *testing.T) {
	all := path("notes", "extract", "check", review.Policy{Quorum: 2}).Reviews()
	if len(all) != 1 || all[0].Name != "check" || all[0].Policy.Quorum != 2 || all[0].Policy.Lease != 0 || len(all[0].Schema.Fields()) != 2 {
		t.Errorf("%+v", all)
	}
}

// What a policy is told of a case is its latest true draft, and no canary.
func TestTheFactsOfACaseAreItsDrafts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, under(review.Policy{Blind: 1, Due: time.Hour}))
		if _, _, err := s.Facts(t.Context(), "nobody"); kit.CodeOf(err) != kit.NotFound {
			t.Errorf("an unknown case: %v", err)
		}
		id := s.submit("Blue chairs")
		s.claim(s.ann)
		step, f, err := s.Facts(t.Context(), id)
		if err != nil || step.Name != "check" || step.Policy.Due != time.Hour || step.Policy.Quorum != 1 {
			t.Fatalf("%+v, %v", step, err)
		}
		if f.Name != "note.txt" || string(f.Value) != `{"title":"Blue chairs","count":2}` || f.Confidence() != 0.4 || f.Schema == nil {
			t.Errorf("%+v", f)
		}
	})
}
