// Package openai drafts with a language model behind servers that speak
// OpenAI's protocol: vLLM, llama.cpp's server, SGLang.
//
// A server is not trusted: an answer counts only when it arrived whole and says
// why it ended, one at the length limit is marked as cut, and a prompt that was
// shortened is an error. The schema goes into the request's response_format
// and into the prompt, as servers may ignore the former.
//
// An answer is asked for whole and not as a stream: JSON either closes or does
// not, so that a killed connection is never an answer. A proxy in between has
// to wait as long as Config.Timeout.
//
// Several servers may run the same model. Each request goes to the one with the
// fewest answers in flight; one that fails is tried on another, and the server
// that failed rests and is asked who it is before it is used again.
//
//	p, err := openai.New(openai.Config{URLs: []string{"http://127.0.0.1:8000/v1"}, Model: "qwen3-4b", Prompts: prompts})
//	draft, err := model.Extract[Receipt, Entry](p, "extract")(ctx, receipt)
package openai

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/sony/gobreaker/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
)

// Config says which model answers, where, and how patient to be with its
// servers.
type Config struct {
	URLs       []string       // the servers, each with the path before /chat/completions. At least one is required
	Model      string         // the model's name as GET /models tells it. Required
	Prompts    *model.Prompts // the prompt of each task. Required
	Key        string         // sent as a bearer token, and told to nobody else. Defaults to none
	HTTPClient *http.Client   // how servers are reached; redirects are not followed. Defaults to one that keeps a connection for each slot
	Timeout    time.Duration  // limit for one answer. Defaults to 2 minutes
	Patience   time.Duration  // how long a request is tried anew, on other servers or on busy ones. Defaults to 15 seconds
	Cooldown   time.Duration  // how long a server that failed rests while others work, or after 5 failures in a row in any case. Defaults to 10 seconds
	Slots      int            // answers in flight on each server at most. Defaults to 4
	Clock      kit.Clock      // Defaults to kit.Now
}

func (c Config) fill() (Config, error) {
	switch {
	case c.Model == "":
		return c, kit.Errorf(kit.Invalid, "open an openai model: none is named").WithHint("GET /models of the server lists its models")
	case c.Prompts == nil:
		return c, kit.Errorf(kit.Invalid, "open openai model %s: no prompts", c.Model)
	case len(c.URLs) == 0:
		return c, kit.Errorf(kit.Invalid, "open openai model %s: no server is named", c.Model).WithHint("list them in nail.yaml under openai.urls")
	case c.Slots < 0 || c.Timeout < 0 || c.Patience < 0 || c.Cooldown < 0:
		return c, kit.Errorf(kit.Invalid, "open openai model %s: slots, timeout, patience and cooldown must be positive", c.Model)
	}
	c.Slots = or(c.Slots, 4)
	c.Timeout = or(c.Timeout, 2*time.Minute)
	c.Patience = or(c.Patience, 15*time.Second)
	c.Cooldown = or(c.Cooldown, 10*time.Second)
	if c.Clock == nil {
		c.Clock = kit.Now
	}
	c.HTTPClient = httpClient(c.HTTPClient, c.Slots)
	return c, nil
}

func or[T int | time.Duration](v, def T) T {
	if v == 0 {
		return def
	}
	return v
}

// Provider asks one model on one server or on several.
type Provider struct {
	config Config
	pool   *pool
}

// New opens a model. It does not speak to the servers: see Info and Probe.
func New(c Config) (*Provider, error) {
	c, err := c.fill()
	if err != nil {
		return nil, err
	}
	p := &Provider{config: c, pool: &pool{slots: c.Slots, changed: make(chan struct{})}}
	for _, address := range c.URLs {
		u, err := url.Parse(strings.TrimRight(address, "/"))
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" {
			return nil, kit.Errorf(kit.Invalid, "open openai model %s: %q is no address of a server", c.Model, address).
				WithHint("write it as http://127.0.0.1:8000/v1")
		}
		p.pool.endpoints = append(p.pool.endpoints, newEndpoint(u, c))
	}
	return p, nil
}

