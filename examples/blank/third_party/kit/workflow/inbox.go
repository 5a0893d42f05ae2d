package workflow

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
)

// InboxFilter chooses open reviews in the order in which they are to be done.
// What is left out chooses all; everything else must be so of a review.
type InboxFilter struct {
	By        auth.User // who asks; the zero User is kept from nothing
	Mine      string    // a user's ID: only what this user holds
	Assigned  string    // a user's ID: only what was assigned to this user
	Free      bool      // only what nobody holds
	Overdue   bool      // only what is past its due time
	Escalated bool      // only what waited too long
	Tier      string    // only this risk tier
	Step      string    // only this step
	Below     float64   // only what is less sure; 0 for all
	Query     string    // only cases that have these words
	After     string    // cursor of the page before
	Limit     int       // Defaults to 50, at most 200
}

// Waiting is an open review in the inbox: of a round that several people decide
// in the one seat that is nearest to who asks. Of a blind one the confidence
// and the tier, which tell of the draft, are left out.
type Waiting struct {
	ID          string         `json:"id"`
	CaseID      string         `json:"case_id"`
	CaseName    string         `json:"case_name"`
	Step        string         `json:"step"`
	Priority    int            `json:"priority"`
	Blind       bool           `json:"blind"` // its person fills the fields in before the draft is shown
	Confidence  float64        `json:"confidence"`
	Tier        string         `json:"tier,omitempty"`
	CreatedAt   time.Time      `json:"created_at"`
	DueAt       time.Time      `json:"due_at"`
	EscalatedAt *time.Time     `json:"escalated_at,omitempty"`
	AssignedTo  *review.Holder `json:"assigned_to,omitempty"`
	Holder      *review.Holder `json:"holder,omitempty"`
	LeaseUntil  *time.Time     `json:"lease_until,omitempty"`

	Seats int          `json:"seats" doc:"How many people decide, each without seeing the others"`
	Free  int          `json:"free" doc:"How many of the seats nobody holds or has decided"`
	Cause review.Cause `json:"cause,omitempty" enum:"role,assigned,submitted,reviewed,seated,decided,disagreed" doc:"Why you may not claim it; absent when you may"`

	// Settles is told to who may claim it alone.
	Settles bool `json:"settles,omitempty" doc:"Whether you would settle what others disagree on"`
}

// maxWindow is how many reviews one page looks at where a filter has no index
// of its own. A page may then hold less than it could, and still have a next.
const maxWindow = 5000

// Inbox lists open reviews in the order in which they are to be done. No page
// looks at more than a bounded number of them, whatever the filter.
func (r *Runner) Inbox(ctx context.Context, f InboxFilter) (Page[Waiting], error) {
	now := r.Clock()
	l := look{db: r.DB.Read(), limit: pageSize(f.Limit), now: now.UnixMicro()}
	if f.After != "" {
		after, err := parseCursor(f.After)
		if err != nil {
			return Page[Waiting]{}, err
		}
		l.after = &after
	}
	if err := r.narrow(ctx, &l, f, now); err != nil {
		return Page[Waiting]{}, err
	}
	if err := l.run(ctx, f.Overdue); err != nil {
		return Page[Waiting]{}, err
	}
	p := page(l.rows, l.limit, func(w waitingColumns) Waiting { return w.waiting(now) }, waitingColumns.cursor)
	if p.Next == "" {
		p.Next = l.next
	}
	return p, r.excuse(ctx, f.By, p.Items)
}

// narrow sorts the filter's conditions: the one of the best index goes first,
// the others are asked of what it yields.
func (r *Runner) narrow(ctx context.Context, l *look, f InboxFilter, now time.Time) error {
	best := func(is bool, where string, args ...any) {
		if is && l.first.sql == "" {
			l.first = condition{where, args}
		} else if is {
			l.rest.and(where, args...)
		}
	}
	if f.Query != "" {
		ids, err := r.newest(ctx, f.Query)
		if err != nil {
			return err
		}
		l.few = true
		best(true, `r.case_id IN (?)`, bun.List(ids))
	}
	l.few = l.few || f.Mine != ""
	best(f.Mine != "", `r.claimed_by = ? AND r.lease_until > ?`, f.Mine, now.UnixMicro())
	best(f.Assigned != "", `r.assigned_to = ?`, f.Assigned)
	best(f.Tier != "", `r.tier = ?`, f.Tier)
	best(f.Escalated, `r.escalated_at IS NOT NULL`)
	if f.Tier != "" || f.Below > 0 {
		l.rest.and(`NOT r.blind`) // neither of them is to be told
	}
	if f.Below > 0 {
		l.rest.and(`r.confidence < ?`, f.Below)
	}
	if f.Step != "" {
		l.rest.and(`r.step = ?`, f.Step)
	}
	if f.Free {
		l.rest.and(`r.lease_until <= ?`, now.UnixMicro())
	}
	l.nearest(f)
	return nil
}

