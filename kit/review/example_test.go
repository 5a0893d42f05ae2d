package review_test

import (
	"fmt"
	"time"

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
