package app

import (
	"fmt"
	"strings"
	"time"

	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/review"
)

// sentences say in words how a draft is reviewed by filled terms.
func sentences(p review.Policy) []string {
	all := []string{people(p), who(p)}
	if p.Priority != 0 {
		all = append(all, fmt.Sprintf("It stands in the queue at priority %d, before those of a lower one.", p.Priority))
	}
	all = append(all, fmt.Sprintf("It is due within %s of its opening.", span(p.Due)), waited(p))
	if p.HourlyCap > 0 {
		all = append(all, fmt.Sprintf("One person decides at most %d reviews an hour.", p.HourlyCap))
	}
	for _, s := range []struct {
		share float64
		words string
	}{
		{p.SecondLook, "Of the approved cases, %s get a second look by somebody else before they leave."},
		{p.Blind, "Of the cases, %s are filled in by the person before the draft is shown."},
		{p.DoubleBlind, "Of the cases, %s are filled in by two people, each before the draft is shown."},
		{canaries(p), "Of the cases, %s are first shown with an error put in on purpose; that review delivers nothing."},
	} {
		if s.share > 0 {
			all = append(all, fmt.Sprintf(s.words, percent(s.share)))
		}
	}
	if p.Canaries > 0 && canaries(p) == 0 {
		all = append(all, "No error is put in on purpose: that is for cases that one person decides with the draft in sight.")
	}
	return append(all, gathers(p.Lots))
}

// canaries is the share of cases that can carry one: a round of several people
// and a blind review carry none.
func canaries(p review.Policy) float64 {
	if p.Quorum > 1 || p.Blind == 1 || p.DoubleBlind == 1 {
		return 0
	}
	return p.Canaries
}

func people(p review.Policy) string {
	if p.Quorum == 1 {
		return "One person decides."
	}
	return fmt.Sprintf("%d people decide, each without seeing what the others did; where they disagree, one more settles it.", p.Quorum)
}

func who(p review.Policy) string {
	if p.FourEyes {
		return fmt.Sprintf("It is for %s, but not for who brought the case in, or looked at it before.", roleNames(p.Roles))
	}
	return fmt.Sprintf("It is for %s, also for who brought the case in.", roleNames(p.Roles))
}

// roleNames are the people of the roles.
func roleNames(roles []auth.Role) string {
	names := map[auth.Role]string{auth.Reviewer: "reviewers", auth.Lead: "leads", auth.Admin: "admins"}
	var all []string
	for _, r := range roles {
		all = append(all, names[r])
	}
	return list(all)
}

// waited says what comes of a review that nobody decides.
func waited(p review.Policy) string {
	words := map[review.Action]string{
		review.Notify:   "the leads are told",
		review.Raise:    "it is put before the others",
		review.Reassign: "it is taken from who holds it and left to leads and admins",
		review.Expire:   "it ends without a decision and the case fails, to be retried",
	}
	var does []string
	for _, a := range p.Escalation {
		does = append(does, words[a])
	}
	return fmt.Sprintf("After %s without a decision %s; waiting never approves it.", span(p.EscalateAfter), list(does))
}

func gathers(l review.Lots) string {
	if l.Size == 0 {
		return "It gathers in no lot: each case is decided by itself."
	}
	n := eval.SampleSize(l.Size, l.Error, l.Confidence)
	return fmt.Sprintf("Once a bar is certified and the draft passes it, the case gathers in a lot of up to %d, closed after %s: of a full one %d "+
		"are looked at, and an accepted lot has at most %s wrong, which is %s sure if none of those is.",
		l.Size, span(l.After), n, percent(l.Error), percent(l.Confidence))
}

// list joins words as a sentence does.
func list(words []string) string {
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
	return strings.Join(words, "")
}

// percent is a share as people write it.
func percent(share float64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", 100*share), "0"), ".") + " %"
}

// span is a duration without the units that are zero: 72h, 1h30m.
func span(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
