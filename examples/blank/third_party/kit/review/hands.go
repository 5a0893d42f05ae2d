package review

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
)

// mostHeld is how many open reviews one person may hold at a time.
const mostHeld = 50

// handsFull refuses one more review to a person who holds as many as one may:
// what lies with one person, the others cannot have.
func handsFull(ctx context.Context, db bun.IDB, by auth.User, now time.Time) error {
	var held int
	err := db.NewRaw(`SELECT COUNT(*) FROM (SELECT 1 FROM reviews WHERE state = 'open' AND claimed_by = ? AND lease_until > ?
		LIMIT ?) x`, by.ID, now.UnixMicro(), mostHeld).Scan(ctx, &held)
	if err != nil || held < mostHeld {
		return err
	}
	return kit.Errorf(kit.Conflict, "claim a review: %s holds %d: %w", by.Name, mostHeld, FullHands).
		WithHint("decide or give back some of them first")
}
