package command

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestOllamaURL(t *testing.T) {
	for in, want := range map[string]string{
		"":                          "http://127.0.0.1:11434",
		"0.0.0.0":                   "http://127.0.0.1:11434",
		"0.0.0.0:9000":              "http://127.0.0.1:9000",
		":9000":                     "http://127.0.0.1:9000",
		"gpu-box":                   "http://gpu-box:11434",
		`"gpu-box:9"`:               "http://gpu-box:9",
		"http://gpu-box":            "http://gpu-box:80",
		"https://gpu.example/path/": "https://gpu.example:443/path",
		"[::1]":                     "http://[::1]:11434",
		"[::]:5":                    "http://127.0.0.1:5",
	} {
		if got := ollamaURL(in); got != want {
			t.Errorf("ollamaURL(%q) = %q, want %q", in, got, want)
		}
	}
}

// offered is what the demo says of a server whose model list is tags.
func offered(t *testing.T, d demo, tags string, wait time.Duration) string {
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
	defer srv.Close()
	t.Setenv("OLLAMA_HOST", srv.URL)
	var out bytes.Buffer
	d.Out = &out
	d.offerOllama(t.Context())
	return out.String()
}

func TestOfferOllama(t *testing.T) {
	four := `{"models":[{"name":"a:latest"},{"name":"b:4b"},{"name":"hf.co/x/y:q4"},{"name":"d"}]}`
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
	wantText(t, said, "tackhammer demo --dir '/my demo' --model ollama:a\n")
}
