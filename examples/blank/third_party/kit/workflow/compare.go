package workflow

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
)

const (
	comparedAtOnce = 200 // cases in memory
	mostFaults     = 20  // told before Compare leaves it at that
)

// Compare holds what the database says against what the trail noted when it was
// made. It returns what disagrees, in words, the first 20; none for a good
// database. The trail's own hashes are audit.Verify's matter. Cases whose events
// were archived are only counted: the last audit.Archive says how many there are.
//
// Compared is what decides over what may leave: cases, outputs, drafts, reviews,
// barred, decisions, locks, deliveries, lots, lot_cases, bars, calibrations,
// canaries, blind_answers, sampling, comments, and users with their ways in: of tokens,
// passwords and identities that their owner has one, not what it is.
//
// So are the triggers of the database, and the names and addresses of people.
//
// Not compared is in which order and by when reviews are asked for (of reviews,
// priority, confidence and due_at) and whose work one is no more; when something
// was decided, filled in blind or delivered, and how long that took (created_at,
// seconds); of canaries, what was planted where and who decided on it, which their
// drafts and decisions tell; of outputs, those that a step of a person has too
// many or too few of; counters and indexes (tallies, case_counts, review_counts,
// search); what passes (sessions, workers, jobs, skips, edits, notices, messages,
// mentions, views); how far a delivery has come with each target (sends); and
// what tells one import from another (contents, idempotency).
func (r *Runner) Compare(ctx context.Context) ([]string, error) {
	return r.compareIn(ctx, r.DB.Read())
}

// compareIn is Compare as a transaction sees the database.
func (r *Runner) compareIn(ctx context.Context, db bun.IDB) ([]string, error) {
	c := comparer{r: r, db: db, faults: []string{}}
	if err := c.asides(ctx); err != nil {
		return nil, err
	}
	if err := c.standing(ctx); err != nil {
		return nil, err
	}
	for after := ""; len(c.faults) < mostFaults; {
		var cases []comparedCase
		err := c.db.NewRaw(comparedQuery+`WHERE id > ? ORDER BY id LIMIT ?`, after, comparedAtOnce).Scan(ctx, &cases)
		if err != nil {
			return nil, err
		}
		if len(cases) == 0 {
			err := errors.Join(c.gone(ctx), c.countArchived(ctx), c.lots(ctx))
			return c.first(), err
		}
		for _, one := range cases {
			if err := c.surely(ctx, one); err != nil {
				return nil, fmt.Errorf("compare case %s with the trail: %w", one.ID, err)
			}
		}
		after = cases[len(cases)-1].ID
	}
	return c.first(), nil
}

// first bounds what is told.
func (c *comparer) first() []string { return c.faults[:min(len(c.faults), mostFaults)] }

type comparedCase struct {
	ID          string `bun:"id"`
	Input       string `bun:"input"`
	State       string `bun:"state"`
	SubmittedBy string `bun:"submitted_by"`
}

const comparedQuery = `SELECT id, input, state, COALESCE(submitted_by, '') AS submitted_by FROM cases `

type comparer struct {
	r      *Runner
	db     bun.IDB
	faults []string

	planted   map[string]noted  // the canary of each case that has one
	keptLater map[string][]kept // by review
	lasting   lasting
	archived  int64 // cases whose beginning is in no event of the trail
}

func (c *comparer) tell(id, format string, args ...any) {
	c.faults = append(c.faults, "case "+id+": "+fmt.Sprintf(format, args...))
}

// surely compares a case, and twice more when something disagrees: it, or who
// decides on it, may have moved while it was read.
func (c *comparer) surely(ctx context.Context, one comparedCase) error {
	before := len(c.faults)
	for range 2 {
		if err := c.compare(ctx, one); err != nil || len(c.faults) == before {
			return err
		}
		c.faults = c.faults[:before]
		if err := c.readAgain(ctx); err != nil {
			return err
		}
		if err := c.db.NewRaw(comparedQuery+`WHERE id = ?`, one.ID).Scan(ctx, &one); err != nil {
			return err
		}
	}
	return c.compare(ctx, one)
}

// readAgain reads what is not of one case once more.
func (c *comparer) readAgain(ctx context.Context) (err error) {
	if c.lasting, err = readLasting(ctx, c.db); err != nil {
		return err
	}
	return c.asides(ctx)
}

// guarded compares one thing. A row that is like none that the service writes may
// break what reads it: that is its fault, and the others are compared all the same.
func (c *comparer) guarded(thing string, part func() error) error {
	defer func() {
		if broken := recover(); broken != nil {
			c.faults = append(c.faults, fmt.Sprintf("%s: it could not be compared: %v", thing, broken))
		}
	}()
	return part()
}

// compare holds one case against its events.
func (c *comparer) compare(ctx context.Context, one comparedCase) error {
	return c.guarded("case "+one.ID, func() error { return c.compareParts(ctx, one) })
}

func (c *comparer) compareParts(ctx context.Context, one comparedCase) error {
	events, err := audit.Events(ctx, c.db, one.ID)
	if err != nil {
		return err
	}
	s := storyOf(events)
	if s.input == "" && c.inArchive(ctx) {
		return nil
	}
	c.place(one, s)
	for _, part := range []func(context.Context, string, *story) error{c.drafts, c.reviews, c.states, c.quorums, c.decisions, c.locks,
		c.outputs, c.unseen, c.said, c.deliveries} {
		if err := part(ctx, one.ID, s); err != nil {
			return err
		}
	}
	return nil
}

