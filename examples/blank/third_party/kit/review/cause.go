package review

import (
	"context"
	"errors"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
)

// Cause is why a person may not look at a review, whoever holds it; "" when
// they may. CauseOf finds it in the kit.Forbidden that refuses them.
type Cause string

// The causes, by what is the matter with the person.
const (
	OtherRole     Cause = "role"      // the policy names other roles
	ForAnother    Cause = "assigned"  // the review was left to somebody else
	BroughtIn     Cause = "submitted" // four eyes: they brought the case in
	DecidedBefore Cause = "reviewed"  // four eyes: they decided on it in an earlier round
	Seated        Cause = "seated"    // they hold, or decided, another seat of the round
	Looked        Cause = "decided"   // they decided, and somebody else looks a second time
	Disagreed     Cause = "disagreed" // they decided, and somebody else settles the disagreement
)

var causeWords = map[Cause]string{
	OtherRole:     "it is for another role than yours",
	ForAnother:    "it is assigned to somebody else",
	BroughtIn:     "who brings a case in does not decide on it",
	DecidedBefore: "who decided on a case before does not decide on it again",
	Seated:        "each of a quorum is another person",
	Looked:        "who decided already leaves the second look to somebody else",
	Disagreed:     "who decided already leaves the disagreement to somebody else",
}

// refusal says a cause in words.
type refusal struct{ cause Cause }

func (r refusal) Error() string { return causeWords[r.cause] }

// CauseOf is the cause for which a person was refused, "" when err has none.
func CauseOf(err error) Cause {
	var r refusal
	errors.As(err, &r)
	return r.cause
}

// fourEyes is the cause for which four eyes keep a user from a review r, as an
// SQL expression; "" when they do not. Its parameters are the user's ID, twice.
// It goes by what is so now: who is kept from a review is noted (barred) by the
// process that opened it, which may have run by other terms.
const fourEyes = `COALESCE((SELECT 'submitted' FROM cases k WHERE k.id = r.case_id AND k.submitted_by = ?),
	(SELECT 'reviewed' FROM decisions y JOIN reviews z ON z.id = y.review_id WHERE y.case_id = r.case_id AND y.user_id = ?
		AND z.round <> r.round AND z.kind <> 'canary' AND y.verdict <> 'skip' AND y.undone_at IS NULL LIMIT 1), '')`

// Causes tells which of some reviews a user may not look at on these terms, and
// why, by ID.
func Causes(ctx context.Context, db bun.IDB, by auth.User, terms Terms, ids ...string) (map[string]Cause, error) {
	rows, err := entries(ctx, db, by, ids...)
	causes := map[string]Cause{}
	for _, r := range rows {
		if c := r.cause(by, terms); c != "" {
			causes[r.ID] = c
		}
	}
	return causes, err
}

// entry is what of a review counts for who may look at it.
type entry struct {
	ID         string `bun:"id"`
	Roles      int64  `bun:"roles"`
	AssignedTo string `bun:"assigned_to"`
	Step       string `bun:"step"`
	Tiers      string `bun:"tiers"`
	Kind       Kind   `bun:"kind"`
	FourEyes   Cause  `bun:"four_eyes"` // keeps the person out where the terms ask for it
	Why        Cause  `bun:"why"`       // keeps the person out on all terms
}

func entries(ctx context.Context, db bun.IDB, by auth.User, ids ...string) (rows []entry, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	err = db.NewRaw(`SELECT r.id, r.kind, r.roles, COALESCE(r.assigned_to, '') AS assigned_to, r.step, r.tier || r.besides AS tiers,
		`+fourEyes+` AS four_eyes, COALESCE((SELECT b.why FROM barred b WHERE b.review_id = r.id AND b.user_id = ?), CASE
			WHEN (r.quorum > 1 OR r.kind <> 'first') AND EXISTS (SELECT 1 FROM reviews o WHERE o.round = r.round
				AND o.id <> r.id AND o.claimed_by = ? AND o.ended = '') THEN 'seated' ELSE '' END) AS why
		FROM reviews r WHERE r.id IN (?)`, by.ID, by.ID, by.ID, by.ID, bun.List(ids)).Scan(ctx, &rows)
	return rows, err
}

// cause is why a person may not look at the review, "" when they may.
func (e entry) cause(by auth.User, terms Terms) Cause {
	switch {
	case e.Roles&roleBits[by.Role] == 0:
		return OtherRole
	case e.AssignedTo != "" && e.AssignedTo != by.ID && by.Role == auth.Reviewer:
		return ForAnother
	}
	return e.particular(terms)
}

// particular is why it is not for that very person, whoever it is for.
func (e entry) particular(terms Terms) Cause {
	if e.FourEyes != "" && terms(e.Step, e.Tiers).FourEyes {
		return e.FourEyes
	}
	switch {
	case e.Why == Seated && e.Kind == Second:
		return Looked
	case e.Why == Seated && e.Kind == Adjudication:
		return Disagreed
	}
	return e.Why
}

// allows refuses who may not look at the review, whoever holds it.
func (l locked) allows(ctx context.Context, tx bun.Tx, by auth.User, terms Terms) error {
	causes, err := Causes(ctx, tx, by, terms, l.ID)
	if err != nil || causes[l.ID] == "" {
		return err
	}
	return kit.Errorf(kit.Forbidden, "review %s: %w", l.ID, refusal{causes[l.ID]})
}
