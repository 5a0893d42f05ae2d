package review

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit/auth"
)

// roleBits is a review's column roles: the sum of who may claim it.
var roleBits = map[auth.Role]int64{auth.Reviewer: 1, auth.Lead: 2, auth.Admin: 4}

// leads are those who see to what others left.
var leads = []auth.Role{auth.Lead, auth.Admin}

// mask adds up roles; none means all that decide.
func mask(roles []auth.Role) int64 {
	if len(roles) == 0 {
		roles = []auth.Role{auth.Reviewer, auth.Lead, auth.Admin}
	}
	var bits int64
	for _, r := range roles {
		bits |= roleBits[r]
	}
	return bits
}

// versions are what the seats of a round decided, as far as the user may see:
// on an adjudication while they hold it, and once it is settled.
func (r *row) versions(ctx context.Context, db bun.IDB, by auth.User) ([]Version, error) {
	holds := r.HolderID != "" && r.HolderID == by.ID
	if Kind(r.Kind) != Adjudication || State(r.State) == Open && !holds {
		return nil, nil
	}
	decisions, err := many(ctx, db, `JOIN reviews r ON r.id = d.review_id WHERE r.round = ? AND r.id <> ?
		AND r.kind IN ('first', 'second') AND d.verdict <> 'skip' AND d.undone_at IS NULL ORDER BY r.seat`, r.Round, r.ID)
	var versions []Version
	for _, d := range decisions {
		versions = append(versions, Version{Decision: d.ID, Person: d.Person, Verdict: d.Verdict, Value: d.Value,
			Fields: d.Fields, Reason: d.Reason})
	}
	return versions, err
}

// place is a review's seat as people are told it: a second look has one of those
// before it, so that its person does not know that others let the case out.
func (r *row) place() int {
	if Kind(r.Kind) == Second && State(r.State) == Open {
		return min(r.Seat, r.Quorum)
	}
	return r.Seat
}

// roundOpen reports whether somebody still is to decide in a round.
func roundOpen(ctx context.Context, db bun.IDB, round string) (open bool, err error) {
	err = db.NewRaw(`SELECT EXISTS (SELECT 1 FROM reviews WHERE round = ? AND state = 'open')`, round).Scan(ctx, &open)
	return open, err
}

// Seat is one review of a round.
type Seat struct {
	ReviewID  string
	Kind      Kind
	Seat      int
	Open      bool
	Ended     string // why it is over though nobody decided: expired, withdrawn
	Held      bool   // somebody looks at it, or did
	CreatedAt time.Time
	Decision  *Decision // the one that stands, nil when none does
}

// Round reads the reviews of the round that a review belongs to, by seat.
func Round(ctx context.Context, db bun.IDB, reviewID string, now time.Time) ([]Seat, error) {
	var rows []struct {
		ID         string `bun:"id"`
		Round      string `bun:"round"`
		Kind       string `bun:"kind"`
		Seat       int    `bun:"seat"`
		State      string `bun:"state"`
		Ended      string `bun:"ended"`
		LeaseUntil int64  `bun:"lease_until"`
		CreatedAt  int64  `bun:"created_at"`
	}
	err := db.NewRaw(`SELECT o.id, o.round, o.kind, o.seat, o.state, o.ended, o.lease_until, o.created_at FROM reviews r
		JOIN reviews o ON o.round = r.round WHERE r.id = ? ORDER BY o.seat, o.id`, reviewID).Scan(ctx, &rows)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	made, err := decisionsOf(ctx, db, rows[0].Round)
	var seats []Seat
	for _, r := range rows {
		s := Seat{ReviewID: r.ID, Kind: Kind(r.Kind), Seat: r.Seat, Open: State(r.State) == Open, Ended: r.Ended,
			CreatedAt: micros(r.CreatedAt)}
		if i := slices.IndexFunc(made, func(d Decision) bool { return d.ReviewID == r.ID }); i >= 0 {
			s.Decision = &made[i]
		}
		s.Held = s.Decision != nil || s.Open && now.UnixMicro() < r.LeaseUntil
		seats = append(seats, s)
	}
	return seats, err
}

// Ruling is what the seats of a round come to: the decision that the case
// follows, or which review is to open, or neither while somebody still is to
// decide.
type Ruling struct {
	Follow *Decision
	Next   Kind
}

