package openai_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model/openai"
)

func TestTheKeyIsSentAndNeverTold(t *testing.T) {
	const key = "sk-very-secret"
	m := newMember(t)
	p := open(t, []*member{m}, func(c *openai.Config) { c.Key = key })
	if _, err := ask(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	for _, h := range m.heads {
		if h.Get("Authorization") != "Bearer "+key {
			t.Errorf("a request came with %q", h.Get("Authorization"))
		}
	}
	for _, reply := range []http.HandlerFunc{
		status(401, `{"error":{"message":"Incorrect API key provided: `+key+`"}}`), status(500, key), status(200, "no JSON "+key),
		status(400, strings.Repeat("x", 295)+" "+key), status(200, `{"error":"`+key+`"}`),
	} {
		m.does(reply)
		_, err := ask(t.Context(), p)
		if err == nil || strings.Contains(fmt.Sprintf("%v %+v %s", err, err, kit.HintOf(err)), "sk-") {
			t.Errorf("the error tells the key: %v", err)
		}
	}
	if m.does(status(403, "")); true {
		if _, err := ask(t.Context(), p); kit.CodeOf(err) != kit.Unauthorized || !strings.Contains(kit.HintOf(err), "key_env") {
			t.Errorf("a key that is refused: %v", err)
		}
	}
	m.heads = nil
	m.does(well)
	if _, err := ask(t.Context(), open(t, []*member{m})); err != nil || m.heads[0].Get("Authorization") != "" {
		t.Errorf("without a key: %v, %q", err, m.heads[0].Get("Authorization"))
	}
}

// TestNoRedirectIsFollowed keeps documents and key where the nail sends them.
func TestNoRedirectIsFollowed(t *testing.T) {
	thief, m := newMember(t), newMember(t)
	m.does(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, thief.URL+"/v1/chat/completions", http.StatusTemporaryRedirect)
	})
	if _, err := ask(t.Context(), open(t, []*member{m})); kit.CodeOf(err) != kit.Unavailable || !strings.Contains(err.Error(), "307") {
		t.Errorf("a redirect: %v", err)
	}
	if chats, _ := thief.counts(); chats > 0 {
		t.Error("the redirect was followed")
	}
}

// TestPartsThatAreRefusedAreLeftOut has a server that takes the bare protocol
// alone, and says so one word at a time.
func TestPartsThatAreRefusedAreLeftOut(t *testing.T) {
	m, full := newMember(t), newMember(t)
	var sent []asked
	read := func(r *http.Request) asked {
		var q asked
		_ = json.NewDecoder(r.Body).Decode(&q)
		sent = append(sent, q)
		return q
	}
	m.does(func(w http.ResponseWriter, r *http.Request) {
		switch q := read(r); {
		case q.Logprobs:
			status(400, `{"detail":[{"loc":["body","logprobs"],"msg":"not supported"}]}`)(w, r)
		case q.Penalty != nil:
			status(422, `{"error":{"message":"Unrecognized request argument supplied: repetition_penalty"}}`)(w, r)
		case q.Template != nil:
			status(400, `{"error":"Chat_template_kwargs: unknown"}`)(w, r)
		default:
			well(w, r)
		}
	})
	p := open(t, []*member{m})
	for range 2 {
		if r, err := ask(t.Context(), p); err != nil || r.Output != from(m) {
			t.Fatalf("%+v, %v", r, err)
		}
	}
	if len(sent) != 5 || sent[4].Logprobs || sent[4].TopLogprobs != 0 || sent[4].Penalty != nil || sent[4].Template != nil {
		t.Errorf("%d requests, the last %+v; want 4 and then one", len(sent), sent[len(sent)-1])
	}
	sent = nil
	full.does(func(w http.ResponseWriter, r *http.Request) { read(r); well(w, r) })
	if _, err := ask(t.Context(), open(t, []*member{full})); err != nil {
		t.Fatal(err)
	}
	q := sent[0]
	if !q.Logprobs || q.TopLogprobs != 2 || *q.Penalty != 1 || q.Template["enable_thinking"] || len(q.Template) != 1 || q.TopP != 1 {
		t.Errorf("request %+v", q)
	}
	if q.Format.Type != "json_schema" || q.Format.Schema.Name == "" || !q.Format.Schema.Strict || !strings.Contains(string(q.Format.Schema.Schema), `"maxLength":40`) {
		t.Errorf("format %+v", q.Format)
	}
}

