package verify

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
)

// edit replaces a text of a file once.
func edit(t *testing.T, file, from, to string) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(raw), from) {
		t.Fatalf("%s has no %q", file, from)
	}
	put(t, file, strings.Replace(string(raw), from, to, 1))
}

func TestAForkedKitIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(t *testing.T, dir string)
		want string
	}{
		"untouched": {func(*testing.T, string) {}, ""},
		"replaced": {func(t *testing.T, dir string) {
			edit(t, filepath.Join(dir, "go.mod"), "=> ./third_party/kit", "=> ../fork")
		}, "go.mod:0 kit-replaced"},
		"a dependency replaced": {func(t *testing.T, dir string) {
			put(t, filepath.Join(dir, "go.mod"), read(t, filepath.Join(dir, "go.mod"))+"\nreplace github.com/uptrace/bun => ../bun\n")
		}, " replaced"},
		"an edited room of the promise": {func(t *testing.T, dir string) {
			edit(t, filepath.Join(dir, "third_party/kit/workflow/check.go"), "if !reviewed {", "if false {")
		}, "third_party/kit/workflow/check.go:0 kit-edited"},
		"an edited migration": {func(t *testing.T, dir string) {
			names, _ := filepath.Glob(filepath.Join(dir, "third_party/kit/store/migrations/sqlite/*.sql"))
			put(t, names[0], "SELECT 1;")
		}, "kit-edited"},
		"a file added": {func(t *testing.T, dir string) {
			put(t, filepath.Join(dir, "third_party/kit/review/more.go"), "package review\n")
		}, "third_party/kit/review/more.go:0 kit-edited"},
		"a file gone": {func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, "third_party/kit/audit/verify.go")); err != nil {
				t.Fatal(err)
			}
		}, "third_party/kit/audit/verify.go:0 kit-edited"},
		"a copy": {func(t *testing.T, dir string) {
			put(t, filepath.Join(dir, "mine/go.mod"), "module "+kitPath+"\n")
		}, "mine/go.mod:0 kit-copy"},
		"a copied room": {func(t *testing.T, dir string) {
			if err := os.CopyFS(filepath.Join(dir, "internal/flow"), os.DirFS(filepath.Join(dir, "third_party/kit/workflow"))); err != nil {
				t.Fatal(err)
			}
		}, "internal/flow:0 kit-copy"},
		"a workspace": {func(t *testing.T, dir string) {
			put(t, filepath.Join(dir, "go.work"), "go 1.26\n\nuse .\n\nuse ./fork\n")
			put(t, filepath.Join(dir, "fork/go.mod"), "module "+kitPath+"\n")
		}, "go.work:5 workspace"},
		"a vendor folder": {func(t *testing.T, dir string) {
			put(t, filepath.Join(dir, "vendor", kitPath, "kit.go"), "package kit\n")
		}, "vendor/" + kitPath + "/kit.go:0 vendored"},
		"a script": {func(t *testing.T, dir string) {
			put(t, filepath.Join(dir, "scripts/seed.sh"), "#!/bin/sh\nsqlite3 data/app.db \"INSERT INTO deliveries (id) VALUES (1)\"\n")
		}, "scripts/seed.sh:2 raw-sql"},
		"build flags": {func(t *testing.T, dir string) {
			put(t, filepath.Join(dir, "Makefile"), "build:\n\tgo build -overlay=other.json .\n")
		}, "Makefile:2 build-flags"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := newApp(t)
			c.do(t, dir)
			s := begin(t, dir)
			got := found(t, s, s.checkKit, s.checkModule, s.checkFiles)
			if c.want == "" && len(got) > 0 || !slices.ContainsFunc(got, func(g string) bool { return strings.Contains(g, c.want) }) && c.want != "" {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// Whoever edits the kit can edit what remembers it, too. The release remembers
// it better.
func TestAForgedLockIsFound(t *testing.T) {
	source := released(t)
	forged := scaffold.Source{Templates: source.Templates, Kit: forgedKit{source.Kit}}
	plan, err := forged.Plan(scaffold.Spec{Template: "receipts", Name: "receipts-desk"})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "desk")
	if err := plan.Apply(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	s := begin(t, dir)
	got := found(t, s, s.checkKit)
	for _, want := range []string{"third_party/kit/workflow/check.go:0 kit-edited", ".tackhammer/lock.json:0 lock"} {
		if !slices.Contains(got, want) {
			t.Errorf("found %q, want %q", got, want)
		}
	}
	if s.rep.Kit != "edited" || s.rep.Count(Error) < 2 {
		t.Errorf("the kit is %s with %d errors", s.rep.Kit, s.rep.Count(Error))
	}

	// A version that this program does not have proves nothing.
	edit(t, filepath.Join(dir, ".tackhammer/lock.json"), `"tackhammer": "`+scaffold.Version, `"tackhammer": "9.9.9`)
	s = begin(t, dir)
	got = found(t, s, s.checkKit)
	if !slices.Contains(got, ".tackhammer/lock.json:0 kit-version") || s.rep.Kit != "unknown" {
		t.Errorf("found %q, the kit is %s", got, s.rep.Kit)
	}
}

func TestEditsOfTheKitAreAllowedWithAWarning(t *testing.T) {
	dir := newApp(t)
	put(t, filepath.Join(dir, "third_party/kit/review/more.go"), "package review\n")
	s := begin(t, dir)
	s.AllowKitEdits = true
	got := found(t, s, s.checkKit)
	if !slices.Equal(got, []string{"third_party/kit/review/more.go:0 kit-edited"}) || s.rep.Count(Error) > 0 {
		t.Errorf("found %q, %d errors", got, s.rep.Count(Error))
	}
}
