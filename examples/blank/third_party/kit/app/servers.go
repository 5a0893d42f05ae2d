package app

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/openai"
	"github.com/tackhammer/tackhammer/kit/nail"
)

// behindServers opens the nail's model behind servers with OpenAI's protocol.
func behindServers(n nail.Nail, prompts *model.Prompts) (model.Provider, error) {
	if len(n.OpenAI.URLs) == 0 {
		return nil, kit.Errorf(kit.Invalid, "open the model %s: nail.yaml does not say where it is: openai.urls is missing", n.Model).
			WithHint(`write the server's address into it: openai: {urls: ["http://127.0.0.1:8000/v1"]}`)
	}
	set := openai.Config{URLs: n.OpenAI.URLs, Model: n.OpenAIModel(), Prompts: prompts, Slots: n.Slots}
	if name := n.OpenAI.KeyEnv; name != "" {
		if set.Key = os.Getenv(name); set.Key == "" {
			return nil, kit.Errorf(kit.Invalid, "open the model %s: the variable %s is empty", n.Model, name).
				WithHint("set it to the key of the servers, or leave openai.key_env out of nail.yaml")
		}
	}
	return openai.New(set)
}

// slots is how many answers m makes at a time: the nail's number on each server.
func slots(m model.Provider, n nail.Nail) int {
	if s, ok := m.(interface{ Slots() int }); ok {
		return s.Slots()
	}
	return n.Slots
}

// manyServers is a model behind several servers.
type manyServers interface {
	Servers(ctx context.Context) []openai.Server
}

// checkServers says how each server is, where a model has several. Some that
// do not answer are a warning: the others do the work.
func checkServers(ctx context.Context, m model.Provider) []finding {
	many, ok := m.(manyServers)
	if !ok {
		return nil
	}
	all := many.Servers(ctx)
	if len(all) < 2 {
		return nil
	}
	f := finding{Check: "servers"}
	var words []string
	for _, s := range all {
		if s.Err != nil {
			f.Warn, f.Hint = true, kit.HintOf(s.Err)
			words = append(words, fmt.Sprintf("%s: %v", s.URL, s.Err))
			continue
		}
		f.OK = true
		words = append(words, strings.TrimSpace(fmt.Sprintf("%s: %.12s %s", s.URL, s.Model.Digest, s.Model.Server)))
	}
	f.Words = strings.Join(words, "\n")
	return []finding{f}
}
