package app

import (
	"context"
	"encoding/json"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// listener stands in the place of a model and hears what it is asked: the draft
// step itself makes the request, so that it is the one that a model sees.
type listener struct{}

type heardKey struct{}

// requestsOf are what the first draft step of a workflow opened with a listener
// asks a model of an input.
func requestsOf(ctx context.Context, w *workflow.Workflow, input json.RawMessage) (heard []model.Request, err error) {
	_, err = w.FirstDraft(context.WithValue(ctx, heardKey{}, &heard), input)
	return heard, err
}

// Info names nobody.
func (listener) Info(context.Context) (kit.ModelInfo, error) {
	return kit.ModelInfo{Name: "listener", Digest: "none"}, nil
}

// Tries is one: the answer is never valid.
func (listener) Tries(string) int { return 1 }

// Generate keeps a request and answers nothing.
func (listener) Generate(ctx context.Context, req model.Request) (model.Reply, error) {
	if heard, ok := ctx.Value(heardKey{}).(*[]model.Request); ok {
		*heard = append(*heard, req)
	}
	return model.Reply{Output: "{}"}, nil
}

// prompter makes the prompts that the first draft step asks a model with.
type prompter struct {
	prompts *model.Prompts
	flow    *workflow.Workflow
	step    string // the first of the workflow
}

func (c Config) prompter(prompts *model.Prompts) prompter {
	p := prompter{prompts: prompts, flow: c.Workflow(listener{})}
	if steps := p.flow.Steps(); len(steps) > 0 {
		p.step = steps[0].Name
	}
	return p
}

// prompt is what the step asks a model of an input.
func (p prompter) prompt(ctx context.Context, input json.RawMessage) (model.Rendered, error) {
	asked, err := requestsOf(ctx, p.flow, input)
	if err != nil {
		return model.Rendered{}, err
	}
	if len(asked) != 1 {
		return model.Rendered{}, kit.Errorf(kit.Unsupported, "tell what the step %s asks a model: it asks %d times", p.step, len(asked)).
			WithHint("a step of training data asks once for each draft")
	}
	return p.prompts.Render(asked[0].Task, asked[0])
}
