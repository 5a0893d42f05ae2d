package openai

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
)

// isBusy reports whether the server asks to be asked again later.
func isBusy(err error) bool {
	switch statusOf(err) {
	case http.StatusServiceUnavailable, http.StatusTooManyRequests, http.StatusRequestTimeout, http.StatusTooEarly:
		return true
	}
	return false
}

// isFault reports whether another server may do better: what is wrong is this
// server's doing and not the request's.
func isFault(err error) bool {
	switch kit.CodeOf(err) {
	case kit.Unavailable, kit.NotFound, kit.Unauthorized:
		return !errors.Is(err, context.Canceled) && !errors.Is(err, errDisagree)
	}
	return false
}

func statusOf(err error) int {
	var r *refusal
	if errors.As(err, &r) {
		return r.status
	}
	return 0
}

// explain gives an error its code, the server's name, and a hint where there
// is one.
func (p *Provider) explain(ctx context.Context, e *endpoint, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return p.lost(e.name, ctx.Err())
	}
	who, said := p.config.Model+" at "+e.name, short(err.Error())
	var coded *kit.Error
	switch status := statusOf(err); {
	case errors.As(err, &coded):
		return &kit.Error{Code: coded.Code, Message: "ask " + who + ": " + said, Hint: coded.Hint, Err: err}
	case status != 0 && status != http.StatusOK:
		return p.refused(who, status, said, err)
	case tooLong(said):
		return tooLarge(who, said)
	case errors.Is(err, context.DeadlineExceeded):
		return kit.Errorf(kit.Unavailable, "ask %s: no whole answer within %s: %w", who, p.config.Timeout, err)
	case errors.Is(err, errBrokeOff), errors.Is(err, errEndless), errors.As(err, new(*refusal)):
		return &kit.Error{Code: kit.Unavailable, Message: "ask " + who + ": " + said, Err: err}
	}
	return p.lost(e.name, err)
}

// refused words a status that is an error.
func (p *Provider) refused(who string, status int, said string, err error) error {
	e := &kit.Error{Code: kit.Unavailable, Message: "ask " + who + ": the server failed: " + said, Err: err}
	switch {
	case tooLong(said) || status == http.StatusRequestEntityTooLarge:
		return tooLarge(who, said)
	case status == http.StatusNotFound:
		e.Code, e.Message = kit.NotFound, "ask "+who+": the server has no such model: "+said
		e.Hint = "GET /models of the server lists its models; is the path of its address right? most end in /v1"
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		e.Code, e.Message = kit.Unauthorized, "ask "+who+": the server refuses the key: "+said
		e.Hint = "openai.key_env of nail.yaml names the variable that holds it"
	case isBusy(err):
		e.Message = "ask " + who + ": the server is busy: " + said
	case status >= http.StatusBadRequest && status < http.StatusInternalServerError:
		e.Code, e.Message = kit.Invalid, "ask "+who+": the server refused the request: "+said
	}
	return e
}

func tooLarge(who, said string) error {
	return kit.Errorf(kit.TooLarge, "ask %s: the prompt does not fit the context: %s", who, said).
		WithHint("start the server with a larger context, or send a shorter document")
}

// lost is for a server that was not reached, or not to the end; "" for none in
// particular.
func (p *Provider) lost(server string, err error) error {
	who := p.config.Model
	if server != "" {
		who += " at " + server
	}
	return &kit.Error{Code: kit.Unavailable, Message: "ask " + who + ": " + short(err.Error()), Err: err,
		Hint: "is the server running, and at this address?"}
}

func (p *Provider) leftAlone() error {
	return kit.Errorf(kit.Unavailable, "ask %s: the server failed several times and is left alone for %s", p.config.Model, p.config.Cooldown)
}

// none is the error when no server answered: of one its own, of several all.
func (p *Provider) none(failed []error) error {
	switch len(failed) {
	case 0:
		return p.leftAlone()
	case 1:
		return failed[0]
	}
	e := &kit.Error{Code: kit.CodeOf(failed[0]), Hint: kit.HintOf(failed[0]), Err: errors.Join(failed...)}
	var words []string
	for _, err := range failed {
		words = append(words, strings.TrimPrefix(err.Error(), "ask "))
		if kit.CodeOf(err) != e.Code {
			e.Code = kit.Unavailable
		}
		if isBusy(err) {
			e.Err = err // the one to be tried again for
		}
	}
	e.Message = fmt.Sprintf("ask %s: none of %d servers answered: %s", p.config.Model, len(failed), strings.Join(words, "; "))
	return e
}

// tooLong recognises the words of vLLM, llama.cpp, SGLang and Ollama.
func tooLong(text string) bool {
	text = strings.ToLower(text)
	for _, words := range []string{"context length", "context size", "exceed_context", "exceeds context", "context window"} {
		if strings.Contains(text, words) {
			return true
		}
	}
	return false
}
