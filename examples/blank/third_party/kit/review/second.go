package review

import (
	"context"
	"time"

	"github.com/uptrace/bun"
)

// Missed canaries of the last 30 days raise a person's second looks, a quarter
// of their cases for each.
const (
	missesCount = 30 * 24 * time.Hour
	missRaises  = 0.25
)

// SecondLookShare is the share of a person's cases at which a second person
// looks: the policy's own, and more for each canary that they missed of late.
func SecondLookShare(ctx context.Context, db bun.IDB, userID string, base float64, now time.Time) (float64, error) {
	var missed float64
	err := db.NewRaw(`SELECT COALESCE(SUM(n), 0.0) FROM tallies WHERE name = 'canary.missed' AND key = ? AND day > ?`,
		userID, Day(now.Add(-missesCount))).Scan(ctx, &missed)
	return min(1, base+missRaises*missed), err
}