// Rule reads a round. Each seat that decided agrees with all others, or
// somebody else settles it; who settles it has the last word.
func Rule(seats []Seat) Ruling {
	var made []Decision
	for _, s := range seats {
		switch {
		case s.Open || s.Ended == Expired:
			return Ruling{}
		case s.Decision == nil: // withdrawn
		case s.Kind == Adjudication:
			return Ruling{Follow: s.Decision}
		default:
			made = append(made, *s.Decision)
		}
	}
	if len(made) == 0 {
		return Ruling{}
	}
	last := &made[0]
	for i := range made {
		if !made[i].Agrees(made[0]) {
			return Ruling{Next: Adjudication}
		}
		if made[i].ID > last.ID {
			last = &made[i]
		}
	}
	return Ruling{Follow: last}
}

// AddSeat opens one more review of the round that a review belongs to, of the
// same draft, for somebody who has not decided in it.
func AddSeat(ctx context.Context, tx bun.Tx, reviewID, id string, kind Kind, seat int, at time.Time, terms Policy) error {
	_, err := tx.NewRaw(`INSERT INTO reviews (id, case_id, step, draft_id, state, round, seat, quorum, kind, tier, besides, waits, roles,
		priority, confidence, created_at, due_at, epoch, lease_until) SELECT ?, case_id, step, draft_id, 'open', round, ?, quorum,
		?, tier, besides, TRUE, ?, ?, confidence, ?, ?, 0, 0 FROM reviews WHERE id = ?`, id, seat, string(kind), mask(terms.Roles),
		terms.Priority, at.UnixMicro(), at.Add(terms.due()).UnixMicro(), reviewID).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = tx.NewRaw(`INSERT INTO barred (review_id, user_id, why) SELECT CAST(? AS TEXT), user_id, why FROM barred
		WHERE review_id = ? ON CONFLICT DO NOTHING`, id, reviewID).Exec(ctx)
	return err
}

// due is how long after its opening a review is to be decided.
func (p Policy) due() time.Duration { return cmp.Or(p.Due, p.EscalateAfter) }

// BarFrom keeps the people who brought the cases of some reviews in, and those
// who decided on them in earlier rounds, from these reviews. It returns the
// users who were not kept from them before, by review. What is to follow a lot
// that was accepted stands under that decision, and is left alone.
func BarFrom(ctx context.Context, tx bun.Tx, reviewIDs ...string) (map[string][]string, error) {
	added := map[string][]string{}
	const decided = ` AND NOT EXISTS (SELECT 1 FROM lots l WHERE l.id = r.lot_id AND l.state = 'accepted' AND NOT r.waits)`
	for _, who := range []string{
		`SELECT r.id, c.submitted_by, 'submitted' FROM reviews r JOIN cases c ON c.id = r.case_id
			WHERE r.id IN (?) AND c.submitted_by IS NOT NULL`,
		`SELECT DISTINCT r.id, d.user_id, 'reviewed' FROM reviews r JOIN decisions d ON d.case_id = r.case_id
			JOIN reviews o ON o.id = d.review_id WHERE r.id IN (?) AND o.round <> r.round AND o.kind <> 'canary'
			AND d.verdict <> 'skip' AND d.undone_at IS NULL`,
	} {
		var rows []struct {
			Review string `bun:"review_id"`
			User   string `bun:"user_id"`
		}
		err := tx.NewRaw(`INSERT INTO barred (review_id, user_id, why) `+who+decided+` ON CONFLICT DO NOTHING RETURNING review_id, user_id`,
			bun.List(reviewIDs)).Scan(ctx, &rows)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			added[r.Review] = append(added[r.Review], r.User)
		}
	}
	return added, nil
}

// FreeBarred takes open reviews from people who are kept from them: who is
// assigned to one is not any more, and who holds it has lost it. It returns the
// reviews that this changed.
func FreeBarred(ctx context.Context, tx bun.Tx, reviewIDs []string) (freed []string, err error) {
	const barred = `(SELECT user_id FROM barred WHERE review_id = reviews.id)`
	err = tx.NewRaw(`UPDATE reviews SET assigned_to = CASE WHEN assigned_to IN `+barred+` THEN NULL ELSE assigned_to END,
		lease_until = CASE WHEN claimed_by IN `+barred+` THEN 0 ELSE lease_until END,
		claimed_by = CASE WHEN claimed_by IN `+barred+` THEN NULL ELSE claimed_by END
		WHERE id IN (?) AND state = 'open' AND (assigned_to IN `+barred+` OR claimed_by IN `+barred+`) RETURNING id`,
		bun.List(reviewIDs)).Scan(ctx, &freed)
	return freed, err
}
