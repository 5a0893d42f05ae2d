package review

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit/auth"
)

// roleBits is a review's column roles: the sum of who may claim it.
var roleBits = map[auth.Role]int64{auth.Reviewer: 1, auth.Lead: 2, auth.Admin: 4}

// mask adds up roles; none means all that decide.
func mask(roles []auth.Role) int64 {
	if len(roles) == 0 {
		roles = []auth.Role{auth.Reviewer, auth.Lead, auth.Admin}
	}
	var bits int64
	for _, r := range roles {
		bits |= roleBits[r]
	}
	return bits
}

// versions are what the seats of a round decided, as far as the user may see:
// on an adjudication while they hold it, and once it is settled.
func (r *row) versions(ctx context.Context, db bun.IDB, by auth.User) ([]Version, error) {
	holds := r.HolderID != "" && r.HolderID == by.ID
	if Kind(r.Kind) != Adjudication || State(r.State) == Open && !holds {
		return nil, nil
	}
	decisions, err := many(ctx, db, `JOIN reviews r ON r.id = d.review_id WHERE r.round = ? AND r.id <> ?
		AND r.kind IN ('first', 'second') AND d.verdict <> 'skip' AND d.undone_at IS NULL ORDER BY r.seat`, r.Round, r.ID)
	var versions []Version
	for _, d := range decisions {
		versions = append(versions, Version{Decision: d.ID, Person: d.Person, Verdict: d.Verdict, Value: d.Value,
			Fields: d.Fields, Reason: d.Reason})
	}
	return versions, err
}
