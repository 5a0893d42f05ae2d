package review

import (
	"cmp"
	"encoding/json"
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
	Name   string            // in lower-case letters, digits, - and _
	When   string            // an expression over the draft, such as total > 5000 || confidence < 0.8
	Title  map[string]string // what people read in place of the name, by language; the name where there is none
	Policy Policy            // what it leaves out is the policy's own, but for Lots; its Tiers are not read
}

// Lots says how sure cases gather. Its zero value means that none do.
type Lots struct {
	// Size is how many cases make a lot, from 2 to 10,000; 0 means that no lots
	// gather.
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
	p = p.Or(Policy{
		Quorum: 1, EscalateAfter: 72 * time.Hour, Lease: 10 * time.Minute,
		Roles: []auth.Role{auth.Reviewer, auth.Lead, auth.Admin}, Escalation: []Action{Raise},
	})
	p.Due = cmp.Or(p.Due, p.EscalateAfter)
	p.Lots = p.Lots.fill()
	return p
}

// Or returns p with the fields that it leaves out taken from q.
func (p Policy) Or(q Policy) Policy {
	p.Quorum = cmp.Or(p.Quorum, q.Quorum)
	p.FourEyes = p.FourEyes || q.FourEyes
	p.Roles = either(p.Roles, q.Roles)
	p.Priority = cmp.Or(p.Priority, q.Priority)
	if due := q.Due; p.Due == 0 {
		if p.EscalateAfter > 0 { // nothing is due after it has escalated
			due = min(due, p.EscalateAfter)
		}
		p.Due = due
	}
	p.EscalateAfter = cmp.Or(p.EscalateAfter, q.EscalateAfter)
	p.Escalation = either(p.Escalation, q.Escalation)
	p.HourlyCap = cmp.Or(p.HourlyCap, q.HourlyCap)
	p.SecondLook = cmp.Or(p.SecondLook, q.SecondLook)
	p.Blind = cmp.Or(p.Blind, q.Blind)
	p.DoubleBlind = cmp.Or(p.DoubleBlind, q.DoubleBlind)
	p.Canaries = cmp.Or(p.Canaries, q.Canaries)
	p.Lease = cmp.Or(p.Lease, q.Lease)
	p.Lots = cmp.Or(p.Lots, q.Lots)
	p.Tiers = either(p.Tiers, q.Tiers)
	return p
}

// either is a, or b where a is empty.
func either[T any](a, b []T) []T {
	if len(a) > 0 {
		return a
	}
	return b
}

// fill gives lots that gather what they leave out.
func (l Lots) fill() Lots {
	if l.Size == 0 {
		return l
	}
	l.After = cmp.Or(l.After, 24*time.Hour)
	l.Error = cmp.Or(l.Error, 0.02)
	l.Confidence = cmp.Or(l.Confidence, 0.95)
	return l
}
