package workflow

import (
	"context"

	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
)

// nearest leaves one seat of each round: among those that the filter chooses,
// the one nearest to who asks. Where the filter asks nothing else of each
// review, the stretch of the index is narrowed itself, so that a page still
// looks at no more of it than its own length in rounds.
func (l *look) nearest(f InboxFilter) {
	better := condition{sql: `o.round = r.round AND o.id <> r.id AND o.state = 'open' AND o.waits`}
	also := func(is bool, sql string, args ...any) {
		if is {
			better.and(sql, args...)
		}
	}
	also(f.Mine != "", `o.claimed_by = ? AND o.lease_until > ?`, f.Mine, l.now)
	also(f.Assigned != "", `o.assigned_to = ?`, f.Assigned)
	also(f.Escalated, `o.escalated_at IS NOT NULL`)
	also(f.Free, `o.lease_until <= ?`, l.now)
	me := []any{f.By.ID, l.now, f.By.ID}
	better.and(`(`+review.SeatOrder("o")+`, o.seat) < (`+review.SeatOrder("r")+`, r.seat)`, append(me, me...)...)
	one := condition{`(r.quorum = 1 OR NOT EXISTS (SELECT 1 FROM reviews o WHERE ` + better.sql + `))`, better.args}
	if l.rest.sql != "" {
		l.rest.and(one.sql, one.args...)
	} else {
		l.one = one
	}
}

// excuse says of each review why who asks may not claim it, and to nobody else
// than who may that it settles a disagreement.
func (r *Runner) excuse(ctx context.Context, by auth.User, items []Waiting) error {
	if !by.MayDecide() {
		for i := range items {
			items[i].Settles = false
		}
	}
	if by.ID == "" {
		return nil
	}
	ids := make([]string, len(items))
	for i, w := range items {
		ids[i] = w.ID
	}
	causes, err := review.Causes(ctx, r.DB.Read(), by, r.terms, ids...)
	for i := range items {
		items[i].Cause = causes[items[i].ID]
		items[i].Settles = items[i].Settles && items[i].Cause == ""
	}
	return err
}
