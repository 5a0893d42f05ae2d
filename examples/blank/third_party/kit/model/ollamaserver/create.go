package ollamaserver

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/ollama/ollama/api"

	"github.com/tackhammer/tackhammer/kit"
)

// Weights is a file of a model or an adapter, as the server is to call it.
type Weights struct {
	Name   string // "model.gguf"
	Path   string
	SHA256 string // hex; see Sum
	Size   int64  // bytes
}

// Sum reads the file at path and tells its hash and its size.
func Sum(name, path string) (Weights, error) {
	w := Weights{Name: name, Path: path}
	f, err := os.Open(path)
	if err != nil {
		return w, kit.Errorf(kit.Invalid, "read %s: %w", path, err)
	}
	defer f.Close()
	sum := sha256.New()
	if w.Size, err = io.Copy(sum, f); err != nil {
		return w, kit.Errorf(kit.Invalid, "read %s: %w", path, err)
	}
	w.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return w, nil
}

// NewModel is a model to make on a server.
type NewModel struct {
	Name    string    // as `ollama list` is to show it
	Files   []Weights // of a model by itself, or
	Adapter []Weights // of an adapter on Base
	Base    string    // the model that the adapter changes; of a model by itself, the one whose template, system text and parameters it takes. Defaults to none

	// Sent is told how many bytes went out, of how many. Defaults to nobody.
	Sent func(done, total int64)

	// Said is told what the server does. Defaults to nobody.
	Said func(status string)
}

// Create brings the files to a server, but for those that it has, and makes a
// model of them. It fails with kit.NotFound when the server lacks the base,
// with kit.Invalid when it takes the files for none, and with kit.Unavailable
// when it breaks off: then nothing is made, and another try sends only what is
// missing.
func Create(ctx context.Context, server string, m NewModel) (kit.ModelInfo, error) {
	u, err := Address(server)
	if err != nil {
		return kit.ModelInfo{}, err
	}
	c := creator{client: api.NewClient(u, telling(http.DefaultClient)), server: u, model: m}
	for _, w := range append(m.Files, m.Adapter...) {
		c.total += w.Size
	}
	req, err := c.request(ctx)
	if err == nil {
		err = c.send(ctx)
	}
	if err == nil {
		err = c.create(ctx, req)
	}
	if err != nil {
		return kit.ModelInfo{}, c.explain(ctx, err)
	}
	return c.made(ctx)
}

// creator makes one model.
type creator struct {
	client *api.Client
	server *url.URL
	model  NewModel
	done   int64
	total  int64
}

// request is what is asked of the server, once it has the files.
func (c *creator) request(ctx context.Context) (*api.CreateRequest, error) {
	req := &api.CreateRequest{Model: c.model.Name, Files: digests(c.model.Files), Adapters: digests(c.model.Adapter)}
	if c.model.Base == "" {
		return req, nil
	}
	base, err := c.client.Show(ctx, &api.ShowRequest{Model: c.model.Base})
	if StatusOf(err) == http.StatusNotFound {
		return nil, NoModel(c.model.Base)
	}
	if err != nil {
		return nil, err
	}
	if len(c.model.Adapter) > 0 {
		req.From = c.model.Base // with all that it says
		return req, nil
	}
	req.Template, req.System, req.Parameters = base.Template, base.System, parameters(base.Parameters)
	return req, nil
}

// digests names the files by their hashes, nil for none.
func digests(files []Weights) map[string]string {
	var out map[string]string
	for _, w := range files {
		if out == nil {
			out = map[string]string{}
		}
		out[w.Name] = "sha256:" + w.SHA256
	}
	return out
}

// parameters reads the server's list of them, one a line. A name that comes
// again is a list.
func parameters(text string) map[string]any {
	out := map[string]any{}
	for _, line := range strings.Split(text, "\n") {
		name, value, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok {
			continue
		}
		value = strings.Trim(strings.TrimSpace(value), `"`)
		if name == "stop" {
			stops, _ := out[name].([]string)
			out[name] = append(stops, value)
		} else if v, err := api.FormatParams(map[string][]string{name: {value}}); err == nil {
			out[name] = v[name]
		}
	}
	return out
}

// send brings the files that the server lacks.
func (c *creator) send(ctx context.Context) error {
	for _, w := range append(c.model.Files, c.model.Adapter...) {
		has, err := c.has(ctx, w)
		if err != nil {
			return err
		}
		if has {
			c.count(w.Size)
			continue
		}
		if err := c.blob(ctx, w); err != nil {
			return err
		}
	}
	return nil
}

// has reports whether the server has a file already.
func (c *creator) has(ctx context.Context, w Weights) (bool, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, c.server.JoinPath("api/blobs/sha256:"+w.SHA256).String(), nil)
	if err != nil {
		return false, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false, err
	}
	return resp.StatusCode == http.StatusOK, resp.Body.Close()
}

