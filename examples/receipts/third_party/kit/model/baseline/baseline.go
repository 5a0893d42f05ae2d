// Package baseline drafts by rules: the smallest hammer, with no model and no
// server. An app writes its rules as a Go function from the input to guesses,
// and passes the source of that function as well, so that the digest of the
// "model" changes whenever the rules do.
//
//	//go:embed rules.go
//	var source string
//
//	p := baseline.New("receipt-rules", source, func(in Receipt) []baseline.Guess { … })
//	draft, err := model.Extract[Receipt, Entry](p, "extract")(ctx, receipt)
package baseline

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
)

// Guess is what the rules say of one field. The guess with the highest
// confidence wins where several name a path; a weak one never does, see
// model.Guess.
type Guess = model.Guess

// Rules guesses the fields of an input. It is called from many goroutines.
type Rules[In any] func(in In) []Guess

// New returns the provider that drafts by rules. The digest is that of source,
// which is whatever tells one version of the rules from the next: their source
// text.
func New[In any](name, source string, rules Rules[In]) model.Provider {
	return &provider[In]{info: kit.ModelInfo{Name: name, Digest: kit.Hash([]byte(source))}, rules: rules}
}

type provider[In any] struct {
	info  kit.ModelInfo
	rules Rules[In]
}

// Info tells the name and the digest of the rules.
func (p *provider[In]) Info(context.Context) (kit.ModelInfo, error) { return p.info, nil }

// Tries is 1: rules answer the same each time.
func (p *provider[In]) Tries(string) int { return 1 }

// Generate runs the rules. An input of another type, a panic in the rules and
// a guess for no field of the schema are kit.Internal errors.
func (p *provider[In]) Generate(ctx context.Context, req model.Request) (model.Reply, error) {
	if err := ctx.Err(); err != nil {
		return model.Reply{}, err
	}
	guesses, err := p.Guesses(req.Input)
	if err != nil {
		return model.Reply{}, kit.Errorf(kit.Internal, "draft %s by %s: %w", req.Task, p.info.Name, err)
	}
	reply, err := answer(req, guesses)
	if err != nil {
		return model.Reply{}, kit.Errorf(kit.Internal, "draft %s by %s: %w", req.Task, p.info.Name, err)
	}
	reply.Model = p.info
	return reply, nil
}

// Guesses runs the rules on an input, which is an In.
func (p *provider[In]) Guesses(input any) ([]Guess, error) {
	in, ok := input.(In)
	if !ok {
		return nil, kit.Errorf(kit.Internal, "the rules read %T, the step has %T: %w", in, input, model.ErrOtherInput)
	}
	return p.guess(in)
}

// guess runs the rules: a document that breaks them fails its own case only.
func (p *provider[In]) guess(in In) (guesses []Guess, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = kit.Errorf(kit.Internal, "the rules panicked: %v", r)
		}
	}()
	return p.rules(in), nil
}

// answer writes the guesses as the object of the schema.
func answer(req model.Request, guesses []Guess) (model.Reply, error) {
	best := model.Surest(guesses)
	var doc kit.Document
	if s, ok := req.Input.(kit.Sourced); ok {
		doc = s.Source()
	}
	flat := make(map[string]json.RawMessage)
	var fields []kit.Field
	for _, spec := range req.Schema.Fields() {
		g, ok := best[spec.Path]
		if !ok {
			continue
		}
		delete(best, spec.Path)
		raw, err := json.Marshal(g.Value)
		if err != nil {
			return model.Reply{}, fmt.Errorf("field %s: %w", spec.Path, err)
		}
		flat[spec.Path] = raw
		fields = append(fields, field(doc, g, raw))
	}
	for path := range best {
		return model.Reply{}, fmt.Errorf("a guess for %q, which is no field of the schema", path)
	}
	return model.Reply{Output: string(req.Schema.Assemble(flat)), Fields: fields}, nil
}

func field(doc kit.Document, g Guess, raw json.RawMessage) kit.Field {
	f := kit.Field{Path: g.Path, Value: raw, Confidence: g.Confidence}
	if e, ok := model.EvidenceAt(doc, g.Start, g.End); ok {
		f.Evidence = []kit.Evidence{e}
	}
	return f
}
