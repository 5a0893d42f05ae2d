package app

import (
	"cmp"
	"context"
	"encoding/json"
	"path/filepath"
	"sync"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/nail"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// drafted is what a model made of a labelled case.
type drafted struct {
	Draft       eval.Draft
	Fields      []kit.Field
	Model       kit.ModelInfo
	Prompt      string // hash of the prompt; "" for rules
	Calibration string // hash of what made Fields' confidences; "" for the model's own
	GaveUp      string
	Err         string // why there is no draft; "" where there is one
	Lost        bool   // Err is the server's fault: another time it may go well
	cause       error  // of Err, where it is Lost
	Cached      bool   // the server was not asked: its answers were there
}

// how is how a model is put under measurement.
type how struct {
	parallel int  // drafts at a time. Defaults to 4
	fresh    bool // ask again what was answered before
	silent   bool // show no progress
}

// drafting is a model under measurement. Answers of a model behind a server
// are kept in DATA/evals, so that no question is asked twice.
type drafting struct {
	Model    kit.ModelInfo
	Prompt   string         // hash of the first step's prompt; "" where the model reads none
	Schema   *model.Schema  // of the first draft step
	Provider model.Provider // as it was opened

	workflow *workflow.Workflow // drafts by the remembered answers of Provider
	parallel int
	served   bool // a server answers
	ollama   bool // and it is Ollama's
	progress func(total int) *bar
}

// drafting opens the model of a name as nail.yaml writes it. It fails with
// kit.Unavailable when the model's server does not answer.
func (c Config) drafting(ctx context.Context, o Options, n nail.Nail, name string, h how) (*drafting, error) {
	p, err := c.provider(o, n, name)
	if err != nil {
		return nil, err
	}
	m := n
	m.Model = name
	if m.Ollama() == "" && m.OpenAIModel() == "" {
		return c.draftingBy(ctx, p, nil, h)
	}
	prompts, err := c.prompts(o.Dev)
	if err != nil {
		return nil, err
	}
	h.parallel = min(cmp.Or(h.parallel, 4), max(slots(p, n), 1)) // else drafts wait for one another, and seem slow
	memory := &answers{dir: filepath.Join(cmp.Or(o.Data, "data"), "evals"), prompts: prompts, fresh: h.fresh}
	d, err := c.draftingBy(ctx, p, memory, h)
	if err == nil {
		d.served, d.ollama = true, m.Ollama() != ""
	}
	return d, err
}

// draftingBy puts a provider under measurement. Without memory each draft is
// made anew: rules are quicker than files.
func (c Config) draftingBy(ctx context.Context, p model.Provider, memory *answers, h how) (*drafting, error) {
	info, err := p.Info(ctx)
	if err != nil {
		return nil, err
	}
	w := c.Workflow(measured(p, info, memory))
	if err := w.Check(); err != nil {
		return nil, err
	}
	d := &drafting{Model: info, Schema: w.FirstSchema(), Provider: p, workflow: w, parallel: max(1, cmp.Or(h.parallel, 4))}
	d.progress = func(total int) *bar { return c.progress(total, "drafting", h.silent) }
	if memory != nil {
		d.Prompt = memory.prompts.Hash(w.Steps()[0].Name)
	}
	return d, nil
}

// draft drafts one case by the workflow's first step, without a person. What
// goes wrong with the case alone is in drafted.Err; the error is that of ctx.
func (d *drafting) draft(ctx context.Context, l labelled) (drafted, error) {
	out := drafted{Model: d.Model, Prompt: d.Prompt}
	if l.Unread != nil {
		out.Err = l.Unread.Error()
		return out, nil
	}
	meter := &meter{}
	made, err := d.workflow.FirstDraft(context.WithValue(ctx, meterKey{}, meter), l.input)
	if ctx.Err() != nil {
		return out, ctx.Err()
	}
	if err != nil {
		if out.Err, out.Lost = err.Error(), kit.CodeOf(err) == kit.Unavailable; out.Lost {
			out.cause = err
		}
		return out, nil
	}
	out.Draft, out.Fields, out.GaveUp = draftOf(d.Schema, made), made.Fields, made.GaveUp
	out.Draft.Seconds = meter.seconds()
	out.Model, out.Prompt, out.Cached = made.Model, made.Prompt, meter.allKept()
	out.Calibration = made.Calibration
	return out, nil
}

// learner is a provider that was made from labelled cases.
type learner interface {
	// Saw reports whether the model was made from the case with this hash, as
	// in labelled.Hash.
	Saw(hash string) bool
}

// unseen leaves out the cases that the model was made from: it would seem
// better than it is. It fails with kit.Invalid where no other is left.
func (d *drafting) unseen(l labels) (labels, error) {
	by, ok := d.Provider.(learner)
	if !ok {
		return l, nil
	}
	all := l.Cases
	l.Cases, l.Files, l.Decided = nil, 0, 0
	for _, one := range all {
		switch {
		case by.Saw(one.Hash):
			l.Learned++
			continue
		case one.Correction == nil:
			l.Files++
		default:
			l.Decided++
		}
		l.Cases = append(l.Cases, one)
	}
	if len(l.Cases) == 0 {
		return l, kit.Errorf(kit.Invalid, "measure %s: it was made from all %d labelled cases", d.Model.Name, len(all)).
			WithHint("label some more, or train it on a part of them")
	}
	return l, nil
}

// mostLost is how many drafts in a row may fail by the server's fault before
// all stops.
const mostLost = 10

// all drafts every case, as many at a time as asked for; out[i] is that of
// ls[i]. It fails with kit.Unavailable when the server seems gone or ctx ends;
// what was answered by then is kept.
func (d *drafting) all(ctx context.Context, ls []labelled) ([]drafted, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	bar := d.progress(len(ls))
	defer bar.end()
	out := make([]drafted, len(ls))
	t := &tries{bar: bar, cancel: cancel}
	eval.Each(ctx, len(ls), d.parallel, func(i int) {
		if one, err := d.draft(ctx, ls[i]); err == nil { // else ctx has ended: told below
			out[i] = one
			t.note(one)
		}
	})
	if ctx.Err() == nil {
		return out, nil
	}
	return nil, kit.Errorf(kit.Unavailable, "draft with %s: stopped after %d of %d cases: %w", d.Model.Name, t.done, len(ls), context.Cause(ctx)).
		WithHint("run it again: what was answered is kept, and not asked for anew")
}

// tries counts how a run goes.
type tries struct {
	bar    *bar
	cancel context.CancelCauseFunc

	mu   sync.Mutex
	done int
	lost int // in a row
}

// note counts a draft, and ends the run when the server seems gone.
func (t *tries) note(d drafted) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !d.Lost {
		t.lost = 0
		t.done++
		t.bar.step()
		return
	}
	if t.lost++; t.lost >= mostLost {
		t.cancel(kit.Errorf(kit.Unavailable, "%w", d.cause))
	}
}

// draftOf is a draft as it is compared with the answers.
func draftOf(schema *model.Schema, d review.Draft) eval.Draft {
	var usage model.Usage
	_ = json.Unmarshal(d.Usage, &usage) // written by FirstDraft
	out := eval.Draft{Values: schema.Flatten(d.Value), Confidence: map[string]float64{}, Marked: d.GaveUp != "",
		PromptTokens: usage.PromptTokens, OutputTokens: usage.OutputTokens, Seconds: usage.Elapsed.Seconds()}
	for _, f := range d.Fields {
		out.Confidence[f.Path] = f.Confidence
		out.Marked = out.Marked || len(f.Marks) > 0
	}
	return out
}

type meterKey struct{}

// meter takes what the answers to one draft cost when they were made. The
// tries of a draft follow each other.
type meter struct {
	took  time.Duration
	asked int
	kept  int // of those that needed no asking
}

func (m *meter) add(took time.Duration, kept bool) {
	m.took += took
	if kept {
		m.kept++
	} else {
		m.asked++
	}
}

func (m *meter) seconds() float64 { return m.took.Seconds() }
func (m *meter) allKept() bool    { return m.kept > 0 && m.asked == 0 }
