// Package learned drafts by a small model that is trained in seconds on a CPU:
// it chooses among what rules see in a document, and corrections teach it to
// choose better than they do.
//
// The rules of an app tell, beside their answers, what else might be right (see
// model.Guess). For each field, a conditional softmax over those candidates is
// fitted to labelled cases: its features are the candidate's text, its place,
// its neighbours, and what the rules think of it. It starts out as sure as the
// rules are, so that with few labels it drafts as they do. Two more kinds of
// candidates come from what was learned: an answer seen before that is spelled
// nearly so, and a text in which words are mended that people keep mending.
//
//	m, err := learned.Train(ctx, learned.Config{Rules: rules, Schema: schema, Kinds: kinds}, examples)
//	file := m.JSON()               // to keep; the same examples make the same bytes
//	m, err = learned.Load(c, file) // refuses what was trained for other rules
//
// A Model is a model.Provider. It must never be judged on a case that it was
// trained on: Saw tells.
package learned

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
)

// Kind compares values of a field: two mean the same when their forms are
// equal. ok is false for what cannot be read as the kind.
type Kind interface {
	Normalise(s string) (form string, ok bool)
}

// Config is what a model is trained and loaded for. All fields are needed.
type Config struct {
	Rules  model.Guesser   // whose guesses it chooses from
	Schema *model.Schema   // of the draft
	Kinds  map[string]Kind // by path; a path without one is left to the rules
}

// Model is a trained model. It is safe for many goroutines.
type Model struct {
	Config
	file  file
	fit   map[string]*ranker
	specs map[string]model.FieldSpec
	info  kit.ModelInfo
}

// Info tells the name "learned" and a digest that changes with what was
// learned and with the rules.
func (m *Model) Info(context.Context) (kit.ModelInfo, error) { return m.info, nil }

// Tries is 1: it answers the same each time.
func (m *Model) Tries(string) int { return 1 }

// Saw reports whether the model was trained on the case of this hash.
func (m *Model) Saw(hash string) bool { return m.file.saw(hash) }

// Cases is how many cases the model was trained on.
func (m *Model) Cases() int { return m.file.Cases }

// Generate chooses a value for each field of the model's own schema. What it
// has not learned, and a request for another schema, the rules answer. An input
// of another type and broken rules are kit.Internal errors.
func (m *Model) Generate(ctx context.Context, req model.Request) (model.Reply, error) {
	if err := ctx.Err(); err != nil {
		return model.Reply{}, err
	}
	if req.Schema.Hash() != m.file.Schema {
		return m.Rules.Generate(ctx, req)
	}
	guesses, err := m.Rules.Guesses(req.Input)
	if err != nil {
		return model.Reply{}, m.broken(req, err)
	}
	d := drafting{Model: m, page: read(source(req.Input)), guesses: guesses, own: model.Surest(guesses)}
	if err := d.known(); err != nil {
		return model.Reply{}, m.broken(req, err)
	}
	reply, err := d.reply()
	if err != nil {
		return model.Reply{}, m.broken(req, err)
	}
	return reply, nil
}

func (m *Model) broken(req model.Request, err error) error {
	return kit.Errorf(kit.Internal, "draft %s by %s: %w", req.Task, m.info.Name, err)
}

// source is the document behind an input, empty where there is none.
func source(in any) kit.Document {
	if s, ok := in.(kit.Sourced); ok {
		return s.Source()
	}
	return kit.Document{}
}

// drafting is one input on its way to a reply.
type drafting struct {
	*Model
	page    *page
	guesses []model.Guess
	own     map[string]model.Guess
}

// known refuses a guess for no field of the schema.
func (d drafting) known() error {
	for _, g := range d.guesses {
		if _, ok := d.specs[g.Path]; !ok {
			return fmt.Errorf("a guess for %q, which is no field of the schema", g.Path)
		}
	}
	return nil
}

// reply chooses the values. One that the schema refuses, which only an answer
// seen before can be, gives way to the rules' own.
func (d drafting) reply() (model.Reply, error) {
	flat, fields := map[string]json.RawMessage{}, map[string]kit.Field{}
	for _, spec := range d.Schema.Fields() {
		f, ok, err := d.field(spec)
		if err != nil {
			return model.Reply{}, err
		}
		if ok {
			flat[spec.Path], fields[spec.Path] = f.Value, f
		}
	}
	for _, p := range d.Schema.Validate(d.Schema.Assemble(flat)) {
		path := d.pathOf(p.Path)
		f, ok, err := d.byRules(path)
		if err != nil {
			return model.Reply{}, err
		}
		delete(flat, path)
		delete(fields, path)
		if ok {
			flat[path], fields[path] = f.Value, f
		}
	}
	reply := model.Reply{Output: string(d.Schema.Assemble(flat)), Model: d.info}
	for _, spec := range d.Schema.Fields() {
		if f, ok := fields[spec.Path]; ok {
			reply.Fields = append(reply.Fields, f)
		}
	}
	return reply, nil
}

// pathOf is the field that a problem stands in: "items" of "items.0.price".
func (d drafting) pathOf(problem string) string {
	for path := problem; ; {
		if _, ok := d.specs[path]; ok {
			return path
		}
		at := strings.LastIndexByte(path, '.')
		if at < 0 {
			return problem
		}
		path = path[:at]
	}
}

// field chooses one field's value.
func (d drafting) field(spec model.FieldSpec) (kit.Field, bool, error) {
	r, ok := d.fit[spec.Path]
	if !ok {
		return d.byRules(spec.Path)
	}
	found, err := gather(d.page, spec, r, d.guesses, d.own, nil)
	if err != nil {
		return kit.Field{}, false, err
	}
	c, sure, ok := r.choose(found)
	if !ok {
		return d.byRules(spec.Path)
	}
	return d.page.field(spec.Path, c.raw, sure, c.start, c.end), true, nil
}

// byRules is the rules' own answer.
func (d drafting) byRules(path string) (kit.Field, bool, error) {
	g, ok := d.own[path]
	if !ok {
		return kit.Field{}, false, nil
	}
	raw, err := json.Marshal(g.Value)
	if err != nil {
		return kit.Field{}, false, fmt.Errorf("field %s: %w", path, err)
	}
	return d.page.field(path, raw, g.Confidence, g.Start, g.End), true, nil
}
