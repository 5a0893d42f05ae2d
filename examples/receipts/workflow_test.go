package main

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/kittest"
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

// The steps are those that were asked for, in their order.
func TestSteps(t *testing.T) {
	var kinds []string
	for _, s := range Workflow(config().Baseline).Steps() {
		kinds = append(kinds, s.Kind)
	}
	if !slices.Equal(kinds, []string{"draft", "review", "deliver"}) {
		t.Errorf("the steps are %v", kinds)
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
