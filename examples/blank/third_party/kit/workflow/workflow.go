// Package workflow is the typed path of a case: a model drafts, a person
// reviews, code follows, and what was approved is delivered.
//
// The types keep the promise that no output is all model-made. A draft step
// yields a Stage of model.Draft, only Review turns it into a Stage of
// Approved, and Deliver takes nothing else:
//
//	w, in := workflow.New[Receipt]("receipts")
//	drafted := workflow.Draft(in, "extract", model.Extract[Receipt, Entry](m, "extract"))
//	checked := workflow.Review(drafted, "check", review.Policy{})
//	workflow.Deliver(checked, "export", export)
//
// workflow.Deliver(drafted, …) does not compile: a Stage[model.Draft[Entry]]
// is no Stage[Approved[Entry]], and nothing outside this package can make one.
//
// Check proves the graph when a program starts, and Runner moves cases along
// it: each move is one transaction that checks the state, writes the effect and
// its audit event, and inserts the next job.
package workflow

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/review"
)

// Workflow is the path of a case, built by New and the functions that add
// steps to it. The zero value has no steps and does not pass Check.
type Workflow struct {
	name  string
	input func(raw json.RawMessage) error // refuses what is no input
	steps []*step

	titles map[string]map[string]string // what people read, by step and language
}

// Name returns the name given to New.
func (w *Workflow) Name() string { return w.name }

// Stage is a point of the path at which a value of type S is known. Only the
// functions of this package make one.
type Stage[S any] struct {
	w    *Workflow
	step *step // the step that yields the value; nil for the input
	load func(output) (S, error)
}

// Approved is a value that a person decided on. It has no constructor: it
// comes out of a review step alone, and code steps hand it on.
type Approved[T any] struct {
	value    T
	decision review.Decision
}

// Value returns what was approved.
func (a Approved[T]) Value() T { return a.value }

// Decision tells who approved it and when.
func (a Approved[T]) Decision() review.Decision { return a.decision }

// kind is what a step does.
type kind string

const (
	draftStep   kind = "draft"
	codeStep    kind = "code"
	reviewStep  kind = "review"
	deliverStep kind = "deliver"
)

// step is one node of the path. Its run is set by kind.
type step struct {
	name   string
	kind   kind
	from   *step // nil for the input
	policy review.Policy
	schema *model.Schema // of a draft step's value and a review step's decision
	err    error         // why the step cannot be

	draft   func(ctx context.Context, in output) (drafted, error)
	source  func(in output) kit.Document // what a draft is made of; empty when it is no document
	code    func(ctx context.Context, in output) (json.RawMessage, error)
	deliver func(ctx context.Context, in output) (json.RawMessage, error)
}

// output is what a step of a case yielded, as it is stored.
type output struct {
	value    json.RawMessage
	decision *review.Decision // set once a person has decided
}

// drafted is a draft without its type.
type drafted struct {
	value  json.RawMessage
	fields []kit.Field
	model  kit.ModelInfo
	prompt string
	usage  model.Usage
	gaveUp string

	calibration string // hash of what made the confidence of fields a probability
}

// New starts a workflow whose cases are made of an In, given as JSON. When In
// is backed by a document (kit.Sourced), the document must have text.
func New[In any](name string) (*Workflow, Stage[In]) {
	w := &Workflow{name: name, input: checkInput[In]}
	return w, Stage[In]{w: w, load: decode[In]}
}

// Draft adds a step in which a model drafts a T. Whatever it is given, also an
// approved value, what it yields is a draft again.
func Draft[S, T any](in Stage[S], name string, f func(context.Context, S) (model.Draft[T], error)) Stage[model.Draft[T]] {
	schema, err := model.SchemaOf[T]()
	s := in.w.add(&step{name: name, kind: draftStep, from: in.step, schema: schema, err: err})
	s.draft = func(ctx context.Context, o output) (drafted, error) {
		v, err := in.load(o)
		if err != nil {
			return drafted{}, err
		}
		d, err := f(ctx, v)
		if err != nil {
			return drafted{}, err
		}
		return untyped(schema, d)
	}
	s.source = func(o output) (doc kit.Document) {
		if v, err := in.load(o); err == nil {
			if sourced, ok := any(v).(kit.Sourced); ok {
				doc = sourced.Source()
			}
		}
		return doc
	}
	return Stage[model.Draft[T]]{w: in.w, step: s, load: func(o output) (d model.Draft[T], err error) {
		d.Value, err = decode[T](o)
		return d, err
	}}
}

