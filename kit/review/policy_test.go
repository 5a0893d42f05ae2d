package review_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit/review"
)

func TestAPolicyIsFilledFieldByField(t *testing.T) {
	want := review.Policy{Quorum: 1, EscalateAfter: 72 * time.Hour, Lease: 10 * time.Minute}
	if got := (review.Policy{}).Defaults(); !reflect.DeepEqual(got, want) {
		t.Errorf("the defaults are %+v, want %+v", got, want)
	}
	step, service := review.Policy{Lease: time.Minute}, review.Policy{Lease: time.Hour, EscalateAfter: time.Hour}
	want = review.Policy{Quorum: 1, EscalateAfter: time.Hour, Lease: time.Minute}
	if got := step.Or(service).Defaults(); !reflect.DeepEqual(got, want) {
		t.Errorf("a step's policy over the service's is %+v, want %+v", got, want)
	}
}

func TestAPolicyThatCannotBeKeptIsRefused(t *testing.T) {
	for _, c := range []struct {
		policy review.Policy
		words  string
	}{
		{review.Policy{Quorum: -1}, "quorum -1: at least one person decides"},
		{review.Policy{EscalateAfter: time.Millisecond}, "escalate after 1ms: at least 1s"},
		{review.Policy{Lease: -time.Minute}, "lease -1m0s: at least 1s"},
	} {
		if err := c.policy.Defaults().Check(); err == nil || err.Error() != c.words {
			t.Errorf("%+v: %v, want %s", c.policy, err, c.words)
		}
	}
	if err := (review.Policy{}).Check(); err == nil {
		t.Error("an empty policy, nobody deciding, passes unfilled")
	}
	if err := (review.Policy{}).Defaults().Check(); err != nil {
		t.Errorf("the defaults do not pass: %v", err)
	}
}
