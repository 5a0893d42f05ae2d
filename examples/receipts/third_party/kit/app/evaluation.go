package app

import (
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/ollamaserver"
	"github.com/tackhammer/tackhammer/kit/nail"
)

// evaluation is what eval measures.
type evaluation struct {
	eval.Report

	MeasuredAt time.Time  `json:"measured_at"`
	Prompt     string     `json:"prompt_hash"` // "" where the model reads none
	Schema     string     `json:"schema_hash"`
	Labels     labelCount `json:"labels"`
	GaveUp     int        `json:"gave_up"` // drafts without a valid answer
	Lost       int        `json:"lost"`    // failed by the server's fault
	Cached     int        `json:"cached"`  // drafts for which no server was asked
	Parallel   int        `json:"parallel"`
	Memory     *memory    `json:"memory"` // null where no server holds the model
	Cost       *cost      `json:"cost"`   // null where nail.yaml states none, or no server drafts

	scores []string                     // fields with few values: their agreement is worth a look
	titles map[string]map[string]string // what people read in place of a path, by path and language
}

// labelCount says where the cases are from, and how many were left out.
type labelCount struct {
	Files    int `json:"files"`
	Decided  int `json:"decided"`
	Repeated int `json:"repeated"`
	Unlooked int `json:"unlooked"`
	Learned  int `json:"learned"`
}

// memory is what the model takes of its server, in bytes.
type memory struct {
	Size    int64 `json:"size"`
	VRAM    int64 `json:"vram"`    // of Size
	Spilled bool  `json:"spilled"` // it does not fit the GPU, and is slow
}

// cost is what a case's calls cost, in Currency.
type cost struct {
	Currency string  `json:"currency"`
	Case     float64 `json:"case"`
	GPUHour  float64 `json:"gpu_hour"`
	Slots    int     `json:"slots"`
}

// evaluate drafts the cases and compares them with their answers. Each field of
// the schema has a score.
func (d *drafting) evaluate(ctx context.Context, l labels, n nail.Nail) (evaluation, error) {
	made, err := d.all(ctx, l.Cases)
	if err != nil {
		return evaluation{}, err
	}
	o := eval.Options{Model: d.Model, Kinds: kinds(d.Schema), Goals: goals(n)}
	o.Fields = slices.Concat(slices.Collect(maps.Keys(o.Kinds)), slices.Collect(maps.Keys(n.Bar)))
	o.Agreement = scoreFields(d.Schema, l, n)
	e := evaluation{MeasuredAt: kit.Now(), Prompt: d.Prompt, Parallel: d.parallel, scores: o.Agreement,
		Labels: labelCount{l.Files, l.Decided, l.Repeated, l.Unlooked, l.Learned}}
	if d.Schema != nil {
		e.Schema, e.titles = d.Schema.Hash(), map[string]map[string]string{}
		for _, f := range d.Schema.Fields() {
			e.titles[f.Path] = f.Label
		}
	}
	drafts, errs := make([]eval.Draft, len(made)), make([]error, len(made))
	for i, one := range made {
		drafts[i] = one.Draft
		e.count(one)
		if one.Err != "" {
			errs[i] = errors.New(one.Err)
		}
	}
	if e.Report, err = eval.Score(l.cases(), drafts, errs, o); err != nil {
		return e, err
	}
	e.Memory, e.Cost = d.memory(ctx), d.cost(e.SecondsPerCase, n)
	return e, nil
}

func (e *evaluation) count(d drafted) {
	if d.GaveUp != "" {
		e.GaveUp++
	}
	if d.Lost {
		e.Lost++
	}
	if d.Cached {
		e.Cached++
	}
}

// fewValues is how many values a field has at most whose agreement is worth
// taking: a grade, a class, not an amount of money.
const fewValues = 20

// scoreFields are the fields with grades or classes, and those with a bar on
// their agreement.
func scoreFields(schema *model.Schema, l labels, n nail.Nail) (paths []string) {
	if schema == nil {
		return nil
	}
	for _, f := range schema.Fields() {
		g, barred := n.Bar[f.Path]
		asked := barred && g.Measure != "exact" && g.Measure != "normalised"
		if asked || hasGrades(f) && l.values(f) <= fewValues {
			paths = append(paths, f.Path)
		}
	}
	return paths
}

func hasGrades(f model.FieldSpec) bool {
	return slices.Contains([]model.Kind{model.Number, model.Integer, model.Enum, model.Bool}, f.Kind)
}

// values counts the answers to a field that mean different things.
func (l labels) values(f model.FieldSpec) int {
	forms := map[string]bool{}
	for _, one := range l.Cases {
		if form, ok := kindOf(f).Normalise(plainValue(one.Answers[f.Path])); ok {
			forms[form] = true
		}
	}
	return len(forms)
}

// memory asks Ollama what the model takes. It is nil where nothing tells.
func (d *drafting) memory(ctx context.Context) *memory {
	if !d.ollama {
		return nil
	}
	loaded, err := ollamaserver.Loaded(ctx, os.Getenv("OLLAMA_HOST"))
	if err != nil {
		return nil
	}
	for _, m := range loaded {
		if m.Digest == d.Model.Digest {
			return &memory{Size: m.Size, VRAM: m.SizeVRAM, Spilled: m.Spilled()}
		}
	}
	return nil
}

// cost works out what a case's calls cost.
func (d *drafting) cost(seconds float64, n nail.Nail) *cost {
	r := n.Rates()
	if !d.served || r.GPUHour == 0 {
		return nil
	}
	return &cost{Currency: r.Currency, Case: seconds * r.Second(), GPUHour: r.GPUHour, Slots: r.Slots}
}
