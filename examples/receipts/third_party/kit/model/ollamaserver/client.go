// Package ollamaserver manages the models of an Ollama server: what it has, what
// a model is like and how much memory it takes, pulling one, making one.
//
//	all, err := ollamaserver.List(ctx, os.Getenv("OLLAMA_HOST"))
//	for _, m := range all {
//		fmt.Println(m.Name, m.Size)
//	}
//
// A server is named as in OLLAMA_HOST; see Address. What drafts with one of its
// models is kit/model/ollama.
package ollamaserver

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/ollama/ollama/api"

	"github.com/tackhammer/tackhammer/kit"
)

// ErrBrokeOff is an answer without its end: the client takes a connection that
// is cut for success.
var ErrBrokeOff = errors.New("the answer broke off before it was done")

// Client speaks to the server at an address, as Address reads it, by h. It fails
// with kit.Invalid for an address that is none. A refusal without words, which
// the client takes for an answer, is an error.
func Client(server string, h *http.Client) (*api.Client, error) {
	u, err := Address(server)
	if err != nil {
		return nil, err
	}
	return api.NewClient(u, telling(h)), nil
}

// Version is what the server calls itself: "0.17.4". It fails with
// kit.Unavailable when no server answers there, or something else does.
func Version(ctx context.Context, server string) (string, error) {
	client, err := Client(server, http.DefaultClient)
	if err != nil {
		return "", err
	}
	v, err := client.Version(ctx)
	if err == nil && (v == "" || len(v) > 64) {
		err = errors.New("something else answers there")
	}
	if err != nil {
		return "", unreached("ask for the version", err)
	}
	return v, nil
}

// StatusOf is the HTTP status that an error of the client tells, 0 for none.
func StatusOf(err error) int {
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

// Short keeps an error to a line: a broken server's may be megabytes.
func Short(err error) string {
	text := strings.Join(strings.Fields(err.Error()[:min(len(err.Error()), 400)]), " ")
	return strings.ToValidUTF8(text[:min(len(text), 200)], "")
}

// NoModel says that a server does not have a model.
func NoModel(name string) error {
	return kit.Errorf(kit.NotFound, "ask %s: the server has no such model", name).WithHint("ollama pull %s", name)
}

// unreached is for a server that does not tell what it is asked.
func unreached(act string, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	e := kit.Errorf(kit.Unavailable, "%s: %s", act, Short(err)).WithHint("is the server running? `ollama serve` starts it")
	e.Err = err
	return e
}
