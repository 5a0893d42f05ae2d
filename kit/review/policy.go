package review

import (
	"cmp"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/model"
)

// Policy says how a review step is to be done. Shares are between 0 and 1, of
// the cases; a case is in the sample or not whenever it is asked for.
type Policy struct {
	// Quorum is how many people decide, each without seeing the others'
	// decision. Where they disagree, one more settles it.
	// Defaults to 1.
	Quorum int

	// FourEyes keeps the person who brought the case in, and those who decided
	// on it before, from deciding. Defaults to false.
	FourEyes bool

	// Roles may decide. Defaults to reviewer, lead and admin.
	Roles []auth.Role

	// Priority puts a review before those of a lower one. Defaults to 0.
	Priority int

	// Due is how long after its opening a review is to be decided: within one
	// priority the first due comes first. Defaults to EscalateAfter.
	Due time.Duration

	// EscalateAfter is how long a review waits before Escalation is taken. It
	// is never approved by waiting. Defaults to 72 hours.
	EscalateAfter time.Duration

	// Escalation is what is done with a review that waited too long.
	// Defaults to raise.
	Escalation []Action

	// HourlyCap is how many reviews a person may decide within an hour: who
	// goes faster does not look. Defaults to 0, no cap.
	HourlyCap int

	// SecondLook is the share of approved cases at which a second person looks
	// before they leave. Missed canaries raise it for a reviewer.
	// Defaults to 0.
	SecondLook float64

	// Blind is the share of cases whose fields the person fills in before the
	// draft is shown. Defaults to 0.
	Blind float64

	// DoubleBlind is the share of cases that two people fill in, each before
	// the draft is shown. Defaults to 0.
	DoubleBlind float64

	// Canaries is the share of cases that are first shown with an error put
	// in on purpose. Such a review delivers nothing. Defaults to 0.
	Canaries float64

	// Lease is how long a claim holds without a sign of life.
	// Defaults to 10 minutes.
	Lease time.Duration

	// Lots says whether, and how, sure cases gather to be decided together.
	// Defaults to not.
	Lots Lots

	// Tiers are stricter or looser terms for drafts that meet an expression.
	// The first that is met counts. Defaults to none.
	Tiers []Tier
}

// Action is what is done with a review that waited too long.
type Action string

// The actions of an escalation. None decides.
const (
	Notify   Action = "notify"   // tell the leads
	Raise    Action = "raise"    // put it before the others
	Reassign Action = "reassign" // take it from who holds it and leave it to leads
	Expire   Action = "expire"   // end it without a decision: the case fails, and can be retried
)

// Tier is the terms of drafts that carry a certain risk.
type Tier struct {
	Name   string // in lower-case letters, digits, - and _
	When   string // an expression over the draft, such as total > 5000 || confidence < 0.8
	Policy Policy // what it leaves out is the policy's own; its Tiers are not read
}

// Lots says how sure cases gather. Its zero value means that none do.
type Lots struct {
	// Size is how many cases make a lot; 0 means that no lots gather.
	Size int

	// After closes a lot that is not full. Defaults to 24 hours.
	After time.Duration

	// Error is the share of wrong cases that an accepted lot may have at most,
	// Confidence how sure that is to be. Defaults to 0.02 and 0.95.
	Error, Confidence float64
}

// Facts is what a policy is told of a draft.
type Facts struct {
	Name   string          // of the case
	Value  json.RawMessage // the draft
	Schema *model.Schema   // its shape
	Fields []kit.Field
	GaveUp string // why the model gave up; "" when it did not
}

// Defaults returns p with every field filled.
func (p Policy) Defaults() Policy {
	return p.Or(Policy{Quorum: 1, EscalateAfter: 72 * time.Hour, Lease: 10 * time.Minute})
}

// Or returns p with the fields that it leaves out taken from q.
func (p Policy) Or(q Policy) Policy {
	p.Quorum = cmp.Or(p.Quorum, q.Quorum)
	p.EscalateAfter = cmp.Or(p.EscalateAfter, q.EscalateAfter)
	p.Lease = cmp.Or(p.Lease, q.Lease)
	return p
}

// Check refuses a policy that could not be kept. A quorum below one would let
// a draft out that nobody saw.
func (p Policy) Check() error {
	switch {
	case p.Quorum < 1:
		return fmt.Errorf("quorum %d: at least one person decides", p.Quorum)
	case p.EscalateAfter < time.Second:
		return fmt.Errorf("escalate after %s: at least 1s", p.EscalateAfter)
	case p.Lease < time.Second:
		return fmt.Errorf("lease %s: at least 1s", p.Lease)
	}
	return nil
}
