package doctor_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/doctor"
)

// gpuOf is a machine with a GPU of so many MiB.
func gpuOf(mib int) map[string]string {
	return map[string]string{"nvidia-smi": fmt.Sprintf("echo 'Test, %d'", mib)}
}

// A real server, with a model of half a megabyte.
func TestARealServerAndItsModel(t *testing.T) {
	host, model := os.Getenv("OLLAMA_HOST"), os.Getenv("OLLAMA_TINY_MODEL")
	if host == "" || model == "" {
		if os.Getenv("TACKHAMMER_REQUIRE") != "" {
			t.Fatal("OLLAMA_HOST and OLLAMA_TINY_MODEL name no server and model")
		}
		t.Skip("OLLAMA_HOST and OLLAMA_TINY_MODEL name no server and model")
	}
	b := bench{env: map[string]string{"OLLAMA_HOST": host}, config: doctor.Config{Needs: doctor.Needs{Model: "ollama:" + model}}}
	found := b.examine(t)
	if f := found["ollama"]; f.Level != doctor.OK || !strings.HasSuffix(f.Says, " at "+host) {
		t.Errorf("%+v", f)
	}
	if f := found["model"]; f.Level != doctor.OK || !strings.Contains(f.Says, model+":latest is there, and takes ") {
		t.Errorf("%+v", f)
	}
	b.programs = gpuOf(24 << 10)
	if f := b.examine(t)["model"]; f.Level != doctor.OK || !strings.HasSuffix(f.Says, "of the GPU's 24.0 GiB") {
		t.Errorf("%+v", f)
	}
	b.programs = gpuOf(2)
	if f := b.examine(t)["model"]; f.Level != doctor.Warn || !strings.Contains(f.Says, "the GPU has 2 MiB: it is slow") {
		t.Errorf("%+v", f)
	}
	b.config.Needs.Model = "ollama:nobody-has-this"
	if f := b.examine(t)["model"]; f.Level != doctor.Wrong || f.Mend != "ollama pull nobody-has-this" || !strings.Contains(f.Says, model) {
		t.Errorf("%+v", f)
	}
}

// served is a server that answers as Ollama's does.
func served(t *testing.T, version, models, loaded string) string {
	mux := http.NewServeMux()
	for path, body := range map[string]string{"/api/version": `{"version":"` + version + `"}`, "/api/tags": `{"models":[` + models + `]}`, "/api/ps": `{"models":[` + loaded + `]}`} {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) })
	}
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

func TestWhatAServerHas(t *testing.T) {
	const small = `{"name":"small:1b","size":1073741824}`
	const large = `{"name":"large:70b","size":42949672960}`
	for name, c := range map[string]struct {
		needs, version, models, loaded string
		gpu                            int // MiB
		check                          string
		level                          doctor.Level
		says                           string
	}{
		"old":             {"ollama:small:1b", "0.3.1", small, "", 0, "ollama", doctor.Wrong, "0.3.1"},
		"old, not needed": {"baseline", "0.3.1", small, "", 0, "ollama", doctor.Warn, "older than 0.5.0"},
		"empty":           {"baseline", "0.33.0", "", "", 0, "model", doctor.OK, "the server has no other"},
		"lists":           {"baseline", "0.33.0", small + "," + large, "", 0, "model", doctor.OK, "baseline drafts; the server has small:1b, large:70b"},
		"largest":         {"baseline", "0.33.0", small + "," + large, "", 24 << 10, "model", doctor.OK, "small:1b is the largest that fits the GPU"},
		"none fits":       {"baseline", "0.33.0", large, "", 24 << 10, "model", doctor.Warn, "none fits the GPU's 24.0 GiB"},
		"too large":       {"ollama:large:70b", "0.33.0", small + "," + large, "", 24 << 10, "model", doctor.Warn, "it is slow; a smaller one fits"},
		"spilled":         {"ollama:small:1b", "0.33.0", small, `{"name":"small:1b","size":100,"size_vram":50}`, 0, "model", doctor.Warn, "does not fit the GPU"},
		"elsewhere":       {"ollama:far:cloud", "0.33.0", `{"name":"far:cloud","size":300,"remote_host":"https://ollama.com:443"}`, "", 0, "model", doctor.Warn, "leaves this machine"},
		"no model":        {"ollama:mid:7b", "0.33.0", small, "", 0, "model", doctor.Wrong, "the server has no mid:7b; it has small:1b"},
	} {
		t.Run(name, func(t *testing.T) {
			b := bench{env: map[string]string{"OLLAMA_HOST": served(t, c.version, c.models, c.loaded)}, config: doctor.Config{Needs: doctor.Needs{Model: c.needs}}}
			if c.gpu > 0 {
				b.programs = gpuOf(c.gpu)
			}
			if f := b.examine(t)[c.check]; f.Level != c.level || !strings.Contains(f.Says, c.says) {
				t.Errorf("%+v", f)
			}
		})
	}
}

func TestAServerThatIsNoOllama(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }))
	defer s.Close()
	b := bench{env: map[string]string{"OLLAMA_HOST": s.URL}, config: doctor.Config{Needs: doctor.Needs{Model: "ollama:a"}}}
	if f := b.examine(t)["ollama"]; f.Level != doctor.Wrong {
		t.Errorf("%+v", f)
	}
}
