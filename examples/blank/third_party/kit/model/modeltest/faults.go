package modeltest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
)

// fault is what a server does instead of answering, the code that comes of it,
// and words of the error.
type fault struct {
	name string
	chat func(w http.ResponseWriter)
	code kit.Code
	says string
}

func (s suite) faults(t *testing.T, all []fault) {
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			f := s.serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { c.chat(w) })
			r, err := ask(t.Context(), f.open(t))
			if wantError(t, err, c.code, c.says); err == nil {
				t.Errorf("the answer was taken for %q", r.Output)
			}
		})
	}
}

// breaksOff has no answer that did not arrive whole taken for one.
func (s suite) breaksOff(t *testing.T) {
	endless := Answer{Text: `{"name":"` + strings.Repeat("x", 9<<20) + `"}`}
	all := []fault{
		{"nothing at all", func(http.ResponseWriter) {}, kit.Unavailable, "broke off"},
		{"closed before a byte", kill, kit.Unavailable, ""},
		{"a line over 8 MB", func(w http.ResponseWriter) { s.protocol.Write(w, endless) }, kit.Unavailable, ""},
		{"garbage", func(w http.ResponseWriter) { fmt.Fprintln(w, "\x00\xff not JSON") }, kit.Unavailable, ""},
		{"another protocol", func(w http.ResponseWriter) { fmt.Fprintln(w, `{"message":5,"done":"yes","choices":7}`) }, kit.Unavailable, ""},
		{"a page of a proxy", func(w http.ResponseWriter) { fmt.Fprintln(w, "<html>"+strings.Repeat("proxy error ", 1000)) }, kit.Unavailable, "<html>"},
	}
	for _, share := range []float64{0.02, 0.3, 0.5, 0.9} {
		all = append(all,
			fault{fmt.Sprintf("killed at %g", share), func(w http.ResponseWriter) { s.part(w, good, share); kill(w) }, kit.Unavailable, "broke off"},
			fault{fmt.Sprintf("ends at %g", share), func(w http.ResponseWriter) { s.part(w, good, share) }, kit.Unavailable, "broke off"})
	}
	s.faults(t, all)
}

// refused has errors told with their words, and with a code that says whether
// to try again.
func (s suite) refused(t *testing.T) {
	refuse := func(status int, words string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) { s.refuse(w, status, words) }
	}
	s.faults(t, []fault{
		{"500 with an empty body", refuse(500, ""), kit.Unavailable, "500 Internal"},
		{"500 with words", refuse(500, "runner process has terminated"), kit.Unavailable, "runner process"},
		{"502 of a proxy", func(w http.ResponseWriter) {
			w.WriteHeader(502)
			fmt.Fprint(w, "<html>"+strings.Repeat("bad gateway ", 20000))
		}, kit.Unavailable, "bad gateway"},
		{"an error with 200", refuse(200, "out of memory"), kit.Unavailable, "out of memory"},
		{"always full", refuse(503, "server busy"), kit.Unavailable, "server busy"},
		{"always too many", refuse(429, "you have reached your limit"), kit.Unavailable, "reached your limit"},
		{"not in time", refuse(408, ""), kit.Unavailable, "408"},
		{"too early", refuse(425, ""), kit.Unavailable, "425"},
		{"moved", func(w http.ResponseWriter) { w.WriteHeader(304) }, kit.Unavailable, "304"},
		{"too long", refuse(400, "the input length exceeds the context length"), kit.TooLarge, "does not fit"},
		{"too long, told late", refuse(200, "the request exceeds the available context size"), kit.TooLarge, "does not fit"},
		{"a bad format", refuse(400, "invalid format"), kit.Invalid, "invalid format"},
		{"gone meanwhile", refuse(404, "model 'small' not found"), kit.NotFound, "no such model"},
		{"wants a sign-in", refuse(401, "unauthorized"), kit.Unauthorized, ""},
	})
}