// Slots is how many answers are in flight at most, on all servers together.
func (p *Provider) Slots() int { return p.config.Slots * len(p.pool.endpoints) }

// Tries is what the prompt of task says.
func (p *Provider) Tries(task string) int { return p.config.Prompts.Tries(task) }

// Samples is what the prompt of task says.
func (p *Provider) Samples(task string) (n int, borderline float64) {
	return p.config.Prompts.Samples(task)
}

// Generate answers one request. Errors: kit.Unavailable when no server answers,
// all break off, stay busy or were left alone after failing, and when servers
// run different models; kit.NotFound for an unknown model or prompt;
// kit.TooLarge when the prompt does not fit the context; kit.Unauthorized when
// the key is refused.
func (p *Provider) Generate(ctx context.Context, req model.Request) (model.Reply, error) {
	prompt, err := p.config.Prompts.Render(req.Task, req)
	if err != nil {
		return model.Reply{}, err
	}
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval = 100*time.Millisecond, 2*time.Second
	until := time.Now().Add(p.config.Patience)
	round := func() (model.Reply, error) {
		reply, err := p.round(ctx, req, prompt, until)
		if err != nil && !isBusy(err) {
			err = backoff.Permanent(err)
		}
		return reply, err
	}
	reply, err := backoff.Retry(ctx, round, backoff.WithBackOff(wait), backoff.WithMaxElapsedTime(p.config.Patience))
	switch {
	case err != nil && ctx.Err() != nil:
		return model.Reply{}, p.lost("", ctx.Err())
	case isBusy(err):
		return model.Reply{}, kit.Errorf(kit.Unavailable, "ask %s: busy for %s: %w", p.config.Model, p.config.Patience, err)
	}
	return reply, err
}

// round asks each server that can be used at most once, until one answers or
// the time to try anew is over.
func (p *Provider) round(ctx context.Context, req model.Request, prompt model.Rendered, until time.Time) (model.Reply, error) {
	var tried []*endpoint
	var failed []error
	for {
		e, err := p.pool.take(ctx, tried, p.config.Clock())
		if err != nil {
			return model.Reply{}, p.lost("", err)
		}
		if e == nil {
			return model.Reply{}, p.none(failed)
		}
		reply, err := p.ask(ctx, e, req, prompt)
		p.pool.release(e, isFault(err), p.config.Clock(), p.config.Cooldown)
		if err == nil || ctx.Err() != nil || !isFault(err) {
			return reply, err
		}
		tried, failed = append(tried, e), append(failed, err)
		if !time.Now().Before(until) {
			return model.Reply{}, p.none(failed)
		}
	}
}

// ask has one server answer, behind its breaker.
func (p *Provider) ask(ctx context.Context, e *endpoint, req model.Request, prompt model.Rendered) (model.Reply, error) {
	reply, err := e.breaker.Execute(func() (model.Reply, error) {
		who, err := p.identify(ctx, e)
		if err == nil {
			err = p.agree()
		}
		if err != nil {
			return model.Reply{}, err
		}
		reply, err := p.once(ctx, e, req, prompt)
		reply.Model, reply.Prompt = who.info, prompt.Hash
		return reply, err
	})
	switch {
	case errors.Is(err, gobreaker.ErrOpenState), errors.Is(err, gobreaker.ErrTooManyRequests):
		return model.Reply{}, p.leftAlone()
	case err != nil:
		return model.Reply{}, err
	}
	return reply, nil
}

// once sends the request, and again without what the server refuses.
func (p *Provider) once(ctx context.Context, e *endpoint, req model.Request, prompt model.Rendered) (model.Reply, error) {
	limited, cancel := context.WithTimeout(ctx, p.config.Timeout)
	defer cancel()
	began := time.Now()
	for {
		sent := e.optional()
		reply, err := p.complete(limited, e, p.chat(req.Schema, prompt, sent))
		if err == nil {
			err = p.cutPrompt(limited, e, &reply)
		}
		if err != nil && e.drop(sent, err) {
			continue
		}
		reply.Usage.Elapsed = time.Since(began)
		return reply, p.explain(ctx, e, err)
	}
}
