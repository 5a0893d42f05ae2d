package openai_test

import (
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit/internal/need"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/modeltest"
	"github.com/tackhammer/tackhammer/kit/model/openai"
)

// TestRealServer speaks OpenAI's protocol with the endpoint that Ollama has
// for it.
func TestRealServer(t *testing.T) {
	address := need.Env(t, "OLLAMA_HOST", "a real Ollama server")
	name := need.Env(t, "OLLAMA_TINY_MODEL", "a small model of that server")
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	modeltest.Live(t, name, func(name string, prompts *model.Prompts) (modeltest.Model, error) {
		return openai.New(openai.Config{URLs: []string{address + "/v1"}, Model: name, Prompts: prompts})
	})
}
