package openai

import (
	"context"
	"errors"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
)

// about is what a server says of itself outside of the protocol.
type about struct {
	kind   string // the server's program; "" when unknown
	server string // the same with its version; "" when unknown
	file   string // where the weights are
	window int    // tokens of prompt and answer together; 0 when not told
}

// programs lists, by what a server calls the owner of its models, the program
// and the paths at which it tells its version.
var programs = map[string]struct {
	name  string
	paths []string
}{
	"vllm":     {"vllm", []string{"/version"}},
	"llamacpp": {llamacpp, []string{"/props"}},
	"sglang":   {"sglang", []string{"/server_info", "/get_server_info"}},
	"library":  {ollama, []string{"/api/version"}},
}

const (
	llamacpp = "llama.cpp"
	ollama   = "ollama"
)

// about asks a server of a known kind for its version. One that does not tell
// is named without.
func (p *Provider) about(ctx context.Context, e *endpoint, owner string) (about, error) {
	program, ok := programs[owner]
	if !ok {
		return about{}, nil
	}
	a := about{kind: program.name, server: program.name}
	for _, at := range program.paths {
		var told struct {
			Version  string `json:"version"`
			Build    string `json:"build_info"`
			File     string `json:"model_path"`
			Settings struct {
				Window int `json:"n_ctx"`
			} `json:"default_generation_settings"`
		}
		err := p.get(ctx, e.root()+at, &told)
		var r *refusal
		if errors.As(err, &r) && r.clients() {
			continue
		}
		if err != nil {
			return about{}, err
		}
		if a.kind == llamacpp {
			a.file, a.window = told.File, told.Settings.Window
		}
		a.server = short(strings.TrimSpace(a.kind + " " + told.Version + told.Build))
		break
	}
	return a, nil
}

// root is the server's address without the protocol's path.
func (e *endpoint) root() string { return strings.TrimSuffix(e.url, "/v1") }

// leastRoom is how many tokens a context must leave for an answer.
const leastRoom = 8

// cutPrompt fails when the prompt filled the context: the server shortened it,
// or could not have answered. A server that moved the context on while it
// answered cut that answer.
func (p *Provider) cutPrompt(ctx context.Context, e *endpoint, reply *model.Reply) error {
	window, err := p.window(ctx, e)
	if err != nil || window == 0 || reply.Usage.PromptTokens == 0 {
		return err
	}
	if reply.Usage.PromptTokens > window-leastRoom {
		return kit.Errorf(kit.TooLarge, "the prompt does not fit the context of %d tokens", window).
			WithHint("start the server with a larger context, or send a shorter document")
	}
	if reply.Usage.PromptTokens+reply.Usage.OutputTokens > window {
		reply.Cut = true
	}
	return nil
}

// window is the size of the context. Ollama tells it of a model that is loaded
// alone, and is the one server that shortens a prompt unasked.
func (p *Provider) window(ctx context.Context, e *endpoint) (int, error) {
	e.mu.Lock()
	who := e.who
	e.mu.Unlock()
	if who.kind != ollama || who.window > 0 {
		return who.window, nil
	}
	var running struct {
		Models []struct {
			Name   string `json:"name"`
			Window int    `json:"context_length"`
		} `json:"models"`
	}
	if err := p.get(ctx, e.root()+"/api/ps", &running); err != nil {
		return 0, err
	}
	for _, m := range running.Models {
		if m.Name == who.info.Name || m.Name == who.info.Name+":latest" {
			e.mu.Lock()
			e.who.window = m.Window
			e.mu.Unlock()
			return m.Window, nil
		}
	}
	return 0, nil
}
