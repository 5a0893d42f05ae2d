package workflow

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit/auth"
)

// changeBy is change for what a person asks for: f is given them as they are in
// its transaction, and refuses them by that. What only gives back or looks after
// what is one's own goes by the request: a lease that is released, a view that
// is dropped, what was typed so far, mentions that were seen.
func (r *Runner) changeBy(ctx context.Context, by auth.User, f func(ctx context.Context, tx bun.Tx, by auth.User) error) error {
	return r.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		by, err := r.now(ctx, tx, by)
		if err != nil {
			return err
		}
		return f(ctx, tx, by)
	})
}

// now is the user as the database has them in this transaction: who was
// disabled, or lost a role, while a request was under way claims, decides,
// says and brings in nothing any more. A user whom it does not have may do
// nothing.
func (r *Runner) now(ctx context.Context, tx bun.Tx, by auth.User) (auth.User, error) {
	var row struct {
		Kind       string        `bun:"kind"`
		Role       string        `bun:"role"`
		DisabledAt sql.NullInt64 `bun:"disabled_at"`
	}
	err := tx.NewRaw(`SELECT kind, role, disabled_at FROM users WHERE id = ?`, by.ID).Scan(ctx, &row)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return by, err
	}
	by.Kind, by.Role, by.Disabled = auth.Kind(row.Kind), auth.Role(row.Role), err != nil || row.DisabledAt.Valid
	return by, nil
}
