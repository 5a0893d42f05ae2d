package workflow

import "context"

// Beat is one beat of the heart, for tests that do not wait for it.
func (r *Runner) Beat(ctx context.Context) error { return r.heartbeat(ctx) }

func (r *Runner) FourEyesNow(ctx context.Context, atOnce int) error {
	return r.openFourEyes(ctx, atOnce)
}
