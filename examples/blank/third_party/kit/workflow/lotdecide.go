package workflow

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
)

const (
	followAtOnce = 25 // cases of a lot in one transaction
	tendAtOnce   = 20 // lots in one sweep
)

// Lots lists lots, newest first.
func (r *Runner) Lots(ctx context.Context, after string, limit int) (Page[review.Lot], error) {
	limit = pageSize(limit)
	if err := checkCursor("list lots", after); err != nil {
		return Page[review.Lot]{}, err
	}
	lots, err := review.ListLots(ctx, r.DB.Read(), after, limit+1)
	if err != nil {
		return Page[review.Lot]{}, err
	}
	return page(lots, limit, func(l review.Lot) review.Lot { return l }, func(l review.Lot) string { return l.ID }), nil
}

// Lot reads one lot as people may see it now: which cases are in its sample is
// told once it is decided.
func (r *Runner) Lot(ctx context.Context, id string) (*review.Lot, error) {
	return review.GetLot(ctx, r.DB.Read(), id)
}

// HasLots reports whether cases gather in lots, or did.
func (r *Runner) HasLots(ctx context.Context) (bool, error) {
	for _, s := range r.Workflow.steps {
		if s.kind == reviewStep && gathersAny(s.policy) {
			return true, nil
		}
	}
	var any bool
	err := r.DB.Read().NewRaw(`SELECT EXISTS (SELECT 1 FROM lots)`).Scan(ctx, &any)
	return any, err
}

// gathersAny reports whether a policy has lots, for all drafts or some.
func gathersAny(p review.Policy) bool {
	for _, t := range p.Tiers {
		if t.Policy.Lots.Size > 0 {
			return true
		}
	}
	return p.Lots.Size > 0
}

// DecideLot records that a person accepted or rejected a lot, and reports
// whether the same request was answered before. Its errors are those of
// review.DecideLot. The cases of an accepted lot follow at once, each under a
// decision of its own; those of a rejected one are reviewed singly.
func (r *Runner) DecideLot(ctx context.Context, by auth.User, id string, q review.LotRequest) (l *review.Lot, repeated bool, err error) {
	err = r.changeBy(ctx, by, func(ctx context.Context, tx bun.Tx, by auth.User) error {
		if l, repeated, err = review.DecideLot(ctx, tx, by, id, q, r.Clock(), r.terms); err != nil || repeated {
			return err
		}
		err = r.note(ctx, tx, by.ID, "lot."+string(l.State), "", map[string]any{"lot": l.ID, "bar": l.Bar.ID, "size": l.Size,
			"sample": l.Sample, "wrong": l.Result.Wrong, "bound": l.Result.Bound, "error": l.Error, "confidence": l.Confidence,
			"subject": l.Subject, "reason": l.Reason})
		if err != nil {
			return err
		}
		if l.State == review.AcceptedLot {
			return r.insertLot(ctx, tx, l.ID, r.Clock())
		}
		freed, err := review.Free(ctx, tx, l.ID)
		if err != nil {
			return err
		}
		if err := r.lookAfter(ctx, tx, freed); err != nil {
			return err
		}
		return review.Settle(ctx, tx, l.ID, r.Clock())
	})
	if err != nil {
		return nil, false, err
	}
	return l, repeated, nil
}

// tendLot does what a lot has to do by itself now: it closes one whose time is
// over, and lets the cases of an accepted one follow, some in each transaction.
// A lot with nothing to do is left alone.
func (r *Runner) tendLot(ctx context.Context, id string) error {
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := r.change(ctx, func(ctx context.Context, tx bun.Tx) error {
			l, err := review.BareLot(ctx, tx, id)
			if err != nil {
				return err
			}
			more = false
			switch l.State {
			case review.Gathering:
				if r.Clock().Before(l.ClosesAt) {
					return r.insertLot(ctx, tx, id, l.ClosesAt) // a clock that was put back
				}
				return r.closeLot(ctx, tx, id)
			case review.AcceptedLot:
				more, err = r.followLot(ctx, tx, *l)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// followLot lets some cases of an accepted lot follow, and reports whether
// there may be more.
func (r *Runner) followLot(ctx context.Context, tx bun.Tx, l review.Lot) (more bool, err error) {
	cases, err := review.Pending(ctx, tx, l.ID, followAtOnce)
	if err != nil {
		return false, err
	}
	if len(cases) == 0 {
		return false, review.Settle(ctx, tx, l.ID, r.Clock())
	}
	for _, one := range cases {
		if err := r.followOne(ctx, tx, l, one); err != nil {
			return false, err
		}
	}
	return true, nil
}

// followOne decides one case as its lot was and moves it on. One that changed
// since it was accepted, or that cannot be decided so, is left to a single
// review.
func (r *Runner) followOne(ctx context.Context, tx bun.Tx, l review.Lot, one review.LotCase) error {
	c, s, err := r.underReview(ctx, tx, one.ReviewID)
	if err != nil {
		return err
	}
	d, err := review.DecideByLot(ctx, tx, s.schema, l, one)
	if err != nil {
		return err
	}
	if d == nil {
		if err := r.note(ctx, tx, machine, "lot.left", c.ID, map[string]string{"lot": l.ID, "review": one.ReviewID}); err != nil {
			return err
		}
		return r.lookAfter(ctx, tx, []string{one.ReviewID})
	}
	return r.follow(ctx, tx, c, s, *d, 0)
}

// sweepLots tends lots that should have been by now: their job can be lost.
func (r *Runner) sweepLots(ctx context.Context) error {
	var late []string
	err := r.DB.Read().NewRaw(`SELECT id FROM lots WHERE settled_at IS NULL AND (state = 'gathering' AND closes_at < ?
		OR state = 'accepted' AND decided_at < ?) ORDER BY id LIMIT ?`, r.Clock().Add(-sweepAfter).UnixMicro(),
		r.Clock().Add(-sweepAfter).UnixMicro(), tendAtOnce).Scan(ctx, &late)
	for _, id := range late {
		if err := r.tendLot(ctx, id); err != nil && kit.CodeOf(err) != kit.Unavailable {
			r.Logger.Error("tend lot", "lot", id, "error", err)
		}
	}
	return err
}

// receiptLot tells a receipt of the lot that a decision was made with, nil when
// the case was decided by itself.
func receiptLot(ctx context.Context, tx bun.Tx, d review.Decision) (*audit.ReceiptLot, error) {
	if d.LotID == "" {
		return nil, nil
	}
	l, err := review.BareLot(ctx, tx, d.LotID)
	if err != nil {
		return nil, err
	}
	if l.State != review.AcceptedLot {
		return nil, kit.Errorf(kit.Internal, "make the receipt of case %s: its lot %s is %s", d.CaseID, l.ID, l.State)
	}
	return &audit.ReceiptLot{ID: l.ID, Size: l.Size, Sample: l.Sample, Wrong: l.Result.Wrong, Bound: l.Result.Bound,
		Error: l.Error, Confidence: l.Confidence, Person: audit.ReceiptPerson{ID: l.Person.ID, Name: l.Person.Name},
		At: *l.DecidedAt}, nil
}
