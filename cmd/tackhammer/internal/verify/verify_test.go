package verify

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/tackhammer/tackhammer"
	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
	"github.com/tackhammer/tackhammer/templates"
)

// released is what this program makes apps from.
func released(t testing.TB) scaffold.Source {
	t.Helper()
	k, err := fs.Sub(tackhammer.Kit, "kit")
	if err != nil {
		t.Fatal(err)
	}
	return scaffold.Source{Templates: templates.FS, Kit: k}
}

// made plans the app once for all tests.
var made = sync.OnceValues(func() (*scaffold.Plan, error) {
	k, err := fs.Sub(tackhammer.Kit, "kit")
	if err != nil {
		return nil, err
	}
	return scaffold.Source{Templates: templates.FS, Kit: k}.Plan(scaffold.Spec{Template: "receipts", Name: "receipts-desk"})
})

// newApp writes a receipts app.
func newApp(t testing.TB) string {
	t.Helper()
	plan, err := made()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "desk")
	if err := plan.Apply(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// write puts the files of an archive into dir.
func write(t testing.TB, dir, archive string) []txtar.File {
	t.Helper()
	a, err := txtar.ParseFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range a.Files {
		put(t, filepath.Join(dir, filepath.FromSlash(f.Name)), string(f.Data))
	}
	return a.Files
}

func put(t testing.TB, file, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// begin is a session over an app, as Run begins it.
func begin(t testing.TB, dir string) *session {
	t.Helper()
	root, err := realDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	s := &session{Config: Config{Dir: dir, Source: released(t), NoRun: true}, root: root, seen: map[Finding]bool{}, edited: map[string]bool{}, rep: &Report{Kit: "unknown"}}
	if s.lock, err = scaffold.ReadLock(root); err != nil {
		t.Fatal(err)
	}
	return s
}

// found runs parts of a session and lists what they tell.
func found(t testing.TB, s *session, parts ...func(context.Context) error) []string {
	t.Helper()
	for _, part := range parts {
		if err := part(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	var all []string
	for _, f := range s.rep.Findings {
		all = append(all, fmt.Sprintf("%s:%d %s", f.File, f.Line, f.Rule))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

var want = regexp.MustCompile(`// want (.+)$`)

// wanted reads what an archive says is found in it.
func wanted(files []txtar.File) []string {
	// What is no Go cannot say it in a comment of Go.
	all := map[string]bool{"linked/linked_amd64.s:0 assembly": true, "linked/linked.go:11 linkname": true, "embeds/seed.txt:2 raw-sql": true, "migrations/1.sql:3 raw-sql": true}
	for _, f := range files {
		for i, line := range strings.Split(string(f.Data), "\n") {
			if m := want.FindStringSubmatch(line); m != nil {
				for _, rule := range strings.Fields(m[1]) {
					all[fmt.Sprintf("%s:%d %s", f.Name, i+1, rule)] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// Every trick is found where it stands, and nothing else: not in the app as it
// is made, and not in what teams write beside it.
func TestTricksAreFoundAndNothingElse(t *testing.T) {
	t.Setenv("GOFLAGS", "-trimpath") // what was compiled for another folder is used again
	dir := newApp(t)
	planted := write(t, dir, "testdata/planted.txtar")
	write(t, dir, "testdata/honest.txtar")
	s := begin(t, dir)
	got, want := found(t, s, s.checkKit, s.checkModule, s.checkFiles, s.checkSource), wanted(planted)
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
	if s.rep.Kit != "pristine" {
		t.Errorf("the kit is %s", s.rep.Kit)
	}
}
