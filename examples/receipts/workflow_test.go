package main

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/kittest"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/nail"
)

// A receipt goes the whole way: the rules draft it, a person puts one field
// right, and what leaves is what that person decided.
func TestReceiptLeavesAsDecided(t *testing.T) {
	desk := kittest.Start(t, config())
	id := desk.Import("kopi-lima.txt", sample(t, "kopi-lima.txt"))
	desk.Edit(desk.Claim(), map[string]any{"company": "Kopi Lima"})

	var left Entry
	if err := json.Unmarshal(desk.Delivered(id), &left); err != nil {
		t.Fatal(err)
	}
	if left.Company == nil || *left.Company != "Kopi Lima" {
		t.Errorf("the company that left is not the person's: %v", left.Company)
	}
	if left.Date == nil || *left.Date != "2024-02-07" {
		t.Errorf("the date that left is not the draft's: %v", left.Date)
	}
	if left.Total == nil {
		t.Fatal("no total left")
	}
	if total, err := left.Total.Float64(); err != nil || total != 12 {
		t.Errorf("the total that left is %v, %v", *left.Total, err)
	}
}

func TestRejectedReceiptStays(t *testing.T) {
	desk := kittest.Start(t, config())
	id := desk.Submit("LOYALTY CARD TERMS\nPOINTS EXPIRE AFTER A YEAR")
	desk.Reject(desk.Claim(), "no receipt")
	if c := desk.Reaches(id, kit.Rejected); c.Delivery != nil {
		t.Errorf("a rejected case was delivered: %s", c.Delivery.Output)
	}
}

// Whatever a model drafts passes a person before it leaves.
func TestWorkflowCrossesAReview(t *testing.T) {
	w := Workflow(config().Baseline)
	if err := w.Check(); err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, s := range w.Steps() {
		kinds = append(kinds, s.Kind)
	}
	if !slices.Equal(kinds, []string{"draft", "review", "deliver"}) {
		t.Errorf("the steps are %v", kinds)
	}
}

// nail.yaml is valid, and each draft step has its prompt.
func TestNailAndPrompts(t *testing.T) {
	raw, err := files.ReadFile("nail.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := nail.Parse("nail.yaml", raw); err != nil {
		t.Error(err)
	}
	prompts, err := model.LoadPrompts(files, "prompts")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range Workflow(config().Baseline).Steps() {
		if s.Kind == "draft" && !slices.Contains(prompts.Tasks(), s.Name) {
			t.Errorf("the draft step %s has no prompt in prompts/", s.Name)
		}
	}
}

func sample(t *testing.T, name string) string {
	t.Helper()
	raw, err := files.ReadFile("samples/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
