package verify

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
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
	want = append(want, "uses/seed.txt:1 raw-sql")
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
		if f.File == "uses/seed.txt" && f.Severity != Error {
			t.Errorf("an embedded statement beside a database is a %s", f.Severity)
		}
		if t.Failed() || f.Words == "" || f.Mend == "" {
			t.Logf("%s: %s: [%s] %s", f.Where(), f.Severity, f.Rule, f.Words)
		}
	}
}

// A folder that stands in for a module is read, also for one that the kit runs
// on; what it does in its own memory is its own.
func TestReplacedModulesAreRead(t *testing.T) {
	s := &session{}
	for name, c := range map[string]struct {
		module     *packages.Module
		own, apart bool
	}{
		"the standard library": {nil, false, false},
		"the app":              {&packages.Module{Main: true}, true, false},
		"a released module":    {&packages.Module{Path: "github.com/uptrace/bun"}, false, true},
		"a released fork":      {&packages.Module{Path: "github.com/uptrace/bun", Replace: &packages.Module{Path: "example.com/bun", Version: "v1.0.0"}}, false, true},
		"a folder":             {&packages.Module{Path: "github.com/uptrace/bun", Replace: &packages.Module{Path: "./bun"}}, true, true},
	} {
		p := &packages.Package{PkgPath: "github.com/uptrace/bun/schema", Module: c.module}
		if s.isOwn(p) != c.own || isApart(p) != c.apart {
			t.Errorf("%s: read %v, apart %v", name, s.isOwn(p), isApart(p))
		}
	}
}
