package workflow

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/riverqueue/river"
	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
)

// modelQueue is worked by processes with a model, with as many hands as the
// model has slots.
const modelQueue = "model"

// stepArgs is the job of running a step of a case, as it stood when the job
// was made.
type stepArgs struct {
	Case    string `json:"case" bun:"case"`
	Step    string `json:"step" bun:"step"`
	Version int64  `json:"version" bun:"version"`
}

// Kind names the job in the queue.
func (stepArgs) Kind() string { return "tackhammer_step" }

// insertStep makes the job of a step.
func (r *Runner) insertStep(ctx context.Context, tx bun.Tx, c *current, s *step, at time.Time) error {
	opts := river.InsertOpts{MaxAttempts: r.Tries}
	if s.kind == draftStep {
		opts.Queue = modelQueue
	}
	return r.insertJob(ctx, tx, stepArgs{Case: c.ID, Step: s.name, Version: c.Version}, at, opts)
}

// insertJob makes a job at a time; what is due is left to the queue's own time,
// which may be behind this program's.
func (r *Runner) insertJob(ctx context.Context, tx bun.Tx, args river.JobArgs, at time.Time, opts river.InsertOpts) error {
	if at.After(r.Clock()) {
		opts.ScheduledAt = at
	}
	_, err := r.river.InsertTx(ctx, tx.Tx, args, &opts)
	return err
}

// worker does the jobs that need no more than the queue's own ways of trying
// again: what they do can be repeated and ended at any point.
type worker[A river.JobArgs] struct {
	river.WorkerDefaults[A]
	r  *Runner
	do func(ctx context.Context, args A) error
}

// work makes the worker of an act.
func work[A river.JobArgs](r *Runner, do func(ctx context.Context, args A) error) *worker[A] {
	return &worker[A]{r: r, do: do}
}

// Work does one job. The queue itself would not tell of one that failed, nor
// of one that it gives up.
func (w *worker[A]) Work(ctx context.Context, job *river.Job[A]) error {
	err := w.do(ctx, job.Args)
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.Canceled): // the process is ending
		return river.JobSnooze(0)
	case job.Attempt >= job.MaxAttempts:
		w.r.Logger.Error("job failed for good", "job", job.Kind, "of", string(job.EncodedArgs), "error", err)
	default:
		w.r.Logger.Warn("job failed, will be tried again", "job", job.Kind, "of", string(job.EncodedArgs), "try", job.Attempt, "error", err)
	}
	return err
}

// stepWorker runs steps.
type stepWorker struct {
	river.WorkerDefaults[stepArgs]
	r *Runner
}

// NextRetry doubles the wait with each try, up to an hour.
func (w *stepWorker) NextRetry(job *river.Job[stepArgs]) time.Time {
	return time.Now().Add(spread(min(w.r.FirstRetry<<min(job.Attempt-1, 20), time.Hour))) // the queue's own time
}

// spread adds up to a tenth, so that a server that comes back is not met by
// all at once. What it adds is of no consequence to any result.
func spread(wait time.Duration) time.Duration {
	return wait + time.Duration(rand.Int64N(int64(wait)/10+1))
}

// Work runs one try of a step. What another try cannot mend fails the case at
// once; so does the last try. For what is only away at present it waits, up to
// Patience, without using up tries.
func (w *stepWorker) Work(ctx context.Context, job *river.Job[stepArgs]) error {
	if job.Attempt > job.MaxAttempts {
		return w.end(ctx, job, kit.Errorf(kit.Internal, "step %s: the program ended in the middle of it, %d times", job.Args.Step, job.MaxAttempts))
	}
	err := guard(job.Args.Step, func() error { return w.r.runStep(ctx, job.Args) })
	var gone time.Duration
	if away(err) {
		gone = goneFor(ctx, job.Metadata)
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.Canceled): // the process is ending
		return river.JobSnooze(0)
	case errors.Is(err, errOverBudget):
		return w.save(ctx)
	case permanent(err):
		return w.end(ctx, job, err)
	case away(err) && gone < w.r.Patience:
		w.r.Logger.Warn("step waits", "case", job.Args.Case, "step", job.Args.Step, "error", err)
		return river.JobSnooze(spread(min(max(w.r.FirstRetry, gone/2), longestWait)))
	case away(err) || job.Attempt >= job.MaxAttempts:
		return w.end(ctx, job, err)
	}
	w.r.Logger.Warn("step failed, will be tried again", "case", job.Args.Case, "step", job.Args.Step,
		"try", job.Attempt, "error", err)
	return err
}

// end fails the case. A job that could not even do that comes again.
func (w *stepWorker) end(ctx context.Context, job *river.Job[stepArgs], cause error) error {
	w.r.Logger.Error("step failed for good", "case", job.Args.Case, "step", job.Args.Step, "error", cause)
	if err := w.r.fail(context.WithoutCancel(ctx), job.Args, cause); err != nil {
		w.r.Logger.Error("note that a step failed", "case", job.Args.Case, "error", err)
		return river.JobSnooze(spread(10 * time.Second))
	}
	return nil
}

// goneSince is the key, in a job's metadata, of the time at which a try first
// found its server away.
const goneSince = "gone_since"

// goneFor is how long ago that was; it notes the time when this try is the
// first. A job's own age would not do: one that waited long for its turn would
// have no patience left.
func goneFor(ctx context.Context, metadata []byte) time.Duration {
	var kept map[string]json.RawMessage
	var since time.Time
	if json.Unmarshal(metadata, &kept) == nil && json.Unmarshal(kept[goneSince], &since) == nil {
		return time.Since(since)
	}
	_ = river.MetadataSet(ctx, goneSince, time.Now()) // it fails outside a worker alone
	return 0
}

// longestWait is the longest time between two looks at whether a server is
// back.
const longestWait = 5 * time.Minute

// permanent reports whether another try would end the same way.
func permanent(err error) bool {
	switch kit.CodeOf(err) {
	case kit.Invalid, kit.Forbidden, kit.Unsupported, kit.TooLarge:
		return true
	}
	return false
}

// away reports whether a server, or a model that is to be pulled, is missing
// at present.
func away(err error) bool {
	code := kit.CodeOf(err)
	return code == kit.Unavailable || code == kit.NotFound
}

// runStep runs a step of a case, unless the case has moved on.
func (r *Runner) runStep(ctx context.Context, a stepArgs) error {
	s := r.Workflow.step(a.Step)
	if s == nil {
		// During a deploy the next program may know it.
		return kit.Errorf(kit.Unavailable, "run step %s of case %s: the workflow has no such step", a.Step, a.Case).
			WithHint("it was removed or renamed while the case waited: put it back")
	}
	var c current
	err := r.DB.Read().NewRaw(`SELECT id, name, state, step, version FROM cases WHERE id = ?`, a.Case).Scan(ctx, &c)
	if err != nil || !c.at(a) {
		return err
	}
	switch s.kind {
	case draftStep:
		if err := r.mayDraft(ctx); err != nil {
			return err
		}
		return r.runDraft(ctx, a, s)
	case codeStep:
		return r.runCode(ctx, a, s)
	case deliverStep:
		return r.runDeliver(ctx, a, s)
	}
	return nil
}

// guard turns a panic in a team's code into an error.
func guard(step string, f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = kit.Errorf(kit.Internal, "step %s: its code panicked: %v", step, p)
		}
	}()
	return f()
}
