package ollama_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/tackhammer/tackhammer/kit/model/modeltest"
	"github.com/tackhammer/tackhammer/kit/model/ollama"
)

func TestConduct(t *testing.T) { modeltest.Run(t, protocol{}) }

// protocol speaks as Ollama does.
type protocol struct{}

func (protocol) Open(c modeltest.Config) (modeltest.Model, error) {
	return ollama.New(ollama.Config{URL: c.URL, Model: c.Model, Prompts: c.Prompts, HTTPClient: c.HTTPClient,
		Timeout: c.Timeout, Patience: c.Patience, Cooldown: c.Cooldown, Slots: c.Slots})
}

func (protocol) Tell(w http.ResponseWriter, r *http.Request) bool {
	switch r.URL.Path {
	case "/api/tags":
		fmt.Fprint(w, `{"models":[{"name":"small:latest","digest":"d1"}]}`)
	case "/api/version":
		fmt.Fprint(w, `{"version":"1.2.3"}`)
	case "/api/chat":
		return false
	default:
		http.NotFound(w, r)
	}
	return true
}

func (protocol) Read(r *http.Request) (modeltest.Asked, error) {
	var q request
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		return modeltest.Asked{}, err
	}
	if len(q.Messages) != 2 || q.Messages[0].Role != "system" || q.Messages[1].Role != "user" {
		return modeltest.Asked{}, fmt.Errorf("request %+v", q)
	}
	return modeltest.Asked{Model: q.Model, System: q.Messages[0].Content, User: q.Messages[1].Content, Messages: len(q.Messages), Schema: q.Format,
		MaxTokens: int(q.Options["num_predict"]), Seed: int(q.Options["seed"]), Temperature: q.Options["temperature"]}, nil
}

// Write streams an answer: its text in one chunk, and the one that is the last.
func (protocol) Write(w http.ResponseWriter, a modeltest.Answer) {
	type logprob map[string]any
	tokens := []logprob{}
	for _, t := range a.Tokens {
		tokens = append(tokens, logprob{"token": t.Text, "logprob": t.LogProb,
			"top_logprobs": []logprob{{"token": t.Text, "logprob": t.LogProb}, {"token": t.SecondText, "logprob": t.Second}}})
	}
	reason := map[bool]string{true: "length", false: "stop"}[a.Cut]
	stream := json.NewEncoder(w)
	_ = stream.Encode(map[string]any{"message": map[string]any{"content": a.Text}, "logprobs": tokens})
	_ = stream.Encode(map[string]any{"message": map[string]any{"content": ""}, "done": true, "done_reason": reason,
		"prompt_eval_count": a.PromptTokens, "eval_count": a.OutputTokens})
}

func (protocol) Refuse(w http.ResponseWriter, words string) {
	_ = json.NewEncoder(w).Encode(map[string]any{"error": words})
}
