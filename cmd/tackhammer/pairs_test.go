package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/tryout"
)

// Every template stands with every two options together: an app for each of few
// combinations is rendered, vetted and tested with no network. The apps share a
// folder, so that the Go command builds again only what differs.
func TestEveryPairOfOptionsStands(t *testing.T) {
	for _, name := range source(t).Names() {
		t.Run(name, func(t *testing.T) {
			m, err := source(t).Manifest(name)
			if err != nil {
				t.Fatal(err)
			}
			specs, dir := tryout.Specs(m), filepath.Join(t.TempDir(), "apps")
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			for _, spec := range specs {
				plan, err := tryout.Render(source(t), spec)
				if err == nil && !testing.Short() {
					err = tryout.Prove(t.Context(), plan, dir)
				}
				if err != nil {
					t.Errorf("%+v\n%v", spec, err)
				}
			}
			t.Logf("%d combinations, %.1f s each", len(specs), time.Since(began).Seconds()/float64(len(specs)))
		})
	}
}
