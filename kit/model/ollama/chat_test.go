package ollama_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/ollama"
)

func TestLongLinesAreReadWhole(t *testing.T) {
	name := strings.Repeat("long ", 200_000)
	f := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		chunk(w, `{"name":"`+name)
		chunk(w, `"}`)
		done(w, "stop")
	})
	if r, err := ask(t.Context(), f.open(t)); err != nil || r.Output != `{"name":"`+name+`"}` {
		t.Errorf("%d bytes, %v", len(r.Output), err)
	}
}

func TestAnAnswerWithoutABreakAtItsEnd(t *testing.T) {
	f := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		fmt.Fprint(w, `{"message":{"content":"{\"name\":\"A\"}"},"done":true,"done_reason":"stop","unknown":{"to":["us"]}}`)
	})
	if r, err := ask(t.Context(), f.open(t)); err != nil || r.Output != `{"name":"A"}` || r.Cut {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestOneConnectionServesManyDrafts(t *testing.T) {
	from := map[string]bool{}
	f := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
		from[r.RemoteAddr] = true
		if n%2 == 0 {
			w.WriteHeader(400)
			fmt.Fprint(w, `{"error":"invalid format"}`)
			return
		}
		chunk(w, `{"name":"A"}`)
		done(w, "stop")
	})
	p := f.open(t)
	for n := range 10 {
		if _, err := ask(t.Context(), p); (err != nil) != (n%2 == 1) {
			t.Fatalf("draft %d: %v", n, err)
		}
	}
	if len(from) != 1 {
		t.Errorf("%d connections for 10 drafts one after the other", len(from))
	}
}

// TestABusyServerIsNoReasonToFail asks a server that is always busy: the
// error is one that is tried again later, and the server was given time.
func TestABusyServerIsNoReasonToFail(t *testing.T) {
	for _, status := range []int{408, 425, 429, 503} {
		f := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(status) })
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			_, err := ask(t.Context(), f.open(t, f.near, func(c *ollama.Config) { c.Patience = time.Minute }))
			if took := time.Since(began); kit.CodeOf(err) != kit.Unavailable || len(f.asked) < 10 || took < 50*time.Second || took > time.Minute {
				t.Errorf("%d: asked %d times in %s, %v", status, len(f.asked), took, err)
			}
		})
	}
}

func TestAMissingModelSaysHowToGetIt(t *testing.T) {
	missing := true
	f := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		if missing {
			w.WriteHeader(404)
			fmt.Fprint(w, `{"error":"model \"small\" not found, try pulling it first"}`)
			return
		}
		chunk(w, `{"name":"A"}`)
		done(w, "stop")
	})
	p := f.open(t)
	for range 7 { // more than the failures after which a server is left alone
		if _, err := ask(t.Context(), p); kit.CodeOf(err) != kit.NotFound || kit.HintOf(err) != "ollama pull small" {
			t.Fatalf("%v, hint %q", err, kit.HintOf(err))
		}
	}
	missing = false
	if _, err := ask(t.Context(), p); err != nil {
		t.Errorf("as soon as it is there: %v", err)
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
		all, err := ollama.Models(t.Context(), s.URL)
		if kit.CodeOf(err) != c.code || len(all) != 0 {
			t.Errorf("%s: %v, %v", name, all, err)
		}
		s.Close()
	}
	if _, err := ollama.Models(t.Context(), "ftp://x"); kit.CodeOf(err) != kit.Invalid || kit.HintOf(err) == "" {
		t.Errorf("no address of a server: %v", err)
	}
}

func TestAProbeOfAServerThatFails(t *testing.T) {
	f := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(500) })
	if err := f.open(t).Probe(t.Context()); kit.CodeOf(err) != kit.Unavailable || !strings.Contains(err.Error(), "500") {
		t.Errorf("probe: %v", err)
	}
}

// TestTheSecondAnswerNeverCame has a server that dies after an answer that
// does not validate: a person gets what there is.
func TestTheSecondAnswerNeverCame(t *testing.T) {
	f := serve(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		if n > 1 {
			w.WriteHeader(500)
			return
		}
		chunk(w, `{"name":"a name of more than twenty letters"}`)
		done(w, "stop")
	})
	d, err := model.Extract[kit.Document, shape](f.open(t), "name")(t.Context(), kit.Document{Text: "A"})
	if err != nil || !strings.Contains(d.GaveUp, "at most 20 characters") || !strings.Contains(d.GaveUp, "another try failed: ask small: the server failed") {
		t.Errorf("gave up with %q, %v", d.GaveUp, err)
	}
}
