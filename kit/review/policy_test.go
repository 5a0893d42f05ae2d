package review_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
)

func TestAPolicyIsFilledFieldByField(t *testing.T) {
	want := review.Policy{
		Quorum: 1, Roles: []auth.Role{auth.Reviewer, auth.Lead, auth.Admin}, Due: 72 * time.Hour, EscalateAfter: 72 * time.Hour,
		Escalation: []review.Action{review.Raise}, Lease: 10 * time.Minute,
	}
	if got := (review.Policy{}).Defaults(); !reflect.DeepEqual(got, want) {
		t.Errorf("the defaults are %+v, want %+v", got, want)
	}
	step := review.Policy{Lease: time.Minute, FourEyes: true, Blind: 0.5, Lots: review.Lots{Size: 9}}
	service := review.Policy{Lease: time.Hour, EscalateAfter: time.Hour, Priority: 2, HourlyCap: 30, SecondLook: 0.1, Blind: 0.1,
		DoubleBlind: 0.2, Canaries: 0.3, Escalation: []review.Action{review.Notify}, Roles: []auth.Role{auth.Lead},
		Lots: review.Lots{Size: 5, Error: 0.1}, Tiers: []review.Tier{{Name: "x", When: "true"}}}
	want = service
	want.Quorum, want.Lease, want.FourEyes, want.Blind, want.Due = 1, time.Minute, true, 0.5, time.Hour
	want.Lots = review.Lots{Size: 9, After: 24 * time.Hour, Error: 0.02, Confidence: 0.95}
	if got := step.Or(service).Defaults(); !reflect.DeepEqual(got, want) {
		t.Errorf("a step's policy over the service's is\n%+v, want\n%+v", got, want)
	}
}

func TestNothingIsDueAfterItEscalates(t *testing.T) {
	p := review.Policy{Tiers: []review.Tier{{Name: "large", When: "true", Policy: review.Policy{EscalateAfter: time.Hour,
		Escalation: []review.Action{review.Expire}}}}}.Defaults()
	if err := p.Check(); err != nil {
		t.Error(err)
	}
	if terms := p.Tiers[0].Terms(p); terms.Due != time.Hour {
		t.Errorf("due %s", terms.Due)
	}
	if terms := (review.Policy{Due: 3 * time.Hour, EscalateAfter: time.Hour}).Or(p); terms.Due != 3*time.Hour {
		t.Errorf("a due time of its own became %s", terms.Due)
	}
}

// Each field that a policy may have is one that Or takes over.
func TestNoTermIsForgotten(t *testing.T) {
	full := review.Policy{
		Quorum: 2, FourEyes: true, Roles: []auth.Role{auth.Lead}, Priority: 1, Due: 1, EscalateAfter: 2, Escalation: []review.Action{review.Expire},
		HourlyCap: 3, SecondLook: 0.1, Blind: 0.2, DoubleBlind: 0.3, Canaries: 0.4, Lease: 4, Lots: review.Lots{Size: 5},
		Tiers: []review.Tier{{Name: "x"}},
	}
	v := reflect.ValueOf(full)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Fatalf("the test leaves out %s", v.Type().Field(i).Name)
		}
	}
	if got := (review.Policy{}).Or(full); !reflect.DeepEqual(got, full) {
		t.Errorf("got %+v, want %+v", got, full)
	}
}

