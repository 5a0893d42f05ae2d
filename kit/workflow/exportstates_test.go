package workflow

import "context"

// SweepNow gives each case without a job one, for tests that do not wait.
func (r *Runner) SweepNow(ctx context.Context) error { return r.sweep(ctx) }
