// Package ollama drafts with a language model behind an Ollama server.
//
// The server is not trusted: an answer counts only when its last chunk says
// that it is done, an answer at the length limit is marked as cut, and a
// prompt that does not fit the context is an error and never a shorter prompt.
// The schema goes into the request's format and into the prompt, as servers
// may ignore the former.
//
//	prompts, err := model.LoadPrompts(os.DirFS("."), "prompts")
//	p, err := ollama.New(ollama.Config{Model: "qwen3:4b", Prompts: prompts})
//	draft, err := model.Extract[Receipt, Entry](p, "extract")(ctx, receipt)
//
// What a server has, and what it is to fetch or make, is kit/model/ollamaserver's.
package ollama

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/ollama/ollama/api"
	"github.com/sony/gobreaker/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/ollamaserver"
)

// Config says which model answers, and how patient to be with its server.
type Config struct {
	URL        string         // the server, with or without http://. Defaults to ollamaserver.DefaultURL
	Model      string         // the model's name as in `ollama list`. Required
	Prompts    *model.Prompts // the prompt of each task. Required
	HTTPClient *http.Client   // how the server is reached. Defaults to one that keeps a connection for each slot
	Timeout    time.Duration  // limit for one answer. Defaults to 2 minutes
	Patience   time.Duration  // how long a busy server is asked again. Defaults to 15 seconds
	Cooldown   time.Duration  // how long a server that failed 5 times in a row is left alone. Defaults to 10 seconds
	Slots      int            // answers in flight at most. Defaults to 4, as the server's
	KeepAlive  time.Duration  // how long the server keeps the model loaded; negative: for ever. Defaults to the server's own
	Clock      kit.Clock      // Defaults to kit.Now
}

func (c Config) fill() (Config, error) {
	if c.Model == "" {
		return c, kit.Errorf(kit.Invalid, "open ollama: no model is named").WithHint("`ollama list` shows those of the server")
	}
	if c.Prompts == nil {
		return c, kit.Errorf(kit.Invalid, "open ollama model %s: no prompts", c.Model)
	}
	if c.Slots < 0 || c.Timeout < 0 || c.Patience < 0 || c.Cooldown < 0 {
		return c, kit.Errorf(kit.Invalid, "open ollama model %s: slots, timeout, patience and cooldown must be positive", c.Model)
	}
	c.Slots = or(c.Slots, 4)
	c.Timeout = or(c.Timeout, 2*time.Minute)
	c.Patience = or(c.Patience, 15*time.Second)
	c.Cooldown = or(c.Cooldown, 10*time.Second)
	if c.Clock == nil {
		c.Clock = kit.Now
	}
	if c.HTTPClient == nil {
		c.HTTPClient = httpClient(c.Slots)
	}
	return c, nil
}

func or[T int | time.Duration](v, def T) T {
	if v == 0 {
		return def
	}
	return v
}

// httpClient keeps a connection for each answer in flight.
func httpClient(slots int) *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = slots + 1
	return &http.Client{Transport: t}
}

// Provider asks one model of one server.
type Provider struct {
	config  Config
	client  *api.Client
	slots   chan struct{}
	breaker *gobreaker.CircuitBreaker[model.Reply]

	noThink atomic.Bool // the server refuses the word "think": it is left out
	mu      sync.Mutex  // guards what follows
	info    kit.ModelInfo
	infoAt  time.Time
}

// New opens a model. It does not speak to the server: see Info and Probe.
func New(c Config) (*Provider, error) {
	c, err := c.fill()
	if err != nil {
		return nil, err
	}
	client, err := ollamaserver.Client(c.URL, c.HTTPClient)
	if err != nil {
		return nil, err
	}
	return &Provider{
		config: c, client: client,
		slots: make(chan struct{}, c.Slots), breaker: breaker(c),
	}, nil
}

// breaker opens after 5 failures of the server in a row. A caller who went
// away is none.
func breaker(c Config) *gobreaker.CircuitBreaker[model.Reply] {
	return gobreaker.NewCircuitBreaker[model.Reply](gobreaker.Settings{
		Name:         c.Model,
		Timeout:      c.Cooldown,
		ReadyToTrip:  func(n gobreaker.Counts) bool { return n.ConsecutiveFailures >= 5 },
		IsSuccessful: func(err error) bool { return kit.CodeOf(err) != kit.Unavailable },
		IsExcluded:   func(err error) bool { return errors.Is(err, context.Canceled) },
	})
}

// Tries is what the prompt of task says.
func (p *Provider) Tries(task string) int { return p.config.Prompts.Tries(task) }

// Samples is what the prompt of task says.
func (p *Provider) Samples(task string) (n int, borderline float64) {
	return p.config.Prompts.Samples(task)
}

// Generate answers one request. Errors: kit.Unavailable when the server does
// not answer, breaks off, stays busy or was left alone after failing;
// kit.NotFound for an unknown model or prompt; kit.TooLarge when the prompt
// does not fit the context.
func (p *Provider) Generate(ctx context.Context, req model.Request) (model.Reply, error) {
	prompt, err := p.config.Prompts.Render(req.Task, req)
	if err != nil {
		return model.Reply{}, err
	}
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return model.Reply{}, p.lost(ctx.Err())
	}
	reply, err := p.breaker.Execute(func() (model.Reply, error) { return p.answer(ctx, req, prompt) })
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		return model.Reply{}, kit.Errorf(kit.Unavailable, "ask %s: the server failed several times and is left alone for %s", p.config.Model, p.config.Cooldown)
	}
	return reply, err
}

// answer asks again while the server is busy.
func (p *Provider) answer(ctx context.Context, req model.Request, prompt model.Rendered) (model.Reply, error) {
	info, err := p.Info(ctx)
	if err != nil {
		return model.Reply{}, err
	}
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval = 100*time.Millisecond, 2*time.Second
	try := func() (model.Reply, error) {
		reply, err := p.once(ctx, req, prompt)
		return reply, permanent(err)
	}
	reply, err := backoff.Retry(ctx, try, backoff.WithBackOff(wait), backoff.WithMaxElapsedTime(p.config.Patience))
	if err != nil {
		return model.Reply{}, p.explain(ctx, err)
	}
	reply.Model, reply.Prompt = info, prompt.Hash
	return reply, nil
}

// permanent ends the tries at any error but that of a busy server.
func permanent(err error) error {
	if err == nil || busy(err) {
		return err
	}
	return backoff.Permanent(err)
}

// once sends the request, a second time without the word "think" to a server
// that does not take it.
func (p *Provider) once(ctx context.Context, req model.Request, prompt model.Rendered) (model.Reply, error) {
	ctx, cancel := context.WithTimeout(ctx, p.config.Timeout)
	defer cancel()
	think := !p.noThink.Load()
	reply, err := p.stream(ctx, p.chat(req.Schema, prompt, think))
	if think && refusesThink(err) {
		p.noThink.Store(true)
		return p.stream(ctx, p.chat(req.Schema, prompt, false))
	}
	return reply, err
}
