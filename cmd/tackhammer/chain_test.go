package main

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer"
	"github.com/tackhammer/tackhammer/templates"
)

// change is one of a text: old becomes new. Without old the file is new; without
// both it goes.
type change struct{ path, old, new string }

// realChanges are what the second release of the real source and the third one
// change, in the templates and in the kit. The first one is the source as it is.
var realChanges = [2][]change{{
	{"templates/receipts/nail.yaml.tmpl", "company: 0.90", "company: 0.85"},
	{"templates/receipts/nail.yaml.tmpl", "  due: 24h  ", "  due: 36h  "},
	{"templates/receipts/prompts/extract.md.tmpl", "the day comes before the month.", "the day comes before the month, and the year may have two digits."},
	{"templates/receipts/baseline.go.tmpl", "// The rules read a receipt row by row:", "// The rules read a receipt one row after the other:"},
	{"templates/receipts/baseline_weak.go.tmpl", "It", "That"},
	{"templates/receipts/workflow_test.go.tmpl", "a rejected case was delivered", "a case that was rejected left"},
	{"templates/receipts/canaries.go.tmpl", "see\n// whether people look", "see\n// whether people still look"},
	{"templates/receipts/README.en.md.tmpl", "## Start", "## How to start"},
	{"templates/common/AGENTS.md.tmpl", "## What proves it", "## What shows that it works"},
	{"templates/common/go.mod.tmpl", "go 1.26.0", "go 1.26.1"},
	{"templates/receipts/heard.go.tmpl", "", "package main\n\n// heard is what the release adds.\nfunc heard() int {\n\tn := 2\n\treturn n\n}\n\nvar _ = heard\n"},
	{"kit/app/alive.go", "answering = 5 *", "answering = 6 *"},
	{"kit/app/second.go", "", "package app\n\n// Second says that the kit is the second release's.\nconst Second = true\n"},
}, {
	{"templates/receipts/nail.yaml.tmpl", "total: 0.95", "total: 0.96"},
	{"templates/receipts/prompts/extract.md.tmpl", "Not the customer, not a slogan.", "Neither the customer nor a slogan."},
	{"templates/receipts/samples/klinik-two-dates.txt", "KLINIK", "Klinik"},
	{"templates/receipts/heard.go.tmpl", "n := 2", "n := 3"},
	{"templates/receipts/canaries_test.go.tmpl", "", ""},
	{"kit/app/alive.go", "answering = 6 *", "answering = 7 *"},
	{"kit/app/second.go", "", ""},
	{"kit/app/third.go", "", "package app\n\n// Third says that the kit is the third release's.\nconst Third = true\n"},
}}

// realRelease is the program of the nth of three releases of the real source.
func realRelease(n int) func() {
	return func() {
		files, err := realFiles(n)
		if err != nil {
			panic(err)
		}
		release([]string{"1.0.0", "1.1.0", "1.2.0"}[n], files)()
	}
}

