package workflow_test

import (
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

func TestStepsAndTiersAreCalledByTheirTitles(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		both := map[string]string{"en": "Large amounts", "zh": "大额"}
		s := idle(t, db, under(review.Policy{Tiers: []review.Tier{
			{Name: "large", When: "count > 9", Title: both}, {Name: "odd", When: "count > 8"}}}),
			func(c *workflow.Config) { c.Workflow.Title("check", map[string]string{"en": "Check"}) })
		for _, c := range []struct{ got, want string }{
			{s.TierTitle("large", "zh"), "大额"}, {s.TierTitle("large", "en"), "Large amounts"},
			{s.TierTitle("odd", "zh"), "odd"}, {s.TierTitle("of before", "zh"), "of before"},
			{s.StepTitle("check", "en"), "Check"}, {s.StepTitle("check", "zh"), "Check"}, {s.StepTitle("extract", "zh"), "extract"},
		} {
			if c.got != c.want {
				t.Errorf("got %q, want %q", c.got, c.want)
			}
		}
	})
}

func TestATitleOfNoStepIsAFault(t *testing.T) {
	w := path("notes", "extract", "check", review.Policy{})
	w.Title("chekc", map[string]string{"zh": "审核"})
	if err := w.Check(); err == nil || !strings.Contains(err.Error(), `title of "chekc": there is no such step`) {
		t.Errorf("got %v", err)
	}
}
