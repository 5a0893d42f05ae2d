package ollama

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/ollama/ollama/api"

	"github.com/tackhammer/tackhammer/kit"
)

// busy reports whether the server asks to be asked again later.
func busy(err error) bool {
	switch statusOf(err) {
	case http.StatusServiceUnavailable, http.StatusTooManyRequests, http.StatusRequestTimeout, http.StatusTooEarly:
		return true
	}
	return false
}

// refusesThink reports whether the server does not take the word "think".
func refusesThink(err error) bool {
	return statusOf(err) == http.StatusBadRequest && strings.Contains(strings.ToLower(err.Error()), "think")
}

func statusOf(err error) int {
	var s api.StatusError
	if errors.As(err, &s) {
		return s.StatusCode
	}
	var a api.AuthorizationError
	if errors.As(err, &a) {
		return http.StatusUnauthorized
	}
	return 0
}

// explain gives an error of the client its code, and a hint where there is one.
func (p *Provider) explain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return p.lost(ctx.Err())
	}
	name := p.config.Model
	switch status := statusOf(err); {
	case tooLong(err):
		return kit.Errorf(kit.TooLarge, "ask %s: the prompt does not fit the context: %s", name, short(err)).
			WithHint("raise num_ctx in the prompt file, or send a shorter document")
	case errors.Is(err, context.DeadlineExceeded):
		return kit.Errorf(kit.Unavailable, "ask %s: no whole answer within %s: %w", name, p.config.Timeout, err)
	case errors.Is(err, errBrokeOff), errors.Is(err, errEndless):
		return kit.Errorf(kit.Unavailable, "ask %s: %w", name, err)
	case status == http.StatusNotFound:
		return unknown(name)
	case status == http.StatusUnauthorized:
		return kit.Errorf(kit.Unauthorized, "ask %s: the server wants a sign-in", name).WithHint("run `ollama signin` on the server")
	case status == http.StatusServiceUnavailable:
		return kit.Errorf(kit.Unavailable, "ask %s: the server's queue stayed full for %s: %w", name, p.config.Patience, err)
	case busy(err):
		return kit.Errorf(kit.Unavailable, "ask %s: the server wants to be asked later: %s", name, short(err))
	case status >= 400 && status < 500:
		return kit.Errorf(kit.Invalid, "ask %s: the server refused the request: %s", name, short(err))
	case status >= 500 || err.Error() == "":
		return kit.Errorf(kit.Unavailable, "ask %s: the server failed: %s", name, short(err))
	}
	return p.lost(err)
}

// lost is for a server that was not reached, or not to the end.
func (p *Provider) lost(err error) error {
	e := kit.Errorf(kit.Unavailable, "ask %s: %s", p.config.Model, short(err)).
		WithHint("is the server running? `ollama serve` starts it")
	e.Err = err
	return e
}

func unknown(name string) error {
	return kit.Errorf(kit.NotFound, "ask %s: the server has no such model", name).WithHint("ollama pull %s", name)
}

// tooLong recognises the words of servers old and new.
func tooLong(err error) bool {
	text := strings.ToLower(err.Error())
	return strings.Contains(text, "context length") || strings.Contains(text, "exceeds context") ||
		strings.Contains(text, "exceed_context") || strings.Contains(text, "context size")
}

// short keeps an error to a line: a broken server's may be megabytes.
func short(err error) string {
	text := strings.Join(strings.Fields(err.Error()[:min(len(err.Error()), 400)]), " ")
	return strings.ToValidUTF8(text[:min(len(text), 200)], "")
}
