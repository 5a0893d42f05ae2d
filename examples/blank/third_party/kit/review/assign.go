package review

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/store"
)

// assignable is what of a review's row counts for who may get it.
type assignable struct {
	CaseID     string `bun:"case_id"`
	State      string `bun:"state"`
	Waits      bool   `bun:"waits"`
	Roles      int64  `bun:"roles"`
	AssignedTo string `bun:"assigned_to"`
	ClaimedBy  string `bun:"claimed_by"`
}

// Assign leaves a review that waits to one person, or with a zero User to
// everybody again, and ends another person's hold on it. It returns the case
// and whether anything changed. It fails with kit.Decided when the review is
// over, kit.Conflict when it is in nobody's queue, and kit.Forbidden when the
// person may not decide on it.
func Assign(ctx context.Context, db *store.DB, tx bun.Tx, id string, to auth.User, terms Terms) (caseID string, changed bool, err error) {
	var r assignable
	err = tx.NewRaw(`SELECT case_id, state, waits, roles, COALESCE(assigned_to, '') AS assigned_to,
		COALESCE(claimed_by, '') AS claimed_by FROM reviews WHERE id = ?`+db.ForUpdate(), id).Scan(ctx, &r)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", false, kit.Errorf(kit.NotFound, "assign review %s: there is no such review", id)
	case err != nil:
		return "", false, err
	case r.State != string(Open):
		return "", false, kit.Errorf(kit.Decided, "assign review %s: it is over", id)
	case !r.Waits:
		return "", false, kit.Errorf(kit.Conflict, "assign review %s: %w", id, InLot)
	}
	if to.ID != "" {
		if err := r.open(ctx, tx, id, to, terms); err != nil {
			return "", false, err
		}
	}
	held := r.ClaimedBy != "" && r.ClaimedBy != to.ID
	if r.AssignedTo == to.ID && !held {
		return r.CaseID, false, nil
	}
	_, err = tx.NewRaw(`UPDATE reviews SET assigned_to = ? WHERE id = ?`, sql.NullString{String: to.ID, Valid: to.ID != ""}, id).Exec(ctx)
	if err == nil && held {
		_, err = tx.NewRaw(`UPDATE reviews SET claimed_by = NULL, lease_until = 0 WHERE id = ?`, id).Exec(ctx)
	}
	return r.CaseID, true, err
}

// open refuses a person who may not decide on the review.
func (r assignable) open(ctx context.Context, tx bun.Tx, id string, to auth.User, terms Terms) error {
	if !to.MayDecide() || mask([]auth.Role{to.Role})&r.Roles == 0 {
		return kit.Errorf(kit.Forbidden, "assign review %s: %s may not decide on it", id, to.Name).
			WithHint("its policy names the roles that may")
	}
	kept, err := entries(ctx, tx, to, id)
	if err != nil {
		return err
	}
	why := kept[0].particular(terms)
	if why == "" { // nor is one person to have two seats waiting
		err = tx.NewRaw(`SELECT 'seated' FROM reviews r JOIN reviews o ON o.round = r.round AND o.id <> r.id
			WHERE r.id = ? AND r.quorum > 1 AND o.state = 'open' AND o.assigned_to = ? LIMIT 1`, id, to.ID).Scan(ctx, &why)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return kit.Errorf(kit.Forbidden, "assign review %s to %s: %w", id, to.Name, refusal{why}).WithHint("choose somebody to whom it is new")
}
