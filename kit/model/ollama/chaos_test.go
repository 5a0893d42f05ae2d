package ollama_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/ollama"
)

// mischief is what a server does instead of answering well.
var mischief = []func(w http.ResponseWriter){
	func(w http.ResponseWriter) { chunk(w, `{"name":"HALF`) },
	func(w http.ResponseWriter) {
		chunk(w, `{"name":"HALF"}`)
		conn, _, _ := w.(http.Hijacker).Hijack()
		_ = conn.Close()
	},
	func(w http.ResponseWriter) { w.WriteHeader(500) },
	func(w http.ResponseWriter) { fmt.Fprintln(w, "\x00\xff not JSON") },
	func(w http.ResponseWriter) { fmt.Fprintln(w, `{"message":5,"done":"yes"}`) },
	func(w http.ResponseWriter) { fmt.Fprintln(w, `{"error":"CUDA error"}`) },
	func(w http.ResponseWriter) { chunk(w, `{"name":"HALF"}`); done(w, "length") },
	func(w http.ResponseWriter) { chunk(w, "Gladly, the name is HALF."); done(w, "stop") },
	func(w http.ResponseWriter) { chunk(w, `{"name":""}`); done(w, "stop") },
	func(w http.ResponseWriter) { chunk(w, `{"nom":"HALF"}`); done(w, "stop") },
	func(w http.ResponseWriter) { chunk(w, `"{\"name\":\"HALF\"`); done(w, "stop") },
	func(w http.ResponseWriter) { done(w, "stop") },
}

// TestNoMischiefBecomesADraft draws faults at random: a draft is whole and
// right, or it says that the model gave up, or there is an error worth a retry.
func TestNoMischiefBecomesADraft(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	f := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		if n := random.IntN(len(mischief) + 6); n < len(mischief) {
			mischief[n](w)
			return
		}
		chunk(w, `{"name":"WH`)
		chunk(w, `OLE"}`)
		done(w, "stop")
	})
	p := f.open(t, func(c *ollama.Config) { c.Cooldown = time.Nanosecond })
	read := model.Extract[kit.Document, shape](p, "name")
	counts := map[string]int{}
	for range 300 {
		d, err := read(t.Context(), kit.Document{Text: "WHOLE"})
		switch {
		case err != nil && kit.CodeOf(err) == kit.Unavailable:
			counts["unavailable"]++
		case err != nil:
			t.Fatalf("an error nobody would retry: %v", err)
		case d.GaveUp != "":
			counts["gave up"]++
			if d.Fields[0].Confidence != 0 {
				t.Fatalf("a draft that gave up is sure of itself: %+v", d)
			}
		case d.Value.Name == "WHOLE":
			counts["whole"]++
		case !strings.HasPrefix(d.Value.Name, "HALF") || d.Fields[0].Marks == nil:
			t.Fatalf("a draft from nowhere: %+v", d)
		default:
			counts["mended, and marked so"]++
		}
	}
	for _, outcome := range []string{"unavailable", "gave up", "whole"} {
		if counts[outcome] < 10 {
			t.Errorf("outcomes %v, want more of %q", counts, outcome)
		}
	}
}

func TestAServerThatComesBack(t *testing.T) {
	f := serve(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		if n == 1 {
			conn, _, _ := w.(http.Hijacker).Hijack()
			_ = conn.Close()
			return
		}
		chunk(w, `{"name":"A"}`)
		done(w, "stop")
	})
	p := f.open(t)
	if _, err := ask(t.Context(), p); kit.CodeOf(err) != kit.Unavailable {
		t.Errorf("a connection closed before the answer: %v", err)
	}
	if r, err := ask(t.Context(), p); err != nil || r.Output != `{"name":"A"}` {
		t.Errorf("the next one: %q, %v", r.Output, err)
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
