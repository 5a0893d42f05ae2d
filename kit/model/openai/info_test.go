package openai_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/modeltest"
	"github.com/tackhammer/tackhammer/kit/model/openai"
)

// listing is a list of one model.
func listing(card string) string { return `{"object":"list","data":[{"id":"other"},` + card + `]}` }

func TestServersTellTheirVersion(t *testing.T) {
	for _, c := range []struct{ card, path, body, want string }{
		{`{"id":"small","owned_by":"vllm"}`, "/version", `{"version":"0.11.0"}`, "vllm 0.11.0"},
		{`{"id":"small","owned_by":"llamacpp","meta":{"n_params":4}}`, "/props", `{"build_info":"b6123-abc","model_path":"/m/small.gguf"}`, "llama.cpp b6123-abc"},
		{`{"id":"small","owned_by":"sglang"}`, "/server_info", `{"version":"0.5.1","api_key":"x"}`, "sglang 0.5.1"},
		{`{"id":"small","owned_by":"sglang"}`, "/get_server_info", `{"version":"0.4.6"}`, "sglang 0.4.6"},
		{`{"id":"small:latest","owned_by":"library"}`, "/api/version", `{"version":"0.17.4"}`, "ollama 0.17.4"},
		{`{"id":"small","owned_by":"vllm"}`, "/nothing", "", "vllm"},
		{`{"id":"small","owned_by":"someone"}`, "/version", `{"version":"1"}`, ""},
	} {
		m := newMember(t)
		m.has(listing(c.card))
		m.extra[c.path] = c.body
		if info, err := open(t, []*member{m}).Info(t.Context()); err != nil || info.Server != c.want || info.Name != "small" || len(info.Digest) != 64 {
			t.Errorf("%s: %+v, %v; want server %q", c.card, info, err, c.want)
		}
	}
}

func TestAServerThatFailsToTellIsNotNamedOtherwise(t *testing.T) {
	m := newMember(t)
	m.has(listing(`{"id":"small","owned_by":"vllm"}`))
	m.extra["/version"] = "<html>"
	if info, err := open(t, []*member{m}).Info(t.Context()); kit.CodeOf(err) != kit.Unavailable {
		t.Errorf("a version that is none: %+v, %v", info, err)
	}
}

func TestTheDigestIsOfWhatTheServerTells(t *testing.T) {
	digest := func(card, props string) string {
		m := newMember(t)
		m.has(listing(card))
		m.extra["/props"] = props
		return must(open(t, []*member{m}).Info(t.Context())).Digest
	}
	const card = `{"id":"small","owned_by":"llamacpp","created":1,"root":"/a/small-4b","max_model_len":500,"meta":{"n_params":4,"size":9}}`
	const props = `{"model_path":"/a/small-q4.gguf","build_info":"b1"}`
	base := digest(card, props)
	for name, c := range map[string]struct {
		old, with string
		same      bool
	}{
		"another moment": {`"created":1`, `"created":2`, true}, "another folder": {"/a/small", "/b/c/small", true}, "another build": {"b1", "b2", true},
		"other weights": {"small-4b", "small-8b", false}, "another file": {"small-q4", "small-q8", false},
		"another size": {`"size":9`, `"size":8`, false}, "another context": {"500", "900", false},
	} {
		got := digest(strings.Replace(card, c.old, c.with, 1), strings.Replace(props, c.old, c.with, 1))
		if (got == base) != c.same {
			t.Errorf("%s: the digest is the same: %v, want %v", name, got == base, c.same)
		}
	}
}

