package ollama_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model/ollama"
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
	got, err := ollama.Loaded(t.Context(), s.URL)
	want := []ollama.LoadedModel{{"small:4b", "ab12", 5000, 5000}, {"large:70b", "cd34", 9000, 4000}, {"slow", "ef56", 70, 0}}
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("%+v, %v", got, err)
	}
	for i, spilled := range []bool{false, true, false} {
		if got[i].Spilled() != spilled {
			t.Errorf("%s: spilled is %v", got[i].Name, !spilled)
		}
	}
}

func TestNothingTellsWhatIsLoaded(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	if _, err := ollama.Loaded(t.Context(), s.URL); kit.CodeOf(err) != kit.Unavailable || kit.HintOf(err) == "" {
		t.Errorf("no such page: %v", err)
	}
	s.Close()
	if _, err := ollama.Loaded(t.Context(), s.URL); kit.CodeOf(err) != kit.Unavailable {
		t.Errorf("no server: %v", err)
	}
	if _, err := ollama.Loaded(t.Context(), "ftp://x"); kit.CodeOf(err) != kit.Invalid {
		t.Errorf("no address: %v", err)
	}
}
