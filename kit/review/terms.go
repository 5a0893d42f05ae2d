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

// barredWords say why a person may not look at a review.
var barredWords = map[string]string{
	"submitted": "who brings a case in does not decide on it",
	"reviewed":  "who decided on a case before does not decide on it again",
	"seated":    "each of a quorum is another person",
}

// allows refuses who may not look at the review, whoever holds it.
func (l locked) allows(ctx context.Context, tx bun.Tx, by auth.User) error {
	no := func(format string, args ...any) error {
		return kit.Errorf(kit.Forbidden, "review %s: "+format, append([]any{l.ID}, args...)...)
	}
	if l.Roles&roleBits[by.Role] == 0 {
		return no("it is for another role than %s", by.Role)
	}
	if l.AssignedTo != "" && l.AssignedTo != by.ID && by.Role == auth.Reviewer {
		return no("it is assigned to somebody else")
	}
	why, err := l.barred(ctx, tx, by)
	if err != nil || why == "" {
		return err
	}
	return no("%s", barredWords[why])
}

// barred is why a person may not look at a review, "" when they may.
func (l locked) barred(ctx context.Context, tx bun.Tx, by auth.User) (string, error) {
	var why []string
	err := tx.NewRaw(`SELECT why FROM barred WHERE review_id = ? AND user_id = ?
		UNION ALL SELECT 'seated' FROM reviews o WHERE o.round = ? AND o.id <> ? AND o.claimed_by = ? AND o.ended = ''
		LIMIT 1`, l.ID, by.ID, l.Round, l.ID, by.ID).Scan(ctx, &why)
	if err != nil || len(why) == 0 {
		return "", err
	}
	return why[0], nil
}
