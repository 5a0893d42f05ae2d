package ollama

import (
	"github.com/ollama/ollama/api"

	"github.com/tackhammer/tackhammer/kit/model"
)

// chat writes the request. Everything that a server could decide for itself is
// said, as their defaults differ.
func (p *Provider) chat(schema *model.Schema, prompt model.Rendered, think bool) *api.ChatRequest {
	yes, no := true, false
	r := &api.ChatRequest{
		Model:       p.config.Model,
		Messages:    []api.Message{{Role: "system", Content: prompt.System}, {Role: "user", Content: prompt.User}},
		Stream:      &yes,
		Truncate:    &no,
		Shift:       &no,
		Logprobs:    true,
		TopLogprobs: 2,
		Options:     options(prompt.Options),
	}
	if schema != nil {
		r.Format = schema.JSON()
	}
	if think {
		r.Think = &api.ThinkValue{Value: false}
	}
	if p.config.KeepAlive != 0 { // a zero would unload the model at once
		r.KeepAlive = &api.Duration{Duration: p.config.KeepAlive}
	}
	return r
}

// options names what is asked for as the server does. Older servers punish
// repeats by default, which bends JSON.
func options(o model.Options) map[string]any {
	return map[string]any{
		"num_ctx": o.NumCtx, "num_predict": o.MaxTokens,
		"temperature": o.Temperature, "seed": o.Seed, "repeat_penalty": 1.0,
	}
}
