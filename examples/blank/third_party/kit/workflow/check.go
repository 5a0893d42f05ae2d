package workflow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/review"
)

// stepName is what a step may be called: it stands in addresses, file names
// and the database.
var stepName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,39}$`)

// Check proves the graph: names are good and unique, each stage feeds one
// step, there is one path and it ends in a delivery, and between each draft
// and that delivery a person reviews. It returns every fault it finds.
func (w *Workflow) Check() error {
	var faults []error
	fault := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("workflow %s: "+format, append([]any{w.name}, args...)...))
	}
	if !stepName.MatchString(w.name) {
		fault("its name must be lower-case letters, digits, - and _")
	}
	seen := map[string]bool{}
	uses := map[*step]int{}
	for _, s := range w.steps {
		if seen[s.name] || !stepName.MatchString(s.name) {
			fault("step %q: its name must be unique, of lower-case letters, digits, - and _", s.name)
		}
		seen[s.name] = true
		uses[s.from]++
		if s.err != nil {
			fault("step %s: %w", s.name, s.err)
		}
		if s.kind == reviewStep {
			for _, f := range s.policy.Defaults().Faults(s.schema) {
				fault("step %s: %w", s.name, f)
			}
		}
	}
	w.checkTitles(fault)
	w.checkPath(uses, fault)
	return errors.Join(faults...)
}

// checkPath walks from the input to the end.
func (w *Workflow) checkPath(uses map[*step]int, fault func(string, ...any)) {
	for from, n := range uses {
		if n > 1 {
			fault("%s feeds %d steps; a stage feeds one", nameOf(from), n)
		}
	}
	reviewed, last := false, (*step)(nil)
	for _, s := range w.path() {
		last = s
		switch s.kind {
		case draftStep:
			reviewed = false
		case reviewStep:
			if s.from == nil || s.from.kind != draftStep {
				fault("step %s reviews %s; a review is of a draft", s.name, nameOf(s.from))
			}
			reviewed = true
		case deliverStep:
			if !reviewed {
				fault("step %s delivers what no person reviewed", s.name)
			}
		}
	}
	if last == nil || last.kind != deliverStep {
		fault("it ends at %s; a path ends in a delivery", nameOf(last))
	}
}

// path lists the steps from the input on, at most each once.
func (w *Workflow) path() []*step {
	var path []*step
	for at := (*step)(nil); len(path) < len(w.steps); {
		next := w.after(at)
		if next == nil {
			break
		}
		path = append(path, next)
		at = next
	}
	return path
}

// after returns the step that s feeds, nil at the end. For nil it is the
// first step.
func (w *Workflow) after(s *step) *step {
	for _, t := range w.steps {
		if t.from == s {
			return t
		}
	}
	return nil
}

// step finds a step by name, nil when there is none.
func (w *Workflow) step(name string) *step {
	for _, s := range w.steps {
		if s.name == name {
			return s
		}
	}
	return nil
}

func nameOf(s *step) string {
	if s == nil {
		return "the input"
	}
	return "step " + s.name
}

// StepInfo tells one step of the path to people and checks.
type StepInfo struct {
	Name string `json:"name"`
	Kind string `json:"kind"` // draft, code, review or deliver
}

// Steps lists the path from the input to the delivery.
func (w *Workflow) Steps() []StepInfo {
	var infos []StepInfo
	for _, s := range w.path() {
		infos = append(infos, StepInfo{Name: s.name, Kind: string(s.kind)})
	}
	return infos
}

// FirstDraft runs the first step, a draft, on an input without making a case:
// what eval measures. It fails like the step, and with kit.Invalid for what is
// no input.
func (w *Workflow) FirstDraft(ctx context.Context, input json.RawMessage) (review.Draft, error) {
	first := w.after(nil)
	if first == nil || first.kind != draftStep {
		return review.Draft{}, kit.Errorf(kit.Unsupported, "draft without a case: workflow %s does not begin with a draft", w.name)
	}
	if err := w.input(input); err != nil {
		return review.Draft{}, err
	}
	var d drafted
	err := guard(first.name, func() (err error) {
		d, err = first.draft(ctx, output{value: input})
		return err
	})
	usage, _ := json.Marshal(d.usage) // numbers alone
	return review.Draft{Value: d.value, Fields: d.fields, Model: d.model, Prompt: d.prompt, Usage: usage, GaveUp: d.gaveUp,
		Calibration: d.calibration}, err
}

// FirstSchema is the shape of what FirstDraft yields, nil when the workflow
// does not begin with a draft.
func (w *Workflow) FirstSchema() *model.Schema {
	if first := w.after(nil); first != nil {
		return first.schema
	}
	return nil
}
