package app

import (
	"fmt"
	"maps"
	"slices"

	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/nail"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// policy is what nail.yaml says of reviews.
func policy(n nail.Nail) review.Policy {
	p := termsOf(n.Review.Terms)
	for _, t := range n.Review.Tiers {
		p.Tiers = append(p.Tiers, review.Tier{Name: t.Name, When: t.When, Title: titles(t.Title), Policy: termsOf(t.Terms)})
	}
	return p
}

// titles are the languages in which a title has words.
func titles(t nail.Title) map[string]string {
	words := map[string]string{"en": t.EN, "zh": t.ZH}
	maps.DeleteFunc(words, func(_, said string) bool { return said == "" })
	return words
}

func termsOf(t nail.Terms) review.Policy {
	p := review.Policy{
		Quorum: t.Quorum, FourEyes: t.FourEyes, Priority: t.Priority, Due: t.Due, EscalateAfter: t.EscalateAfter, HourlyCap: t.HourlyCap,
		SecondLook: t.SecondLook, Blind: t.Blind, DoubleBlind: t.DoubleBlind, Canaries: t.Canaries, Lease: t.Lease,
		Lots: review.Lots(t.Lots),
	}
	for _, r := range t.Roles {
		p.Roles = append(p.Roles, auth.Role(r))
	}
	for _, a := range t.Escalation {
		p.Escalation = append(p.Escalation, review.Action(a))
	}
	return p
}

// fits holds what nail.yaml says of reviews against the workflow: its terms
// together with those of each step, its expressions against what is drafted.
// What a step says wrong by itself is the workflow's to tell.
func fits(n nail.Nail, w *workflow.Workflow) error {
	var faults []nail.Fault
	for _, step := range w.Reviews() {
		if len(step.Policy.Defaults().Faults(step.Schema)) > 0 {
			continue
		}
		for _, f := range step.Policy.Or(policy(n)).Defaults().Faults(step.Schema) {
			if told := (nail.Fault{Path: keyOf(f), Offset: f.Offset, Words: f.Words}); !slices.Contains(faults, told) {
				faults = append(faults, told)
			}
		}
	}
	return n.From.Refuse(faults...)
}

// keyOf is where nail.yaml has a term.
func keyOf(f review.Fault) string {
	if f.Index < 0 {
		return "review." + f.Key
	}
	return fmt.Sprintf("review.tiers[%d].%s", f.Index, f.Key)
}
