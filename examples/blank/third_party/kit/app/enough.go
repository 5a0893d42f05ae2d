package app

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/nail"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// checkPeople holds the terms against the people of the database, where there
// is one. Nothing is wrong before the first person comes.
func (c Config) checkPeople(ctx context.Context, o Options, n nail.Nail, w *workflow.Workflow) finding {
	f := finding{Check: "people", OK: true}
	deciders, err := deciders(ctx, o, n)
	few := tooFew(n, w, deciders)
	switch {
	case kit.CodeOf(err) == kit.NotFound:
		f.Words = "there is no database yet, and so nobody to count"
	case err != nil:
		f.Words = "not counted: " + err.Error()
	case len(deciders) == 0:
		f.Words, f.Hint = "nobody may decide yet", c.Name+" user add --name NAME --email ADDRESS --role reviewer"
	case len(few) > 0:
		f.Words, f.Warn = strings.Join(few, "\n"), true
		f.Hint = fmt.Sprintf("%s user add and %s user role, or let the review in nail.yaml ask for fewer", c.Name, c.Name)
	default:
		f.Words = fmt.Sprintf("%d may decide, which is enough for all terms", len(deciders))
	}
	return f
}

// deciders lists who may decide in the database, which is left as it is.
func deciders(ctx context.Context, o Options, n nail.Nail) ([]auth.User, error) {
	db, err := openDB(ctx, o, n, true)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	missing, err := db.Pending(ctx)
	if err == nil && missing > 0 {
		err = kit.Errorf(kit.Conflict, "the database lacks %d migrations", missing)
	}
	if err != nil {
		return nil, err
	}
	return mayDecide(ctx, auth.Accounts{DB: db})
}

func mayDecide(ctx context.Context, a auth.Accounts) ([]auth.User, error) {
	users, err := a.List(ctx)
	return slices.DeleteFunc(users, func(u auth.User) bool { return !u.MayDecide() }), err
}

// tooFew says for which terms there are not enough of those who may decide.
func tooFew(n nail.Nail, w *workflow.Workflow, deciders []auth.User) (words []string) {
	eachTerms(n, w, func(name, _ string, p review.Policy) {
		have := 0
		for _, u := range deciders {
			if slices.Contains(p.Roles, u.Role) {
				have++
			}
		}
		if short := shortOf(p, have); short != "" {
			words = append(words, name+": "+short)
		}
	})
	return words
}

// eachTerms calls f with the filled terms of each tier and step, what they are
// called, and when they hold.
func eachTerms(n nail.Nail, w *workflow.Workflow, f func(name, when string, p review.Policy)) {
	for _, step := range w.Reviews() {
		p := step.Policy.Or(policy(n)).Defaults()
		for _, t := range p.Tiers {
			f(fmt.Sprintf("%s, tier %s", step.Name, t.Name), ", when "+strings.TrimSpace(t.When), t.Terms(p))
		}
		others := "each draft"
		if len(p.Tiers) > 0 {
			others = "any other draft"
		}
		f(step.Name+", "+others, "", p)
	}
}

// shortOf says what comes of terms by which one of have people decides, "" when
// they are enough whatever a case meets.
func shortOf(p review.Policy, have int) string {
	may := fmt.Sprintf("%d may", have)
	switch have {
	case 0:
		may = "nobody may"
	case 1:
		may = "one may"
	}
	may += " (" + roleNames(p.Roles) + ")"
	most, why := mostNeeded(p)
	switch {
	case have < p.Quorum && p.Quorum == 1:
		return may + ": no case is ever decided"
	case have < p.Quorum:
		return fmt.Sprintf("%d people decide each case, and %s: no case is ever decided; %d are always enough", p.Quorum, may, most)
	case have < most:
		return fmt.Sprintf("a case can need %d people (%s), and %s: such a case waits for ever", most, list(why), may)
	}
	return ""
}

// mostNeeded is how many people one case can need, each another, and what for.
func mostNeeded(p review.Policy) (most int, why []string) {
	seats := 0
	add := func(n int, words string) {
		seats += n
		why = append(why, fmt.Sprintf("%d %s", n, words))
	}
	if add(p.Quorum, "to decide"); p.DoubleBlind > 0 && p.Quorum < 2 {
		add(2-p.Quorum, "more where it is double blind")
	}
	if p.SecondLook > 0 || canaries(p) > 0 { // who misses an error is looked after more often
		add(1, "for a second look")
	}
	if seats > 1 {
		add(1, "to settle what they disagree on")
	}
	if p.FourEyes {
		add(1, "who brought it in and may not decide")
	}
	return seats, why
}