func (c *creator) blob(ctx context.Context, w Weights) error {
	f, err := os.Open(w.Path)
	if err != nil {
		return kit.Errorf(kit.Invalid, "read %s: %w", w.Path, err)
	}
	defer f.Close()
	return c.client.CreateBlob(ctx, "sha256:"+w.SHA256, &counted{f, c.count})
}

// counted tells how many bytes were read.
type counted struct {
	from io.Reader
	tell func(n int64)
}

func (r *counted) Read(p []byte) (int, error) {
	n, err := r.from.Read(p)
	r.tell(int64(n))
	return n, err
}

func (c *creator) count(n int64) {
	c.done += n
	if c.model.Sent != nil {
		c.model.Sent(c.done, c.total)
	}
}

// create makes the model. The client takes a connection that is cut for
// success: only the word of it counts.
func (c *creator) create(ctx context.Context, req *api.CreateRequest) error {
	done := false
	err := c.client.Create(ctx, req, func(p api.ProgressResponse) error {
		done = done || p.Status == "success"
		if c.model.Said != nil {
			c.model.Said(p.Status)
		}
		return nil
	})
	if err == nil && !done {
		return ErrBrokeOff
	}
	return err
}

// made is the model as the server lists it now.
func (c *creator) made(ctx context.Context) (kit.ModelInfo, error) {
	all, err := c.client.List(ctx)
	if err != nil {
		return kit.ModelInfo{}, c.explain(ctx, err)
	}
	for _, m := range all.Models {
		if sameName(m.Name, c.model.Name) {
			return kit.ModelInfo{Name: m.Name, Digest: m.Digest}, nil
		}
	}
	return kit.ModelInfo{}, kit.Errorf(kit.Internal, "make the model %s: the server says that it did, and does not list it", c.model.Name)
}

// sameName reports whether two names are of one model: "tiny" is "tiny:latest".
func sameName(a, b string) bool {
	return strings.TrimSuffix(strings.ToLower(a), ":latest") == strings.TrimSuffix(strings.ToLower(b), ":latest")
}

// explain gives an error of the client its code, and a hint where there is one.
func (c *creator) explain(ctx context.Context, err error) error {
	var known *kit.Error
	name := c.model.Name
	switch status := StatusOf(err); {
	case errors.As(err, &known):
		return err
	case ctx.Err() != nil:
		return kit.Errorf(kit.Unavailable, "make the model %s: %w", name, ctx.Err())
	case strings.Contains(err.Error(), "no space left"):
		return kit.Errorf(kit.Unavailable, "make the model %s: the server's disk is full", name).
			WithHint("`ollama rm` models that nobody uses, and try again: what was sent whole stays")
	case strings.Contains(err.Error(), "digest"):
		return kit.Errorf(kit.Conflict, "make the model %s: a file changed while it was sent: %s", name, Short(err)).WithHint("try again")
	case errors.Is(err, ErrBrokeOff):
		return kit.Errorf(kit.Unavailable, "make the model %s: %w", name, err).WithHint("try again: what was sent whole stays")
	case status >= 400 && status < 500:
		return kit.Errorf(kit.Invalid, "make the model %s: the server refused it: %s", name, Short(err))
	case status == 0 && !isNetwork(err):
		return kit.Errorf(kit.Invalid, "make the model %s: the server cannot use it: %s", name, Short(err))
	}
	e := kit.Errorf(kit.Unavailable, "make the model %s: %s", name, Short(err)).WithHint("is the server running? `ollama serve` starts it")
	e.Err = err
	return e
}

// isNetwork reports whether an error is of the way to the server, and not its
// words in the middle of a stream.
func isNetwork(err error) bool {
	var u *url.Error
	return errors.As(err, &u) || errors.Is(err, io.ErrUnexpectedEOF)
}

// Holds tells whether a server has a model of this name, its digest, and
// whether it is made of the file with this hash.
func Holds(ctx context.Context, server, name, sha string) (digest string, same bool, err error) {
	all, err := List(ctx, server)
	if err != nil {
		return "", false, err
	}
	for _, m := range all {
		if sameName(m.Name, name) {
			digest = m.Digest
		}
	}
	if digest == "" {
		return "", false, nil
	}
	client, err := Client(server, http.DefaultClient)
	if err != nil {
		return "", false, err
	}
	shown, err := client.Show(ctx, &api.ShowRequest{Model: name})
	if err != nil {
		return digest, false, kit.Errorf(kit.Unavailable, "look at the model %s: %s", name, Short(err))
	}
	return digest, strings.Contains(shown.Modelfile, "sha256-"+sha), nil
}