func TestOddAnswers(t *testing.T) {
	const name = `{\"name\":\"A\"}`
	lp := `"logprobs":{"content":[{"token":"{\"name\":\"A\"}","logprob":-0.1}]}`
	for _, c := range []struct {
		what, body string
		code       kit.Code
		output     string
		tokens     int
	}{
		{"tokens", `{"choices":[{"message":{"content":"` + name + `"},"finish_reason":"stop",` + lp + `}]}`, "", `{"name":"A"}`, 1},
		{"thoughts beside it", `{"choices":[{"message":{"content":"` + name + `","reasoning_content":"hm"},"finish_reason":"stop",` + lp + `}]}`, "", `{"name":"A"}`, 0},
		{"thoughts as vLLM names them", `{"choices":[{"message":{"content":"` + name + `","reasoning":"hm"},"finish_reason":"stop",` + lp + `}]}`, "", `{"name":"A"}`, 0},
		{"thoughts before it", `{"choices":[{"message":{"content":"<think>{}</think>` + name + `"},"finish_reason":"stop",` + lp + `}]}`, "", `{"name":"A"}`, 0},
		{"no content", `{"choices":[{"message":{"content":null},"finish_reason":"stop","logprobs":null}],"usage":null}`, "", "", 0},
		{"a refusal", `{"choices":[{"message":{"content":null,"refusal":"I will not"},"finish_reason":"stop"}]}`, "", "I will not", 0},
		{"no choice", `{"choices":[]}`, kit.Unavailable, "", 0},
		{"no end", `{"choices":[{"message":{"content":"` + name + `"},"finish_reason":null}]}`, kit.Unavailable, "", 0},
		{"aborted", `{"choices":[{"message":{"content":"` + name + `"},"finish_reason":"abort"}]}`, kit.Unavailable, "", 0},
		{"filtered", `{"choices":[{"message":{"content":"` + name + `"},"finish_reason":"content_filter"}]}`, kit.Unsupported, "", 0},
		{"a tool", `{"choices":[{"message":{"content":null},"finish_reason":"tool_calls"}]}`, kit.Unsupported, "", 0},
		{"a stream", "data: {\"choices\":[]}\n\ndata: [DONE]\n", kit.Unavailable, "", 0},
		{"two values", `{"choices":[{"message":{"content":"` + name + `"},"finish_reason":"stop"}]}{}`, kit.Unavailable, "", 0},
	} {
		m := newMember(t)
		m.does(status(200, c.body))
		r, err := ask(t.Context(), open(t, []*member{m}))
		if kit.CodeOf(err) != c.code || r.Output != c.output || len(r.Tokens) != c.tokens {
			t.Errorf("%s: %q with %d tokens, %v", c.what, r.Output, len(r.Tokens), err)
		}
	}
}

// TestPartsOfACharacter has a character arrive in two tokens.
func TestPartsOfACharacter(t *testing.T) {
	m := newMember(t)
	m.does(status(200, `{"choices":[{"message":{"content":"é"},"finish_reason":"stop","logprobs":{"content":[
		{"token":"\ufffd","logprob":-0.5,"bytes":[195],"top_logprobs":[{"token":"x","logprob":-3},{"token":"y","logprob":-2},{"token":"z","logprob":0.5}]},
		{"token":"\ufffd","logprob":-0.25,"bytes":null}]}}]}`))
	r, err := ask(t.Context(), open(t, []*member{m}))
	if err != nil || len(r.Tokens) != 2 || r.Tokens[0].Text != "\xc3" || r.Tokens[1].Text != "\ufffd" || r.Tokens[0].Second != -2 || r.Tokens[0].SecondText != "y" {
		t.Errorf("%+v, %v", r.Tokens, err)
	}
}
