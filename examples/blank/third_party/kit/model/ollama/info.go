package ollama

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/ollama/ollama/api"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/ollamaserver"
)

// infoFor is how long a digest is believed: a model that is pulled anew shows
// in drafts after that.
const infoFor = 10 * time.Second

// Info tells the model's name, the digest of its weights, and the version of the
// server.
func (p *Provider) Info(ctx context.Context) (kit.ModelInfo, error) {
	now := p.config.Clock()
	if info, ok := p.knownInfo(now); ok {
		return info, nil
	}
	ctx, cancel := context.WithTimeout(ctx, p.config.Timeout)
	defer cancel()
	all, err := p.client.List(ctx)
	if err != nil {
		return kit.ModelInfo{}, p.explain(ctx, err)
	}
	name := p.config.Model
	i := slices.IndexFunc(all.Models, func(m api.ListModelResponse) bool { return m.Name == name || m.Name == name+":latest" })
	if i < 0 {
		return kit.ModelInfo{}, ollamaserver.NoModel(name)
	}
	server := p.version(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.infoAt = now
	p.info = kit.ModelInfo{Name: name, Digest: all.Models[i].Digest, Server: cmp.Or(server, p.info.Server)} // what it last said it is
	return p.info, nil
}

// versionFor is how long a server may take to say which version it is.
const versionFor = 2 * time.Second

// version is the kind and version of the server, "" when it does not say: that
// fails no draft.
func (p *Provider) version(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, versionFor)
	defer cancel()
	v, err := p.client.Version(ctx)
	if err != nil || v == "" || len(v) > 64 {
		return ""
	}
	return "ollama " + v
}

// knownInfo is what was told lately; no lock is held while the server is asked.
func (p *Provider) knownInfo(now time.Time) (kit.ModelInfo, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.info, p.info.Digest != "" && now.Sub(p.infoAt) < infoFor
}

// Probe checks that the model and server together honour a format: some answer
// 200 and ignore it. It fails with kit.Unsupported when they do.
func (p *Provider) Probe(ctx context.Context) error {
	if _, err := p.Info(ctx); err != nil {
		return err
	}
	return model.ProbeFormat(p.config.Model, func(req model.Request, prompt model.Rendered) (model.Reply, error) {
		reply, err := p.once(ctx, req, prompt)
		if err != nil {
			err = p.explain(ctx, err)
		}
		return reply, err
	})
}
