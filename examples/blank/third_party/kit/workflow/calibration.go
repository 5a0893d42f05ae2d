package workflow

import (
	"context"
	"sync"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
)

// Calibrate stores a calibration, made of the model named: from now on, drafts
// that it fits have their confidence by it. The one that held for them before
// ends, and with it the bars that were certified by it. One that holds already is
// left as it is. It fails with kit.Forbidden for all but leads and admins, with
// kit.Invalid for one of no labels, and with kit.NotFound when the workflow has no
// such draft step.
func (r *Runner) Calibrate(ctx context.Context, by auth.User, name string, c model.Calibration) (made review.Calibration, err error) {
	act := "calibrate step " + c.For.Step
	if err := mayCertify(by, act); err != nil {
		return made, err
	}
	if err := r.drafts(c.For.Step, "calibrate"); err != nil {
		return made, err
	}
	made = review.Calibration{ID: kit.NewID(), For: c.For, Model: name, Hash: c.Hash(), Body: string(c.JSON()), Labels: c.Labels, MadeAt: r.Clock(), MadeBy: by.ID}
	if _, err := model.ParseCalibration([]byte(made.Body)); err != nil || c.Labels <= 0 {
		return made, kit.Errorf(kit.Invalid, "%s: it was made of %d labels: %v", act, c.Labels, err)
	}
	err = r.changeBy(ctx, by, func(ctx context.Context, tx bun.Tx, by auth.User) error {
		if err := mayCertify(by, act); err != nil {
			return err
		}
		now, err := review.CalibrationFor(ctx, tx, c.For)
		if err != nil {
			return err
		}
		if now != nil && now.Hash == made.Hash {
			made = *now
			return nil
		}
		return r.calibrate(ctx, tx, by, made)
	})
	return made, err
}

// calibrate stores a new calibration, and voids the bars of the one before.
func (r *Runner) calibrate(ctx context.Context, tx bun.Tx, by auth.User, c review.Calibration) error {
	before, err := review.Calibrate(ctx, tx, by, c)
	if err != nil {
		return err
	}
	if err := r.note(ctx, tx, by.ID, "calibration.made", "", c); err != nil {
		return err
	}
	bars, err := review.Bars(ctx, tx, c.For.Step)
	if err != nil {
		return err
	}
	for _, b := range bars {
		if parts := b.Differs(c.For, c.Hash); len(parts) == 1 && parts[0] == "calibration" && b.Calibration == before {
			if err := r.voidBar(ctx, tx, by.ID, b.ID, outlivedBy(parts)); err != nil {
				return err
			}
		}
	}
	return nil
}

// drafts refuses a step that is no draft step of the workflow.
func (r *Runner) drafts(step, act string) error {
	if s := r.Workflow.step(step); s == nil || s.kind != draftStep {
		return kit.Errorf(kit.NotFound, "%s: the workflow has no draft step %s", act, step)
	}
	return nil
}

// stands refuses a bar whose calibration is not the one that drafts have now:
// it would hold for none.
func stands(ctx context.Context, tx bun.Tx, b review.Bar) error {
	if b.Calibration == "" {
		return nil
	}
	c, err := review.CalibrationFor(ctx, tx, b.Fit())
	if err == nil && (c == nil || c.Hash != b.Calibration) {
		return kit.Errorf(kit.NotFound, "certify a bar for step %s: its calibration %.12s is not the one that holds", b.Step, b.Calibration).
			WithHint("store the calibration first, or certify anew: another one was made meanwhile")
	}
	return err
}

// Calibrated is a provider whose drafts are calibrated by what db has for them
// then: one that is stored holds from the next draft on, in every process.
func Calibrated(p model.Provider, db *store.DB) model.Calibrated {
	var read sync.Map // hash to *model.Calibration
	return model.Calibrated{Provider: p, Find: func(ctx context.Context, fit model.Fit) (*model.Calibration, error) {
		stored, err := review.CalibrationFor(ctx, db.Read(), fit)
		if err != nil || stored == nil {
			return nil, err
		}
		if c, ok := read.Load(stored.Hash); ok {
			return c.(*model.Calibration), nil
		}
		c, err := model.ParseCalibration([]byte(stored.Body))
		if kit.CodeOf(err) == kit.Unsupported {
			return nil, nil // of another version of the program: none, until somebody certifies again
		}
		if err != nil {
			return nil, err
		}
		if c.Hash() != stored.Hash || c.For != fit {
			return nil, kit.Errorf(kit.Internal, "calibrate step %s: the stored calibration %s is not as it was made", fit.Step, stored.ID).
				WithHint("verify tells what was altered; certify makes another")
		}
		read.Store(stored.Hash, c)
		return c, nil
	}}
}
