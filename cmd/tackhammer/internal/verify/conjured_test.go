package verify

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestApprovalsOfNothingAreFoundAndNothingElse(t *testing.T) {
	t.Setenv("GOFLAGS", "-trimpath") // what was compiled for another folder is used again
	dir := newApp(t)
	want := slices.DeleteFunc(wanted(write(t, dir, "testdata/conjured.txtar")), func(w string) bool {
		folder, _, _ := strings.Cut(w, "/") // the others are of another archive
		return !slices.Contains([]string{"zero", "reflects", "beside", "uses"}, folder)
	})
	write(t, dir, "testdata/honest.txtar")
	mod := filepath.Join(dir, "go.mod")
	put(t, mod, read(t, mod)+"\nrequire example.com/beside v0.0.0\n\nreplace example.com/beside => ./beside\n")
	s := begin(t, dir)
	got := found(t, s, s.checkModule, s.checkFiles, s.checkSource)
	for _, g := range got {
		if !slices.Contains(want, g) {
			t.Errorf("not wanted: %s", g)
		}
	}
	for _, w := range want {
		if !slices.Contains(got, w) {
			t.Errorf("not found: %s", w)
		}
	}
	for _, f := range s.rep.Findings {
		if t.Failed() || f.Words == "" || f.Mend == "" {
			t.Logf("%s: %s: [%s] %s", f.Where(), f.Severity, f.Rule, f.Words)
		}
	}
}
