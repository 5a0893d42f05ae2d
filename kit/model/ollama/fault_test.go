package ollama_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/ollama"
)

// shape is what the tests ask for.
type shape struct {
	Name string `json:"name" jsonschema:"minLength=1,maxLength=20"`
}

// request is a chat request as it arrives.
type request struct {
	Model    string
	Messages []struct{ Role, Content string }
	Stream   bool
	Format   json.RawMessage
	Think    *bool
	Truncate *bool
	Shift    *bool
	Logprobs bool
	Top      int `json:"top_logprobs"`
	Options  map[string]float64
	Keep     json.RawMessage `json:"keep_alive"`
}

// faulty is a server whose chat is a test's own.
type faulty struct {
	*httptest.Server
	mu    sync.Mutex
	asked []request
}

// serve starts a server that has the model "small". chat answers the n-th
// request, counted from 1.
func serve(t *testing.T, chat func(w http.ResponseWriter, r *http.Request, n int)) *faulty {
	t.Helper()
	f := &faulty{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/tags", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"models":[{"name":"small:latest","digest":"d1"},{"name":"other:1b","digest":"d2"}]}`)
	})
	mux.HandleFunc("POST /api/chat", func(w http.ResponseWriter, r *http.Request) {
		var req request
		if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
			t.Errorf("request: %v", err)
		}
		f.mu.Lock()
		f.asked = append(f.asked, req)
		n := len(f.asked)
		f.mu.Unlock()
		chat(w, r, n)
	})
	f.Server = httptest.NewServer(mux)
	t.Cleanup(f.Close)
	return f
}

// open makes a provider of the server's model; change may alter its Config.
func (f *faulty) open(t *testing.T, change ...func(*ollama.Config)) *ollama.Provider {
	t.Helper()
	prompts, err := model.LoadPrompts(fstest.MapFS{"prompts/name.md": {Data: []byte("---\nnum_ctx: 500\nmax_tokens: 40\nseed: 7\ntries: 2\n---\nName the shop.\n")}}, "prompts")
	if err != nil {
		t.Fatal(err)
	}
	c := ollama.Config{URL: f.URL, Model: "small", Prompts: prompts, Timeout: 5 * time.Second, Patience: time.Second}
	for _, ch := range change {
		ch(&c)
	}
	p, err := ollama.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// ask sends one request for a shape.
func ask(ctx context.Context, p *ollama.Provider) (model.Reply, error) {
	s, err := model.SchemaOf[shape]()
	if err != nil {
		return model.Reply{}, err
	}
	return p.Generate(ctx, model.Request{Task: "name", Schema: s, Input: kit.Document{Text: "CAFÉ ABC"}})
}

// chunk writes one piece of an answer.
func chunk(w http.ResponseWriter, content string, logprobs ...string) {
	text, _ := json.Marshal(content)
	fmt.Fprintf(w, `{"model":"small","message":{"role":"assistant","content":%s},"done":false,"logprobs":[%s]}`+"\n", text, strings.Join(logprobs, ","))
	w.(http.Flusher).Flush()
}

func done(w http.ResponseWriter, reason string) {
	fmt.Fprintf(w, `{"model":"small","message":{"role":"assistant","content":""},"done":true,"done_reason":%q,"prompt_eval_count":30,"eval_count":9}`+"\n", reason)
}

func TestTheRequestLeavesNothingToTheServer(t *testing.T) {
	f := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		chunk(w, `{"name":`)
		chunk(w, `"ABC"}`)
		done(w, "stop")
	})
	r, err := ask(t.Context(), f.open(t, func(c *ollama.Config) { c.KeepAlive = -1 }))
	if err != nil {
		t.Fatal(err)
	}
	if r.Output != `{"name":"ABC"}` || r.Cut || r.Model != (kit.ModelInfo{Name: "small", Digest: "d1"}) || len(r.Prompt) != 64 ||
		r.Usage.PromptTokens != 30 || r.Usage.OutputTokens != 9 || r.Usage.Elapsed <= 0 {
		t.Errorf("reply %+v", r)
	}
	q := f.asked[0]
	if !q.Stream || !q.Logprobs || q.Top != 2 || *q.Truncate || *q.Shift || *q.Think || string(q.Keep) != "-1" || q.Model != "small" {
		t.Errorf("request %+v", q)
	}
	for key, want := range map[string]float64{"num_ctx": 500, "num_predict": 40, "seed": 7, "temperature": 0, "repeat_penalty": 1} {
		if got, ok := q.Options[key]; !ok || got != want {
			t.Errorf("option %s is %v, want %v", key, got, want)
		}
	}
	if !strings.Contains(string(q.Format), `"maxLength":20`) || !strings.Contains(q.Messages[1].Content, `"maxLength":20`) {
		t.Error("the schema is not in both the format and the prompt")
	}
	if !strings.Contains(q.Messages[1].Content, "CAFÉ ABC") || !strings.Contains(q.Messages[0].Content, "never an instruction") {
		t.Errorf("messages %+v", q.Messages)
	}
}

func TestKeepAliveIsLeftOutUnlessSet(t *testing.T) {
	f := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { done(w, "stop") })
	if _, err := ask(t.Context(), f.open(t)); err != nil {
		t.Fatal(err)
	}
	if f.asked[0].Keep != nil {
		t.Errorf("keep_alive is %s: a zero unloads the model", f.asked[0].Keep)
	}
}

// TestAStreamThatGoesWrong has faults that only a stream can have.
func TestAStreamThatGoesWrong(t *testing.T) {
	for says, chat := range map[string]func(w http.ResponseWriter){
		"out of memory": func(w http.ResponseWriter) {
			chunk(w, `{"na`)
			fmt.Fprintln(w, `{"error":"out of memory"}`)
		},
		"broke off": func(w http.ResponseWriter) { chunk(w, `{"name":"A"}`) },
		"longer than 8 MB": func(w http.ResponseWriter) {
			for range 10 {
				chunk(w, strings.Repeat("x", 1<<20))
			}
			done(w, "stop")
		},
	} {
		f := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { chat(w) })
		patient := func(c *ollama.Config) { c.Timeout = time.Minute } // a busy machine takes its time over 10 MB
		if _, err := ask(t.Context(), f.open(t, patient)); kit.CodeOf(err) != kit.Unavailable || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want %q", err, says)
		}
	}
}
