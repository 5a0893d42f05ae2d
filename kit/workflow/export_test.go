package workflow

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit/auth"
)

// CompareIn is Compare as a transaction sees the database.
func (r *Runner) CompareIn(ctx context.Context, db bun.IDB) ([]string, error) {
	return r.compareIn(ctx, db)
}

// Guarded compares one thing, and returns what was told.
func Guarded(thing string, part func() error) ([]string, error) {
	var c comparer
	err := c.guarded(thing, part)
	return c.faults, err
}

// Beat is one beat of the heart, for tests that do not wait for it.
func (r *Runner) Beat(ctx context.Context) error { return r.heartbeat(ctx) }

func (r *Runner) FourEyesNow(ctx context.Context, atOnce int) error {
	return r.openFourEyes(ctx, atOnce)
}

// AssignNow assigns a review to somebody as they were when they were read.
func (r *Runner) AssignNow(ctx context.Context, by auth.User, id string, to auth.User) error {
	return r.assignOne(ctx, by, id, to)
}

// TendNow does what a lot has to do by itself, without its job.
func (r *Runner) TendNow(ctx context.Context, id string) error { return r.tendLot(ctx, id) }

// LookEvery sets how long a draft waits for the budget at a time.
func (r *Runner) LookEvery(d time.Duration) { r.look = d }
