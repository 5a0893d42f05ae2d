package review_test

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/review"
)

// Example fills a step's policy from the service's, and refuses one under
// which nobody would decide.
func Example() {
	step := review.Policy{Lease: 5 * time.Minute}
	service := review.Policy{Lease: 10 * time.Minute, EscalateAfter: 24 * time.Hour}
	p := step.Or(service).Defaults()
	fmt.Println(p.Lease, p.EscalateAfter, p.Quorum, p.Check())
	fmt.Println(review.Policy{Quorum: -1}.Defaults().Check())
	// Output:
	// 5m0s 24h0m0s 1 <nil>
	// quorum -1: at least one person decides
}

// A policy says of a draft which terms hold for it, and why.
func ExamplePolicy_For() {
	policy := review.Policy{Tiers: []review.Tier{
		{Name: "large", When: "total > 5000 || confidence < 0.8", Policy: review.Policy{Quorum: 2}},
	}}.Defaults()
	schema, err := model.SchemaOf[struct {
		Total float64 `json:"total"`
	}]()
	if err != nil {
		fmt.Println(err)
		return
	}
	terms, tier, why := policy.For(review.Facts{Schema: schema, Value: json.RawMessage(`{"total": 7200}`),
		Fields: []kit.Field{{Path: "total", Confidence: 0.97}}})
	fmt.Println(terms.Quorum, tier)
	fmt.Println(why)
	// Output:
	// 2 large
	// total > 5000 || confidence < 0.8, with total 7200, confidence 0.97
}
