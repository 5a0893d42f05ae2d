package workflow

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/riverqueue/river"
	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
)

// Certify stores a bar: from now on, sure drafts of that model, prompt, schema,
// server and calibration gather in lots where the policy has them. Another bar
// for the same is void from then on. It fails with kit.Forbidden for all but leads and admins,
// with kit.Invalid when the bar's own numbers do not hold, and with
// kit.NotFound when the workflow has no such draft step, or the bar's calibration
// is not the one that drafts have now (see Calibrate).
func (r *Runner) Certify(ctx context.Context, by auth.User, b review.Bar) (review.Bar, error) {
	b.ID, b.CertifiedAt = kit.NewID(), r.Clock()
	if err := mayCertify(by, "certify a bar for step "+b.Step); err != nil {
		return b, err
	}
	if err := b.Check(); err != nil {
		return b, err
	}
	if err := r.drafts(b.Step, "certify a bar"); err != nil {
		return b, err
	}
	err := r.changeBy(ctx, by, func(ctx context.Context, tx bun.Tx, by auth.User) error {
		if err := mayCertify(by, "certify a bar for step "+b.Step); err != nil {
			return err
		}
		if err := stands(ctx, tx, b); err != nil {
			return err
		}
		bars, err := review.Bars(ctx, tx, b.Step)
		if err != nil {
			return err
		}
		for _, old := range bars {
			if len(old.Differs(b.Fit(), b.Calibration)) == 0 {
				if err := r.voidBar(ctx, tx, by.ID, old.ID, "another was certified in its place"); err != nil {
					return err
				}
			}
		}
		if err := review.Certify(ctx, tx, by, b); err != nil {
			return err
		}
		return r.note(ctx, tx, by.ID, "bar.certified", "", b)
	})
	return b, err
}

// VoidBar ends a bar: nothing gathers by it any more, and its lots that nobody
// decided on yet are broken up. Their cases are reviewed singly.
func (r *Runner) VoidBar(ctx context.Context, by auth.User, id, reason string) error {
	return r.changeBy(ctx, by, func(ctx context.Context, tx bun.Tx, by auth.User) error {
		if err := mayCertify(by, "void bar "+id); err != nil {
			return err
		}
		return r.voidBar(ctx, tx, by.ID, id, plain(reason))
	})
}

// Bars lists the bars that hold, newest first.
func (r *Runner) Bars(ctx context.Context) ([]review.Bar, error) {
	return review.Bars(ctx, r.DB.Read(), "")
}

// CertifiedBars lists the bars that hold, newest first, and behind them the
// newest that are void, with who certified them.
func (r *Runner) CertifiedBars(ctx context.Context, void int) ([]review.Certified, error) {
	return review.CertifiedBars(ctx, r.DB.Read(), void)
}

// mayCertify refuses all but leads and admins.
func mayCertify(by auth.User, act string) error {
	if by.MayLead() {
		return nil
	}
	return kit.Errorf(kit.Forbidden, "%s: %s is neither lead nor admin", act, by.Name)
}

// voidBar ends a bar and dissolves its open lots.
func (r *Runner) voidBar(ctx context.Context, tx bun.Tx, actor, id, reason string) error {
	if err := review.Void(ctx, tx, id, reason, r.Clock()); err != nil {
		return err
	}
	if err := r.note(ctx, tx, actor, "bar.voided", "", map[string]string{"bar": id, "reason": reason}); err != nil {
		return err
	}
	lots, err := review.OpenLots(ctx, tx, id)
	if err != nil {
		return err
	}
	for _, lot := range lots {
		freed, err := review.Dissolve(ctx, tx, lot, r.Clock())
		if err != nil {
			return err
		}
		if err := r.note(ctx, tx, actor, "lot.voided", "", map[string]any{"lot": lot, "bar": id, "reviews": len(freed)}); err != nil {
			return err
		}
		if err := r.lookAfter(ctx, tx, freed); err != nil {
			return err
		}
	}
	return nil
}

// gathers finds the bar by which a draft's case gathers in a lot, nil when it
// is reviewed singly: because the policy has no lots or wants more than one
// person, the draft asks for a look, a person looked before, another sample has
// the case, or no bar is certified for such drafts, or the draft does not pass
// it.
func (r *Runner) gathers(ctx context.Context, tx bun.Tx, o *opening) (*review.Bar, error) {
	bar, others, err := review.BarsFor(ctx, tx, o.s.from.name, o.draft, o.s.schema.Hash())
	if err != nil {
		return nil, err
	}
	if err := r.outlived(ctx, tx, others); err != nil {
		return nil, err
	}
	if bar == nil || o.terms.Lots.Size <= 0 || o.terms.Quorum > 1 || o.blind || !sure(o.facts, bar.Threshold) {
		return nil, nil
	}
	if _, bad := o.s.schema.Apply(o.facts.Value, nil); len(bad) > 0 {
		return nil, nil
	}
	var looked bool
	err = tx.NewRaw(`SELECT EXISTS (SELECT 1 FROM reviews WHERE case_id = ? AND step = ?)`, o.c.ID, o.s.name).Scan(ctx, &looked)
	if err != nil || looked {
		return nil, err
	}
	for what, share := range map[string]float64{"second_look": o.terms.SecondLook, "canary": o.terms.Canaries} {
		if drawn, err := r.sampled(ctx, tx, what, o.c.ID, share); err != nil || drawn {
			return nil, err
		}
	}
	return bar, nil
}

// sure reports whether a draft passes a threshold, and none of its fields asks
// for a closer look.
func sure(f review.Facts, threshold float64) bool {
	for _, field := range f.Fields {
		if len(field.Marks) > 0 {
			return false
		}
	}
	return f.GaveUp == "" && len(f.Fields) > 0 && leastSure(f.Fields) >= threshold
}

