package review

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/model"
)

// Fault is a term of a policy that could not be kept.
type Fault struct {
	Tier   string // the name of the tier that has it, "" for the policy itself
	Index  int    // of that tier; -1 for the policy itself
	Key    string // of the term, as nail.yaml calls it
	Offset int    // of a mistake in When, in characters
	Words  string // what is wrong, and the mend
}

// Error says it in a sentence.
func (f Fault) Error() string {
	words := f.Words
	if f.Key == "when" {
		words = fmt.Sprintf("when, at character %d: %s", f.Offset+1, words)
	}
	if f.Index >= 0 {
		return fmt.Sprintf("tier %s: %s", f.Tier, words)
	}
	return words
}

var tierShape = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,39}$`)

// Check refuses a filled policy that could not be kept: one that nobody could
// act by, or that would let a draft out that nobody saw. It does not read the
// expressions of the tiers; Faults does.
func (p Policy) Check() error {
	if all := p.Faults(nil); len(all) > 0 {
		return all[0]
	}
	return nil
}

// Faults lists all that is wrong with a filled policy. The expressions of its
// tiers are held against the schema of the drafts, unless that is nil.
func (p Policy) Faults(schema *model.Schema) []Fault {
	all := p.own("", -1)
	var names []string
	for i, t := range p.Tiers {
		tell := func(key, format string, args ...any) {
			all = append(all, Fault{Tier: t.Name, Index: i, Key: key, Words: fmt.Sprintf(format, args...)})
		}
		switch {
		case !tierShape.MatchString(t.Name):
			tell("name", "%q: write lower-case letters, digits, - and _", t.Name)
		case slices.Contains(names, t.Name):
			tell("name", "%q is the name of another tier", t.Name)
		}
		names = append(names, t.Name)
		for _, f := range t.Terms(p).own(t.Name, i) {
			if !slices.ContainsFunc(all, func(of Fault) bool { return of.Index < 0 && of.Words == f.Words }) {
				all = append(all, f)
			}
		}
		if strings.TrimSpace(t.When) == "" {
			tell("when", "no expression: say which drafts meet the tier")
		} else if schema != nil {
			if _, fault := compile(t.When, schema); fault != nil {
				fault.Tier, fault.Index = t.Name, i
				all = append(all, *fault)
			}
		}
	}
	return all
}

// own lists what is wrong with the terms themselves.
func (p Policy) own(tier string, index int) (all []Fault) {
	tell := func(wrong bool, key, format string, args ...any) {
		if wrong {
			all = append(all, Fault{Tier: tier, Index: index, Key: key, Words: fmt.Sprintf(format, args...)})
		}
	}
	tell(p.Quorum < 1, "quorum", "quorum %d: at least one person decides", p.Quorum)
	tell(p.Quorum > 9, "quorum", "quorum %d: at most 9 people decide", p.Quorum)
	tell(p.EscalateAfter < time.Second, "escalate_after", "escalate after %s: at least 1s", p.EscalateAfter)
	tell(p.Lease < time.Second, "lease", "lease %s: at least 1s", p.Lease)
	tell(p.Due < time.Second && p.Due != p.EscalateAfter, "due", "due %s: at least 1s", p.Due)
	tell(p.HourlyCap < 0, "hourly_cap", "hourly cap %d: at least 1, or 0 for none", p.HourlyCap)
	p.checkShares(tell)
	p.checkRoles(tell)
	p.checkEscalation(tell)
	p.checkLots(tell)
	return all
}

// telling adds a fault where something is wrong.
type telling func(wrong bool, key, format string, args ...any)

func (p Policy) checkShares(tell telling) {
	for _, s := range []struct {
		key   string
		share float64
	}{{"second_look", p.SecondLook}, {"blind", p.Blind}, {"double_blind", p.DoubleBlind}, {"canaries", p.Canaries}} {
		tell(!(s.share >= 0 && s.share <= 1), s.key, "%s %v: a share is from 0 to 1", s.key, s.share)
	}
	tell(p.Blind+p.DoubleBlind > 1+1e-9, "double_blind", "blind %v and double_blind %v are more than all cases: at most 1 together", p.Blind, p.DoubleBlind)
}

func (p Policy) checkRoles(tell telling) {
	tell(len(p.Roles) == 0, "roles", "roles: nobody may decide")
	for i, role := range p.Roles {
		tell(!slices.Contains([]auth.Role{auth.Reviewer, auth.Lead, auth.Admin}, role), "roles",
			"role %q may not decide: reviewer, lead and admin may", role)
		tell(slices.Contains(p.Roles[:i], role), "roles", "role %q stands there twice", role)
	}
	senior := slices.Contains(p.Roles, auth.Lead) || slices.Contains(p.Roles, auth.Admin)
	tell(slices.Contains(p.Escalation, Reassign) && !senior, "escalation",
		"escalation reassign leaves a review to leads and admins, and the roles let neither decide")
}

func (p Policy) checkEscalation(tell telling) {
	for i, a := range p.Escalation {
		tell(!slices.Contains([]Action{Notify, Raise, Reassign, Expire}, a), "escalation",
			"escalation %q: waiting never approves anything; write notify, raise, reassign or expire", a)
		tell(slices.Contains(p.Escalation[:i], a), "escalation", "escalation %q stands there twice", a)
	}
	if !slices.Contains(p.Escalation, Expire) {
		return
	}
	tell(slices.Contains(p.Escalation, Raise) || slices.Contains(p.Escalation, Reassign), "escalation",
		"escalation expire ends the review that raise and reassign keep; write it alone, or with notify")
	tell(p.EscalateAfter < p.Due, "due", "due %s: the review would expire before, after %s", p.Due, p.EscalateAfter)
}

// checkLots refuses lots that would decide otherwise than the other terms say.
func (p Policy) checkLots(tell telling) {
	if p.Lots == (Lots{}) {
		return
	}
	l := p.Lots
	tell(l.Size < 2, "lots.size", "lots of %d: a lot is of at least 2 cases", l.Size)
	tell(l.Size > 10_000, "lots.size", "lots of %d: a lot is of at most 10000 cases, which are looked through together", l.Size)
	tell(l.After < time.Second, "lots.after", "lots close after %s: at least 1s", l.After)
	tell(!(l.Error > 0 && l.Error < 1), "lots.error",
		"lots with an error of %v: above 0 and below 1; no sample can promise that nothing is wrong", l.Error)
	tell(!(l.Confidence > 0 && l.Confidence < 1), "lots.confidence", "lots with a confidence of %v: above 0 and below 1", l.Confidence)
	tell(p.Quorum > 1, "lots", "lots with a quorum of %d: a lot is accepted by one person; give the quorum to tiers", p.Quorum)
	tell(p.DoubleBlind == 1, "lots", "lots with every case double blind: no case is left to gather")
	tell(p.Blind == 1, "lots", "lots with every case blind: no case is left to gather")
}
