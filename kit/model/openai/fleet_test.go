package openai_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/modeltest"
	"github.com/tackhammer/tackhammer/kit/model/openai"
)

// member is one server of several, which does as a test sets it.
type member struct {
	*httptest.Server
	mu    sync.Mutex
	list  string // what GET /v1/models says
	extra map[string]string
	chat  http.HandlerFunc
	heads []http.Header
	chats int
	lists int
}

const small = `{"data":[{"id":"small","created":%d,"owned_by":"test","root":"/models/small-4b"}]}`

// newMember answers well.
func newMember(t *testing.T) *member {
	m := &member{list: fmt.Sprintf(small, 1), chat: well, extra: map[string]string{}}
	m.Server = httptest.NewServer(m)
	t.Cleanup(m.Close)
	return m
}

// well answers with who answered.
func well(w http.ResponseWriter, r *http.Request) {
	protocol{}.Write(w, modeltest.Answer{Text: fmt.Sprintf(`{"name":%q}`, r.Host), PromptTokens: 30, OutputTokens: 9})
}

func (m *member) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	m.heads = append(m.heads, r.Header)
	list, chat, extra := m.list, m.chat, m.extra[r.URL.Path]
	switch r.URL.Path {
	case "/v1/models":
		m.lists++
	case "/v1/chat/completions":
		m.chats++
	}
	m.mu.Unlock()
	switch {
	case r.URL.Path == "/v1/models":
		fmt.Fprint(w, list)
	case r.URL.Path == "/v1/chat/completions":
		chat(w, r)
	case extra != "":
		fmt.Fprint(w, extra)
	default:
		http.NotFound(w, r)
	}
}

// does sets what becomes of drafts.
func (m *member) does(chat http.HandlerFunc) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.chat = chat
}

// has sets the list of models.
func (m *member) has(list string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.list = list
}

// counts are how many drafts and lists the server was asked for.
func (m *member) counts() (chats, lists int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.chats, m.lists
}

func status(code int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		fmt.Fprint(w, body)
	}
}

// clock is a time that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func newClock() *clock { return &clock{now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)} }

// open opens the model of the members; change may alter its Config.
func open(t *testing.T, members []*member, change ...func(*openai.Config)) *openai.Provider {
	t.Helper()
	c := openai.Config{Model: "small", Prompts: prompts(t), Timeout: 5 * time.Second, Patience: time.Second}
	for _, m := range members {
		c.URLs = append(c.URLs, m.URL+"/v1/")
	}
	for _, ch := range change {
		ch(&c)
	}
	return must(openai.New(c))
}

type shape struct {
	Name string `json:"name" jsonschema:"minLength=1,maxLength=40"`
}

func ask(ctx context.Context, p *openai.Provider) (model.Reply, error) {
	return p.Generate(ctx, model.Request{Task: "name", Schema: must(model.SchemaOf[shape]()), Input: kit.Document{Text: "ABC"}})
}

// from is the server that answered.
func from(m *member) string { return fmt.Sprintf(`{"name":%q}`, m.Listener.Addr().String()) }
