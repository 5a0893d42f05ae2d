package workflow

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
)

// Edits reads what the user typed into a review before, nil when nothing is
// kept.
func (r *Runner) Edits(ctx context.Context, by auth.User, id string) (*review.Edits, error) {
	return review.EditsOf(ctx, r.DB.Read(), by, id)
}

// SaveEdits keeps what the user typed into a review that they hold, so that a
// crash loses none of it. The trail does not tell of it.
func (r *Runner) SaveEdits(ctx context.Context, by auth.User, id string, epoch int64, e review.Edits) error {
	return r.DB.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		return review.SaveEdits(ctx, r.DB, tx, by, id, epoch, e, r.Clock())
	})
}

// DropEdits forgets what the user typed into a review.
func (r *Runner) DropEdits(ctx context.Context, by auth.User, id string) error {
	return r.DB.Write(ctx, func(ctx context.Context, tx bun.Tx) error { return review.DropEdits(ctx, tx, by, id) })
}
