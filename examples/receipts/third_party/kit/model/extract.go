package model

import (
	"context"
	"encoding/json"
	"time"

	"github.com/tackhammer/tackhammer/kit"
)

// defaultTries is how many answers are asked for when nobody says otherwise.
const defaultTries = 3

// TryLimiter is a provider that knows how many answers to ask for until one
// validates: a prompt file says so, and rules answer the same each time.
type TryLimiter interface{ Tries(task string) int }

type (
	forbidKey  struct{}
	commentKey struct{}
)

// Forbid returns a context in which every Extract fails with kit.Forbidden:
// a code step never calls a model.
func Forbid(ctx context.Context) context.Context { return context.WithValue(ctx, forbidKey{}, true) }

// WithComment returns a context in which Extract tells the model a person's
// words about the last draft.
func WithComment(ctx context.Context, words string) context.Context {
	return context.WithValue(ctx, commentKey{}, words)
}

// Extract returns the draft step that asks p for a T. The answer's object is
// cut out of what stands around it, validated against T's schema, mended when
// it is no JSON, and asked for again with the validator's words; when no try
// validates, the draft has GaveUp set, keeps the values that are valid by
// themselves, and marks every field for a person to fill by hand. That is no
// error. Errors are those of the provider (kit.Unavailable is worth a retry),
// kit.Forbidden in a code step, and kit.Internal when T makes no schema (see
// Check).
func Extract[In, T any](p Provider, task string) func(context.Context, In) (Draft[T], error) {
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
		run := asking{provider: p, request: Request{Task: task, Input: in, Schema: schema, Comment: comment}}
		best, err := run.ask(ctx)
		if err != nil {
			return Draft[T]{}, err
		}
		return draftOf[T](best, run)
	}
}

// asking is one run of tries.
type asking struct {
	provider Provider
	request  Request
	usage    Usage
}

// ask tries until an answer validates, and returns the best one.
func (a *asking) ask(ctx context.Context) (answer, error) {
	began := time.Now()
	var best answer
	for try := 1; try <= a.tries(); try++ {
		reply, err := a.provider.Generate(ctx, a.request)
		if err != nil {
			return answer{}, err
		}
		got := judge(a.request.Schema, reply)
		a.usage.Tries = try
		a.usage.PromptTokens += reply.Usage.PromptTokens
		a.usage.OutputTokens += reply.Usage.OutputTokens
		if try == 1 || got.betterThan(best) {
			best = got
		}
		if got.valid() {
			break
		}
		a.request.Earlier = append(a.request.Earlier, Attempt{Output: reply.Output, Problems: got.problems})
	}
	a.usage.Elapsed = time.Since(began)
	return best, nil
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
	if !best.valid() {
		d.GaveUp = best.why()
	}
	if err := json.Unmarshal(d.Raw, &d.Value); err != nil {
		// Salvaged values can still miss the Go type (a custom decoder): a
		// person starts from an empty form.
		var empty T
		d.Value, d.GaveUp = empty, err.Error()
	}
	d.Fields = fieldsOf(best, run)
	return d, nil
}
