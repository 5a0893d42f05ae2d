package workflow

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
)

// Undo takes back the user's own decision while nothing has come of it, and
// returns the review, which the user holds again. A second look or a settling
// that opened because of it goes away, unless somebody looks at it already.
// Too late is kit.Conflict.
func (r *Runner) Undo(ctx context.Context, by auth.User, decisionID string) (reviewID string, err error) {
	err = r.changeBy(ctx, by, func(ctx context.Context, tx bun.Tx, by auth.User) error {
		d, err := review.DecisionByID(ctx, tx, decisionID)
		if err != nil {
			return err
		}
		if d == nil {
			return kit.Errorf(kit.NotFound, "undo decision %s: there is no such decision", decisionID)
		}
		if d.Person.ID != by.ID || !by.MayDecide() {
			return kit.Errorf(kit.Forbidden, "undo decision %s: it is %s's", decisionID, d.Person.Name)
		}
		c, s, err := r.underReview(ctx, tx, d.ReviewID)
		if err != nil {
			return err
		}
		seats, err := review.Round(ctx, tx, d.ReviewID, r.Clock())
		if err != nil {
			return err
		}
		if err := r.undoable(ctx, tx, c, s, seats, *d); err != nil {
			return err
		}
		reviewID = d.ReviewID
		return r.undo(ctx, tx, c, s, seats, *d)
	})
	return reviewID, err
}

// undoable refuses to take back what has had an effect.
func (r *Runner) undoable(ctx context.Context, tx bun.Tx, c *current, s *step, seats []review.Seat, d review.Decision) error {
	late := kit.Errorf(kit.Conflict, "undo decision %s: it is too late", d.ID).
		WithHint("the case has moved on; see its history")
	own := slices.IndexFunc(seats, func(s review.Seat) bool { return s.Decision != nil && s.Decision.ID == d.ID })
	if own < 0 || d.LotID != "" || seats[own].Kind == review.Canary || slices.ContainsFunc(seats[own+1:], looked) {
		return late
	}
	latest, err := latestReview(ctx, tx, c.ID)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(seats, func(s review.Seat) bool { return s.ReviewID == latest }) || !r.waitsFor(c, s, d) {
		return late
	}
	var made int
	err = tx.NewRaw(`SELECT COUNT(*) FROM deliveries x JOIN decisions y ON y.id = x.decision_id JOIN reviews z ON z.id = y.review_id
		WHERE x.case_id = ? AND z.round = (SELECT round FROM reviews WHERE id = ?)`, c.ID, d.ReviewID).Scan(ctx, &made)
	if err != nil {
		return err
	}
	if made > 0 {
		return late
	}
	return nil
}

// looked reports whether somebody looks, or looked, at what the seats before
// led to.
func looked(s review.Seat) bool { return s.Kind != review.First && s.Held }

// latestReview is the one of a case that opened last.
func latestReview(ctx context.Context, db bun.IDB, caseID string) (id string, err error) {
	err = db.NewRaw(`SELECT id FROM reviews WHERE case_id = ? ORDER BY id DESC LIMIT 1`, caseID).Scan(ctx, &id)
	return id, err
}

// waitsFor reports whether the case stands where the decision left it.
func (r *Runner) waitsFor(c *current, s *step, d review.Decision) bool {
	switch kit.State(c.State) {
	case kit.InReview:
		return c.Step == s.name // the others are still to decide
	case kit.Rejected:
		return c.Step == s.name && d.Verdict == kit.Reject && r.Clock().Sub(d.CreatedAt) < undoReject
	case kit.Delivered:
		return false
	}
	return d.Verdict.Releases() && c.Step == r.Workflow.after(s).name
}

// undo puts the case back to its review.
func (r *Runner) undo(ctx context.Context, tx bun.Tx, c *current, s *step, seats []review.Seat, d review.Decision) error {
	now := r.Clock()
	if err := r.uncount(ctx, tx, c, s, seats, d); err != nil {
		return err
	}
	if err := r.judgeLot(ctx, tx, d.ReviewID, ""); err != nil {
		return err
	}
	if err := review.End(ctx, tx, moot(seats), review.Withdrawn, now); err != nil {
		return err
	}
	terms, err := r.termsOf(ctx, tx, d.ReviewID)
	if err != nil {
		return err
	}
	if err := review.Reopen(ctx, tx, d, now, terms.Lease); err != nil {
		return err
	}
	if terms.FourEyes { // it may have opened before the policy asked for them
		if err := r.barFrom(ctx, tx, d.ReviewID); err != nil {
			return err
		}
	}
	if err := review.Revive(ctx, tx, d, s.schema.Flatten(d.Value), now); err != nil {
		return err
	}
	if kit.State(c.State) != kit.InReview {
		if err := c.set(ctx, tx, kit.InReview, s.name, now); err != nil {
			return err
		}
	}
	if err := review.Relock(ctx, tx, s.schema, c.ID, s.name, s.from.name); err != nil {
		return err
	}
	return r.note(ctx, tx, d.Person.ID, "decision.undone", c.ID, map[string]string{"decision": d.ID, "review": d.ReviewID})
}

// moot lists the open reviews that the seats before led to.
func moot(seats []review.Seat) (ids []string) {
	for _, s := range seats {
		if s.Open && s.Kind != review.First {
			ids = append(ids, s.ReviewID)
		}
	}
	return ids
}

// uncount takes a decision, and what came of it, out of the kept counters.
func (r *Runner) uncount(ctx context.Context, tx bun.Tx, c *current, s *step, seats []review.Seat, d review.Decision) error {
	if err := tallyDecision(ctx, tx, d, -1); err != nil {
		return err
	}
	if kit.State(c.State) != kit.InReview {
		if ruling := review.Rule(seats); ruling.Follow != nil {
			return tallyOutcome(ctx, tx, s, seats, *ruling.Follow, -1)
		}
	}
	for _, seat := range seats {
		if seat.Open && seat.Kind == review.Adjudication {
			return review.Tally(ctx, tx, seat.CreatedAt, "agree", "no", -1)
		}
	}
	return nil
}