// realFiles are what a release makes apps from.
func realFiles(n int) (map[string]string, error) {
	files := map[string]string{}
	for top, from := range map[string]fs.FS{"templates/": templates.FS, "": tackhammer.Kit} {
		err := fs.WalkDir(from, ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			raw, err := fs.ReadFile(from, path)
			files[top+path] = string(raw)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	for _, changes := range realChanges[:n] {
		for _, c := range changes {
			if err := c.apply(files); err != nil {
				return nil, err
			}
		}
	}
	return files, nil
}

func (c change) apply(files map[string]string) error {
	switch text, ok := files[c.path]; {
	case c.old == "" && c.new == "" && ok:
		delete(files, c.path)
	case c.old == "" && !ok:
		files[c.path] = c.new
	case c.old != "" && strings.Contains(text, c.old):
		files[c.path] = strings.Replace(text, c.old, c.new, 1)
	default:
		return fmt.Errorf("%s has no %q that a release could change: choose another text of it", c.path, c.old)
	}
	return nil
}

// team is one that works on an app, in git.
type team struct {
	t   *testing.T
	dir string
}

func (w team) run(program string, args ...string) string {
	w.t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = w.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		w.t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func (w team) commit(words string) {
	w.t.Helper()
	w.run("git", "add", "-A")
	w.run("git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false", "commit", "-q", "-m", words)
}

func (w team) read(path string) string {
	w.t.Helper()
	raw, err := os.ReadFile(filepath.Join(w.dir, path))
	if err != nil {
		w.t.Fatal(err)
	}
	return string(raw)
}

func (w team) edit(path, old, new string) {
	w.t.Helper()
	text := w.read(path)
	if !strings.Contains(text, old) {
		w.t.Fatalf("%s has no %q:\n%s", path, old, text)
	}
	put(w.t, filepath.Join(w.dir, path), []byte(strings.ReplaceAll(text, old, new)))
}

// first edits what the first release made: it renames, deletes, reformats, has
// lines end in CRLF, ends a file without a line feed, and edits the kit.
func (w team) first() {
	w.t.Helper()
	w.edit("baseline.go", "weak(rows)...", "maybe(rows)...")
	w.edit("baseline_weak.go", "func weak(", "func maybe(")
	w.run("git", "mv", "baseline_weak.go", "baseline_maybe.go")
	w.run("git", "rm", "-q", "README.md", "deploy/README.md")
	w.edit("baseline.go", "func (r row) slice(i, j int) row {", "func (r row) slice(\n\ti int,\n\tj int,\n) row {")
	w.edit("nail.yaml", "bar: {date: 0.95, total: 0.95, company: 0.90, address: 0.80}\n",
		"bar:\n  # agreed with Kedai Ujian\n  date: 0.99\n  total: 0.95\n  company: 0.90\n  address: 0.80\n")
	w.edit("nail.yaml", "price: 0.30 ", "price: 0.45 ")
	w.edit("AGENTS.md", "\n", "\r\n")
	w.edit("AGENTS.md", "## What must never be done", "## What we never do")
	w.edit("canaries.go", "\n", "\r\n")
	w.edit("canaries.go", "\t\tworkflow.MoveDate(\"date\"),\r\n", "")
	w.edit("workflow_test.go", "\t\"testing\"\n", "\t\"testing\"\n\n\t\"example.com/own\"\n")
	put(w.t, filepath.Join(w.dir, "workflow_test.go"), []byte(w.read("workflow_test.go")+"\nfunc TestTeam(t *testing.T) {\n\tif own.Own != 7 {\n\t\tt.Fatal(\"the team's module\")\n\t}\n}"))
	w.edit("prompts/extract.md", "You read receipts and invoices for a bookkeeper.", "You read receipts for Kedai Ujian.")
	w.edit("go.mod", "require github.com/tackhammer/tackhammer/kit v0.0.0\n", "require github.com/tackhammer/tackhammer/kit v0.0.0\n\nrequire example.com/own v0.0.0\n\nreplace example.com/own => ./own\n")
	put(w.t, filepath.Join(w.dir, "own", "go.mod"), []byte("module example.com/own\n\ngo 1.26\n"))
	put(w.t, filepath.Join(w.dir, "own", "own.go"), []byte("package own\n\nconst Own = 7\n"))
	w.edit("third_party/kit/app/alive.go", "&http.Client{", "/* the team's */ &http.Client{")
	w.commit("our edits")
}

// second edits what the second release made, by hand and by add.
func (w team) second() {
	w.t.Helper()
	w.edit("heard.go", "// heard is what the release adds.", "// heard is explained by the team.")
	w.run("git", "rm", "-q", "samples/klinik-two-dates.txt")
	w.commit("more edits")
	w.run("tackhammer-real-2", "add", "field", "discount", "--type", "money", "--label-zh", "折扣", "--bar", "0.9", "--no-test")
	w.commit("a field")
}

// Three releases of the real source, with the real kit: the team's edits stay,
// what the releases change comes, and the app's own tests are green.
func TestAChainOfRealReleasesKeepsEveryEdit(t *testing.T) {
	if _, err := realFiles(2); err != nil {
		t.Fatal(err)
	}
	if testing.Short() {
		t.Skip("compiles an app of each of three releases")
	}
	if _, err := exec.LookPath("git"); err != nil {
		missing(t, "the program git is not installed")
	}
	w := team{t, t.TempDir()}
	w.run("tackhammer-real-1", "new", "desk", "--template", "receipts")
	w.dir = filepath.Join(w.dir, "desk")
	w.run("git", "init", "-q")
	w.commit("made")
	for i, edits := range []func(){w.first, w.second} {
		edits()
		program := []string{"tackhammer-real-2", "tackhammer-real-3"}[i]
		said := w.run(program, "update")
		for _, want := range []string{"the kit is edited, and merged file by file: third_party/kit/app/alive.go\n", "go build ./...  passes", "go vet   ./...  passes", "go test  ./...  passes"} {
			if !strings.Contains(said, want) {
				t.Errorf("%s update does not say %q:\n%s", program, want, said)
			}
		}
		w.commit(program)
		if again := w.run(program, "update"); !strings.HasPrefix(again, "nothing to do") {
			t.Errorf("it does not settle: %s", again)
		}
	}
	w.holds()
	goTool(t, w.dir, "vet", "./...")
	goTool(t, w.dir, "test", "./...")
}

// holds tells whether every edit of the team is there, and every change of the
// releases.
func (w team) holds() {
	w.t.Helper()
	for path, wants := range map[string][]string{
		"baseline.go":                  {"maybe(rows)...", "func (r row) slice(\n\ti int,\n\tj int,\n) row {", "one row after the other"},
		"baseline_maybe.go":            {"func maybe(rows []row)"},
		"nail.yaml":                    {"  # agreed with Kedai Ujian\n  date: 0.99\n  total: 0.96\n  company: 0.85\n  address: 0.80\n", "discount: 0.9", "price: 0.45 ", "due: 36h"},
		"AGENTS.md":                    {"## What shows that it works\r\n", "## What we never do\r\n"},
		"canaries.go":                  {"SwapDigits(\"total\"),\r\n\t\tworkflow.AnotherOf", "people still look: review.canaries"},
		"workflow_test.go":             {"func TestTeam(", "a case that was rejected left"},
		"prompts/extract.md":           {"You read receipts for Kedai Ujian.", "the year may have two digits", "Neither the customer", "- discount: "},
		"receipt.go":                   {"Discount *json.Number"},
		"go.mod":                       {"go 1.26.1\n", "require example.com/own v0.0.0", "replace example.com/own => ./own", "=> ./third_party/kit"},
		"heard.go":                     {"explained by the team", "n := 3"},
		"third_party/kit/app/alive.go": {"/* the team's */ &http.Client{", "answering = 7 *"},
		"third_party/kit/app/third.go": {"const Third"},
	} {
		text := w.read(path)
		for _, want := range wants {
			if !strings.Contains(text, want) {
				w.t.Errorf("%s has no %q:\n%s", path, want, text)
			}
		}
	}
	for _, path := range []string{"AGENTS.md", "canaries.go"} {
		if text := w.read(path); strings.Count(text, "\n") != strings.Count(text, "\r\n") {
			w.t.Errorf("not every line of %s ends in CRLF", path)
		}
	}
	if strings.HasSuffix(w.read("workflow_test.go"), "\n") {
		w.t.Error("workflow_test.go ends with a line feed that the team took away")
	}
	for _, path := range []string{"baseline_weak.go", "README.md", "deploy/README.md", "samples/klinik-two-dates.txt", "canaries_test.go", "third_party/kit/app/second.go"} {
		if _, err := os.Stat(filepath.Join(w.dir, path)); err == nil {
			w.t.Errorf("%s is back", path)
		}
	}
	if left := w.run("git", "status", "--porcelain", "--ignored"); left != "" {
		w.t.Errorf("beside what git has: %s", left)
	}
}