// newest are the newest cases that have all words of a search. Never nil: a
// list without an end is no list.
func (r *Runner) newest(ctx context.Context, query string) ([]string, error) {
	hits, err := r.DB.FindCases(ctx, store.Terms(query), 0, maxLooked)
	ids := []string{""}
	for _, h := range hits {
		ids = append(ids, h.CaseID)
	}
	return ids, err
}

// condition is a part of a WHERE clause.
type condition struct {
	sql  string
	args []any
}

func (c *condition) and(sql string, args ...any) {
	if c.sql != "" {
		sql = c.sql + ` AND ` + sql
	}
	c.sql, c.args = sql, append(c.args, args...)
}

// look reads one page of the queue.
type look struct {
	db    bun.IDB
	limit int
	after *cursor
	first condition // what an index answers
	rest  condition // what is asked of each review that it yields
	one   condition // leaves one seat of each round; "" where rest does
	few   bool      // the index yields few, in no order
	now   int64     // what was due before is overdue
	rows  []waitingColumns
	next  string // where to go on when a stretch was not looked through
}

// run reads stretches of the queue until the page is full.
func (l *look) run(ctx context.Context, overdue bool) error {
	stretches, err := l.stretches(ctx, overdue)
	if err != nil {
		return err
	}
	for _, s := range stretches {
		if err := l.read(ctx, s); err != nil || l.next != "" || len(l.rows) > l.limit {
			return err
		}
	}
	return nil
}

// stretches parts the queue behind a cursor into the rest of its priority and
// the lower ones. Each is one range of the index; asked for at once they would
// be none, and a late page would read the queue from its start. What is overdue
// is the beginning of each priority.
func (l *look) stretches(ctx context.Context, overdue bool) ([]condition, error) {
	var rest, lower condition
	if l.after != nil {
		rest.and(`r.priority = ? AND (r.due_at, r.id) > (?, ?)`, l.after.priority, l.after.due, l.after.id)
		lower.and(`r.priority < ?`, l.after.priority)
	} else {
		lower.and(`1 = 1`)
	}
	all := []condition{rest, lower}
	if overdue {
		priorities, err := l.priorities(ctx)
		if err != nil {
			return nil, err
		}
		for all = all[:1]; len(priorities) > 0; priorities = priorities[1:] {
			all = append(all, condition{`r.priority = ?`, []any{priorities[0]}})
		}
	}
	if l.after == nil {
		all = all[1:]
	}
	for i := range all {
		if overdue {
			all[i].and(`r.due_at < ?`, l.now)
		}
	}
	return all, nil
}

// maxPriorities bounds how many priorities are looked at for what is overdue.
const maxPriorities = 100

// priorities lists those below the cursor's, each by one look into the index.
func (l *look) priorities(ctx context.Context) (all []int64, err error) {
	below := int64(1) << 62
	if l.after != nil {
		below = l.after.priority
	}
	for len(all) < maxPriorities {
		var next []int64
		err := l.db.NewRaw(`SELECT priority FROM reviews WHERE state = 'open' AND waits AND priority < ?
			ORDER BY priority DESC LIMIT 1`, below).Scan(ctx, &next)
		if err != nil || len(next) == 0 {
			return all, err
		}
		all, below = append(all, next[0]), next[0]
	}
	return all, nil
}

