package review

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
)

// Terms tells which policy holds for the reviews of a step and the tiers that
// Policy.Met named, "" for the step's own.
type Terms func(step, tiers string) Policy

// Pause is the rest of a person who decided as many reviews within the hour as
// one may. PauseOf finds it in the kit.Forbidden that refuses them.
type Pause struct {
	Decided int       // within the hour
	Until   time.Time // when they may go on
}

// Error says it in words.
func (p Pause) Error() string {
	return fmt.Sprintf("%d were decided within the hour, which is as many as one may", p.Decided)
}

// PauseOf is the pause for which a person was refused, nil when err has none.
func PauseOf(err error) *Pause {
	var p Pause
	if !errors.As(err, &p) {
		return nil
	}
	return &p
}

// PauseFor tells of the pause that a person has when one may decide most
// reviews an hour, nil for none; 0 is no such limit. It counts what the figures
// of reviewers count: no skips, no cases of a lot, nothing that was taken back.
func PauseFor(ctx context.Context, db bun.IDB, userID string, most int, now time.Time) (*Pause, error) {
	if most <= 0 {
		return nil, nil
	}
	var at []int64
	err := db.NewRaw(`SELECT created_at FROM decisions WHERE user_id = ? AND created_at > ? AND verdict <> 'skip' AND lot_id IS NULL
		AND undone_at IS NULL ORDER BY created_at DESC LIMIT ?`, userID, now.Add(-time.Hour).UnixMicro(), most).Scan(ctx, &at)
	if err != nil || len(at) < most {
		return nil, err
	}
	return &Pause{Decided: most, Until: micros(at[most-1]).Add(time.Hour)}, nil
}

// capped refuses a person who is to pause.
func capped(ctx context.Context, db bun.IDB, by auth.User, most int, now time.Time) error {
	p, err := PauseFor(ctx, db, by.ID, most, now)
	if err != nil || p == nil {
		return err
	}
	return kit.Errorf(kit.Forbidden, "claim a review for %s: %w", by.Name, *p).
		WithHint("go on at %s", p.Until.Format("15:04 MST"))
}
