package workflow

import "context"

// StepNow runs the step at which a case stands, as its job would.
func (r *Runner) StepNow(ctx context.Context, caseID string) error {
	var a stepArgs
	err := r.DB.Read().NewRaw(`SELECT id AS "case", step, version FROM cases WHERE id = ?`, caseID).Scan(ctx, &a)
	if err != nil {
		return err
	}
	if err := guard(a.Step, func() error { return r.runStep(ctx, a) }); err != nil {
		return r.fail(ctx, a, err)
	}
	return nil
}

// EscalateNow sees to a review as its job would when it waited too long.
func (r *Runner) EscalateNow(ctx context.Context, reviewID string) error {
	return r.escalate(ctx, reviewID)
}
