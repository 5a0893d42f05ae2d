package app

import (
	"context"
	"encoding/json"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// watcher stands in the place of a model and sees what it is asked: the draft
// step itself makes the request, so that the prompt is the one a model sees. It
// is not safe for many goroutines.
type watcher struct {
	prompts *model.Prompts
	flow    *workflow.Workflow
	step    string // the first of the workflow
	seen    []model.Rendered
}

// watch opens the workflow with a watcher for its model.
func (c Config) watch(prompts *model.Prompts) *watcher {
	w := &watcher{prompts: prompts}
	w.flow = c.Workflow(w)
	if steps := w.flow.Steps(); len(steps) > 0 {
		w.step = steps[0].Name
	}
	return w
}

// prompt is what the first draft step asks a model of an input.
func (w *watcher) prompt(ctx context.Context, input json.RawMessage) (model.Rendered, error) {
	w.seen = nil
	if _, err := w.flow.FirstDraft(ctx, input); err != nil {
		return model.Rendered{}, err
	}
	if len(w.seen) != 1 {
		return model.Rendered{}, kit.Errorf(kit.Unsupported, "tell what the step %s asks a model: it asks %d times", w.step, len(w.seen)).
			WithHint("a step of training data asks once for each draft")
	}
	return w.seen[0], nil
}

// Info names nobody.
func (w *watcher) Info(context.Context) (kit.ModelInfo, error) {
	return kit.ModelInfo{Name: "watcher", Digest: "none"}, nil
}

// Tries is one: the answer is never valid.
func (w *watcher) Tries(string) int { return 1 }

// Generate keeps the prompt of a request and answers nothing.
func (w *watcher) Generate(_ context.Context, req model.Request) (model.Reply, error) {
	r, err := w.prompts.Render(req.Task, req)
	if err != nil {
		return model.Reply{}, err
	}
	w.seen = append(w.seen, r)
	return model.Reply{Output: "{}"}, nil
}
