package ollama_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit/model/ollama"
)

// A server that says no version fails nothing, and is what it last said it is.
func TestInfoTellsTheServersVersion(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	versions := []string{`{"version":"0.17.4"}`, `{}`, `no JSON`, "", `{"version":"0.18.0"}`}
	asked := 0
	f := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {})
	inner := f.Config.Handler
	f.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/version" {
			inner.ServeHTTP(w, r)
			return
		}
		if asked++; versions[asked-1] == "" {
			http.Error(w, "broken", http.StatusInternalServerError)
			return
		}
		fmt.Fprint(w, versions[asked-1])
	})
	p := f.open(t, func(c *ollama.Config) { c.Clock = func() time.Time { return now } })
	for i, want := range []string{"ollama 0.17.4", "ollama 0.17.4", "ollama 0.17.4", "ollama 0.17.4", "ollama 0.18.0"} {
		if info, err := p.Info(t.Context()); err != nil || info.Server != want || info.Digest != "d1" {
			t.Errorf("call %d: %+v, %v; want %s", i+1, info, err, want)
		}
		now = now.Add(time.Minute)
	}
}

func TestAServerThatSaysNoVersionDrafts(t *testing.T) {
	p := serve(t, nil).open(t)
	if info, err := p.Info(t.Context()); err != nil || info.Server != "" || info.Digest != "d1" {
		t.Errorf("%+v, %v", info, err)
	}
}
