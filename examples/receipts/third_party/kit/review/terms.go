package review

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
)

// Terms tells which policy holds for the reviews of a step and the tiers that
// Policy.Met named, "" for the step's own.
type Terms func(step, tiers string) Policy

// capped refuses a person who decided as many reviews within the last hour as
// one may; 0 is no cap. Skips are no decisions.
func capped(ctx context.Context, db bun.IDB, by auth.User, most int, now time.Time) error {
	if most <= 0 {
		return nil
	}
	var at []int64
	err := db.NewRaw(`SELECT created_at FROM decisions WHERE user_id = ? AND created_at > ? AND verdict <> 'skip' AND lot_id IS NULL
		ORDER BY created_at DESC LIMIT ?`, by.ID, now.Add(-time.Hour).UnixMicro(), most).Scan(ctx, &at)
	if err != nil || len(at) < most {
		return err
	}
	again := micros(at[most-1]).Add(time.Hour)
	return kit.Errorf(kit.Forbidden, "claim a review: %s decided %d within the hour, which is as many as one may", by.Name, most).
		WithHint("go on at %s: who goes faster does not look", again.Format("15:04 MST"))
}
