package model

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/tackhammer/tackhammer/kit"
)

// defaultTries is how many answers are asked for when nobody says otherwise.
const defaultTries = 3

// TryLimiter is a provider that knows how many answers to ask for until one
// validates: a prompt file says so, and rules answer the same each time.
type TryLimiter interface{ Tries(task string) int }

// ErrOtherInput is what a provider that was made for one kind of input says of
// another. It stands in the chain of the provider's error.
var ErrOtherInput = errors.New("it reads another kind of input")

type (
	forbidKey  struct{}
	commentKey struct{}
	settledKey struct{}
)

// Forbid returns a context in which every Extract fails with kit.Forbidden:
// a code step never calls a model.
func Forbid(ctx context.Context) context.Context { return context.WithValue(ctx, forbidKey{}, true) }

// WithComment returns a context in which Extract tells the model a person's
// words about the last draft.
func WithComment(ctx context.Context, words string) context.Context {
	return context.WithValue(ctx, commentKey{}, words)
}

// settled is what a model is told of fields.
type settled struct {
	values map[string]json.RawMessage
	wanted []string
}

// WithSettled returns a context in which Extract tells the model which values
// people set, by path, and which paths are asked for again. What it answers is
// judged as without: who asks puts the set values in place.
func WithSettled(ctx context.Context, values map[string]json.RawMessage, wanted []string) context.Context {
	return context.WithValue(ctx, settledKey{}, settled{values, wanted})
}

// Extract returns the draft step that asks p for a T. The answer's object is
// cut out of what stands around it, validated against T's schema, mended when
// it is no JSON, and asked for again with the validator's words; when no try
// validates, the draft has GaveUp set, keeps the values that are valid by
// themselves, and marks every field for a person to fill by hand. That is no
// error, nor is it one when a later try fails or would not end before the
// context's deadline: the best earlier answer is given up with. Errors are those of the provider (kit.Unavailable is worth a retry),
// kit.Forbidden in a code step, and kit.Internal when T makes no schema (see
// Check).
//
// Rules, and what is learned from them, read one kind of input: that of the
// workflow's first step. Where p says so of this one (ErrOtherInput), the first
// of otherwise is asked in its place.
func Extract[In, T any](p Provider, task string, otherwise ...Provider) func(context.Context, In) (Draft[T], error) {
	schema, bad := SchemaOf[T]()
	return func(ctx context.Context, in In) (Draft[T], error) {
		if ctx.Value(forbidKey{}) != nil {
			return Draft[T]{}, kit.Errorf(kit.Forbidden, "draft %s: a code step never calls a model", task).
				WithHint("make it a draft step, with a review after it")
		}
		if bad != nil {
			return Draft[T]{}, bad
		}
		comment, _ := ctx.Value(commentKey{}).(string)
		known, _ := ctx.Value(settledKey{}).(settled)
		run := asking{provider: p, request: Request{Task: task, Input: in, Schema: schema, Comment: comment,
			Settled: known.values, Wanted: known.wanted}}
		best, err := run.ask(ctx)
		if errors.Is(err, ErrOtherInput) && len(otherwise) > 0 {
			run.provider = otherwise[0]
			best, err = run.ask(ctx)
		}
		if err != nil {
			return Draft[T]{}, err
		}
		d, err := draftOf[T](best, run)
		if err == nil {
			err = run.sample(ctx, d.Fields)
			d.Usage = run.usage
		}
		if err != nil {
			return d, err
		}
		return d, d.calibrate(ctx, p, Fit{Step: task, Digest: d.Model.Digest, Prompt: d.Prompt, Schema: schema.Hash(), Server: d.Model.Server})
	}
}

// calibrate makes the confidence of the fields a probability, where the
// provider knows how.
func (d *Draft[T]) calibrate(ctx context.Context, p Provider, fit Fit) error {
	by, ok := p.(Calibrator)
	if !ok {
		return nil
	}
	c, err := by.Calibration(ctx, fit)
	if err != nil || c == nil {
		return err
	}
	d.Fields, d.Calibration = c.Apply(d.Fields), c.Hash()
	return nil
}

// asking is one run of tries.
type asking struct {
	provider Provider
	request  Request
	usage    Usage
	longest  time.Duration // that a try took so far
	until    time.Time     // when the last try must have ended; zero: whenever
}

// ask tries until an answer validates, and returns the best one. Where time
// runs out or the server fails, an answer that is there is better than none.
func (a *asking) ask(ctx context.Context) (answer, error) {
	began := time.Now()
	defer func() { a.usage.Elapsed = time.Since(began) }()
	a.until = lastMoment(ctx, began)
	var best answer
	for try := 1; try <= a.tries(); try++ {
		if a.short() {
			best.ended = "no time was left for another try"
			break
		}
		got, err := a.once(ctx)
		if err != nil {
			if try == 1 || !spent(ctx, err) {
				return answer{}, err
			}
			best.ended = "another try failed: " + err.Error()
			break
		}
		if try == 1 || got.betterThan(best) {
			best = got
		}
		if got.valid() {
			break
		}
		a.request.Earlier = append(a.request.Earlier, Attempt{Output: got.reply.Output, Problems: got.problems})
	}
	return best, nil
}

// once asks for one answer and judges it. Those after the first must leave the
// caller time to store what there is.
func (a *asking) once(ctx context.Context) (answer, error) {
	began := time.Now()
	if a.usage.Tries > 0 && !a.until.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, a.until)
		defer cancel()
	}
	reply, err := a.provider.Generate(ctx, a.request)
	if err != nil {
		return answer{}, err
	}
	a.longest = max(a.longest, time.Since(began))
	a.usage.Tries++
	a.usage.PromptTokens += reply.Usage.PromptTokens
	a.usage.OutputTokens += reply.Usage.OutputTokens
	return judge(a.request.Schema, reply), nil
}

// short reports whether a try as long as the longest would come too late.
func (a *asking) short() bool {
	return a.usage.Tries > 0 && !a.until.IsZero() && time.Until(a.until) < a.longest
}

// lastMoment is the context's deadline less a twentieth of the time to it.
func lastMoment(ctx context.Context, now time.Time) time.Time {
	deadline, ok := ctx.Deadline()
	if !ok {
		return time.Time{}
	}
	return deadline.Add(-deadline.Sub(now) / 20)
}

// spent reports whether err says that no other answer comes in time. A caller
// who went away, and a request that is wrong, are something else.
func spent(ctx context.Context, err error) bool {
	return !errors.Is(ctx.Err(), context.Canceled) && (kit.CodeOf(err) == kit.Unavailable || errors.Is(err, context.DeadlineExceeded))
}

func (a *asking) tries() int {
	if l, ok := a.provider.(TryLimiter); ok {
		return max(1, l.Tries(a.request.Task))
	}
	return defaultTries
}

// draftOf makes the draft of the best answer.
func draftOf[T any](best answer, run asking) (Draft[T], error) {
	d := Draft[T]{Model: best.reply.Model, Prompt: best.reply.Prompt, Usage: run.usage, Raw: best.canonical(run.request.Schema)}
	if err := json.Unmarshal(d.Raw, &d.Value); err != nil {
		// Values that are valid by themselves can still miss the Go type (a
		// decoder of its own): a person starts from an empty form.
		var empty T
		best = best.refused(err)
		d.Value, d.Raw = empty, best.canonical(run.request.Schema)
	}
	if !best.valid() {
		d.GaveUp = best.why()
	}
	d.Fields = fieldsOf(best, run)
	return d, nil
}
