package workflow

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
)

// opening is a draft on its way to the people who are to look at it.
type opening struct {
	c     *current
	s     *step // the review step
	draft string
	facts review.Facts
	terms review.Policy // that hold for this draft
	tiers string        // whose terms they are; "" for the step's own
	why   string        // the tier's words; "" without one
	blind bool          // its people fill the fields in before they see it
	id    string        // of its first review, and of its round
	at    time.Time

	bar *review.Bar // by which its case gathers in a lot; nil when it is reviewed singly
}

// openReview moves a case to a review step and puts its draft before people.
func (r *Runner) openReview(ctx context.Context, tx bun.Tx, c *current, s *step, draftID string) error {
	o, err := r.opening(ctx, tx, c, s, draftID)
	if err != nil {
		return err
	}
	if err := c.set(ctx, tx, kit.InReview, s.name, o.at); err != nil {
		return err
	}
	return r.openRound(ctx, tx, o)
}

// opening reads what the policy is to know of a draft, and which terms hold.
func (r *Runner) opening(ctx context.Context, tx bun.Tx, c *current, s *step, draftID string) (*opening, error) {
	o := &opening{c: c, s: s, draft: draftID, id: kit.NewID(), at: r.Clock()}
	var err error
	if o.facts, err = factsOf(ctx, tx, c.Name, s, draftID); err != nil {
		return nil, err
	}
	o.tiers, o.why = s.policy.Met(o.facts)
	o.terms = s.policy.Named(o.tiers)
	return o, r.blindfold(ctx, tx, o)
}

// openRound opens the reviews that decide on a draft.
func (r *Runner) openRound(ctx context.Context, tx bun.Tx, o *opening) error {
	if planted, err := r.plant(ctx, tx, o); err != nil || planted {
		return err
	}
	var err error
	if o.bar, err = r.gathers(ctx, tx, o); err != nil {
		return err
	}
	return r.seat(ctx, tx, o)
}

// factsOf reads a draft as a policy sees it.
func factsOf(ctx context.Context, db bun.IDB, name string, s *step, draftID string) (review.Facts, error) {
	var d struct {
		Value  string `bun:"value"`
		Fields string `bun:"fields"`
		GaveUp string `bun:"gave_up"`
	}
	err := db.NewRaw(`SELECT value, fields, gave_up FROM drafts WHERE id = ?`, draftID).Scan(ctx, &d)
	if err != nil {
		return review.Facts{}, err
	}
	f := review.Facts{Name: name, Value: json.RawMessage(d.Value), Schema: s.schema, GaveUp: d.GaveUp}
	return f, json.Unmarshal([]byte(d.Fields), &f.Fields)
}

// seat opens a review for each person of the quorum.
func (r *Runner) seat(ctx context.Context, tx bun.Tx, o *opening) error {
	for seat := 1; seat <= o.terms.Quorum; seat++ {
		id := o.id
		if seat > 1 {
			id = kit.NewID()
		}
		if err := o.add(ctx, tx, o.review(id, seat)); err != nil {
			return err
		}
	}
	return r.announce(ctx, tx, o)
}

// add opens one review, of a seat or of a canary.
func (o *opening) add(ctx context.Context, tx bun.Tx, v review.Opening) error {
	if err := review.Add(ctx, tx, v); err != nil {
		return err
	}
	if o.terms.FourEyes {
		if _, err := review.BarFrom(ctx, tx, v.ID); err != nil {
			return err
		}
	}
	return review.Tally(ctx, tx, o.at, "review.opened", "", 1)
}

// announce notes that a round is open, and has it looked after in time. The
// times and numbers are of when the opening began: planting an error takes
// longer than planting none, and is not to be told by it.
func (r *Runner) announce(ctx context.Context, tx bun.Tx, o *opening) error {
	tier, _, _ := strings.Cut(o.tiers, ",")
	who, err := review.AdmissionOf(ctx, tx, o.id)
	if err != nil {
		return err
	}
	seed, err := review.Seed(ctx, tx, o.at)
	if err != nil {
		return err
	}
	err = noteAt(ctx, tx, o.at, machine, "round.opened", o.c.ID, map[string]any{"round": o.id, "step": o.s.name, "draft": o.draft, "quorum": o.terms.Quorum,
		"tier": tier, "why": o.why, "roles": who.Roles, "barred": who.Barred, "seal": sealRound(seed, o.id, o.tiers, o.blind)})
	if err != nil {
		return err
	}
	if o.bar != nil {
		return r.join(ctx, tx, o, o.id)
	}
	return r.insertEscalation(ctx, tx, o.id, o.at.Add(o.terms.EscalateAfter))
}

// sealRound is what the trail notes of a round's tiers and of whether it is
// blind: who reads the case's history is not to know.
func sealRound(seed, round, tiers string, blind bool) string {
	return review.Seal(seed, "round", round, tiers, strconv.FormatBool(blind))
}

// review is one seat of a round, to be added.
func (o *opening) review(id string, seat int) review.Opening {
	return review.Opening{ID: id, CaseID: o.c.ID, Step: o.s.name, DraftID: o.draft, Round: o.id, Seat: seat,
		Quorum: o.terms.Quorum, Tiers: o.tiers, Priority: o.terms.Priority, Confidence: leastSure(o.facts.Fields),
		Roles: o.terms.Roles, Blind: o.blind, Kept: o.bar != nil, At: o.at, DueAt: o.at.Add(o.terms.Due)}
}

// leastSure is the lowest confidence of a draft's fields, 0 when there are
// none.
func leastSure(fields []kit.Field) float64 {
	if len(fields) == 0 {
		return 0
	}
	least := 1.0
	for _, f := range fields {
		least = min(least, f.Confidence)
	}
	return least
}