func TestAPolicyThatCannotBeKeptIsRefused(t *testing.T) {
	const lots = 20
	for _, c := range []struct {
		policy review.Policy
		words  string
	}{
		{review.Policy{Quorum: -1}, "quorum -1: at least one person decides"},
		{review.Policy{Quorum: 10}, "quorum 10: at most 9 people decide"},
		{review.Policy{EscalateAfter: time.Millisecond}, "escalate after 1ms: at least 1s"},
		{review.Policy{Lease: -time.Minute}, "lease -1m0s: at least 1s"},
		{review.Policy{Due: time.Millisecond}, "due 1ms: at least 1s"},
		{review.Policy{HourlyCap: -1}, "hourly cap -1: at least 1, or 0 for none"},
		{review.Policy{Canaries: 1.5}, "canaries 1.5: a share is from 0 to 1"},
		{review.Policy{Blind: -0.5}, "blind -0.5: a share is from 0 to 1"},
		{review.Policy{Blind: 0.6, DoubleBlind: 0.5}, "blind 0.6 and double_blind 0.5 are more than all cases: at most 1 together"},
		{review.Policy{Roles: []auth.Role{auth.Viewer}}, `role "viewer" may not decide: reviewer, lead and admin may`},
		{review.Policy{Roles: []auth.Role{auth.Lead, auth.Lead}}, `role "lead" stands there twice`},
		{review.Policy{Escalation: []review.Action{"approve"}},
			`escalation "approve": waiting never approves anything; write notify, raise, reassign or expire`},
		{review.Policy{Escalation: []review.Action{review.Raise, review.Raise}}, `escalation "raise" stands there twice`},
		{review.Policy{Escalation: []review.Action{review.Reassign}, Roles: []auth.Role{auth.Reviewer}},
			"escalation reassign leaves a review to leads and admins, and the roles let neither decide"},
		{review.Policy{Escalation: []review.Action{review.Expire, review.Raise}},
			"escalation expire ends the review that raise and reassign keep; write it alone, or with notify"},
		{review.Policy{Escalation: []review.Action{review.Expire}, EscalateAfter: time.Hour, Due: 2 * time.Hour},
			"due 2h0m0s: the review would expire before, after 1h0m0s"},
		{review.Policy{Lots: review.Lots{Size: 1}}, "lots of 1: a lot is of at least 2 cases"},
		{review.Policy{Lots: review.Lots{Size: 10_001}}, "lots of 10001: a lot is of at most 10000 cases, which are looked through together"},
		{review.Policy{Lots: review.Lots{Error: 0.1}}, "lots of 0: a lot is of at least 2 cases"},
		{review.Policy{Lots: review.Lots{Size: lots, Error: 1}}, "lots with an error of 1: above 0 and below 1; no sample can promise that nothing is wrong"},
		{review.Policy{Lots: review.Lots{Size: lots, Confidence: 1}}, "lots with a confidence of 1: above 0 and below 1"},
		{review.Policy{Lots: review.Lots{Size: lots}, Quorum: 2}, "lots with a quorum of 2: a lot is accepted by one person; give the quorum to tiers"},
		{review.Policy{Lots: review.Lots{Size: lots}, Blind: 1}, "lots with every case blind: no case is left to gather"},
		{review.Policy{Tiers: []review.Tier{{Name: "Large", When: "true"}}}, `tier Large: "Large": write lower-case letters, digits, - and _`},
		{review.Policy{Tiers: []review.Tier{{Name: "a", When: "true"}, {Name: "a", When: "true"}}}, `tier a: "a" is the name of another tier`},
		{review.Policy{Tiers: []review.Tier{{Name: "a"}}}, "tier a: when, at character 1: no expression: say which drafts meet the tier"},
		{review.Policy{Tiers: []review.Tier{{Name: "a", When: "true", Policy: review.Policy{Quorum: -1}}}}, "tier a: quorum -1: at least one person decides"},
		{review.Policy{Quorum: 2, Tiers: []review.Tier{{Name: "a", When: "true", Policy: review.Policy{Lots: review.Lots{Size: lots}}}}},
			"tier a: lots with a quorum of 2: a lot is accepted by one person; give the quorum to tiers"},
	} {
		if err := c.policy.Defaults().Check(); err == nil || err.Error() != c.words {
			t.Errorf("%+v:\ngot  %v\nwant %s", c.policy, err, c.words)
		}
	}
}

func TestAPolicyThatCanBeKeptPasses(t *testing.T) {
	if err := (review.Policy{}).Check(); err == nil {
		t.Error("an empty policy, nobody deciding, passes unfilled")
	}
	for _, p := range []review.Policy{
		{},
		{Escalation: []review.Action{review.Notify, review.Expire}},
		{Lots: review.Lots{Size: 20}, Tiers: []review.Tier{{Name: "large", When: "total > 5", Policy: review.Policy{Quorum: 3}}}},
		{Canaries: 1, SecondLook: 1, Blind: 0.7, DoubleBlind: 0.3},
	} {
		if err := p.Defaults().Check(); err != nil {
			t.Errorf("%+v: %v", p, err)
		}
	}
}

func TestAllFaultsAreTold(t *testing.T) {
	faults := review.Policy{Quorum: -1, Tiers: []review.Tier{{Name: "a", When: "totl"}, {Name: "b", When: "kind"}}}.Defaults().Faults(billSchema(t))
	var told []string
	for _, f := range faults {
		told = append(told, f.Tier+" "+f.Key)
	}
	if got := strings.Join(told, ", "); got != " quorum, a when, b when" {
		t.Errorf("faults %s", got)
	}
}
