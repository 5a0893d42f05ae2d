package scaffold

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
)

const tinyMain = "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(word()) }\n"

// program is a source of an app that builds: extra are files beside main.go.
func program(version string, extra map[string]string) Source {
	files := map[string]string{
		"go.mod.tmpl":       "module <% .Module %>\n\ngo 1.26\n\nrequire " + kitModule + " v0.0.0\n\nreplace " + kitModule + " => ./third_party/kit\n",
		"main.go.tmpl":      tinyMain,
		"word.go.tmpl":      "package main\n\nimport kit \"" + kitModule + "\"\n\nfunc word() string { return kit.Word }\n",
		"word_test.go.tmpl": "package main\n\nimport \"testing\"\n\nfunc TestWord(t *testing.T) {\n\tif word() == \"\" {\n\t\tt.Fatal(\"no word\")\n\t}\n}\n",
	}
	for path, text := range extra {
		files[path] = text
	}
	return release(version, files, map[string]string{"kit.go": "package kit\n\n// Old is in every release.\nconst Old = 1\n\n// Word is the release's.\nconst Word = \"" + version + "\"\n"})
}

func TestTryPassesAndLeavesTheAppAlone(t *testing.T) {
	dir := newApp(t, program("0.1.0", nil))
	set(t, dir, "data/big.db", "rows")
	was := snapshot(t, dir)
	n := next(t, program("0.2.0", map[string]string{"more.go.tmpl": "package main\n"}), dir)
	var out bytes.Buffer
	if err := n.Try(t.Context(), Checks{}, &out); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	for _, step := range []string{"go build", "go vet", "go test"} {
		if !strings.Contains(out.String(), step) {
			t.Errorf("it does not say %s:\n%s", step, &out)
		}
	}
	if odd := unlike(was, snapshot(t, dir)); len(odd) > 0 {
		t.Errorf("it wrote %v", odd)
	}
}

func TestTryTellsWhoIsToBlame(t *testing.T) {
	bad := map[string]string{"bad.go.tmpl": "package main\n\nfunc init() { missing() }\n"}
	failing := "package main\n\nimport \"testing\"\n\nfunc TestOwn(t *testing.T) { t.Fatal(\"mine fails\") }\n"
	for name, c := range map[string]struct {
		next              Source
		own               map[string]string
		what              Checks
		says, hint, says2 string
	}{
		"the update":  {program("0.2.0", bad), nil, Checks{}, "go build ./... fails; the app is as it was", "passes without the change", "undefined: missing"},
		"the team":    {program("0.2.0", nil), map[string]string{"own_test.go": failing}, Checks{}, "fails without the change, too", "--no-test", "mine fails"},
		"left out":    {program("0.2.0", nil), map[string]string{"own_test.go": failing}, Checks{NoTest: true}, "", "", "go test  ./...  was left out"},
		"the team II": {program("0.2.0", nil), map[string]string{"own.go": "package main\n\nfunc init() { word( }\n"}, Checks{}, "without the change, too", "mend it first", "own.go"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := newApp(t, program("0.1.0", nil))
			for path, text := range c.own {
				set(t, dir, path, text)
			}
			was := snapshot(t, dir)
			var out bytes.Buffer
			err := next(t, c.next, dir).Try(t.Context(), c.what, &out)
			if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) || !strings.Contains(kit.HintOf(err), c.hint) {
				t.Errorf("%v (%s)", err, kit.HintOf(err))
			}
			if !strings.Contains(out.String(), c.says2) {
				t.Errorf("no %q in\n%s", c.says2, &out)
			}
			if odd := unlike(was, snapshot(t, dir)); len(odd) > 0 {
				t.Errorf("it wrote %v", odd)
			}
		})
	}
}

// A module beside the app, a link out of it, and a workspace above it that does
// not name it: the copy builds as the app does.
func TestTryInARepositoryOfSeveralModules(t *testing.T) {
	dir := newApp(t, program("0.1.0", nil))
	top := filepath.Dir(dir)
	set(t, top, "go.work", "go 1.26\n\nuse ./lib\n")
	set(t, top, "lib/go.mod", "module example.com/lib\n\ngo 1.26\n")
	set(t, top, "lib/lib.go", "package lib\n\nconst Two = 2\n")
	set(t, top, "words/w.txt", "word\n")
	must(t, os.Symlink("../words", filepath.Join(dir, "words")))
	set(t, dir, "lib.go", "package main\n\nimport \"example.com/lib\"\n\nvar _ = lib.Two\n")
	set(t, dir, "lib_test.go", "package main\n\nimport (\n\t\"os\"\n\t\"testing\"\n)\n\nfunc TestWords(t *testing.T) {\n\tif _, err := os.ReadFile(\"words/w.txt\"); err != nil {\n\t\tt.Fatal(err)\n\t}\n}\n")
	set(t, dir, "go.mod", get(t, dir, "go.mod")+"\nrequire example.com/lib v0.0.0\n\nreplace example.com/lib => ../lib\n")
	n := next(t, program("0.2.0", nil), dir)
	var out bytes.Buffer
	if err := n.Try(t.Context(), Checks{}, &out); err != nil {
		t.Errorf("%v\n%s", err, &out)
	}
}

func TestTryEndsWithItsContext(t *testing.T) {
	n := next(t, program("0.2.0", nil), newApp(t, program("0.1.0", nil)))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := n.Try(ctx, Checks{}, &bytes.Buffer{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// An interrupt before the commit record leaves the old app, and one after it
// the new one.
func TestApplyEndsWithItsContextWholly(t *testing.T) {
	for at, want := range map[string]string{"write on": "one\n", "rename a.txt": "two\n"} {
		dir := newApp(t, small)
		n := next(t, later, dir)
		ctx, cancel := context.WithCancel(t.Context())
		before = func(what string) error {
			if strings.HasPrefix(what, at) {
				cancel()
			}
			return nil
		}
		err := n.Apply(ctx)
		before = func(string) error { return nil }
		if (err == nil) != (want == "two\n") || get(t, dir, "a.txt") != want {
			t.Errorf("interrupted at %q: %v, a.txt is %q", at, err, get(t, dir, "a.txt"))
		}
		if said, err := Recover(dir); said != "" || err != nil {
			t.Errorf("interrupted at %q: there is something to recover: %q, %v", at, said, err)
		}
		cancel()
	}
}
