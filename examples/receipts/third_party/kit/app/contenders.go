package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model/ollamaserver"
)

// contender is a model that may be chosen, and what is known of it before it
// drafts.
type contender struct {
	Name    string                // as nail.yaml writes it
	Size    int64                 // on the disk, in bytes; 0 for rules, and where nobody tells
	Needs   string                // of the GPU's memory, in words; "" where nothing tells
	Fits    string                // "yes", "no", or why nobody knows
	Licence *ollamaserver.Licence // nil for what is the app's own

	refusal error // why it is not tried
	drafts  *drafting
	cases   []labelled // that it may be judged on
	first   bool       // its first batch was drafted
}

// contenders lists those to try, the smallest first: the rules, the learned
// model where there is one, models of the Ollama server, and those named of
// servers with OpenAI's protocol. Where nobody names a model, all of Ollama's are
// tried, and today's, which may be behind another server.
func (p *picking) contenders(ctx context.Context, names string) ([]*contender, error) {
	all := []*contender{{Name: "baseline", Fits: "yes"}}
	if info, err := os.Stat(filepath.Join(p.options.Data, learnedFile)); err == nil {
		all = append(all, &contender{Name: "learned", Size: info.Size(), Fits: "yes"})
	}
	named, err := modelNames(names)
	if err != nil {
		return nil, err
	}
	every := named.none()
	if today := cmp.Or(p.options.Model, p.nail.Model); every && !sized(today) {
		named.openai = []string{strings.TrimPrefix(today, behindEndpoint)}
	}
	last, err := p.endpoints(named.openai)
	if err != nil {
		return nil, err
	}
	if every || len(named.ollama) > 0 {
		models, err := p.served(ctx, named.ollama)
		if err != nil {
			return nil, err
		}
		all = append(all, models...)
	}
	return append(all, last...), nil
}

// served are the models of the Ollama server: those wanted, or all. Where the
// server is down, nothing of it is tried, and the reader is told.
func (p *picking) served(ctx context.Context, wanted []string) ([]*contender, error) {
	have, err := ollamaserver.List(ctx, os.Getenv("OLLAMA_HOST"))
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		p.notes = append(p.notes, unserved(err))
		return nil, nil
	}
	var all []*contender
	for _, m := range have {
		if len(wanted) == 0 || slices.ContainsFunc(wanted, func(w string) bool { return sameModel(w, m.Name) }) {
			all = append(all, p.served1(ctx, m))
		}
	}
	for _, w := range wanted {
		if !slices.ContainsFunc(have, func(m ollamaserver.Installed) bool { return sameModel(w, m.Name) }) {
			return nil, kit.Errorf(kit.NotFound, "pick: the server has no model %s", w).WithHint("ollama pull %s, or pick --pull with the same --models", w)
		}
	}
	return slices.DeleteFunc(all, func(c *contender) bool { return c == nil }), nil
}

// unserved says why no model of the Ollama server was tried.
func unserved(err error) string {
	at, bad := ollamaserver.Address(os.Getenv("OLLAMA_HOST"))
	if bad == nil && errors.As(err, new(*url.Error)) {
		return fmt.Sprintf("no Ollama server answers at %s: no model of it was tried", at.Redacted())
	}
	return "no model of a server was tried: " + err.Error()
}

// sameModel reports whether a name means the model that the server calls so.
func sameModel(name, served string) bool { return name == served || name+":latest" == served }

// served1 tells of one model, nil for one that drafts no text.
func (p *picking) served1(ctx context.Context, m ollamaserver.Installed) *contender {
	c := &contender{Name: "ollama:" + strings.TrimSuffix(m.Name, ":latest"), Size: m.Size, Fits: "unknown"}
	d, err := ollamaserver.Show(ctx, os.Getenv("OLLAMA_HOST"), m.Name)
	if err != nil {
		c.refusal = err
		return c
	}
	if len(d.Capabilities) > 0 && !slices.Contains(d.Capabilities, "completion") {
		p.notes = append(p.notes, fmt.Sprintf("%s was left out: it drafts no text (%s)", m.Name, strings.Join(d.Capabilities, ", ")))
		return nil
	}
	licence := ollamaserver.LicenceOf(d.Licence)
	c.Licence = &licence
	if m.Remote != "" {
		c.Fits = "no"
		c.refusal = kit.Errorf(kit.Invalid, "it runs on %s: cases would leave your machines", strings.ToValidUTF8(m.Remote, ""))
		return c
	}
	p.fit(c, m, d)
	return c
}

// fit estimates whether a model fits the GPU.
func (p *picking) fit(c *contender, m ollamaserver.Installed, d ollamaserver.Details) {
	need := p.need(m, d)
	c.Needs = need.String()
	switch {
	case p.vram.bytes == 0:
	case need.Bytes > p.vram.bytes:
		c.Fits = "no"
		c.refusal = kit.Errorf(kit.Invalid, "it needs %s of the GPU's %s", need, gib(p.vram.bytes))
	default:
		c.Fits = "yes"
	}
}

// need is by the weights' file where it can be read here, else by what the
// server tells.
func (p *picking) need(m ollamaserver.Installed, d ollamaserver.Details) ollamaserver.Need {
	window := p.window(d)
	if file := weightsFile(d.File); file != "" {
		if need, err := ollamaserver.EstimateFile(file, window, p.nail.Slots); err == nil {
			return need
		}
	}
	return d.Estimate(m, window, p.nail.Slots)
}

// window is the context that drafts are asked for with.
func (p *picking) window(d ollamaserver.Details) int {
	window := 4096 // Ollama's own
	if prompts, err := p.prompts(p.options.Dev); err == nil {
		if steps := p.Workflow(p.Baseline).Steps(); len(steps) > 0 {
			if o, err := prompts.Options(steps[0].Name); err == nil && o.NumCtx > 0 {
				window = o.NumCtx
			}
		}
	}
	if d.Context > 0 {
		window = min(window, d.Context)
	}
	return window
}

// weightsFile is a model's file as the server names it, where the server is
// this machine's and the file is one of Ollama's blobs: nothing else that a
// server names is opened.
func weightsFile(named string) string {
	if !ollamaserver.LocalServer(os.Getenv("OLLAMA_HOST")) || !strings.HasPrefix(filepath.Base(named), "sha256-") || filepath.Base(filepath.Dir(named)) != "blobs" {
		return ""
	}
	return named
}
