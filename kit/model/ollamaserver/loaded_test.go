package ollamaserver_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model/ollamaserver"
)

func TestWhatIsLoaded(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/ps" || r.Method != http.MethodGet {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		fmt.Fprint(w, `{"models":[{"name":"small:4b","model":"small:4b","size":5000,"digest":"ab12","size_vram":5000},
			{"name":"large:70b","size":9000,"digest":"cd34","size_vram":4000},{"name":"slow","size":70,"digest":"ef56","size_vram":0}]}`)
	}))
	defer s.Close()
	got, err := ollamaserver.Loaded(t.Context(), s.URL)
	want := []ollamaserver.LoadedModel{{"small:4b", "ab12", 5000, 5000}, {"large:70b", "cd34", 9000, 4000}, {"slow", "ef56", 70, 0}}
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("%+v, %v", got, err)
	}
	for i, spilled := range []bool{false, true, false} {
		if got[i].Spilled() != spilled {
			t.Errorf("%s: spilled is %v", got[i].Name, !spilled)
		}
	}
}

// Something that answers, and is no Ollama, has no version.
func TestOnlyAServerHasAVersion(t *testing.T) {
	says := ""
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, says) }))
	for text, want := range map[string]string{`{"version":"0.17.4"}`: "0.17.4", `{}`: "", `<html>`: "", ``: ""} {
		says = text
		v, err := ollamaserver.Version(t.Context(), s.URL)
		if v != want || (err == nil) != (want != "") || err != nil && kit.CodeOf(err) != kit.Unavailable {
			t.Errorf("%s: %q, %v", text, v, err)
		}
	}
	s.Close()
	if _, err := ollamaserver.Version(t.Context(), s.URL); kit.CodeOf(err) != kit.Unavailable {
		t.Errorf("no server: %v", err)
	}
}

func TestNothingTellsWhatIsLoaded(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	if _, err := ollamaserver.Loaded(t.Context(), s.URL); kit.CodeOf(err) != kit.Unavailable || kit.HintOf(err) == "" {
		t.Errorf("no such page: %v", err)
	}
	s.Close()
	if _, err := ollamaserver.Loaded(t.Context(), s.URL); kit.CodeOf(err) != kit.Unavailable {
		t.Errorf("no server: %v", err)
	}
	if _, err := ollamaserver.Loaded(t.Context(), "ftp://x"); kit.CodeOf(err) != kit.Invalid {
		t.Errorf("no address: %v", err)
	}
}
