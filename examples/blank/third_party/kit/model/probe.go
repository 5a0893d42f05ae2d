package model

import (
	"encoding/json"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
)

// probed is a shape that no model answers by itself when it is asked to chat.
type probed struct {
	Nail string `json:"nail" jsonschema:"enum=tackhammer"`
}

// ProbeFormat checks that a model and its server together hold an answer to a
// schema: some answer without an error and ignore it. ask sends one request.
// It fails with kit.Unsupported when the schema is ignored, with ask's error
// when there is one.
func ProbeFormat(name string, ask func(Request, Rendered) (Reply, error)) error {
	schema, err := SchemaOf[probed]()
	if err != nil {
		return err
	}
	prompt := Rendered{System: "You chat.", User: "Tell me about the sea.", Options: Options{NumCtx: 512, MaxTokens: 64}}
	reply, err := ask(Request{Schema: schema}, prompt)
	if err != nil {
		return err
	}
	if raw := []byte(strings.TrimSpace(reply.Output)); !json.Valid(raw) || len(schema.Validate(raw)) > 0 {
		return kit.Errorf(kit.Unsupported, "probe %s: the server ignores the format of an answer", name).
			WithHint("drafts still validate, at the price of more tries; a newer server or another model may honour it")
	}
	return nil
}
