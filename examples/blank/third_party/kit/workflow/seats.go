package workflow

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
)

// sit names the review of a case that its reader holds, or may take, and hides
// what others decided in a round that is still open: who is to decide there
// does not see it first.
func (v *Case) sit(ctx context.Context, db bun.IDB, by auth.User, now time.Time, terms review.Terms) error {
	seats, err := openRound(ctx, db, v.ID)
	if err != nil || len(seats) == 0 {
		return err
	}
	var ids []string
	for _, s := range seats {
		ids = append(ids, s.ID)
	}
	if err := v.nearest(ctx, db, by, now, terms); err != nil {
		return err
	}
	if v.Decision != nil && slices.Contains(ids, v.Decision.ReviewID) {
		if v.Decision, err = review.Own(ctx, db, by.ID, ids); err != nil {
			return err
		}
		v.Undecided = undecided(seats, v.Decision)
	}
	return nil
}

// openRound lists the reviews of a case's round that is still open; none when
// none is.
func openRound(ctx context.Context, db bun.IDB, caseID string) (seats []seatRow, err error) {
	err = db.NewRaw(`SELECT o.id, o.kind, o.state, o.ended FROM reviews o WHERE o.round IN
		(SELECT r.round FROM reviews r WHERE r.case_id = ? AND r.state = 'open') AND o.case_id = ?`, caseID, caseID).Scan(ctx, &seats)
	return seats, err
}

// seatRow is one review of a round.
type seatRow struct {
	ID    string `bun:"id"`
	Kind  string `bun:"kind"`
	State string `bun:"state"`
	Ended string `bun:"ended"`
}

// undecided counts the seats of a round beside the one that somebody decided.
func undecided(seats []seatRow, own *review.Decision) *Undecided {
	if own == nil {
		return nil
	}
	var u Undecided
	for _, s := range seats {
		switch {
		case s.ID == own.ReviewID || s.Ended != "":
		case s.State == string(review.Open):
			u.Out++
			u.Disagree = u.Disagree || s.Kind == string(review.Adjudication)
			fallthrough
		default:
			u.Others++
		}
	}
	return &u
}

// nearest names the open review of a case that is nearest to its reader, and
// why it is not for them.
func (v *Case) nearest(ctx context.Context, db bun.IDB, by auth.User, now time.Time, terms review.Terms) error {
	err := db.NewRaw(`SELECT r.id FROM reviews r WHERE r.case_id = ? AND r.state = 'open' ORDER BY `+review.SeatOrder("r")+`, r.seat LIMIT 1`,
		v.ID, by.ID, now.UnixMicro(), by.ID).Scan(ctx, &v.ReviewID)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	causes, err := review.Causes(ctx, db, by, terms, v.ReviewID)
	v.Cause = causes[v.ReviewID]
	return err
}
