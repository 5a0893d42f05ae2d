package ollama

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model/ollamaserver"
)

// busy reports whether the server asks to be asked again later.
func busy(err error) bool {
	switch ollamaserver.StatusOf(err) {
	case http.StatusServiceUnavailable, http.StatusTooManyRequests, http.StatusRequestTimeout, http.StatusTooEarly:
		return true
	}
	return false
}

// refusesThink reports whether the server does not take the word "think".
func refusesThink(err error) bool {
	return ollamaserver.StatusOf(err) == http.StatusBadRequest && strings.Contains(strings.ToLower(err.Error()), "think")
}

// explain gives an error of the client its code, and a hint where there is one.
func (p *Provider) explain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return p.lost(ctx.Err())
	}
	name := p.config.Model
	switch status := ollamaserver.StatusOf(err); {
	case tooLong(err):
		return kit.Errorf(kit.TooLarge, "ask %s: the prompt does not fit the context: %s", name, ollamaserver.Short(err)).
			WithHint("raise num_ctx in the prompt file, or send a shorter document")
	case errors.Is(err, context.DeadlineExceeded):
		return kit.Errorf(kit.Unavailable, "ask %s: no whole answer within %s: %w", name, p.config.Timeout, err)
	case errors.Is(err, ollamaserver.ErrBrokeOff), errors.Is(err, errEndless):
		return kit.Errorf(kit.Unavailable, "ask %s: %w", name, err)
	case status == http.StatusNotFound:
		return ollamaserver.NoModel(name)
	case status == http.StatusUnauthorized:
		return kit.Errorf(kit.Unauthorized, "ask %s: the server wants a sign-in", name).WithHint("run `ollama signin` on the server")
	case status == http.StatusServiceUnavailable:
		return kit.Errorf(kit.Unavailable, "ask %s: the server's queue stayed full for %s: %w", name, p.config.Patience, err)
	case busy(err):
		return kit.Errorf(kit.Unavailable, "ask %s: the server wants to be asked later: %s", name, ollamaserver.Short(err))
	case status >= 400 && status < 500:
		return kit.Errorf(kit.Invalid, "ask %s: the server refused the request: %s", name, ollamaserver.Short(err))
	case status >= 500 || err.Error() == "":
		return kit.Errorf(kit.Unavailable, "ask %s: the server failed: %s", name, ollamaserver.Short(err))
	}
	return p.lost(err)
}

// lost is for a server that was not reached, or not to the end.
func (p *Provider) lost(err error) error {
	e := kit.Errorf(kit.Unavailable, "ask %s: %s", p.config.Model, ollamaserver.Short(err)).
		WithHint("is the server running? `ollama serve` starts it")
	e.Err = err
	return e
}

// tooLong recognises the words of servers old and new.
func tooLong(err error) bool {
	text := strings.ToLower(err.Error())
	return strings.Contains(text, "context length") || strings.Contains(text, "exceeds context") ||
		strings.Contains(text, "exceed_context") || strings.Contains(text, "context size")
}
