package ollama_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
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

// near has a provider's requests answered without a network, on which the time
// of a bubble would stand still.
func (f *faulty) near(c *ollama.Config) { c.HTTPClient = &http.Client{Transport: f} }

// RoundTrip lets the server's handler answer.
func (f *faulty) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	f.Config.Handler.ServeHTTP(w, r)
	return w.Result(), nil
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

// fault is what a server does instead of answering, the code that comes of it,
// and words of the error.
type fault struct {
	name string
	chat func(w http.ResponseWriter, r *http.Request)
	code kit.Code
	says string
}

func (c fault) test(t *testing.T) {
	f := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) { c.chat(w, r) })
	_, err := ask(t.Context(), f.open(t))
	if kit.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.says) {
		t.Errorf("got %s %q, want %s with %q", kit.CodeOf(err), err, c.code, c.says)
	}
	if c.code == kit.NotFound && kit.HintOf(err) != "ollama pull small" {
		t.Errorf("hint %q", kit.HintOf(err))
	}
	if err != nil && len(err.Error()) > 400 {
		t.Errorf("the error has %d bytes", len(err.Error()))
	}
}

func TestAnswersThatBreakOff(t *testing.T) {
	for _, c := range []fault{
		{"killed in mid-stream", func(w http.ResponseWriter, _ *http.Request) {
			chunk(w, `{"name":"A"}`)
			conn, _, _ := w.(http.Hijacker).Hijack()
			_ = conn.Close()
		}, kit.Unavailable, "broke off"},
		{"killed in mid-line", func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"message":{"content":"{`)
			w.(http.Flusher).Flush()
			conn, _, _ := w.(http.Hijacker).Hijack()
			_ = conn.Close()
		}, kit.Unavailable, "broke off"},
		{"a redirect to nowhere", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(304) }, kit.Unavailable, "304"},
		{"ends without done", func(w http.ResponseWriter, _ *http.Request) { chunk(w, `{"name":"A"}`) }, kit.Unavailable, "broke off"},
		{"a line over 8 MB", func(w http.ResponseWriter, _ *http.Request) {
			chunk(w, strings.Repeat("x", 9<<20))
			done(w, "stop")
		}, kit.Unavailable, "broke off"},
		{"more than 8 MB in lines", func(w http.ResponseWriter, _ *http.Request) {
			for range 10 {
				chunk(w, strings.Repeat("x", 1<<20))
			}
			done(w, "stop")
		}, kit.Unavailable, "longer than 8 MB"},
	} {
		t.Run(c.name, c.test)
	}
}

func TestAnswersThatRefuse(t *testing.T) {
	for _, c := range []fault{
		{"500 with an empty body", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, kit.Unavailable, "500 Internal"},
		{"500 with words", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(500)
			fmt.Fprint(w, `{"error":"llama runner process has terminated"}`)
		}, kit.Unavailable, "runner process"},
		{"an error in mid-stream", func(w http.ResponseWriter, _ *http.Request) {
			chunk(w, `{"na`)
			fmt.Fprintln(w, `{"error":"out of memory"}`)
		}, kit.Unavailable, "out of memory"},
		{"a garbage line", func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintln(w, "<html>"+strings.Repeat("proxy error ", 1000))
		}, kit.Unavailable, "<html>"},
		{"always full", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(503)
			fmt.Fprint(w, `{"error":"server busy"}`)
		}, kit.Unavailable, "queue stayed full"},
		{"too long", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(400)
			fmt.Fprint(w, `{"error":"the input length exceeds the context length"}`)
		}, kit.TooLarge, "does not fit"},
		{"too long, told late", func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintln(w, `{"error":"the input length exceeds the context length"}`)
		}, kit.TooLarge, "does not fit"},
		{"gone meanwhile", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(404)
			fmt.Fprint(w, `{"error":"model 'small' not found"}`)
		}, kit.NotFound, "no such model"},
		{"refused", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(400)
			fmt.Fprint(w, `{"error":"invalid format"}`)
		}, kit.Invalid, "invalid format"},
		{"not in time", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(408) }, kit.Unavailable, "later"},
		{"too early", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(425) }, kit.Unavailable, "later"},
		{"always too many", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(429)
			fmt.Fprint(w, `{"error":"you have reached your limit"}`)
		}, kit.Unavailable, "reached your limit"},
		{"wants a sign-in", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(401)
			fmt.Fprint(w, `{"error":"unauthorized"}`)
		}, kit.Unauthorized, "sign-in"},
	} {
		t.Run(c.name, c.test)
	}
}

func TestAHungServer(t *testing.T) {
	release := make(chan struct{})
	f := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		chunk(w, `{"na`)
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	defer close(release)
	_, err := ask(t.Context(), f.open(t, func(c *ollama.Config) { c.Timeout = 50 * time.Millisecond }))
	if kit.CodeOf(err) != kit.Unavailable || !strings.Contains(err.Error(), "within 50ms") {
		t.Errorf("its own limit: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := ask(ctx, f.open(t)); kit.CodeOf(err) != kit.Unavailable || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the caller's limit: %v", err)
	}
}

func TestSlotsBoundWhatIsInFlight(t *testing.T) {
	release := make(chan struct{})
	started := make(chan struct{}, 3)
	f := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		started <- struct{}{}
		<-release
		done(w, "stop")
	})
	p := f.open(t, func(c *ollama.Config) { c.Slots = 2 })
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			if _, err := ask(t.Context(), p); err != nil {
				t.Error(err)
			}
		})
	}
	<-started
	<-started
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, err := ask(ctx, p); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a third answer: %v", err)
	}
	close(release)
	group.Wait()
	if len(f.asked) != 2 {
		t.Errorf("%d requests arrived, want 2", len(f.asked))
	}
}

func TestFullThenFree(t *testing.T) {
	f := serve(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		if n < 3 {
			w.WriteHeader([]int{503, 429}[n-1])
			fmt.Fprint(w, `{"error":"server busy, please try again"}`)
			return
		}
		chunk(w, `{"name":"A"}`)
		done(w, "stop")
	})
	r, err := ask(t.Context(), f.open(t, func(c *ollama.Config) { c.Patience = 10 * time.Second }))
	if err != nil || r.Output != `{"name":"A"}` || len(f.asked) != 3 {
		t.Errorf("%q after %d requests, %v", r.Output, len(f.asked), err)
	}
}

func TestTheBreakerLeavesAFailingServerAlone(t *testing.T) {
	f := serve(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		if n <= 5 {
			w.WriteHeader(500)
			return
		}
		done(w, "stop")
	})
	synctest.Test(t, func(t *testing.T) {
		p := f.open(t, f.near, func(c *ollama.Config) { c.Cooldown = time.Hour })
		for range 7 {
			if _, err := ask(t.Context(), p); kit.CodeOf(err) != kit.Unavailable {
				t.Fatalf("got %v", err)
			}
		}
		if len(f.asked) != 5 {
			t.Errorf("%d requests reached the server, want 5", len(f.asked))
		}
		time.Sleep(time.Hour + time.Second)
		if _, err := ask(t.Context(), p); err != nil {
			t.Errorf("after the cooldown: %v", err)
		}
	})
}
