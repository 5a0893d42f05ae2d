package main

import (
	"context"

	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// Workflow is the path of a case: what this service does, and where a person
// stands in it. A workflow that delivers what nobody approved does not compile.
func Workflow(m model.Provider) *workflow.Workflow {
	w, in := workflow.New[Receipt]("receipts")
	drafted := workflow.Draft(in, "extract", model.Extract[Receipt, Entry](m, "extract"))
	checked := workflow.Review(drafted, "check", review.Policy{}) // its terms are nail.yaml's

	workflow.Deliver(checked, "export", export)

	// What people read in place of the steps' names.
	w.Title("extract", map[string]string{"en": "Read", "zh": "读取"})
	w.Title("check", map[string]string{"en": "Check", "zh": "审核"})
	w.Title("export", map[string]string{"en": "Deliver", "zh": "交付"})
	return w
}

// Outcome is what the last step hands on to be delivered.
type Outcome = Entry

// export shapes what leaves. It runs again when a delivery is retried, so it
// may read but must not change anything outside.
func export(_ context.Context, e workflow.Approved[Outcome]) (any, error) { return e.Value(), nil }