// outlived voids the bars of other drafts than are made now: the model, its
// prompt, the schema, the server or the calibration changed. A bar by which nothing gathered yet may be for
// what is to come, and stays.
func (r *Runner) outlived(ctx context.Context, tx bun.Tx, bars []review.Outlived) error {
	for _, b := range bars {
		gathers, err := review.Gathers(ctx, tx, b.ID)
		if err != nil {
			return err
		}
		if !gathers {
			continue
		}
		if err := r.voidBar(ctx, tx, machine, b.ID, outlivedBy(b.Differs)); err != nil {
			return err
		}
	}
	return nil
}

// outlivedBy says in words why a bar does not hold any more.
func outlivedBy(parts []string) string {
	return "drafts are made by another " + strings.Join(parts, " and another ") + " now"
}

// join puts a review that was opened into its lot, which closes when it is
// full. No event of the case tells it: its history is to be the same whether
// it will be in the sample or not.
func (r *Runner) join(ctx context.Context, tx bun.Tx, o *opening, reviewID string) error {
	lot, size, began, err := review.Join(ctx, tx, review.Gather{CaseID: o.c.ID, ReviewID: reviewID, DraftID: o.draft,
		Step: o.s.name, Bar: *o.bar, Terms: o.terms, At: o.at})
	if err != nil {
		return err
	}
	if began {
		if err := r.beginLot(ctx, tx, lot, reviewID); err != nil {
			return err
		}
	}
	if err := noteHidden(ctx, tx, r.Clock(), "lot.joined", map[string]string{"lot": lot, "case": o.c.ID}); err != nil {
		return err
	}
	if size < o.terms.Lots.Size {
		return nil
	}
	return r.closeLot(ctx, tx, lot)
}

// beginLot notes what a lot promises, and has it closed in time. Who may decide
// on its first review may decide on it.
func (r *Runner) beginLot(ctx context.Context, tx bun.Tx, id, reviewID string) error {
	l, err := review.BareLot(ctx, tx, id)
	if err != nil {
		return err
	}
	who, err := review.AdmissionOf(ctx, tx, reviewID)
	if err != nil {
		return err
	}
	err = r.note(ctx, tx, machine, "lot.began", "", map[string]any{"lot": id, "bar": l.Bar.ID, "step": l.Step, "roles": who.Roles,
		"full_at": l.FullAt, "error": l.Error, "confidence": l.Confidence})
	if err != nil {
		return err
	}
	return r.insertLot(ctx, tx, id, l.ClosesAt)
}

// closeLot draws the sample of a lot that gathers and puts it into the queue.
func (r *Runner) closeLot(ctx context.Context, tx bun.Tx, id string) error {
	l, err := review.Close(ctx, tx, id, r.Clock())
	if err != nil || l == nil {
		return err
	}
	var ids, reviews []string
	for _, c := range l.Cases {
		ids = append(ids, c.CaseID)
		if c.Sampled {
			reviews = append(reviews, c.ReviewID)
		}
	}
	err = r.note(ctx, tx, machine, "lot.sampled", "", map[string]any{"lot": id, "seed": l.Seed, "size": l.Size,
		"sample": l.Sample, "cases": sumAll(ids)})
	if err != nil {
		return err
	}
	return r.lookAfter(ctx, tx, reviews)
}

// lookAfter has reviews that waited in a lot looked after like others, from
// when they would have been without it, and holds them to four eyes where they
// are asked for now.
func (r *Runner) lookAfter(ctx context.Context, tx bun.Tx, reviews []string) error {
	var strict []string
	for _, id := range reviews {
		var opened int64
		if err := tx.NewRaw(`SELECT created_at FROM reviews WHERE id = ?`, id).Scan(ctx, &opened); err != nil {
			return err
		}
		terms, err := r.termsOf(ctx, tx, id)
		if err != nil {
			return err
		}
		if terms.FourEyes {
			strict = append(strict, id)
		}
		if err := r.insertEscalation(ctx, tx, id, micros(opened).Add(terms.EscalateAfter)); err != nil {
			return err
		}
	}
	if len(strict) == 0 {
		return nil
	}
	return r.barFrom(ctx, tx, strict...)
}

// judgeLot tells the lot of a review's round, if it is in its sample, what came
// of it; "" takes that back.
func (r *Runner) judgeLot(ctx context.Context, tx bun.Tx, reviewID, outcome string) error {
	l, err := review.Judge(ctx, tx, reviewID, outcome)
	if err != nil || l == nil {
		return err
	}
	if l.State != review.Ready {
		return r.note(ctx, tx, machine, "lot.reopened", "", map[string]string{"lot": l.ID})
	}
	if err := r.notice(ctx, tx, noticeLot, "", "", ""); err != nil {
		return err
	}
	return r.note(ctx, tx, machine, "lot.ready", "", map[string]any{"lot": l.ID, "sample": l.Sample,
		"wrong": l.Result.Wrong, "bound": l.Result.Bound})
}

// sumAll hashes a list of texts.
func sumAll(list []string) string {
	body, _ := json.Marshal(list) // texts alone: it cannot fail
	return kit.Hash(body)
}

// lotArgs is the job of what a lot has to do by itself: to close when it is
// time, and, once it is accepted, to let its cases follow.
type lotArgs struct {
	Lot string `json:"lot"`
}

// Kind names the job in the queue.
func (lotArgs) Kind() string { return "tackhammer_lot" }

// insertLot makes the job of a lot at a time.
func (r *Runner) insertLot(ctx context.Context, tx bun.Tx, id string, at time.Time) error {
	return r.insertJob(ctx, tx, lotArgs{Lot: id}, at, river.InsertOpts{})
}