const (
	queueOrder    = ` ORDER BY r.priority DESC, r.due_at, r.id LIMIT ?`
	waitingSelect = `SELECT r.id, r.case_id, c.name AS case_name, r.step, r.priority, r.confidence, r.blind, r.tier, r.kind,
		r.created_at, r.due_at, r.escalated_at, COALESCE(r.assigned_to, '') AS assigned_id, COALESCE(a.name, '') AS assigned_name,
		COALESCE(r.claimed_by, '') AS holder_id, COALESCE(u.name, '') AS holder_name, r.lease_until,
		CASE WHEN r.kind = 'first' THEN r.quorum ELSE 1 END AS seats, CASE WHEN r.kind = 'first' AND r.quorum > 1 THEN (SELECT COUNT(*)
			FROM reviews o WHERE o.round = r.round AND o.state = 'open' AND o.waits AND o.lease_until <= ?)
			WHEN r.lease_until <= ? THEN 1 ELSE 0 END AS free FROM `
	waitingJoin = ` JOIN cases c ON c.id = r.case_id LEFT JOIN users u ON u.id = r.claimed_by
		LEFT JOIN users a ON a.id = r.assigned_to WHERE `
)

// read reads the first reviews of a stretch.
func (l *look) read(ctx context.Context, stretch condition) error {
	inner := condition{sql: `r.state = 'open' AND r.waits`}
	for _, c := range []condition{l.first, l.one} {
		if c.sql != "" {
			inner.and(c.sql, c.args...)
		}
	}
	outer := condition{sql: `1 = 1`}
	if l.rest.sql != "" {
		outer = l.rest
	}
	end := queueOrder
	if l.few {
		outer, end = condition{outer.sql, append([]any{}, outer.args...)}, ` LIMIT ?`
		outer.and(stretch.sql, stretch.args...)
	} else {
		inner.and(stretch.sql, stretch.args...)
	}
	want := l.limit + 1 - len(l.rows)
	window := maxWindow
	if l.rest.sql == "" && !l.few {
		window = want
	}
	args := append(append(append([]any{l.now, l.now}, inner.args...), window), append(append([]any{}, outer.args...), want)...)
	var rows []waitingColumns
	err := l.db.NewRaw(waitingSelect+`(SELECT r.* FROM reviews r WHERE `+inner.sql+end+`) r`+waitingJoin+outer.sql+queueOrder,
		args...).Scan(ctx, &rows)
	l.rows = append(l.rows, rows...)
	if err != nil || len(rows) == want || l.few || l.rest.sql == "" {
		return err
	}
	return l.windowEnd(ctx, inner)
}

// windowEnd notes where to go on, when a stretch goes on behind the window.
func (l *look) windowEnd(ctx context.Context, inner condition) error {
	var last []waitingColumns
	err := l.db.NewRaw(`SELECT r.id, r.priority, r.due_at FROM reviews r WHERE `+inner.sql+queueOrder+` OFFSET ?`,
		append(append([]any{}, inner.args...), 1, maxWindow-1)...).Scan(ctx, &last)
	if len(last) > 0 {
		l.next = last[0].cursor()
	}
	return err
}

// waitingColumns are those of a stored Waiting.
type waitingColumns struct {
	ID           string  `bun:"id"`
	CaseID       string  `bun:"case_id"`
	CaseName     string  `bun:"case_name"`
	Step         string  `bun:"step"`
	Priority     int64   `bun:"priority"`
	Confidence   float64 `bun:"confidence"`
	Blind        bool    `bun:"blind"`
	Tier         string  `bun:"tier"`
	Kind         string  `bun:"kind"`
	CreatedAt    int64   `bun:"created_at"`
	DueAt        int64   `bun:"due_at"`
	EscalatedAt  *int64  `bun:"escalated_at"`
	AssignedID   string  `bun:"assigned_id"`
	AssignedName string  `bun:"assigned_name"`
	HolderID     string  `bun:"holder_id"`
	HolderName   string  `bun:"holder_name"`
	LeaseUntil   int64   `bun:"lease_until"`
	Seats        int     `bun:"seats"`
	Free         int     `bun:"free"`
}

func (w waitingColumns) waiting(now time.Time) Waiting {
	v := Waiting{ID: w.ID, CaseID: w.CaseID, CaseName: w.CaseName, Step: w.Step, Priority: int(w.Priority), Blind: w.Blind,
		CreatedAt: micros(w.CreatedAt), DueAt: micros(w.DueAt), EscalatedAt: optional(w.EscalatedAt), Seats: w.Seats, Free: w.Free,
		Settles: w.Kind == string(review.Adjudication)}
	if !w.Blind {
		v.Confidence, v.Tier = w.Confidence, w.Tier
	}
	if w.AssignedID != "" {
		v.AssignedTo = &review.Holder{ID: w.AssignedID, Name: w.AssignedName}
	}
	if until := micros(w.LeaseUntil); w.HolderID != "" && now.Before(until) {
		v.Holder, v.LeaseUntil = &review.Holder{ID: w.HolderID, Name: w.HolderName}, &until
	}
	return v
}

