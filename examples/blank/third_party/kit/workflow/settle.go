package workflow

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
)

// follow notes a decision and does what its round comes to with it.
func (r *Runner) follow(ctx context.Context, tx bun.Tx, c *current, s *step, d review.Decision, undo time.Duration) error {
	if err := r.noteDecision(ctx, tx, c, d); err != nil {
		return err
	}
	if err := tallyWork(ctx, tx, d); err != nil {
		return err
	}
	if err := tallyDecision(ctx, tx, d, 1); err != nil || d.Verdict == kit.Skip {
		return err
	}
	seats, err := review.Round(ctx, tx, d.ReviewID, d.CreatedAt)
	if err != nil {
		return err
	}
	if seats[0].Kind == review.Canary {
		return r.judge(ctx, tx, c, s, d)
	}
	ruling := review.Rule(seats)
	if ruling.Next, err = r.secondLook(ctx, tx, c, s, seats, ruling); err != nil {
		return err
	}
	switch {
	case ruling.Next != "":
		return r.seatOneMore(ctx, tx, c, s, d, seats, ruling.Next)
	case ruling.Follow != nil:
		return r.obey(ctx, tx, c, s, seats, *ruling.Follow, undo)
	}
	return nil
}

// noteDecision appends a decision to the trail.
func (r *Runner) noteDecision(ctx context.Context, tx bun.Tx, c *current, d review.Decision) error {
	data := map[string]any{"decision": d.ID, "review": d.ReviewID,
		"verdict": d.Verdict, "reason": d.Reason, "changed": d.Changed, "fields": d.Fields, "redraft": d.Redraft,
		"stood": d.Stood, "subject": d.Subject, "value": kit.Hash(d.Value)}
	if d.LotID != "" {
		data["lot"] = d.LotID
	}
	return r.note(ctx, tx, d.Person.ID, "decision.made", c.ID, data)
}

// obey moves the case as the decision says that its round came to.
func (r *Runner) obey(ctx context.Context, tx bun.Tx, c *current, s *step, seats []review.Seat, d review.Decision, undo time.Duration) error {
	if err := review.Relock(ctx, tx, s.schema, c.ID, s.name, s.from.name); err != nil {
		return err
	}
	if err := tallyOutcome(ctx, tx, s, seats, d, 1); err != nil {
		return err
	}
	if err := r.judgeLot(ctx, tx, d.ReviewID, review.Outcome(d)); err != nil {
		return err
	}
	switch d.Verdict {
	case kit.Approve, kit.Edit:
		if err := saveOutput(ctx, tx, c.ID, s.name, d.Value, d.ID, d.CreatedAt); err != nil {
			return err
		}
		return r.enter(ctx, tx, c, r.Workflow.after(s), undo)
	case kit.Reject:
		return c.set(ctx, tx, kit.Rejected, s.name, d.CreatedAt)
	default:
		return r.enter(ctx, tx, c, s.from, 0)
	}
}

// secondLook is the kind of the review that is to open: of a second look when
// the case would leave and is in the sample of one who let it, else what the
// round came to.
func (r *Runner) secondLook(ctx context.Context, tx bun.Tx, c *current, s *step, seats []review.Seat, ruling review.Ruling) (review.Kind, error) {
	if ruling.Follow == nil || !ruling.Follow.Verdict.Releases() || ruling.Follow.LotID != "" {
		return ruling.Next, nil
	}
	share := 0.0
	for _, seat := range seats {
		if seat.Decision == nil {
			continue
		}
		if seat.Kind != review.First {
			return "", nil // somebody looked already
		}
		terms, err := r.termsOf(ctx, tx, seat.ReviewID)
		if err != nil {
			return "", err
		}
		own, err := review.SecondLookShare(ctx, tx, seat.Decision.Person.ID, terms.SecondLook, r.Clock())
		if err != nil {
			return "", err
		}
		share = max(share, own)
	}
	drawn, err := r.sampled(ctx, tx, "second_look", c.ID, share)
	if !drawn {
		return "", err
	}
	return review.Second, err
}

