package workflow

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
)

// maxHistory is how many events a case is read with: the newest.
const maxHistory = 100

// Event is one thing that happened to a case, as its readers see it. The number
// and the hashes that it has in the trail are for those who verify that: with
// them one could try what stands between two events that one sees.
type Event struct {
	At     time.Time       `json:"at"`
	Actor  string          `json:"actor"`
	Kind   string          `json:"kind"` // what happened, as thing.past: "review.claimed"
	CaseID string          `json:"case_id"`
	Data   json.RawMessage `json:"data"`
}

// History lists what happened to a case, newest first, as far as the user may
// see it now. after is Case.Earlier or the Next of the page before, "" for the
// newest.
func (r *Runner) History(ctx context.Context, by auth.User, caseID, after string, limit int) (Page[Event], error) {
	db := r.DB.Read()
	if _, err := caseRow(ctx, db, caseID); err != nil {
		return Page[Event]{}, err
	}
	return history(ctx, db, by, caseID, after, pageSize(limit))
}

// history reads a page of a case's events, newest first, as far as the user may
// see them.
func history(ctx context.Context, db bun.IDB, by auth.User, caseID, after string, limit int) (Page[Event], error) {
	b := book{caseID: caseID, by: by}
	if err := b.open(ctx, db); err != nil {
		return Page[Event]{}, err
	}
	before, err := b.place(ctx, db, after)
	if err != nil {
		return Page[Event]{}, err
	}
	events, err := b.read(ctx, db, before, limit)
	return page(events, limit, b.tell, func(e audit.Event) string { return b.cursor(e.Seq) }), err
}

// book is a case's history as somebody reads it.
type book struct {
	caseID string
	by     auth.User
	seats  []seatRow // of the round that is open
	hidden bool      // what events say of a draft
	seed   string
}

func (b *book) open(ctx context.Context, db bun.IDB) (err error) {
	if b.seats, err = openRound(ctx, db, b.caseID); err != nil {
		return err
	}
	if b.hidden, err = review.IsConcealed(ctx, db, b.by, b.caseID); err != nil {
		return err
	}
	return db.NewRaw(`SELECT COALESCE((SELECT seed FROM sampling WHERE id = 1), '')`).Scan(ctx, &b.seed)
}

// read reads more than limit events where there are so many: what is withheld
// leaves no gap in a page.
func (b *book) read(ctx context.Context, db bun.IDB, before int64, limit int) (events []audit.Event, err error) {
	for len(events) <= limit {
		next, err := audit.Newest(ctx, db, b.caseID, before, limit+1)
		if err != nil || len(next) == 0 {
			return events, err
		}
		before = next[len(next)-1].Seq
		events = append(events, slices.DeleteFunc(next, b.withheld)...)
	}
	return events, nil
}

// cursor names an event to the reader of a page. It is no number: numbers
// would tell how much is withheld.
func (b *book) cursor(seq int64) string {
	return review.Seal(b.seed, "history", b.caseID, strconv.FormatInt(seq, 10))
}

// place is the number of the event that a cursor names, 0 for "".
func (b *book) place(ctx context.Context, db bun.IDB, cursor string) (int64, error) {
	if cursor == "" {
		return 0, nil
	}
	var all []int64
	err := db.NewRaw(`SELECT seq FROM audit_events WHERE case_id = ? ORDER BY seq DESC`, b.caseID).Scan(ctx, &all)
	if err != nil {
		return 0, err
	}
	i := slices.IndexFunc(all, func(seq int64) bool { return b.cursor(seq) == cursor })
	if i < 0 {
		return 0, invalid("list the history of case "+b.caseID, "after", "is no cursor of a page before")
	}
	return all[i], nil
}

// ofSeats are the kinds of events by which those who are still to decide in a
// round would know what the others do in it.
var ofSeats = []string{"decision.made", "decision.undone", "blind.answered", "review.claimed", "review.released"}

// withheld reports whether an event is of another person's seat in a round that
// is still open, or says that this round is a second look.
func (b *book) withheld(e audit.Event) bool {
	var of struct{ Review, Kind string }
	if json.Unmarshal(e.Data, &of) != nil || !b.sits(of.Review) {
		return false
	}
	if e.Kind == "review.opened" {
		return of.Kind == string(review.Second)
	}
	return e.Actor != b.by.ID && slices.Contains(ofSeats, e.Kind)
}

// sits reports whether a review is one of the open round.
func (b *book) sits(reviewID string) bool {
	return slices.ContainsFunc(b.seats, func(s seatRow) bool { return s.ID == reviewID })
}

// telling are the keys of an event's data that say something of a draft.
var telling = []string{"gave_up", "elapsed_ms", "tier", "why", "reason", "changed", "fields", "redraft", "value", "subject",
	"path", "planted", "truth", "text"}

// tell is an event without what its reader may not see yet. While a round is
// open that is also which reviews others did something with: who sits at one
// that is not the first would know that it opened later.
func (b *book) tell(e audit.Event) Event {
	told := Event{At: e.At, Actor: e.Actor, Kind: e.Kind, CaseID: e.CaseID, Data: e.Data}
	var data map[string]json.RawMessage
	if !b.hidden && len(b.seats) == 0 || json.Unmarshal(e.Data, &data) != nil {
		return told
	}
	for _, key := range []string{"round", "review", "reviews"} {
		if len(b.seats) > 0 && e.Actor != b.by.ID {
			delete(data, key)
		}
	}
	for _, key := range telling {
		if b.hidden {
			delete(data, key)
		}
	}
	told.Data, _ = json.Marshal(data) // it was JSON a moment ago
	return told
}
