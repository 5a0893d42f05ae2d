package model

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math/big"
	"slices"
	"sync"

	"github.com/tackhammer/tackhammer/kit"
)

// SampleTemperature is at what temperature further samples are drawn, unless
// the prompt's own is higher.
const SampleTemperature = 0.7

// Sampler is a provider that answers the same request in other ways when it is
// asked for a Sample of it.
type Sampler interface {
	// Samples is how many further answers to draw for a draft of task whose
	// least sure field has a raw confidence below borderline.
	Samples(task string) (n int, borderline float64)
}

// Samples is what the provider says, or none.
func (c Calibrated) Samples(task string) (n int, borderline float64) {
	if s, ok := c.Provider.(Sampler); ok {
		return s.Samples(task)
	}
	return 0, 0
}

// sample draws further answers where the draft is borderline, and notes in the
// signs of each field how far they agree with it. A draft is none the worse for
// samples that could not be drawn: it then has no agreement.
func (a *asking) sample(ctx context.Context, fields []kit.Field) error {
	s, ok := a.provider.(Sampler)
	if !ok || a.short() {
		return nil
	}
	n, borderline := s.Samples(a.request.Task)
	if n < 1 || !isBorderline(fields, borderline) {
		return nil
	}
	drawn := a.draw(ctx, n)
	if errors.Is(ctx.Err(), context.Canceled) {
		return kit.Errorf(kit.Unavailable, "draw samples of draft %s: %w", a.request.Task, ctx.Err())
	}
	if len(drawn) == 0 {
		return nil
	}
	for i, spec := range a.request.Schema.fields {
		signs := kit.Signs{Raw: fields[i].Confidence, Margin: -1}
		if fields[i].Signs != nil {
			signs = *fields[i].Signs
		}
		signs.Agree = agreement(spec, fields[i].Value, drawn)
		fields[i].Signs = &signs
	}
	return nil
}

// isBorderline reports whether the least sure field is below the line. What a
// person fills in by hand needs no further signs.
func isBorderline(fields []kit.Field, below float64) bool {
	least := 1.0
	for _, f := range fields {
		if marked(f, kit.MarkByHand) {
			return false
		}
		least = min(least, f.Confidence)
	}
	return least < below
}

// draw asks for n samples beside each other, and returns the values by path of
// those that came; one that does not validate has none.
func (a *asking) draw(ctx context.Context, n int) []map[string]json.RawMessage {
	if !a.until.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, a.until)
		defer cancel()
	}
	var mu sync.Mutex
	var group sync.WaitGroup
	var drawn []map[string]json.RawMessage
	for i := range n {
		group.Go(func() {
			req := a.request
			req.Sample = i + 1
			reply, err := a.provider.Generate(ctx, req)
			if err != nil {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			a.usage.Samples++
			a.usage.PromptTokens += reply.Usage.PromptTokens
			a.usage.OutputTokens += reply.Usage.OutputTokens
			drawn = append(drawn, valuesOf(req.Schema, judge(req.Schema, reply)))
		})
	}
	group.Wait()
	return drawn
}

// valuesOf are the values of an answer that validates.
func valuesOf(s *Schema, a answer) map[string]json.RawMessage {
	if !a.valid() {
		return nil
	}
	return s.Flatten([]byte(a.object))
}

// agreement is the share of samples that mean the same as value. None at all
// counts as half a sample: 0 is for drafts without samples.
func agreement(spec FieldSpec, value json.RawMessage, drawn []map[string]json.RawMessage) float64 {
	same := 0
	for _, values := range drawn {
		if other, ok := values[spec.Path]; ok && sameMeaning(spec.Kind, value, other) {
			same++
		}
	}
	return max(float64(same), 0.5) / float64(len(drawn))
}

// sameMeaning compares numbers by their value, free texts by their letters and
// digits, and all else as JSON.
func sameMeaning(kind Kind, a, b json.RawMessage) bool {
	switch kind {
	case Number, Integer:
		x, okX := new(big.Rat).SetString(string(bytes.TrimSpace(a)))
		y, okY := new(big.Rat).SetString(string(bytes.TrimSpace(b)))
		if okX && okY {
			return x.Cmp(y) == 0
		}
	case Text, LongText:
		var x, y string
		if json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && fold(x) != "" {
			return fold(x) == fold(y)
		}
	}
	return bytes.Equal(compacted(a), compacted(b))
}

// compacted is JSON without the spaces between its tokens, and with each text
// written in one way.
func compacted(raw json.RawMessage) []byte {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil {
		return slices.Clone(raw)
	}
	out, _ := json.Marshal(v) // it was JSON
	return out
}