// Review adds a step in which a person decides on a draft.
func Review[T any](in Stage[model.Draft[T]], name string, p review.Policy) Stage[Approved[T]] {
	s := in.w.add(&step{name: name, kind: reviewStep, from: in.step, policy: p})
	if in.step != nil {
		s.schema = in.step.schema
	}
	return approved[T](in.w, s)
}

// Then adds a code step. What was approved stays approved: the step may change
// its form, and its context refuses a model call.
func Then[T, U any](in Stage[Approved[T]], name string, f func(context.Context, Approved[T]) (U, error)) Stage[Approved[U]] {
	s := in.w.add(&step{name: name, kind: codeStep, from: in.step})
	s.code = func(ctx context.Context, o output) (json.RawMessage, error) { return call(ctx, in, o, f) }
	return approved[U](in.w, s)
}

// Deliver adds the end of the path. shape makes what leaves out of what was
// approved; its JSON is sent to the targets that the service is set up with.
func Deliver[T any](in Stage[Approved[T]], name string, shape func(context.Context, Approved[T]) (any, error)) {
	s := in.w.add(&step{name: name, kind: deliverStep, from: in.step})
	s.deliver = func(ctx context.Context, o output) (json.RawMessage, error) { return call(ctx, in, o, shape) }
}

// call runs a code step's function on a stored output.
func call[T, U any](ctx context.Context, in Stage[Approved[T]], o output, f func(context.Context, Approved[T]) (U, error)) (json.RawMessage, error) {
	a, err := in.load(o)
	if err != nil {
		return nil, err
	}
	u, err := f(model.Forbid(ctx), a)
	if err != nil {
		return nil, err
	}
	return json.Marshal(u)
}

// approved is the stage behind a step that hands on approved values.
func approved[T any](w *Workflow, s *step) Stage[Approved[T]] {
	return Stage[Approved[T]]{w: w, step: s, load: func(o output) (a Approved[T], err error) {
		if o.decision == nil || !o.decision.Verdict.Releases() {
			return a, kit.Errorf(kit.Internal, "step %s: its value was not approved by a person", s.name)
		}
		a.decision = *o.decision
		a.value, err = decode[T](o)
		return a, err
	}}
}

// add appends a step. A stage that New did not make belongs to no workflow.
func (w *Workflow) add(s *step) *step {
	if w == nil {
		panic("workflow: step " + s.name + " starts from an empty Stage; only New and the steps make stages")
	}
	w.steps = append(w.steps, s)
	return s
}

// decode reads a stored value.
func decode[T any](o output) (v T, err error) {
	err = json.Unmarshal(o.value, &v)
	return v, err
}

// untyped makes a draft storable.
func untyped[T any](schema *model.Schema, d model.Draft[T]) (drafted, error) {
	value := d.Raw
	if value == nil {
		var err error
		if value, err = json.Marshal(d.Value); err != nil {
			return drafted{}, err
		}
	}
	if bad := schema.Validate(value); len(bad) > 0 && d.GaveUp == "" {
		return drafted{}, kit.Errorf(kit.Invalid, "draft: %s: %s", bad[0].Path, bad[0].Message)
	}
	return drafted{value: value, fields: d.Fields, model: d.Model, prompt: d.Prompt, usage: d.Usage, gaveUp: d.GaveUp,
		calibration: d.Calibration}, nil
}

// checkInput refuses JSON that is no In.
func checkInput[In any](raw json.RawMessage) error {
	var in In
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		return inputError(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return inputError(errors.New("more than one JSON value"))
	}
	if s, ok := any(in).(kit.Sourced); ok {
		return checkDocument(s.Source())
	}
	return nil
}
