package openai

import (
	"encoding/json"

	"github.com/tackhammer/tackhammer/kit/model"
)

// chatRequest is the body of POST /chat/completions.
type chatRequest struct {
	Model       string    `json:"model"`
	Messages    []message `json:"messages"`
	Format      *format   `json:"response_format,omitempty"`
	Temperature float64   `json:"temperature"`
	TopP        float64   `json:"top_p"`
	Seed        int       `json:"seed"`
	MaxTokens   int       `json:"max_tokens"`
	Stream      bool      `json:"stream"`

	Logprobs    bool            `json:"logprobs,omitempty"`
	TopLogprobs int             `json:"top_logprobs,omitempty"`
	Penalty     float64         `json:"repetition_penalty,omitempty"`
	Template    map[string]bool `json:"chat_template_kwargs,omitempty"`
}

type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// format holds the answer to a schema.
type format struct {
	Type   string `json:"type"`
	Schema struct {
		Name   string          `json:"name"`
		Schema json.RawMessage `json:"schema"`
		Strict bool            `json:"strict"`
	} `json:"json_schema"`
}

// chat writes the request, with those optional parts that sent says. What a
// server could decide for itself is said, as their defaults differ; how large
// the context is, it alone decides.
func (p *Provider) chat(schema *model.Schema, prompt model.Rendered, sent map[string]bool) chatRequest {
	o := prompt.Options
	r := chatRequest{
		Model:       p.config.Model,
		Messages:    []message{{"system", prompt.System}, {"user", prompt.User}},
		Temperature: o.Temperature, TopP: 1, Seed: o.Seed, MaxTokens: o.MaxTokens,
	}
	if schema != nil {
		r.Format = &format{Type: "json_schema"}
		r.Format.Schema.Name, r.Format.Schema.Schema, r.Format.Schema.Strict = "answer", schema.JSON(), true
	}
	if sent[partLogprobs] {
		r.Logprobs, r.TopLogprobs = true, 2
	}
	if sent[partPenalty] {
		r.Penalty = 1
	}
	if sent[partTemplate] {
		r.Template = map[string]bool{"enable_thinking": false}
	}
	return r
}
