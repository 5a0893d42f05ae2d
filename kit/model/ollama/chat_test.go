package ollama_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model/ollama"
	"github.com/tackhammer/tackhammer/kit/model/ollamaserver"
)

func TestAnAnswerWithoutABreakAtItsEnd(t *testing.T) {
	f := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		fmt.Fprint(w, `{"message":{"content":"{\"name\":\"A\"}"},"done":true,"done_reason":"stop","unknown":{"to":["us"]}}`)
	})
	if r, err := ask(t.Context(), f.open(t)); err != nil || r.Output != `{"name":"A"}` || r.Cut {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestOddServers(t *testing.T) {
	for name, c := range map[string]struct {
		code  kit.Code
		serve http.HandlerFunc
	}{
		"no Ollama at all": {kit.Unavailable, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>hello</html>") }},
		"down":             {kit.Unavailable, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(502) }},
		"a sign-in":        {kit.Unavailable, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) }},
		"no models":        {"", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"models":[]}`) }},
	} {
		s := httptest.NewServer(c.serve)
		all, err := ollamaserver.List(t.Context(), s.URL)
		if kit.CodeOf(err) != c.code || len(all) != 0 {
			t.Errorf("%s: %v, %v", name, all, err)
		}
		s.Close()
	}
	if _, err := ollamaserver.List(t.Context(), "ftp://x"); kit.CodeOf(err) != kit.Invalid || kit.HintOf(err) == "" {
		t.Errorf("no address of a server: %v", err)
	}
}

func TestInfoIsFreshAgain(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	digests := []string{"one", "two"}
	asked := 0
	tags := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/tags" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprintf(w, `{"models":[{"name":"small:latest","digest":%q}]}`, digests[asked])
		asked++
	})
	f := serve(t, nil)
	f.Config.Handler = tags
	p := f.open(t, func(c *ollama.Config) { c.Clock = func() time.Time { return now } })
	for i, want := range []string{"one", "one", "two"} {
		if i == 2 {
			now = now.Add(time.Minute)
		}
		if info, err := p.Info(t.Context()); err != nil || info.Digest != want {
			t.Errorf("call %d: %+v, %v; want %s", i, info, err, want)
		}
	}
}
