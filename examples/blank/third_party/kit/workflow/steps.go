package workflow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
)

// runDraft lets the model draft, outside of any transaction, and moves the
// case on.
func (r *Runner) runDraft(ctx context.Context, a stepArgs, s *step) error {
	in, err := r.loadOutput(ctx, r.DB.Read(), a.Case, s)
	if err != nil {
		return err
	}
	k, err := r.keeping(ctx, r.DB.Read(), a.Case, s)
	if err != nil {
		return err
	}
	saved, began := false, time.Now()
	var d drafted
	err = guard(s.name, func() (err error) {
		d, err = s.draft(k.tell(ctx), in)
		return err
	})
	took := time.Since(began)
	if err != nil {
		r.chargeFailed(ctx, s, took)
		return err
	}
	r.drafters.Store(s.name, d.model.Name)
	if d.usage.Elapsed <= 0 { // a team's own draft step may not say
		d.usage.Elapsed = took
	}
	k.merge(&d, s, s.source(in))
	err = r.finish(ctx, a, s, func(ctx context.Context, tx bun.Tx) (string, error) {
		saved = true
		return r.saveDraft(ctx, tx, a, d)
	})
	if err != nil || !saved {
		r.chargeFailed(ctx, s, d.usage.Elapsed)
	}
	return err
}

// runCode runs a team's code on what was approved and moves the case on.
func (r *Runner) runCode(ctx context.Context, a stepArgs, s *step) error {
	in, err := r.loadOutput(ctx, r.DB.Read(), a.Case, s)
	if err != nil {
		return err
	}
	value, err := s.code(ctx, in)
	if err != nil {
		return err
	}
	return r.finish(ctx, a, s, func(ctx context.Context, tx bun.Tx) (string, error) {
		if err := saveOutput(ctx, tx, a.Case, s.name, value, in.decision.ID, r.Clock()); err != nil {
			return "", err
		}
		return "", r.note(ctx, tx, machine, "step.done", a.Case, map[string]string{"step": s.name, "value": kit.Hash(value)})
	})
}

// finish writes a step's effect and moves the case to the next step, in one
// transaction, unless the case has moved meanwhile. An effect that is a draft
// returns its ID.
func (r *Runner) finish(ctx context.Context, a stepArgs, s *step, effect func(context.Context, bun.Tx) (string, error)) error {
	return r.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		c, err := r.lockCase(ctx, tx, a.Case)
		if err != nil || !c.at(a) {
			return err
		}
		draft, err := effect(ctx, tx)
		if err != nil {
			return err
		}
		next := r.Workflow.after(s)
		if next.kind == reviewStep {
			return r.openReview(ctx, tx, c, next, draft)
		}
		return r.enter(ctx, tx, c, next, 0)
	})
}