func TestAnUnknownModelSaysWhatThereIs(t *testing.T) {
	m := newMember(t)
	p := open(t, []*member{m}, func(c *openai.Config) { c.Model = "smaller" })
	if _, err := p.Info(t.Context()); kit.CodeOf(err) != kit.NotFound || kit.HintOf(err) != "it has small" {
		t.Errorf("%v, hint %q", err, kit.HintOf(err))
	}
	m.has(`{"data":[]}`)
	if _, err := p.Info(t.Context()); kit.CodeOf(err) != kit.NotFound || !strings.Contains(err.Error(), "nor any other") {
		t.Errorf("no models: %v", err)
	}
	wrong := open(t, []*member{m}, func(c *openai.Config) { c.URLs = []string{m.URL} })
	if _, err := wrong.Info(t.Context()); kit.CodeOf(err) != kit.NotFound || !strings.Contains(kit.HintOf(err), "/v1") {
		t.Errorf("an address without its path: %v, hint %q", err, kit.HintOf(err))
	}
}

// TestAPromptThatWasShortened has a server answer though the prompt fills its
// context.
func TestAPromptThatWasShortened(t *testing.T) {
	for _, c := range []struct {
		prompt, output int
		code           kit.Code
		cut            bool
	}{{300, 100, "", false}, {450, 51, "", true}, {493, 1, kit.TooLarge, false}, {500, 20, kit.TooLarge, false}, {0, 0, "", false}} {
		answer := func(w http.ResponseWriter, _ *http.Request) {
			protocol{}.Write(w, modeltest.Answer{Text: `{"name":"A"}`, PromptTokens: c.prompt, OutputTokens: c.output})
		}
		for name, set := range map[string]func(m *member){
			"vllm": func(m *member) { m.has(listing(`{"id":"small","owned_by":"vllm","max_model_len":500}`)) },
			"llama.cpp": func(m *member) {
				m.has(listing(`{"id":"small","owned_by":"llamacpp"}`))
				m.extra["/props"] = `{"default_generation_settings":{"n_ctx":500}}`
			},
			"ollama": func(m *member) {
				m.has(listing(`{"id":"small:latest","owned_by":"library"}`))
				m.extra["/api/version"] = `{"version":"1"}`
				m.extra["/api/ps"] = `{"models":[{"name":"big:7b","context_length":9000},{"name":"small:latest","context_length":500}]}`
			},
		} {
			m := newMember(t)
			set(m)
			m.does(answer)
			r, err := ask(t.Context(), open(t, []*member{m}))
			if kit.CodeOf(err) != c.code || r.Cut != c.cut {
				t.Errorf("%s: %d and %d tokens in a context of 500: cut is %v, %v; want %v, %q", name, c.prompt, c.output, r.Cut, err, c.cut, c.code)
			}
		}
	}
}

func TestConfigIsChecked(t *testing.T) {
	ps := prompts(t)
	good := []string{"http://127.0.0.1:8000/v1"}
	for name, c := range map[string]openai.Config{
		"no model":   {Prompts: ps, URLs: good},
		"no prompts": {Model: "small", URLs: good},
		"no server":  {Model: "small", Prompts: ps},
		"no address": {Model: "small", Prompts: ps, URLs: []string{"127.0.0.1:8000"}},
		"ftp":        {Model: "small", Prompts: ps, URLs: []string{"ftp://x/v1"}},
		"a query":    {Model: "small", Prompts: ps, URLs: []string{"http://x/v1?key=1"}},
		"slots":      {Model: "small", Prompts: ps, URLs: good, Slots: -1},
		"timeout":    {Model: "small", Prompts: ps, URLs: good, Timeout: -1},
	} {
		if _, err := openai.New(c); kit.CodeOf(err) != kit.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	p := must(openai.New(openai.Config{Model: "small", Prompts: ps, URLs: good}))
	if n, _ := p.Samples("name"); p.Tries("name") != 2 || p.Tries("nowhere") != 1 || n != 0 || p.Slots() != 4 {
		t.Error("defaults")
	}
	if _, err := p.Generate(t.Context(), model.Request{Task: "nowhere"}); kit.CodeOf(err) != kit.NotFound {
		t.Errorf("no prompt: %v", err)
	}
}
