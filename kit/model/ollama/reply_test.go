package ollama_test

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/ollama"
	"github.com/tackhammer/tackhammer/kit/model/ollamaserver"
)

func TestAShiftedContextIsACut(t *testing.T) {
	f := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		fmt.Fprintln(w, `{"message":{"content":"{\"name\":\"A\"}"},"done":true,"done_reason":"stop","prompt_eval_count":495,"eval_count":9}`)
	})
	if r, err := ask(t.Context(), f.open(t)); err != nil || !r.Cut {
		t.Errorf("504 tokens in a context of 500: cut is %v, %v", r.Cut, err)
	}
}

func TestTokens(t *testing.T) {
	lp := func(token string, p float64, bytes string) string {
		return fmt.Sprintf(`{"token":%q,"logprob":%g,"bytes":%s,"top_logprobs":[{"token":%q,"logprob":%g},{"token":"zz","logprob":-4}]}`, token, p, bytes, token, p)
	}
	f := serve(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		switch n {
		case 1: // é arrives in two tokens, each a U+FFFD
			chunk(w, `{"name":"caf`, lp(`{"name":"`, -0.1, "null"), lp("caf", -0.2, "[99,97,102]"))
			chunk(w, "é", lp("\ufffd", -0.5, "[239,191,189]"), lp("\ufffd", -0.25, "[239,191,189]"))
			chunk(w, `"}`, lp(`"}`, -0.1, "null"))
		case 5: // é arrives in its two bytes, and a token with bytes that are none
			chunk(w, `{"name":"é"}`, lp(`{"name":"`, -0.1, "null"), lp("\ufffd", -0.5, "[195]"), lp("\ufffd", -0.25, "[169]"), lp(`"}`, -0.1, "[-1]"))
		case 2: // a probability instead of its logarithm
			chunk(w, `{"name":"A"}`, lp(`{"name":"A"}`, 0.98, "null"))
		case 3: // thoughts share the log-probabilities
			fmt.Fprintln(w, `{"message":{"thinking":"hm","content":""},"logprobs":[{"token":"hm","logprob":-1}]}`)
			chunk(w, `{"name":"A"}`, lp(`{"name":"A"}`, -0.1, "null"))
		case 4: // thoughts in the text
			chunk(w, "<think>{\"name\":\"B\"}</think>\n", lp("<think>", -0.1, "null"))
			chunk(w, `{"name":"A"}`)
		}
		done(w, "stop")
	})
	p := f.open(t)
	r, err := ask(t.Context(), p)
	if err != nil || len(r.Tokens) != 5 || r.Tokens[1].Text != "caf" || r.Tokens[1].Second != -4 || r.Tokens[1].SecondText != "zz" || r.Tokens[2].Text != "\ufffd" {
		t.Fatalf("tokens %+v, %v", r.Tokens, err)
	}
	for _, why := range []string{"a log-probability above 0", "thinking", "thoughts in the text"} {
		if r, err = ask(t.Context(), p); err != nil || r.Tokens != nil || strings.TrimSpace(r.Output) != `{"name":"A"}` {
			t.Errorf("%s: output %q, tokens %v, %v", why, r.Output, r.Tokens, err)
		}
	}
	r, err = ask(t.Context(), p)
	if err != nil || len(r.Tokens) != 4 || r.Tokens[1].Text != "\xc3" || r.Tokens[2].Text != "\xa9" || r.Tokens[3].Text != `"}` {
		t.Errorf("parts of a character: %+v, %v", r.Tokens, err)
	}
}

func TestSplitCharactersStillGiveConfidence(t *testing.T) {
	f := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		for _, piece := range []string{`{"name":"`, "caf", "", "é", `"}`} {
			token := piece
			if piece == "" || piece == "é" {
				token = "\ufffd"
			}
			chunk(w, piece, fmt.Sprintf(`{"token":%q,"logprob":-0.5}`, token))
		}
		done(w, "stop")
	})
	d, err := model.Extract[kit.Document, shape](f.open(t), "name")(t.Context(), kit.Document{Text: "CAFÉ ABC"})
	if err != nil || d.Value.Name != "café" || d.GaveUp != "" {
		t.Fatalf("draft %+v, %v", d, err)
	}
	if got, want := d.Fields[0].Confidence, math.Exp(-0.5); math.Abs(got-want) > 1e-9 {
		t.Errorf("confidence %g, want %g: every token of the value has log-probability -0.5", got, want)
	}
	if e := d.Fields[0].Evidence; len(e) != 1 || e[0].Text != "CAFÉ" {
		t.Errorf("evidence %+v", e)
	}
}

func TestAServerThatRefusesTheWordThink(t *testing.T) {
	f := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { done(w, "stop") })
	strict := serve(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		if n == 1 {
			w.WriteHeader(400)
			fmt.Fprint(w, `{"error":"think value \"false\" is not supported for this model"}`)
			return
		}
		done(w, "stop")
	})
	for _, server := range []*faulty{f, strict} {
		p := server.open(t)
		for range 2 {
			if _, err := ask(t.Context(), p); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := len(strict.asked); n != 3 || strict.asked[1].Think != nil || strict.asked[2].Think != nil {
		t.Errorf("%d requests, want the word left out from the second on", n)
	}
}

func TestModelsAndInfo(t *testing.T) {
	f := serve(t, nil)
	all, err := ollamaserver.List(t.Context(), strings.TrimPrefix(f.URL, "http://"))
	if err != nil || len(all) != 2 || all[0].Name != "other:1b" || all[0].Digest != "d2" {
		t.Errorf("models %v, %v", all, err)
	}
	p := f.open(t, func(c *ollama.Config) { c.Model = "absent:7b" })
	for _, fails := range []func(context.Context) error{p.Probe, func(ctx context.Context) error { _, err := ask(ctx, p); return err }} {
		if err := fails(t.Context()); kit.CodeOf(err) != kit.NotFound || kit.HintOf(err) != "ollama pull absent:7b" {
			t.Errorf("unknown model: %v, hint %q", err, kit.HintOf(err))
		}
	}
	f.Close()
	if _, err := ollamaserver.List(t.Context(), f.URL); kit.CodeOf(err) != kit.Unavailable || kit.HintOf(err) == "" {
		t.Errorf("no server: %v", err)
	}
	if _, err := ask(t.Context(), f.open(t)); kit.CodeOf(err) != kit.Unavailable || kit.HintOf(err) == "" {
		t.Errorf("no server: %v", err)
	}
}

func TestConfigIsChecked(t *testing.T) {
	prompts, err := model.LoadPrompts(fstest.MapFS{"p/name.md": {Data: []byte("Name it.")}}, "p")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]ollama.Config{
		"no model":    {Prompts: prompts},
		"no prompts":  {Model: "small"},
		"bad address": {Model: "small", Prompts: prompts, URL: "ftp://x"},
		"bad port":    {Model: "small", Prompts: prompts, URL: "localhost:x"},
		"slots":       {Model: "small", Prompts: prompts, Slots: -1},
	} {
		if _, err := ollama.New(c); kit.CodeOf(err) != kit.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	p, err := ollama.New(ollama.Config{Model: "small", Prompts: prompts})
	if err != nil || p.Tries("name") != 3 || p.Tries("nowhere") != 1 {
		t.Errorf("defaults: %v", err)
	}
	if _, err := p.Generate(t.Context(), model.Request{Task: "nowhere"}); kit.CodeOf(err) != kit.NotFound {
		t.Errorf("no prompt: %v", err)
	}
}
