package app

import (
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
)

// A receipt's words name who let the case through each review; a file of a
// stranger's may name a review without a decision.
func TestWordsOfSeveralReviews(t *testing.T) {
	by := func(name string, v kit.Verdict) audit.ReceiptDecision {
		return audit.ReceiptDecision{Verdict: v, Person: audit.ReceiptPerson{Name: name}, At: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)}
	}
	d := delivered{Receipt: audit.Receipt{Case: "c1", Decision: by("Bob", kit.Approve), Earlier: []audit.ReceiptStep{
		{Step: "empty"}, {Step: "check", Decisions: []audit.ReceiptDecision{by("Cy", kit.Edit), by("Ann", kit.Edit)}}}}}
	got := d.words()
	if !strings.Contains(got, "approved by Bob") || !strings.Contains(got, "check before it, changed and approved by Cy and Ann") || strings.Contains(got, "empty before") {
		t.Errorf("%s", got)
	}
}
