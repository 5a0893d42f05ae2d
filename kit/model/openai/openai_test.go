package openai_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"testing/fstest"

	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/modeltest"
	"github.com/tackhammer/tackhammer/kit/model/openai"
)

func TestConduct(t *testing.T) { modeltest.Run(t, protocol{}) }

// protocol speaks as vLLM does.
type protocol struct{}

func (protocol) Open(c modeltest.Config) (modeltest.Model, error) {
	return openai.New(openai.Config{URLs: []string{c.URL + "/v1"}, Model: c.Model, Prompts: c.Prompts, HTTPClient: c.HTTPClient,
		Timeout: c.Timeout, Patience: c.Patience, Cooldown: c.Cooldown, Slots: c.Slots})
}

func (protocol) Tell(w http.ResponseWriter, r *http.Request) bool {
	switch r.URL.Path {
	case "/v1/models":
		fmt.Fprint(w, `{"object":"list","data":[{"id":"small","object":"model","created":1,"owned_by":"vllm","root":"/models/small-4b","parent":null,"max_model_len":500}]}`)
	case "/version":
		fmt.Fprint(w, `{"version":"1.2.3"}`)
	case "/v1/chat/completions":
		return false
	default:
		http.NotFound(w, r)
	}
	return true
}

// asked is a request as it arrives.
type asked struct {
	Model       string
	Messages    []struct{ Role, Content string }
	Temperature float64
	TopP        float64 `json:"top_p"`
	Seed        int
	MaxTokens   int `json:"max_tokens"`
	Stream      bool
	Logprobs    bool
	TopLogprobs int             `json:"top_logprobs"`
	Penalty     *float64        `json:"repetition_penalty"`
	Template    map[string]bool `json:"chat_template_kwargs"`
	Format      struct {
		Type   string
		Schema struct {
			Name   string
			Schema json.RawMessage
			Strict bool
		} `json:"json_schema"`
	} `json:"response_format"`
}

func (protocol) Read(r *http.Request) (modeltest.Asked, error) {
	var q asked
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		return modeltest.Asked{}, err
	}
	if len(q.Messages) != 2 || q.Messages[0].Role != "system" || q.Messages[1].Role != "user" || q.Stream {
		return modeltest.Asked{}, fmt.Errorf("request %+v", q)
	}
	return modeltest.Asked{Model: q.Model, System: q.Messages[0].Content, User: q.Messages[1].Content, Messages: len(q.Messages),
		Schema: q.Format.Schema.Schema, MaxTokens: q.MaxTokens, Seed: q.Seed, Temperature: q.Temperature}, nil
}

func (protocol) Write(w http.ResponseWriter, a modeltest.Answer) {
	type logprob map[string]any
	var tokens []logprob
	for _, t := range a.Tokens {
		tokens = append(tokens, logprob{"token": t.Text, "logprob": t.LogProb, "bytes": []byte(nil),
			"top_logprobs": []logprob{{"token": t.Text, "logprob": t.LogProb}, {"token": t.SecondText, "logprob": t.Second}}})
	}
	choice := map[string]any{"index": 0, "message": map[string]any{"role": "assistant", "content": a.Text}, "finish_reason": "stop"}
	if a.Cut {
		choice["finish_reason"] = "length"
	}
	if tokens != nil {
		choice["logprobs"] = map[string]any{"content": tokens}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"object": "chat.completion", "choices": []any{choice},
		"usage": map[string]any{"prompt_tokens": a.PromptTokens, "completion_tokens": a.OutputTokens}})
}

func (protocol) Refuse(w http.ResponseWriter, words string) {
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"message": words, "type": "BadRequestError", "code": 400}})
}

// prompts has one prompt, for the task "name".
func prompts(t testing.TB) *model.Prompts {
	t.Helper()
	return must(model.LoadPrompts(promptFiles, "prompts"))
}

var promptFiles = fstest.MapFS{"prompts/name.md": {Data: []byte("---\nmax_tokens: 40\nseed: 7\ntries: 2\n---\nName the shop.\n")}}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
