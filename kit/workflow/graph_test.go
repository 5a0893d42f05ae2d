package workflow_test

import (
	"slices"
	"testing"

	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/baseline"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// Steps leaves out what the path does not come by; Graph must not.
func TestGraphHasTheStepsBesideThePath(t *testing.T) {
	w, in := workflow.New[note]("notes")
	extract := model.Extract[note, label](baseline.New("rules", "v1", firstLine), "extract")
	first, second := workflow.Draft(in, "one", extract), workflow.Draft(in, "two", extract)
	workflow.Deliver(workflow.Review(first, "check", review.Policy{Quorum: 2}), "export", value)
	workflow.Deliver(workflow.Review(second, "glance", review.Policy{}), "leak", value)

	var got []string
	for _, n := range w.Graph() {
		got = append(got, n.Kind+" "+n.Name+" of "+n.From)
		if (n.Policy != nil) != (n.Kind == "review") {
			t.Errorf("%s %s has the policy %v", n.Kind, n.Name, n.Policy)
		}
	}
	want := []string{"draft one of ", "draft two of ", "review check of one", "deliver export of check", "review glance of two", "deliver leak of glance"}
	if !slices.Equal(got, want) {
		t.Errorf("the graph is %q", got)
	}
	if p := w.Graph()[2].Policy; p.Quorum != 2 {
		t.Errorf("the policy has a quorum of %d, want 2", p.Quorum)
	}
}
