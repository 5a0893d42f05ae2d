package app

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/model/ollamaserver"
)

// climb tries the contenders, the smallest first.
func (p *picking) climb(ctx context.Context, contenders []*contender, full bool) (eval.Choice, error) {
	ofOllama := func(c *contender) bool { return strings.HasPrefix(c.Name, "ollama:") }
	if !p.how.silent && p.vram.bytes == 0 && slices.ContainsFunc(contenders, ofOllama) {
		p.notes = append(p.notes, "nothing was refused for its size: "+p.vram.why)
	}
	p.foretell(contenders)
	l := eval.Ladder{Goals: p.goals, Kinds: p.kinds, Batch: p.how.parallel, Full: full, Seed: 1}
	var candidates []eval.Candidate
	for _, c := range contenders {
		candidates = append(candidates, p.candidate(ctx, c))
	}
	var shown *bar
	at := -1
	l.Told = func(i int, t *eval.Trial) {
		if i != at {
			if shown != nil {
				shown.end()
			}
			at, shown = i, p.progress(len(contenders[i].cases), contenders[i].Name, p.how.silent || t.Verdict() != eval.Open && !full)
			if d := contenders[i].drafts; d != nil {
				d.progress = func(int) *bar { return &bar{b: shown.b} } // one bar for all batches
			}
		}
	}
	choice, err := l.Choose(ctx, candidates)
	if shown != nil {
		shown.end()
	}
	return choice, err
}

// foretell says what is about to happen, and what it takes at most.
func (p *picking) foretell(contenders []*contender) {
	n := 0
	for _, c := range contenders {
		if c.refusal == nil && strings.Contains(c.Name, ":") {
			n++
		}
	}
	if n > 0 {
		p.say("trying %s on %s, the smallest first; at most %d calls of models", count(len(contenders), "candidate"), count(len(p.labels.Cases), "labelled case"), n*len(p.labels.Cases))
	}
}

// candidate is a contender as a ladder tries it.
func (p *picking) candidate(ctx context.Context, c *contender) eval.Candidate {
	p.open(ctx, c)
	var cases []eval.Case
	for _, l := range c.cases {
		cases = append(cases, l.Case)
	}
	return eval.Candidate{
		Name: c.Name, Cases: cases, Free: !strings.Contains(c.Name, ":"),
		Ready: func(ctx context.Context) error { return p.ready(ctx, c) },
		Draft: func(ctx context.Context, places []int) ([]eval.Draft, error) { return p.draft(ctx, c, places) },
	}
}

// open puts a contender under measurement, and leaves out the cases that it has
// learned from.
func (p *picking) open(ctx context.Context, c *contender) {
	c.cases = p.labels.Cases
	if c.refusal != nil {
		return
	}
	if c.drafts, c.refusal = p.drafting(ctx, p.options, p.nail, c.Name, how{parallel: p.how.parallel, fresh: p.how.fresh, silent: true}); c.refusal != nil {
		return
	}
	learned, ok := c.drafts.Provider.(interface{ Saw(hash string) bool })
	if !ok {
		return
	}
	c.cases = nil
	for _, l := range p.labels.Cases {
		if !learned.Saw(l.Hash) {
			c.cases = append(c.cases, l)
		}
	}
	if left := len(p.labels.Cases) - len(c.cases); left > 0 {
		p.notes = append(p.notes, fmt.Sprintf("%s was judged on %s: it had learned from the other %d", c.Name, count(len(c.cases), "case"), left))
	}
}

// ready refuses what is known not to serve before a case is drafted.
func (p *picking) ready(ctx context.Context, c *contender) error {
	if c.refusal != nil {
		return c.refusal
	}
	if prober, ok := c.drafts.Provider.(interface{ Probe(context.Context) error }); ok {
		return prober.Probe(ctx)
	}
	return nil
}

// draft drafts some cases. A case that the server lost is no fault of the
// model: the candidate cannot be judged then.
func (p *picking) draft(ctx context.Context, c *contender, places []int) ([]eval.Draft, error) {
	var some []labelled
	for _, i := range places {
		some = append(some, c.cases[i])
	}
	began := time.Now()
	made, err := c.drafts.all(ctx, some)
	if err != nil {
		return nil, err
	}
	drafts := make([]eval.Draft, len(made))
	asked := 0
	for i, d := range made {
		if d.Lost {
			return nil, kit.Errorf(kit.Unavailable, "the server failed in the middle: %w", d.cause)
		}
		if drafts[i] = d.Draft; !d.Cached {
			asked++
		}
	}
	if !c.first {
		c.first = true
		if err := p.confirm(ctx, c); err != nil {
			return nil, err
		}
		if asked == len(made) {
			p.tellSpeed(c, time.Since(began)/time.Duration(len(made)))
		}
	}
	return drafts, nil
}

// slow is what a candidate may take before the reader is told.
const slow = time.Minute

// tellSpeed says how long a slow model may take, and what that costs.
func (p *picking) tellSpeed(c *contender, each time.Duration) {
	all := each * time.Duration(len(c.cases))
	if all < slow {
		return
	}
	cost := ""
	if p.nail.GPUHour > 0 && strings.Contains(c.Name, ":") {
		cost = fmt.Sprintf(", %.2f %s of GPU time", all.Hours()*p.nail.GPUHour, p.nail.Currency)
	}
	p.say("%s takes %.1f s a case: at most %s%s", c.Name, each.Seconds(), all.Round(time.Second), cost)
}

// confirm looks, once a model has drafted, at what the server holds in memory:
// one that spilled to the CPU's does not fit.
func (p *picking) confirm(ctx context.Context, c *contender) error {
	name, ok := strings.CutPrefix(c.Name, "ollama:")
	if !ok {
		return nil
	}
	loaded, err := ollamaserver.Loaded(ctx, os.Getenv("OLLAMA_HOST"))
	if err != nil {
		return err
	}
	for _, m := range loaded {
		if sameModel(name, m.Name) {
			return p.holds(c, m)
		}
	}
	return nil // unloaded in the meantime, or its answers were kept
}

// holds judges by what a loaded model takes.
func (p *picking) holds(c *contender, m ollamaserver.LoadedModel) error {
	switch {
	case m.Spilled():
		c.Fits = "no"
		return kit.Errorf(kit.Invalid, "it does not fit the GPU: %s of %s spilled to the CPU's memory", gib(m.Size-m.SizeVRAM), gib(m.Size))
	case p.vram.bytes > 0 && m.Size > p.vram.bytes:
		c.Fits = "no"
		return kit.Errorf(kit.Invalid, "it takes %s of the GPU's %s", gib(m.Size), gib(p.vram.bytes))
	case m.SizeVRAM == 0:
		c.Needs, c.Fits = gib(m.Size), "on the CPU"
	default:
		c.Needs, c.Fits = gib(m.Size), "yes"
	}
	return nil
}
