package workflow

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/auth"
)

// sit names the review of a case that its reader holds, or may take, and hides
// what others decided in a round that is still open: who is to decide there
// does not see it first.
func (v *Case) sit(ctx context.Context, db bun.IDB, by auth.User, now time.Time) error {
	var rows []string
	err := db.NewRaw(`SELECT o.id FROM reviews o WHERE o.round IN (SELECT r.round FROM reviews r WHERE r.case_id = ? AND r.state = 'open')
		AND o.case_id = ?`, v.ID, v.ID).Scan(ctx, &rows)
	if err != nil || len(rows) == 0 {
		return err
	}
	err = db.NewRaw(`SELECT id FROM reviews WHERE case_id = ? AND state = 'open' ORDER BY
		CASE WHEN claimed_by = ? THEN 0 WHEN lease_until <= ? THEN 1 ELSE 2 END, seat LIMIT 1`,
		v.ID, by.ID, now.UnixMicro()).Scan(ctx, &v.ReviewID)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if v.Decision != nil && v.Decision.Person.ID != by.ID && slices.Contains(rows, v.Decision.ReviewID) {
		v.Decision = nil
	}
	v.History = slices.DeleteFunc(v.History, func(e audit.Event) bool { return e.Actor != by.ID && decidedIn(e, rows) })
	return nil
}

// decidedIn reports whether an event is of a decision on one of the reviews.
func decidedIn(e audit.Event, reviews []string) bool {
	var of struct {
		Review string `json:"review"`
	}
	told := e.Kind == "decision.made" || e.Kind == "decision.undone"
	return told && json.Unmarshal(e.Data, &of) == nil && slices.Contains(reviews, of.Review)
}
