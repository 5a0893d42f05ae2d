package command

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
)

// offered is what the demo says of a server whose model list is tags.
func offered(t *testing.T, d demo, tags string, wait time.Duration) string {
	t.Helper()
	ollamaWith(t, tags, wait)
	var out bytes.Buffer
	d.Out = &out
	d.offerOllama(t.Context())
	return out.String()
}

// ollamaWith is a server of the models tags that takes wait to answer.
func ollamaWith(t *testing.T, tags string, wait time.Duration) {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/version", func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(wait):
		case <-r.Context().Done():
		}
		_, _ = w.Write([]byte(`{"version":"0.33.1"}`))
	})
	mux.HandleFunc("GET /api/tags", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(tags)) })
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	t.Setenv("OLLAMA_HOST", srv.URL)
}

func TestOfferOllama(t *testing.T) {
	four := `{"models":[{"name":"d","size":9},{"name":"a:latest"},{"name":"b:4b"},{"name":"hf.co/x/y:q4"}]}`
	said := offered(t, demo{}, four, 0)
	wantText(t, said, "0.33.1 answers at http://127.0.0.1:", "demo --model ollama:a\n", "--model ollama:b:4b\n", "--model ollama:hf.co/x/y:q4\n")
	if strings.Contains(said, "ollama:d") {
		t.Errorf("more than three models are offered:\n%s", said)
	}
	wantText(t, offered(t, demo{}, `{"models":[]}`, 0), "no model yet: ollama pull")
	for name, said := range map[string]string{
		"one is in use":  offered(t, demo{Model: "ollama:a"}, four, 0),
		"it is too slow": offered(t, demo{}, four, 5*time.Second),
		"it is odd":      offered(t, demo{}, "<html>", 0),
	} {
		if said != "" {
			t.Errorf("though %s: %s", name, said)
		}
	}
}

func TestOfferNamesTheFolder(t *testing.T) {
	said := offered(t, demo{Dir: "/my demo", dirGiven: true}, `{"models":[{"name":"a"}]}`, 0)
	wantText(t, said, self()+" demo --dir '/my demo' --model ollama:a\n")
}

func TestSayModel(t *testing.T) {
	ollamaWith(t, `{"models":[{"name":"a:latest"},{"name":"b:4b"}]}`, 0)
	for _, have := range []string{"ollama:a", "ollama:a:latest", "ollama:b:4b"} {
		var out bytes.Buffer
		if err := (demo{Model: have, Out: &out}).sayModel(t.Context()); err != nil {
			t.Error(err)
		}
		wantText(t, out.String(), "model    "+have+" at http://127.0.0.1:")
	}
	dir := filepath.Join(t.TempDir(), "demo")
	d := demo{Source: fake(), Dir: dir, Addr: "127.0.0.1:0", Model: "ollama:b", Out: &bytes.Buffer{}}
	err := d.Run(t.Context())
	if kit.CodeOf(err) != kit.NotFound || kit.HintOf(err) != "ollama pull b" {
		t.Errorf("a model that is not there: %v (%s)", err, kit.HintOf(err))
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the demo wrote before it knew that the model is there")
	}
	t.Setenv("OLLAMA_HOST", "127.0.0.1:1")
	var out bytes.Buffer
	if err := (demo{Model: "ollama:b", Out: &out}).sayModel(t.Context()); err != nil {
		t.Error(err)
	}
	wantText(t, out.String(), "no Ollama server answers at http://127.0.0.1:1")
}

func TestGoRunIsSeen(t *testing.T) {
	for path, want := range map[string]bool{
		"/tmp/go-build2379267844/b001/exe/tackhammer":                   true,
		"/c/go-build/49/" + strings.Repeat("4a", 32) + "-d/tackhammer":  true,
		"/mycache/49/" + strings.Repeat("4a", 32) + "-d/tackhammer.exe": true,
		"/home/me/go/bin/tackhammer":                                    false,
	} {
		if builtByRun.MatchString(path) != want {
			t.Errorf("%s: %v", path, !want)
		}
	}
}