// cursor is a place in the inbox: what its order goes by.
type cursor struct {
	priority, due int64
	id            string
}

func (w waitingColumns) cursor() string { return fmt.Sprintf("%d.%d.%s", w.Priority, w.DueAt, w.ID) }

func parseCursor(s string) (c cursor, err error) {
	_, err = fmt.Sscanf(strings.Replace(s, ".", " ", 2), "%d %d %s", &c.priority, &c.due, &c.id)
	if err != nil {
		return c, invalid("list the inbox", "after", "is no cursor of a page before")
	}
	return c, nil
}

// Counts are what a person's inbox says of itself: how many rows it has, of
// which each is a round. Those beside Waiting end at CountsEnd: 99 and more.
type Counts struct {
	Waiting   int64 `json:"waiting"`   // that wait, of all people
	Mine      int   `json:"mine"`      // that this person holds
	Assigned  int   `json:"assigned"`  // that were assigned to this person
	Overdue   int   `json:"overdue"`   // past their due time
	Escalated int   `json:"escalated"` // that waited too long
	Mentions  int   `json:"mentions"`  // comments that call this person and were not seen
}

// CountsEnd is where Counts stop counting.
const CountsEnd = 100

// These have a row for each round of which a seat that waits is so. The
// parameters of overdueRounds are the time in microseconds, twice.
const (
	overdueRounds = `SELECT 1 FROM reviews r WHERE r.state = 'open' AND r.waits AND r.due_at < ? AND (r.quorum = 1 OR NOT EXISTS
		(SELECT 1 FROM reviews o WHERE o.round = r.round AND o.seat < r.seat AND o.state = 'open' AND o.waits AND o.due_at < ?))`
	escalatedRounds = `SELECT 1 FROM reviews r WHERE r.state = 'open' AND r.waits AND r.escalated_at IS NOT NULL AND (r.quorum = 1 OR NOT EXISTS
		(SELECT 1 FROM reviews o WHERE o.round = r.round AND o.seat < r.seat AND o.state = 'open' AND o.waits AND o.escalated_at IS NOT NULL))`
)

// Counts reads a kept counter and looks at up to CountsEnd rows for each of
// the others.
func (r *Runner) Counts(ctx context.Context, userID string) (Counts, error) {
	now := r.Clock().UnixMicro()
	const few = ` LIMIT ?) x)`
	var rows []struct {
		Waiting   int64 `bun:"waiting"`
		Mine      int   `bun:"mine"`
		Assigned  int   `bun:"assigned"`
		Overdue   int   `bun:"overdue"`
		Escalated int   `bun:"escalated"`
		Mentions  int   `bun:"mentions"`
	}
	err := r.DB.Read().NewRaw(`SELECT (SELECT n FROM review_counts WHERE name = 'waiting') AS waiting,
		(SELECT COUNT(*) FROM (SELECT 1 FROM reviews WHERE state = 'open' AND waits AND claimed_by = ? AND lease_until > ?`+few+` AS mine,
		(SELECT COUNT(*) FROM (SELECT 1 FROM reviews WHERE state = 'open' AND waits AND assigned_to = ?`+few+` AS assigned,
		(SELECT COUNT(*) FROM (`+overdueRounds+few+` AS overdue,
		(SELECT COUNT(*) FROM (`+escalatedRounds+` ORDER BY r.priority DESC, r.due_at, r.id`+few+` AS escalated,
		(SELECT COUNT(*) FROM (SELECT 1 FROM mentions WHERE user_id = ? AND seen_at IS NULL`+few+` AS mentions`,
		userID, now, CountsEnd, userID, CountsEnd, now, now, CountsEnd, CountsEnd, userID, CountsEnd).Scan(ctx, &rows)
	if err != nil || len(rows) == 0 {
		return Counts{}, err
	}
	return Counts(rows[0]), nil
}

// Choices are the review steps of the workflow and the risk tiers of their
// policies, in order.
func (r *Runner) Choices() (steps, tiers []string) {
	for _, s := range r.Workflow.steps {
		if s.kind != reviewStep {
			continue
		}
		steps = append(steps, s.name)
		for _, t := range s.policy.Tiers {
			if !slices.Contains(tiers, t.Name) {
				tiers = append(tiers, t.Name)
			}
		}
	}
	return steps, tiers
}
