// Package model turns an input into a typed draft by whatever drafts: rules, a
// learned baseline, or a language model behind a server.
//
// A Provider answers a Request with JSON. Extract stands above it: it asks,
// validates the answer against the schema of a Go type, repairs it, asks again
// with the validator's words, gives up into an empty draft that a person fills
// by hand, and tells for each field how sure the draft is and where in the
// source the value stands.
//
//	draft, err := model.Extract[Receipt, Entry](provider, "extract")(ctx, receipt)
package model

import (
	"context"
	"encoding/json"
	"time"

	"github.com/tackhammer/tackhammer/kit"
)

// Provider is whatever drafts. Its methods may be called from many goroutines.
type Provider interface {
	// Info tells the model's name and digest. It fails with kit.Unavailable
	// when the model's server does not answer.
	Info(ctx context.Context) (kit.ModelInfo, error)

	// Generate answers one request. A reply that is not JSON, or not of the
	// schema, is no error: Extract judges it.
	Generate(ctx context.Context, req Request) (Reply, error)
}

// Request is what a provider is asked.
type Request struct {
	Task    string    // the draft step's name; the prompt has the same
	Input   any       // the step's typed input
	Schema  *Schema   // the shape of the answer
	Comment string    // a person's words when they returned the last draft
	Earlier []Attempt // answers to this request that did not validate, oldest first
	Sample  int       // 0 asks for the draft, others for further samples of it: each a seed of its own, at SampleTemperature

	Settled map[string]json.RawMessage // fields that people set, by path: they stand whatever the answer says
	Wanted  []string                   // paths that the person asks for again; empty means all but Settled
}

// Attempt is an answer that did not validate, with what was wrong with it.
type Attempt struct {
	Output   string
	Problems []kit.FieldError
}

// Reply is a provider's answer.
type Reply struct {
	Output string        // the raw answer: JSON, when the model did as told
	Tokens []Token       // Output's tokens with log-probabilities; nil when unknown
	Fields []kit.Field   // what a provider that knows its own confidence and evidence says of fields
	Model  kit.ModelInfo // who answered
	Prompt string        // hex SHA-256 of the prompt as written in its file; "" where there is none
	Usage  Usage
	Cut    bool // the answer ended at the length limit
}

// Token is one token of an answer. LogProb is natural and at most 0.
type Token struct {
	Text       string
	LogProb    float64
	Second     float64 // log-probability of the runner-up; 0 when unknown
	SecondText string  // its text; "" when unknown
}

// Usage counts what an answer cost.
type Usage struct {
	PromptTokens int           `json:"prompt_tokens"`
	OutputTokens int           `json:"output_tokens"`
	Elapsed      time.Duration `json:"elapsed"` // wall time of all tries, in nanoseconds
	Tries        int           `json:"tries"`
	Samples      int           `json:"samples,omitempty"` // further answers that were drawn to see how far they agree
}

// Draft is a model's typed output with a confidence and evidence for each
// field. Anybody may make one: only a person's decision turns it into
// something that can be delivered.
type Draft[T any] struct {
	Value  T
	Fields []kit.Field   // every field of T, in schema order
	Model  kit.ModelInfo // who drafted
	Prompt string        // hash of the prompt; "" for rules
	Usage  Usage
	GaveUp string // why no valid draft came, in words; "" when one did
	Raw    json.RawMessage

	Calibration string // hash of the calibration that made the fields' confidence; "" for the model's own
}