// seatOneMore opens one more review of a round, for somebody who has not
// decided in it, right after a decision.
func (r *Runner) seatOneMore(ctx context.Context, tx bun.Tx, c *current, s *step, d review.Decision, seats []review.Seat, kind review.Kind) error {
	terms, err := r.termsOf(ctx, tx, d.ReviewID)
	if err != nil {
		return err
	}
	id, last := kit.NewID(), seats[len(seats)-1].Seat
	if err := review.AddSeat(ctx, tx, d.ReviewID, id, kind, last+1, d.CreatedAt, terms); err != nil {
		return err
	}
	if kind == review.Adjudication {
		if err := review.Tally(ctx, tx, d.CreatedAt, "agree", "no", 1); err != nil {
			return err
		}
	}
	if err := review.Tally(ctx, tx, d.CreatedAt, "review.opened", "", 1); err != nil {
		return err
	}
	who, err := review.AdmissionOf(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := r.note(ctx, tx, machine, "review.opened", c.ID, map[string]any{"review": id, "kind": kind,
		"roles": who.Roles, "barred": who.Barred}); err != nil {
		return err
	}
	return r.insertEscalation(ctx, tx, id, d.CreatedAt.Add(terms.EscalateAfter))
}

// terms is the policy that holds for the reviews of a step and its tiers.
func (r *Runner) terms(step, tiers string) review.Policy {
	s := r.Workflow.step(step)
	if s == nil || s.kind != reviewStep {
		return review.Policy{}.Defaults()
	}
	return s.policy.Named(tiers)
}

// termsOf is the policy that holds for a review.
func (r *Runner) termsOf(ctx context.Context, db bun.IDB, reviewID string) (review.Policy, error) {
	var of struct {
		Step  string `bun:"step"`
		Tiers string `bun:"tiers"`
	}
	err := db.NewRaw(`SELECT step, tier || besides AS tiers FROM reviews WHERE id = ?`, reviewID).Scan(ctx, &of)
	return r.terms(of.Step, of.Tiers), err
}

// tallyDecision counts a decision; with -1 it counts it out again, on the day
// on which it was made.
func tallyDecision(ctx context.Context, tx bun.Tx, d review.Decision, n float64) error {
	counts := []count{{"decision", string(d.Verdict), n}, {"by", d.Person.ID + "." + string(d.Verdict), n}}
	if d.LotID != "" {
		counts[1] = count{"lot", d.Person.ID, n} // nobody looked at it by itself
	}
	if d.Verdict != kit.Skip {
		var opened int64
		if err := tx.NewRaw(`SELECT created_at FROM reviews WHERE id = ?`, d.ReviewID).Scan(ctx, &opened); err != nil {
			return err
		}
		day := strconv.FormatInt(review.Day(time.UnixMicro(opened)), 10)
		counts = append(counts, count{"seconds", d.Person.ID, n * d.Seconds}, count{"review.ended", day, n})
	}
	return tally(ctx, tx, d.CreatedAt, counts)
}

// tallyOutcome counts what a case's round came to.
func tallyOutcome(ctx context.Context, tx bun.Tx, s *step, seats []review.Seat, d review.Decision, n float64) error {
	if d.LotID != "" {
		return tally(ctx, tx, d.CreatedAt, []count{{"human", "lot", n}})
	}
	var counts []count
	made := 0
	for _, seat := range seats {
		if seat.Decision != nil && seat.Kind != review.Adjudication {
			made++
		}
	}
	settled := slices.ContainsFunc(seats, func(s review.Seat) bool { return s.Kind == review.Adjudication && s.Decision != nil })
	if made > 1 && !settled {
		counts = append(counts, count{"agree", "yes", n})
	}
	if d.Verdict.Releases() {
		human := "unchanged"
		if len(d.Changed) > 0 {
			human = "changed"
		}
		counts = append(counts, count{"human", human, n})
		for _, f := range s.schema.Fields() {
			counts = append(counts, count{"field.seen", f.Path, n})
		}
		for _, path := range d.Changed {
			counts = append(counts, count{"field.changed", path, n})
		}
	}
	return tally(ctx, tx, d.CreatedAt, counts)
}

// count is what is added to one kept counter.
type count struct {
	name, key string
	n         float64
}

func tally(ctx context.Context, tx bun.Tx, at time.Time, counts []count) error {
	for _, c := range counts {
		if err := review.Tally(ctx, tx, at, c.name, c.key, c.n); err != nil {
			return err
		}
	}
	return nil
}
