package review

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/store"
)

// locked is a review's row, held by the transaction.
type locked struct {
	ID         string `bun:"id"`
	CaseID     string `bun:"case_id"`
	Step       string `bun:"step"`
	State      string `bun:"state"`
	DraftID    string `bun:"draft_id"`
	DraftStep  string `bun:"draft_step"`
	Round      string `bun:"round"`
	Kind       string `bun:"kind"`
	Tiers      string `bun:"tiers"`
	ClaimedAt  int64  `bun:"claimed_at"`
	ClaimedBy  string `bun:"claimed_by"`
	Epoch      int64  `bun:"epoch"`
	LeaseUntil int64  `bun:"lease_until"`
	Waits      bool   `bun:"waits"`
}

// lock reads a review for a change.
func lock(ctx context.Context, db *store.DB, tx bun.Tx, id string) (locked, error) {
	var l locked
	err := tx.NewRaw(`SELECT id, case_id, step, state, draft_id, COALESCE(claimed_by, '') AS claimed_by,
		(SELECT d.step FROM drafts d WHERE d.id = draft_id) AS draft_step, round, kind, tier || besides AS tiers,
		claimed_at, epoch, lease_until, waits FROM reviews WHERE id = ?`+db.ForUpdate(), id).Scan(ctx, &l)
	if errors.Is(err, sql.ErrNoRows) {
		return l, kit.Errorf(kit.NotFound, "review %s: there is no such review", id)
	}
	return l, err
}

// free refuses a review that is decided or that somebody else holds.
func (l locked) free(ctx context.Context, tx bun.Tx, by auth.User, now time.Time) error {
	if l.State != string(Open) {
		return l.decided(ctx, tx)
	}
	if !l.Waits {
		return kit.Errorf(kit.Conflict, "review %s: %w", l.ID, InLot).
			WithHint("take another review; this one waits for you if the lot is rejected")
	}
	if l.ClaimedBy != by.ID && now.UnixMicro() < l.LeaseUntil {
		return l.lost(ctx, tx)
	}
	return nil
}

// heldBy refuses all but the holder of the present lease. A lease that ran out
// still counts while nobody else has claimed the review: the epoch tells.
func (l locked) heldBy(ctx context.Context, tx bun.Tx, by auth.User, epoch int64) error {
	if l.State != string(Open) {
		return l.decided(ctx, tx)
	}
	if l.ClaimedBy != by.ID || l.Epoch != epoch {
		return l.lost(ctx, tx)
	}
	return nil
}

// decided says who decided the review, and when.
func (l locked) decided(ctx context.Context, tx bun.Tx) error {
	d, err := one(ctx, tx, `WHERE d.review_id = ? AND d.verdict <> 'skip' AND d.undone_at IS NULL`, l.ID)
	if err != nil {
		return err
	}
	open, err := roundOpen(ctx, tx, l.Round)
	if err != nil {
		return err
	}
	if d == nil || open { // what a seat decided is no business of the others yet
		return kit.Errorf(kit.Decided, "review %s: it is over", l.ID)
	}
	return kit.Errorf(kit.Decided, "review %s: %s decided %s on %s", l.ID, d.Person.Name, d.Verdict,
		d.CreatedAt.Format("2006-01-02 15:04 MST"))
}

// lost says who holds the review.
func (l locked) lost(ctx context.Context, tx bun.Tx) error {
	if l.ClaimedBy == "" {
		return kit.Errorf(kit.LostLease, "review %s: nobody holds it now", l.ID).
			WithHint("claim it again; what you typed can be sent after that")
	}
	var name string
	if err := tx.NewRaw(`SELECT name FROM users WHERE id = ?`, l.ClaimedBy).Scan(ctx, &name); err != nil {
		return err
	}
	return kit.Errorf(kit.LostLease, "review %s: held by %s until %s", l.ID, name,
		micros(l.LeaseUntil).Format("15:04 MST")).WithHint("take another review, or wait until the lease ends")
}
