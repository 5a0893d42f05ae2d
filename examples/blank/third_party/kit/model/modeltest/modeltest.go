// Package modeltest holds the providers that ask a server to one conduct,
// whatever their protocol: what becomes of a good answer, and of every fault
// that a server may have.
//
// Run tests a provider against servers that misbehave as told; an adapter says
// how its protocol puts things. Live tests it against a server that runs.
//
//	func TestConduct(t *testing.T) { modeltest.Run(t, protocol{}) }
package modeltest

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
)

// Model is a provider with a server behind it.
type Model interface {
	model.Provider

	// Probe fails with kit.Unsupported when the server ignores the format of
	// an answer.
	Probe(ctx context.Context) error
}

// Config is how a provider is to be opened. A zero value is the provider's
// default.
type Config struct {
	URL        string
	Model      string
	Prompts    *model.Prompts
	HTTPClient *http.Client
	Timeout    time.Duration
	Patience   time.Duration
	Cooldown   time.Duration
	Slots      int
}

// Asked is a request for a draft as it arrived.
type Asked struct {
	Model       string
	System      string
	User        string
	Messages    int
	Schema      json.RawMessage
	MaxTokens   int
	Seed        int
	Temperature float64
}

// Answer is what a server says.
type Answer struct {
	Text         string
	Tokens       []model.Token // of Text; nil to tell none
	Cut          bool          // it ended at the length limit
	PromptTokens int
	OutputTokens int
}

// Protocol is how servers of one kind are spoken to.
type Protocol interface {
	// Open opens a model.
	Open(c Config) (Model, error)

	// Tell answers a request that is not for a draft, and reports whether it
	// was one. The server has the model "small" alone, and the version 1.2.3.
	Tell(w http.ResponseWriter, r *http.Request) bool

	// Read reads a request for a draft.
	Read(r *http.Request) (Asked, error)

	// Write writes a whole answer.
	Write(w http.ResponseWriter, a Answer)

	// Refuse writes the body of an error.
	Refuse(w http.ResponseWriter, words string)
}

// Run tests the conduct of p's providers.
func Run(t *testing.T, p Protocol) {
	s := suite{p}
	for _, part := range []struct {
		name string
		test func(*testing.T)
	}{
		{"an answer is typed", s.typed}, {"text is data", s.hostile}, {"log-probabilities", s.logProbs}, {"a second try", s.secondTry},
		{"the length limit", s.cut}, {"a format that is ignored", s.ignoredFormat},
		{"what breaks off", s.breaksOff}, {"what is refused", s.refused}, {"what is not there", s.absent}, {"mischief", s.mischief},
		{"a server that hangs", s.hangs}, {"a caller who leaves", s.leaves}, {"slots", s.slots}, {"full, then free", s.fullThenFree},
		{"always busy", s.alwaysBusy}, {"the breaker", s.breaker}, {"a model that comes later", s.comesLater}, {"a server that comes back", s.comesBack}, {"many at once", s.many},
		{"few connections", s.connections},
	} {
		t.Run(part.name, part.test)
	}
}

// suite is a run on one protocol.
type suite struct{ protocol Protocol }

// shop is what most tests ask for.
type shop struct {
	Name string `json:"name" jsonschema:"minLength=1,maxLength=20"`
}

const promptFile = "---\nnum_ctx: 500\nmax_tokens: 40\nseed: 7\ntries: 2\n---\nName the shop.\n"

// fake is a server whose drafts are a test's own.
type fake struct {
	*httptest.Server
	suite suite
	mu    sync.Mutex
	asked []Asked
}

// serve starts a server. chat answers the n-th request, counted from 1.
func (s suite) serve(t *testing.T, chat func(w http.ResponseWriter, r *http.Request, n int)) *fake {
	t.Helper()
	f := &fake{suite: s}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.protocol.Tell(w, r) {
			return
		}
		asked, err := s.protocol.Read(r)
		if err != nil {
			t.Errorf("read the request %s %s: %v", r.Method, r.URL, err)
		}
		f.mu.Lock()
		f.asked = append(f.asked, asked)
		n := len(f.asked)
		f.mu.Unlock()
		chat(w, r, n)
	}))
	t.Cleanup(f.Close)
	return f
}

// answers serves one answer after the other, the last of them for ever.
func (s suite) answers(t *testing.T, all ...Answer) *fake {
	t.Helper()
	return s.serve(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		s.protocol.Write(w, all[min(n, len(all))-1])
	})
}

// open opens the server's model; change may alter its Config.
func (f *fake) open(t *testing.T, change ...func(*Config)) Model {
	t.Helper()
	prompts, err := model.LoadPrompts(fstest.MapFS{"prompts/name.md": {Data: []byte(promptFile)}}, "prompts")
	if err != nil {
		t.Fatal(err)
	}
	c := Config{URL: f.URL, Model: "small", Prompts: prompts, Timeout: 5 * time.Second, Patience: time.Second}
	for _, ch := range change {
		ch(&c)
	}
	m, err := f.suite.protocol.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// near has requests answered without a network, on which the time of a bubble
// would stand still.
func (f *fake) near(c *Config) { c.HTTPClient = &http.Client{Transport: f} }

// RoundTrip lets the server's handler answer.
func (f *fake) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	f.Config.Handler.ServeHTTP(w, r)
	return w.Result(), nil
}

// count is how many drafts the server was asked for.
func (f *fake) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.asked)
}

// paper is a document that the answers of most tests are true of.
var paper = kit.Document{Text: "CAFÉ ABC\nTOTAL 33.90\n"}

// ask sends one request for a shop.
func ask(ctx context.Context, m model.Provider) (model.Reply, error) {
	schema, err := model.SchemaOf[shop]()
	if err != nil {
		return model.Reply{}, err
	}
	return m.Generate(ctx, model.Request{Task: "name", Schema: schema, Input: paper})
}

// good is an answer that nothing is wrong with.
var good = Answer{Text: `{"name":"ABC"}`, PromptTokens: 30, OutputTokens: 9}

// refuse writes an error.
func (s suite) refuse(w http.ResponseWriter, status int, words string) {
	w.WriteHeader(status)
	if words != "" {
		s.protocol.Refuse(w, words)
	}
}

// part writes the first share of an answer's bytes.
func (s suite) part(w http.ResponseWriter, a Answer, share float64) {
	whole := httptest.NewRecorder()
	s.protocol.Write(whole, a)
	body := whole.Body.Bytes()
	_, _ = w.Write(body[:int(share*float64(len(body)))])
	w.(http.Flusher).Flush()
}

// kill closes the connection.
func kill(w http.ResponseWriter) {
	if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
		_ = conn.Close()
	}
}

// wantError fails unless err has the code, and says words in a line or two.
func wantError(t *testing.T, err error, code kit.Code, says string) {
	t.Helper()
	switch {
	case kit.CodeOf(err) != code:
		t.Errorf("got %q %v, want %s", kit.CodeOf(err), err, code)
	case !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "small"):
		t.Errorf("the error %q does not say %q, and of which model", err, says)
	case len(err.Error()) > 600:
		t.Errorf("the error has %d bytes", len(err.Error()))
	}
}

// spell tells a text in tokens of a few bytes each, as sure as logProb.
func spell(text string, logProb float64) []model.Token {
	var tokens []model.Token
	for i, r := range text {
		if i%3 == 0 || len(tokens) == 0 {
			tokens = append(tokens, model.Token{LogProb: logProb, Second: -4, SecondText: "zz"})
		}
		tokens[len(tokens)-1].Text += fmt.Sprintf("%c", r)
	}
	return tokens
}
