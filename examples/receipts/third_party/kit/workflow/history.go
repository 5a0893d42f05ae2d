package workflow

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
)

// maxHistory is how many events a case is read with: the newest.
const maxHistory = 100

// History lists what happened to a case, newest first, as far as the user may
// see it now. after is Case.Earlier or the Next of the page before, "" for the
// newest. A page may hold less than its limit and still have a next.
func (r *Runner) History(ctx context.Context, by auth.User, caseID, after string, limit int) (Page[audit.Event], error) {
	db := r.DB.Read()
	if _, err := caseRow(ctx, db, caseID); err != nil {
		return Page[audit.Event]{}, err
	}
	p, err := history(ctx, db, caseID, after, pageSize(limit))
	if err != nil {
		return p, err
	}
	open, err := openRound(ctx, db, caseID)
	if err != nil {
		return p, err
	}
	hidden, err := review.IsConcealed(ctx, db, by, caseID)
	p.Items = withhold(p.Items, by, open)
	if hidden {
		hush(p.Items)
	}
	return p, err
}

// history reads a page of a case's events, newest first.
func history(ctx context.Context, db bun.IDB, caseID, after string, limit int) (Page[audit.Event], error) {
	var before int64
	if after != "" {
		var err error
		if before, err = strconv.ParseInt(after, 10, 64); err != nil || before < 1 {
			return Page[audit.Event]{}, invalid("list the history of case "+caseID, "after", "is no cursor of a page before")
		}
	}
	events, err := audit.Newest(ctx, db, caseID, before, limit+1)
	if err != nil {
		return Page[audit.Event]{}, err
	}
	whole := func(e audit.Event) audit.Event { return e }
	return page(events, limit, whole, func(e audit.Event) string { return strconv.FormatInt(e.Seq, 10) }), nil
}

// withhold leaves out what others decided in a round that is still open.
func withhold(events []audit.Event, by auth.User, open []seatRow) []audit.Event {
	return slices.DeleteFunc(events, func(e audit.Event) bool { return e.Actor != by.ID && decidedIn(e, open) })
}

// decidedIn reports whether an event is of a decision on one of the reviews.
func decidedIn(e audit.Event, reviews []seatRow) bool {
	var of struct {
		Review string `json:"review"`
	}
	told := e.Kind == "decision.made" || e.Kind == "decision.undone"
	return told && json.Unmarshal(e.Data, &of) == nil && slices.ContainsFunc(reviews, func(s seatRow) bool { return s.ID == of.Review })
}

// hush takes from events what they say of a draft.
func hush(events []audit.Event) {
	for i, e := range events {
		events[i] = discreet(e)
	}
}