// saveDraft stores a draft, with the value that the next step reads, and
// returns its ID.
func (r *Runner) saveDraft(ctx context.Context, tx bun.Tx, a stepArgs, d drafted) (string, error) {
	now := r.Clock()
	fields, err := json.Marshal(d.fields)
	if err != nil {
		return "", err
	}
	usage, err := json.Marshal(d.usage)
	if err != nil {
		return "", err
	}
	id := kit.NewID()
	_, err = tx.NewRaw(`INSERT INTO drafts (id, case_id, step, value, fields, model_name, model_digest, prompt_hash, server,
		calibration, usage, gave_up, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, id, a.Case, a.Step, string(d.value),
		string(fields), d.model.Name, d.model.Digest, d.prompt, d.model.Server, d.calibration, string(usage), d.gaveUp, now.UnixMicro()).Exec(ctx)
	if err != nil {
		return "", err
	}
	if err := saveOutput(ctx, tx, a.Case, a.Step, d.value, "", now); err != nil {
		return "", err
	}
	if err := review.Tally(ctx, tx, now, "draft.made", d.model.Name, 1); err != nil {
		return "", err
	}
	if err := r.charge(ctx, tx, d.model.Name, d.usage); err != nil {
		return "", err
	}
	seal, err := sealDraft(ctx, tx, id, now)
	if err != nil {
		return "", err
	}
	return id, r.note(ctx, tx, machine, "draft.made", a.Case, map[string]any{"draft": id, "step": a.Step, "seal": seal,
		"model": d.model, "prompt": d.prompt, "calibration": d.calibration, "gave_up": d.gaveUp, "elapsed_ms": d.usage.Elapsed.Milliseconds()})
}

// runDeliver makes the delivery, once, and brings it to each target that does
// not have it yet.
func (r *Runner) runDeliver(ctx context.Context, a stepArgs, s *step) error {
	d, err := r.prepare(ctx, a, s)
	if err != nil || d == nil {
		return err
	}
	if err := r.send(ctx, d); err != nil {
		return err
	}
	return r.delivered(ctx, a, d)
}

// send brings a delivery to each target that lacks it: one that fails keeps
// none of the others waiting. Its error is worth another try if one target's
// is.
func (r *Runner) send(ctx context.Context, d *Delivery) error {
	var passing, lasting []error
	out := Outgoing{ID: d.ID, CaseID: d.CaseID, CaseName: d.CaseName, Step: d.Step, Output: d.Output,
		Receipt: d.Receipt, CreatedAt: d.CreatedAt}
	for _, send := range d.Sends {
		if send.DoneAt != nil {
			continue
		}
		sendErr := r.Sender.Send(ctx, send.Target, out)
		if err := r.noteSend(context.WithoutCancel(ctx), d, send.Target, sendErr); err != nil {
			return err
		}
		if sendErr == nil {
			continue
		}
		sendErr = fmt.Errorf("deliver case %s to %s: %w", d.CaseID, send.Target, sendErr)
		if permanent(sendErr) {
			lasting = append(lasting, sendErr)
		} else {
			passing = append(passing, sendErr)
		}
	}
	return errors.Join(append(passing, lasting...)...)
}

// noteSend stores how a try to send ended.
func (r *Runner) noteSend(ctx context.Context, d *Delivery, target string, sendErr error) error {
	var done *int64
	words := ""
	if sendErr == nil {
		at := r.Clock().UnixMicro()
		done = &at
	} else {
		words = plain(sendErr.Error())
	}
	return r.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw(`UPDATE sends SET attempts = attempts + 1, error = ?, done_at = COALESCE(done_at, ?)
			WHERE delivery_id = ? AND target = ?`, words, done, d.ID, target).Exec(ctx)
		if err != nil || sendErr != nil {
			return err
		}
		return r.note(ctx, tx, machine, "delivery.sent", d.CaseID, map[string]string{"delivery": d.ID, "target": target})
	})
}

// delivered ends the case.
func (r *Runner) delivered(ctx context.Context, a stepArgs, d *Delivery) error {
	return r.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		c, err := r.lockCase(ctx, tx, a.Case)
		if err != nil || !c.at(a) {
			return err
		}
		if err := c.set(ctx, tx, kit.Delivered, c.Step, r.Clock()); err != nil {
			return err
		}
		if err := review.Tally(ctx, tx, r.Clock(), "delivered", "", 1); err != nil {
			return err
		}
		return r.note(ctx, tx, machine, "case.delivered", c.ID, map[string]string{"delivery": d.ID})
	})
}

// prepare returns the case's delivery, making it when it is not there. Nil
// means that the case has moved.
func (r *Runner) prepare(ctx context.Context, a stepArgs, s *step) (*Delivery, error) {
	in, err := r.loadOutput(ctx, r.DB.Read(), a.Case, s)
	if err != nil {
		return nil, err
	}
	if in.decision == nil {
		return nil, kit.Errorf(kit.Internal, "deliver case %s: no person decided on it", a.Case)
	}
	d, err := r.deliveryOf(ctx, r.DB.Read(), a.Case, s.name, in.decision.ID)
	if err != nil || d != nil {
		return d, err
	}
	value, err := s.deliver(ctx, in)
	if err != nil {
		return nil, err
	}
	return r.makeDelivery(ctx, a, s, in, value)
}

// makeDelivery writes a delivery with its receipt.
func (r *Runner) makeDelivery(ctx context.Context, a stepArgs, s *step, in output, value json.RawMessage) (d *Delivery, err error) {
	err = r.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		c, err := r.lockCase(ctx, tx, a.Case)
		if err != nil || !c.at(a) {
			return err
		}
		if err := r.mayLeave(ctx, tx, c, s, *in.decision); err != nil {
			return err
		}
		id, now := kit.NewID(), r.Clock()
		receipt, err := r.receipt(ctx, tx, id, c, s, *in.decision, value, now)
		if err != nil {
			return err
		}
		if err := r.insertDelivery(ctx, tx, id, c, s, in, value, receipt, now); err != nil {
			return err
		}
		d, err = r.deliveryOf(ctx, tx, c.ID, s.name, in.decision.ID)
		return err
	})
	return d, err
}

// insertDelivery writes the delivery's rows and its event.
func (r *Runner) insertDelivery(ctx context.Context, tx bun.Tx, id string, c *current, s *step, in output, value, receipt json.RawMessage, now time.Time) error {
	_, err := tx.NewRaw(`INSERT INTO deliveries (id, case_id, step, decision_id, releases, output, receipt, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, id, c.ID, s.name, in.decision.ID, true, string(value), string(receipt),
		now.UnixMicro()).Exec(ctx)
	if err != nil {
		return err
	}
	for _, target := range r.Sender.Targets() {
		_, err := tx.NewRaw(`INSERT INTO sends (delivery_id, target, attempts, error) VALUES (?, ?, 0, '')`, id, target).Exec(ctx)
		if err != nil {
			return err
		}
	}
	if err := r.index(ctx, tx, c.ID); err != nil {
		return err
	}
	return r.note(ctx, tx, machine, "delivery.made", c.ID, map[string]any{"delivery": id, "decision": in.decision.ID,
		"from": kit.Hash(in.value), "receipt": kit.Hash(receipt)})
}
