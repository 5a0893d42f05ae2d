package review

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/store"
)

// ClaimSeat gives the user a certain review or, where somebody else has it,
// another seat of its round: their own, or a free one. To who asks, the seats
// of a round are the same. Its errors are those of ClaimOne.
func ClaimSeat(ctx context.Context, db *store.DB, tx bun.Tx, by auth.User, id string, now time.Time, terms Terms) (Claimed, error) {
	got, err := ClaimOne(ctx, db, tx, by, id, now, terms)
	if code := kit.CodeOf(err); code != kit.LostLease && code != kit.Decided {
		return got, err
	}
	other, failed := elsewhere(ctx, tx, by, id, now)
	if failed != nil || len(other) == 0 {
		return got, err
	}
	if again, kept := ClaimOne(ctx, db, tx, by, other[0], now, terms); kept == nil {
		return again, nil
	}
	return got, err // what became of the one that was asked for
}

// elsewhere lists the other seats of a review's round that the user holds or
// might get, the likeliest first.
func elsewhere(ctx context.Context, tx bun.Tx, by auth.User, id string, now time.Time) (ids []string, err error) {
	err = tx.NewRaw(`SELECT o.id FROM reviews r JOIN reviews o ON o.round = r.round AND o.id <> r.id
		WHERE r.id = ? AND o.state = 'open' AND o.waits AND (o.claimed_by = ? OR o.lease_until <= ?)
		ORDER BY `+SeatOrder("o")+`, o.seat`, id, by.ID, now.UnixMicro(), by.ID, now.UnixMicro(), by.ID).Scan(ctx, &ids)
	return ids, err
}

// SeatOrder is how near a review under an alias is to somebody, as an SQL
// expression: held by them, free and left to them, free, left to somebody
// else, held by others. Its parameters are the user's ID, the time in
// microseconds and the user's ID.
func SeatOrder(alias string) string {
	return `CASE WHEN ` + alias + `.claimed_by = ? THEN 0 WHEN ` + alias + `.lease_until > ? THEN 4 WHEN ` + alias + `.assigned_to = ? THEN 1
		WHEN ` + alias + `.assigned_to IS NULL THEN 2 ELSE 3 END`
}
