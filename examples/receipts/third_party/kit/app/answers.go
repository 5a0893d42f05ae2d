package app

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/whole"
)

// answers keeps what a model answered, a file an answer. Answers are kept
// rather than drafts, so that what reads them (validation, confidence, the
// app's own code) is always today's.
type answers struct {
	dir     string
	prompts *model.Prompts
	fresh   bool // answers are written and not read
}

// question is all that an answer hangs on.
type question struct {
	Form   int // of the files
	Model  kit.ModelInfo
	Prompt model.Rendered // as it is sent, with the source in it, and the hash of its file
	Schema string         // hash
	Rest   model.Request  // what else is asked for
}

// kept is a file of answers.
type kept struct {
	Key   string        `json:"key"` // a file of another name was moved, and is none
	At    time.Time     `json:"at"`
	Took  time.Duration `json:"took"` // in nanoseconds, when it was asked for
	Reply model.Reply   `json:"reply"`
}

// key is the hex SHA-256 of a question.
func (a *answers) key(info kit.ModelInfo, req model.Request) (string, error) {
	prompt, err := a.prompts.Render(req.Task, req)
	if err != nil {
		return "", err
	}
	q := question{Form: 1, Model: info, Prompt: prompt, Rest: req}
	if req.Schema != nil {
		q.Schema = req.Schema.Hash()
	}
	q.Rest.Input, q.Rest.Schema = nil, nil // they stand in the prompt, and in the hash
	raw, err := json.Marshal(q)
	return kit.Hash(raw), err
}

func (a *answers) path(key string) string { return filepath.Join(a.dir, key[:2], key+".json") }

// load is the answer of a key. A file that is torn, or of something else, is
// as good as none.
func (a *answers) load(key string) (k kept, ok bool) {
	if a.fresh {
		return k, false
	}
	raw, err := os.ReadFile(a.path(key))
	if err != nil {
		return k, false
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	return k, dec.Decode(&k) == nil && k.Key == key && k.Reply.Output != ""
}

// save writes an answer whole or not at all, for nobody else to read.
func (a *answers) save(k kept) error {
	raw, err := json.Marshal(k)
	if err != nil {
		return nil // a probability that is no number: asked for again next time
	}
	path := a.path(k.Key)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return kit.Errorf(kit.Internal, "keep an answer: %w", err).WithHint("may you write to %s? --data names another folder", a.dir)
	}
	return whole.Replace(path, 0o600, func(w io.Writer) error {
		_, err := w.Write(raw)
		return err
	})
}

// measured is a provider whose answers are timed, and remembered with memory.
func measured(p model.Provider, info kit.ModelInfo, memory *answers) model.Provider {
	m := &remembering{Provider: p, info: info, memory: memory}
	if l, ok := p.(model.TryLimiter); ok {
		return struct {
			*remembering
			model.TryLimiter
		}{m, l}
	}
	return m
}

// remembering asks its provider only what it was not asked before.
type remembering struct {
	model.Provider
	info   kit.ModelInfo
	memory *answers // nil: nothing is remembered
}

// Generate answers from memory, or asks. An error is not remembered.
func (r *remembering) Generate(ctx context.Context, req model.Request) (model.Reply, error) {
	if r.memory == nil {
		return r.ask(ctx, req)
	}
	key, err := r.memory.key(r.info, req)
	if err != nil {
		return model.Reply{}, err
	}
	if k, ok := r.memory.load(key); ok {
		note(ctx, k.Took, true)
		return k.Reply, nil
	}
	reply, err := r.ask(ctx, req)
	if err != nil || reply.Model.Digest != r.info.Digest { // pulled anew in between
		return reply, err
	}
	return reply, r.memory.save(kept{Key: key, At: kit.Now(), Took: reply.Usage.Elapsed, Reply: reply})
}

// ask times the provider, where it does not time itself.
func (r *remembering) ask(ctx context.Context, req model.Request) (model.Reply, error) {
	began := time.Now()
	reply, err := r.Provider.Generate(ctx, req)
	reply.Usage.Elapsed = cmp.Or(reply.Usage.Elapsed, time.Since(began))
	if err == nil {
		note(ctx, reply.Usage.Elapsed, false)
	}
	return reply, err
}

// note tells the meter of the draft that is being made.
func note(ctx context.Context, took time.Duration, kept bool) {
	if m, ok := ctx.Value(meterKey{}).(*meter); ok {
		m.add(took, kept)
	}
}