// place compares what came in, by whom, and where the case stands.
func (c *comparer) place(one comparedCase, s *story) {
	if s.input != kit.Hash([]byte(one.Input)) {
		c.tell(one.ID, "its input is not what came in")
	}
	if s.submitter != one.SubmittedBy {
		c.tell(one.ID, "it was not brought in by %s", cmp.Or(one.SubmittedBy, "nobody"))
	}
	wrong := false
	switch kit.State(one.State) {
	case kit.Delivered:
		wrong = s.end != "case.delivered"
	case kit.Failed:
		wrong = s.end != "case.failed"
	case kit.Rejected:
		wrong = !s.rejected()
	default:
		wrong = s.end == "case.delivered"
	}
	if wrong {
		c.tell(one.ID, "it was not brought to the state %s", one.State)
	}
}

// decisions compares the decisions on a case, and what each was bound to.
func (c *comparer) decisions(ctx context.Context, id string, s *story) error {
	rows, err := review.Decisions(ctx, c.db, id)
	if err != nil {
		return err
	}
	found := map[string]bool{}
	for _, d := range rows {
		n, known := s.made[d.ID]
		found[d.ID] = true
		switch {
		case !known:
			c.tell(id, "nobody made the decision %s", d.ID)
			continue
		case !n.same(d) || s.takenBack(d.ID) != (d.UndoneAt != nil):
			c.tell(id, "the decision %s is not as it was made", d.ID)
		}
		v, err := review.Get(ctx, c.db, auth.User{}, d.ReviewID, c.r.Clock())
		if kit.CodeOf(err) == kit.NotFound {
			continue // told by drafts and reviews
		}
		if err != nil {
			return err
		}
		if v.Subject != d.Subject {
			c.tell(id, "its draft is not what was seen in the decision %s", d.ID)
		}
	}
	for missing := range s.made {
		if !found[missing] {
			c.tell(id, "the decision %s is gone", missing)
		}
	}
	return nil
}

// same reports whether a decision is the one that was noted.
func (n noted) same(d review.Decision) bool {
	return n.actor == d.Person.ID && n.Review == d.ReviewID && n.Verdict == string(d.Verdict) && n.Reason == d.Reason &&
		n.Subject == d.Subject && n.Lot == d.LotID && n.Value == kit.Hash(d.Value) && slices.Equal(n.Changed, d.Changed) && n.sameFields(d)
}

// deliveries compares what left of a case. The trail has to go on from where
// each receipt saw it.
func (c *comparer) deliveries(ctx context.Context, id string, s *story) error {
	var rows []struct {
		ID       string `bun:"id"`
		Decision string `bun:"decision_id"`
		Receipt  string `bun:"receipt"`
	}
	err := c.db.NewRaw(`SELECT id, decision_id, receipt FROM deliveries WHERE case_id = ? ORDER BY id`, id).Scan(ctx, &rows)
	if err != nil {
		return err
	}
	found := map[string]bool{}
	for _, d := range rows {
		n, known := s.left[d.ID]
		found[d.ID] = true
		switch {
		case !known:
			c.tell(id, "the trail does not know the delivery %s", d.ID)
		case n.Decision != d.Decision || n.Receipt != kit.Hash([]byte(d.Receipt)):
			c.tell(id, "the delivery %s is not as it was made", d.ID)
		}
		if err := c.follows(ctx, id, d.Receipt); err != nil {
			return err
		}
	}
	for missing, n := range s.left {
		if !found[missing] {
			c.tell(id, "the delivery %s is gone", missing)
		}
		if n.From != "" && n.From != s.made[n.Decision].Value && !s.yielded(n.From) {
			c.tell(id, "the delivery %s was made of something else than what was decided", missing)
		}
	}
	return nil
}

// follows looks for the event at which a receipt saw the trail.
func (c *comparer) follows(ctx context.Context, id, receipt string) error {
	var seen struct {
		Chain audit.Head `json:"chain"`
	}
	if json.Unmarshal([]byte(receipt), &seen) != nil {
		return nil // told by the check of receipts
	}
	var hash string
	err := c.db.NewRaw(`SELECT hash FROM audit_events WHERE seq = ?`, seen.Chain.Seq).Scan(ctx, &hash)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if hash != seen.Chain.Hash {
		c.tell(id, "its receipt saw another event %d in the trail", seen.Chain.Seq)
	}
	return nil
}

// gone looks for cases that the trail knows and the database does not.
func (c *comparer) gone(ctx context.Context) error {
	var ids []string
	err := c.db.NewRaw(`SELECT e.case_id FROM audit_events e WHERE e.kind = 'case.submitted'
		AND NOT EXISTS (SELECT 1 FROM cases c WHERE c.id = e.case_id) ORDER BY e.seq LIMIT ?`, mostFaults).Scan(ctx, &ids)
	for _, id := range ids {
		c.tell(id, "it is gone")
	}
	return err
}
