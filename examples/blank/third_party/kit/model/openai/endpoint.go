package openai

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
)

// endpoint is one server.
type endpoint struct {
	url     string // without a slash at its end
	name    string // the same without what may be secret
	breaker *gobreaker.CircuitBreaker[model.Reply]

	// Of the pool, behind its lock.
	inFlight   int
	restsUntil time.Time

	mu      sync.Mutex // guards what follows
	who     identity
	whoAt   time.Time
	refused map[string]bool // words of a request that the server does not take
}

func newEndpoint(u *url.URL, c Config) *endpoint {
	return &endpoint{url: u.String(), name: u.Redacted(), breaker: breaker(u.Redacted(), c.Cooldown), refused: map[string]bool{}}
}

// breaker opens after 5 failures of the server in a row. A caller who went
// away is none, nor is a server that is busy: it lives.
func breaker(name string, cooldown time.Duration) *gobreaker.CircuitBreaker[model.Reply] {
	return gobreaker.NewCircuitBreaker[model.Reply](gobreaker.Settings{
		Name:         name,
		Timeout:      cooldown,
		ReadyToTrip:  func(n gobreaker.Counts) bool { return n.ConsecutiveFailures >= 5 },
		IsSuccessful: func(err error) bool { return kit.CodeOf(err) != kit.Unavailable || errors.Is(err, errDisagree) },
		IsExcluded:   func(err error) bool { return errors.Is(err, context.Canceled) || isBusy(err) },
	})
}

// The parts of a request that not every server takes. Each is dropped for the
// servers that refuse it by name.
const (
	partLogprobs = "logprobs"             // some builds cannot tell them
	partPenalty  = "repetition_penalty"   // vLLM and SGLang take a model's own default, which bends JSON
	partTemplate = "chat_template_kwargs" // tells a template not to have the model think
)

// optional lists the parts that the server has not refused.
func (e *endpoint) optional() map[string]bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	sent := map[string]bool{}
	for _, part := range []string{partLogprobs, partPenalty, partTemplate} {
		sent[part] = !e.refused[part]
	}
	return sent
}

// drop remembers which of the sent parts a refusal names, and reports whether
// it names one: asking again without it makes sense.
func (e *endpoint) drop(sent map[string]bool, err error) bool {
	var r *refusal
	if !errors.As(err, &r) || !r.clients() {
		return false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for part, was := range sent {
		if was && strings.Contains(strings.ToLower(r.words), part) {
			e.refused[part] = true
			return true
		}
	}
	return false
}
