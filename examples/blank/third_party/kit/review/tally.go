package review

import (
	"context"
	"time"

	"github.com/uptrace/bun"
)

// Day is the number of a time's day since 1970, in UTC.
func Day(at time.Time) int64 { return at.Unix() / (24 * 60 * 60) }

// Tally adds n to a kept counter of the day, in the transaction that makes
// what is counted.
func Tally(ctx context.Context, tx bun.Tx, at time.Time, name, key string, n float64) error {
	_, err := tx.NewRaw(`INSERT INTO tallies (day, name, key, n) VALUES (?, ?, ?, ?)
		ON CONFLICT (day, name, key) DO UPDATE SET n = tallies.n + excluded.n`, Day(at), name, key, n).Exec(ctx)
	return err
}