// absent has a model that is unknown, and a server that is down.
func (s suite) absent(t *testing.T) {
	f := s.answers(t, good)
	m := f.open(t, func(c *Config) { c.Model = "smaller" })
	draft := func(m Model) func(context.Context) error {
		return func(ctx context.Context) error { _, err := ask(ctx, m); return err }
	}
	info := func(m Model) func(context.Context) error {
		return func(ctx context.Context) error { _, err := m.Info(ctx); return err }
	}
	for _, fails := range []func(context.Context) error{m.Probe, draft(m), info(m)} {
		if err := fails(t.Context()); kit.HintOf(err) == "" {
			t.Errorf("an unknown model has no hint: %v", err)
		} else {
			wantError(t, err, kit.NotFound, "no such model")
		}
	}
	if f.count() > 0 {
		t.Errorf("a model that is not there was asked %d times", f.count())
	}
	m = f.open(t)
	f.Close()
	for _, fails := range []func(context.Context) error{m.Probe, draft(m), info(m)} {
		if err := fails(t.Context()); kit.HintOf(err) == "" {
			t.Errorf("a server that is down has no hint: %v", err)
		} else {
			wantError(t, err, kit.Unavailable, "connect")
		}
	}
	if _, err := m.Generate(t.Context(), model.Request{Task: "nowhere"}); kit.CodeOf(err) != kit.NotFound {
		t.Errorf("no prompt: %v", err)
	}
}

// mischief draws faults at random: a draft is whole and right, or it says that
// the model gave up, or there is an error worth a retry.
func (s suite) mischief(t *testing.T) {
	half := func(text string) Answer { return Answer{Text: text} }
	all := []func(w http.ResponseWriter){
		func(w http.ResponseWriter) { s.part(w, half(`{"name":"HALF"}`), 0.6) },
		func(w http.ResponseWriter) { s.part(w, half(`{"name":"HALF"}`), 0.8); kill(w) },
		func(w http.ResponseWriter) { w.WriteHeader(500) },
		func(w http.ResponseWriter) { s.refuse(w, 200, "CUDA error") },
		func(w http.ResponseWriter) { fmt.Fprintln(w, `{"message":5,"done":"yes","choices":7}`) },
		func(w http.ResponseWriter) { s.protocol.Write(w, Answer{Text: `{"name":"HALF"}`, Cut: true}) },
		func(w http.ResponseWriter) { s.protocol.Write(w, half("Gladly, the name is HALF.")) },
		func(w http.ResponseWriter) { s.protocol.Write(w, half(`{"name":""}`)) },
		func(w http.ResponseWriter) { s.protocol.Write(w, half(`{"nom":"HALF"}`)) },
		func(w http.ResponseWriter) { s.protocol.Write(w, half(`"{\"name\":\"HALF\"`)) },
		func(w http.ResponseWriter) { s.protocol.Write(w, half("")) },
	}
	random := rand.New(rand.NewPCG(1, 2))
	f := s.serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		if n := random.IntN(len(all) + 6); n < len(all) {
			all[n](w)
			return
		}
		s.protocol.Write(w, Answer{Text: `{"name":"WHOLE"}`})
	})
	read := model.Extract[kit.Document, shop](f.open(t, func(c *Config) { c.Cooldown = time.Nanosecond }), "name")
	counts := map[string]int{}
	for range 300 {
		counts[outcome(t, read)]++
	}
	for _, o := range []string{"unavailable", "gave up", "whole"} {
		if counts[o] < 10 {
			t.Errorf("outcomes %v, want more of %q", counts, o)
		}
	}
}

// outcome says what became of one draft.
func outcome(t *testing.T, read func(context.Context, kit.Document) (model.Draft[shop], error)) string {
	d, err := read(t.Context(), kit.Document{Text: "WHOLE"})
	switch {
	case kit.CodeOf(err) == kit.Unavailable:
		return "unavailable"
	case err != nil:
		t.Fatalf("an error nobody would retry: %v", err)
	case d.GaveUp != "":
		if d.Fields[0].Confidence != 0 {
			t.Fatalf("a draft that gave up is sure of itself: %+v", d)
		}
		return "gave up"
	case d.Value.Name == "WHOLE":
		return "whole"
	case !strings.HasPrefix(d.Value.Name, "HALF") || d.Fields[0].Marks == nil:
		t.Fatalf("a draft from nowhere: %+v", d)
	}
	return "mended, and marked so"
}
