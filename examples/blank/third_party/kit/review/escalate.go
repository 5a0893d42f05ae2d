package review

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"
)

// Overdue lists the open reviews of a round that waited too long and were not
// escalated yet: those that opened together with the one given.
func Overdue(ctx context.Context, db bun.IDB, reviewID string) (ids []string, err error) {
	err = db.NewRaw(`SELECT o.id FROM reviews r JOIN reviews o ON o.round = r.round AND o.created_at = r.created_at
		WHERE r.id = ? AND o.state = 'open' AND o.waits AND o.escalated_at IS NULL ORDER BY o.seat`, reviewID).Scan(ctx, &ids)
	return ids, err
}

// Escalate notes, once, that open reviews waited too long, and does with them
// what the actions say. Notify and Expire are the caller's: they concern more
// than the reviews. None decides.
func Escalate(ctx context.Context, tx bun.Tx, ids []string, actions []Action, now time.Time) error {
	up := 0
	if slices.Contains(actions, Raise) {
		up = 1
	}
	_, err := tx.NewRaw(`UPDATE reviews SET escalated_at = ?, priority = priority + ?
		WHERE id IN (?) AND state = 'open' AND escalated_at IS NULL`, now.UnixMicro(), up, bun.List(ids)).Exec(ctx)
	if err != nil || !slices.Contains(actions, Reassign) {
		return err
	}
	// Where no lead may look at it, it is left to all who may: it would wait for
	// ever.
	_, err = tx.NewRaw(`UPDATE reviews SET claimed_by = NULL, lease_until = 0, assigned_to = NULL, roles = CASE WHEN EXISTS
		(SELECT 1 FROM users u WHERE u.role IN ('lead', 'admin') AND u.disabled_at IS NULL
			AND NOT EXISTS (SELECT 1 FROM barred b WHERE b.review_id = reviews.id AND b.user_id = u.id)
			AND NOT EXISTS (SELECT 1 FROM reviews o WHERE o.round = reviews.round AND o.id <> reviews.id
				AND o.claimed_by = u.id AND o.ended = '')) THEN ? ELSE roles END
		WHERE id IN (?) AND state = 'open'`, mask(leads), bun.List(ids)).Exec(ctx)
	return err
}

// Why a review ended though nobody decided it.
const (
	Expired   = "expired"   // it waited too long
	Withdrawn = "withdrawn" // what led to it was taken back
)

// End ends open reviews without a decision.
func End(ctx context.Context, tx bun.Tx, ids []string, why string, now time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := tx.NewRaw(`UPDATE reviews SET state = 'decided', ended = ?, decided_at = ?, claimed_by = NULL, lease_until = 0
		WHERE state = 'open' AND id IN (?)`, why, now.UnixMicro(), bun.List(ids)).Exec(ctx)
	return err
}

// EndRound ends the open reviews of a review's round without a decision.
func EndRound(ctx context.Context, tx bun.Tx, reviewID, why string, now time.Time) error {
	var ids []string
	err := tx.NewRaw(`SELECT o.id FROM reviews r JOIN reviews o ON o.round = r.round WHERE r.id = ? AND o.state = 'open'`,
		reviewID).Scan(ctx, &ids)
	if err != nil {
		return err
	}
	return End(ctx, tx, ids, why, now)
}
