package main

import (
	"slices"
	"testing"

	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/nail"
)

// Whatever a model drafts passes a person before it leaves, and each draft step
// has its prompt.
func TestEachDraftIsReviewedAndHasItsPrompt(t *testing.T) {
	w := Workflow(config().Baseline)
	if err := w.Check(); err != nil {
		t.Fatal(err)
	}
	prompts, err := model.LoadPrompts(files, "prompts")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range w.Steps() {
		if s.Kind == "draft" && !slices.Contains(prompts.Tasks(), s.Name) {
			t.Errorf("the draft step %s has no prompt in prompts/", s.Name)
		}
	}
}

func TestTheNailIsValid(t *testing.T) {
	raw, err := files.ReadFile("nail.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := nail.Parse("nail.yaml", raw); err != nil {
		t.Error(err)
	}
}
