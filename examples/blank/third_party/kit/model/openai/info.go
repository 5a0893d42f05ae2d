package openai

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
)

// infoFor is how long a server is believed to be who it said: a model that is
// changed shows in drafts after that. asking is how long it may take to say so.
const (
	infoFor = 10 * time.Second
	asking  = 10 * time.Second
)

// errDisagree is no fault of one server.
var errDisagree = errors.New("the servers run different models")

// identity is what a server says of the model.
type identity struct {
	info   kit.ModelInfo
	kind   string // the server's program; "" when unknown
	window int    // tokens of prompt and answer together; 0 when unknown
}

// card is a model in the list of GET /models. Fields that differ from one
// answer to the next (created is now with most servers) are left out.
type card struct {
	ID      string          `json:"id"`
	OwnedBy string          `json:"owned_by"`
	Root    string          `json:"root"`
	Parent  string          `json:"parent"`
	Window  int             `json:"max_model_len"`
	Meta    json.RawMessage `json:"meta"`
}

// digest stands for the weights, which the protocol does not tell. It changes
// with the model's id, with the name of the file or repository behind it, with
// an adapter's base, with the size of the context, and on llama.cpp with the
// counts of parameters and bytes. Other weights under the same names are not
// noticed: name each version of a model anew. Folders are left out, as servers
// of one model keep it in different places.
func (c card) digest(file string) string {
	c.Root, c.Parent = base(c.Root), base(c.Parent)
	raw, _ := json.Marshal([]any{c, base(file)}) // texts, a number and JSON: it cannot fail
	return kit.Hash(raw)
}

func base(name string) string {
	if name == "" {
		return ""
	}
	return path.Base(strings.ReplaceAll(name, `\`, "/"))
}

// identify asks a server who it is, unless it said so lately.
func (p *Provider) identify(ctx context.Context, e *endpoint) (identity, error) {
	now := p.config.Clock()
	if who, fresh := e.known(now); fresh {
		return who, nil
	}
	limited, cancel := context.WithTimeout(ctx, min(asking, p.config.Timeout))
	defer cancel()
	who, err := p.introduce(limited, e)
	if err != nil {
		return identity{}, p.explain(ctx, e, err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.who, e.whoAt = who, now
	return who, nil
}

// known is what the server said last, and whether that is lately.
func (e *endpoint) known(now time.Time) (identity, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.who, e.who.info.Name != "" && now.Sub(e.whoAt) < infoFor
}

func (e *endpoint) forget() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.who, e.whoAt = identity{}, time.Time{}
}

// introduce reads the model's card and the server's version.
func (p *Provider) introduce(ctx context.Context, e *endpoint) (identity, error) {
	var list struct {
		Data []card `json:"data"`
	}
	if err := p.get(ctx, e.url+"/models", &list); err != nil {
		return identity{}, err
	}
	name := p.config.Model
	i := slices.IndexFunc(list.Data, func(c card) bool { return c.ID == name || c.ID == name+":latest" })
	if i < 0 {
		return identity{}, unknown(list.Data)
	}
	c := list.Data[i]
	about, err := p.about(ctx, e, c.OwnedBy)
	if err != nil {
		return identity{}, err
	}
	who := identity{kind: about.kind, window: c.Window, info: kit.ModelInfo{Name: name, Digest: c.digest(about.file), Server: about.server}}
	if about.window > 0 {
		who.window = about.window
	}
	return who, nil
}

// unknown says which models there are instead.
func unknown(all []card) error {
	var names []string
	for _, c := range all[:min(len(all), 5)] {
		names = append(names, short(c.ID))
	}
	if len(names) == 0 {
		return kit.Errorf(kit.NotFound, "the server has no such model, nor any other")
	}
	return kit.Errorf(kit.NotFound, "the server has no such model").WithHint("it has %s", strings.Join(names, ", "))
}

// Server is what one of a provider's servers said when it was asked who it is.
type Server struct {
	URL   string
	Model kit.ModelInfo
	Err   error // why it did not say; nil when it did
}

// Servers asks all servers beside each other who they are, in the order of
// Config.URLs.
func (p *Provider) Servers(ctx context.Context) []Server {
	all := make([]Server, len(p.pool.endpoints))
	var group sync.WaitGroup
	for i, e := range p.pool.endpoints {
		group.Go(func() {
			who, err := p.identify(ctx, e)
			all[i] = Server{URL: e.name, Model: who.info, Err: err}
		})
	}
	group.Wait()
	return all
}

// Info tells the model's name, a digest of what its servers say of it, and
// their program. It fails with kit.Unavailable when none answers, and when
// those that do run different models: a case would depend on where it went.
func (p *Provider) Info(ctx context.Context) (kit.ModelInfo, error) {
	var failed []error
	var info kit.ModelInfo
	for _, s := range p.Servers(ctx) {
		if s.Err != nil {
			failed = append(failed, s.Err)
		} else if info.Name == "" {
			info = s.Model
		}
	}
	if info.Name == "" {
		return kit.ModelInfo{}, p.none(failed)
	}
	return info, p.agree()
}

// agree fails when servers that said who they are run different models.
func (p *Provider) agree() error {
	var first identity
	var at string
	for _, e := range p.pool.endpoints {
		who, _ := e.known(time.Time{})
		switch {
		case who.info.Name == "":
		case at == "":
			first, at = who, e.name
		case who.info != first.info:
			return kit.Errorf(kit.Unavailable, "ask %s: %w: %s at %s, %s at %s", p.config.Model, errDisagree,
				words(first.info), at, words(who.info), e.name).
				WithHint("start all with the same weights, context and version; or give the other model another name")
		}
	}
	return nil
}

// words tells models apart.
func words(m kit.ModelInfo) string {
	return strings.TrimSpace(fmt.Sprintf("%.12s %s", m.Digest, m.Server))
}

// Probe checks that the model and each server that answers together honour a
// format: some answer 200 and ignore it. It fails with kit.Unsupported when one
// does, with kit.Unavailable when none answers.
func (p *Provider) Probe(ctx context.Context) error {
	if _, err := p.Info(ctx); err != nil {
		return err
	}
	errs := make([]error, len(p.pool.endpoints))
	var group sync.WaitGroup
	for i, e := range p.pool.endpoints {
		if who, _ := e.known(time.Time{}); who.info.Name == "" {
			continue // Servers tells why
		}
		group.Go(func() {
			errs[i] = model.ProbeFormat(p.config.Model+" at "+e.name, func(req model.Request, prompt model.Rendered) (model.Reply, error) {
				reply, err := p.once(ctx, e, req, prompt)
				return reply, p.explain(ctx, e, err)
			})
		})
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
