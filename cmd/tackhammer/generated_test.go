package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"

	"github.com/tackhammer/tackhammer"
	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/nail"
	"github.com/tackhammer/tackhammer/templates"
)

const root = "../.."

func source(t *testing.T) scaffold.Source {
	t.Helper()
	k, err := fs.Sub(tackhammer.Kit, "kit")
	if err != nil {
		t.Fatal(err)
	}
	return scaffold.Source{Templates: templates.FS, Kit: k}
}

// fresh plans the example of each template.
func fresh(t *testing.T) map[string]*scaffold.Plan {
	t.Helper()
	plans := map[string]*scaffold.Plan{}
	for _, name := range source(t).Names() {
		plan, err := source(t).Plan(scaffold.ExampleSpec(name))
		if err != nil {
			t.Fatal(err)
		}
		plans[name] = plan
	}
	return plans
}

// What is committed under examples is what the command writes today.
func TestExamplesAreFresh(t *testing.T) {
	for name, plan := range fresh(t) {
		dir := filepath.Join(root, "examples", name)
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
			t.Errorf("examples/%s is missing: run make generate", name)
			continue
		}
		for _, op := range plan.Ops {
			got, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(op.Path)))
			if err != nil || !bytes.Equal(got, op.Data) {
				t.Errorf("examples/%s/%s is not what a fresh app has (%v): run make generate", name, op.Path, err)
			}
		}
		edited, err := plan.Lock().Edited(dir, "bin", "data", "dist")
		if err != nil || len(edited) > 0 {
			t.Errorf("examples/%s differs from a fresh app in %v (%v): run make generate", name, edited, err)
		}
	}
}

// go.mod of the kit and of the templates pin what the root's go.mod pins.
func TestPinsAreTheRoots(t *testing.T) {
	pins := requires(t, filepath.Join(root, "go.mod"), nil)
	files, err := filepath.Glob(filepath.Join(root, "templates", "*", "go.mod.tmpl")) // common's, and those of templates that differ
	if err != nil || len(files) == 0 {
		t.Fatalf("no go.mod.tmpl of a template: %v", err)
	}
	for _, file := range append(files, filepath.Join(root, "kit", "go.mod.tmpl")) {
		got := requires(t, file, []byte("example.com/app"))
		if len(got) < 10 {
			t.Errorf("%s requires %d modules", file, len(got))
		}
		for path, version := range got {
			if path != "github.com/tackhammer/tackhammer/kit" && pins[path] != version {
				t.Errorf("%s pins %s %s, the root %q: run make generate", file, path, version, pins[path])
			}
		}
	}
}

func requires(t *testing.T, file string, module []byte) map[string]string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	mod, err := modfile.Parse(file, bytes.Replace(raw, []byte("<% .Module %>"), module, 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, r := range mod.Require {
		all[r.Mod.Path] = r.Mod.Version
	}
	return all
}

// Every file of the kit reaches an app, but for tests: embedding leaves out
// names that begin with a dot or an underscore.
func TestTheWholeKitIsEmbedded(t *testing.T) {
	err := filepath.WalkDir(filepath.Join(root, "kit"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == ".DS_Store" {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if _, err := fs.Stat(tackhammer.Kit, filepath.ToSlash(rel)); err != nil {
			t.Errorf("an app would lack %s: %v", rel, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Whatever is chosen, nail.yaml and the prompts are what the kit takes.
func TestChoicesAreRead(t *testing.T) {
	for _, name := range source(t).Names() {
		for _, lang := range scaffold.Langs {
			for _, db := range scaffold.DBs {
				spec := scaffold.Spec{Template: name, Name: "收据 Desk", Lang: lang, DB: db, Model: "ollama:qwen3:4b"}
				dir := filepath.Join(t.TempDir(), "app")
				plan, err := source(t).Plan(spec)
				if err != nil {
					t.Fatal(err)
				}
				if err := plan.Apply(t.Context(), dir); err != nil {
					t.Fatal(err)
				}
				n, err := nail.Load(filepath.Join(dir, "nail.yaml"))
				if err != nil || n.Lang != lang || n.Database != db || n.Ollama() != "qwen3:4b" || n.Name != "desk" {
					t.Errorf("%s, %s, %s: %+v, %v", name, lang, db, n, err)
				}
				if _, err := model.LoadPrompts(os.DirFS(dir), "prompts"); err != nil {
					t.Error(err)
				}
			}
		}
	}
}

// A fresh app, committed and cloned, builds, vets and passes its tests in an
// empty environment, with the modules in the cache and no network.
func TestFreshAppStandsByItself(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles an app")
	}
	for name, plan := range fresh(t) {
		dir := filepath.Join(t.TempDir(), name)
		if err := plan.Apply(t.Context(), dir); err != nil {
			t.Fatal(err)
		}
		dir = clone(t, dir)
		goTool(t, dir, "vet", "./...")
		goTool(t, dir, "test", "./...")
		goTool(t, filepath.Join(dir, "third_party", "kit"), "build", "./...")
		edited, err := plan.Lock().Edited(dir)
		if err != nil || len(edited) > 0 {
			t.Errorf("cloning, building and testing changed %v (%v)", edited, err)
		}
		if unformatted := goFmt(t, dir); len(unformatted) > 0 {
			t.Errorf("gofmt would change %v", unformatted)
		}
	}
}

// clone commits all of dir to git, as a team does first, and returns a clone.
func clone(t *testing.T, dir string) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		missing(t, "the program git is not installed")
	}
	to := dir + "-clone"
	for _, args := range [][]string{
		{"init", "-q"}, {"add", "."},
		{"-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false", "commit", "-q", "-m", "first"},
		{"clone", "-q", dir, to},
	} {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	return to
}

func goTool(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = []string{"GOPROXY=off", "GOWORK=off", "GOFLAGS=-mod=readonly -trimpath", "GOTOOLCHAIN=local", "PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir()}
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "CGO_ENABLED"} {
		out, err := exec.Command("go", "env", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		cmd.Env = append(cmd.Env, name+"="+strings.TrimSpace(string(out)))
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("go %s in %s: %v\n%s", strings.Join(args, " "), filepath.Base(dir), err, out)
	}
}

// goFmt lists the app's own Go files that gofmt would change.
func goFmt(t *testing.T, dir string) []string {
	t.Helper()
	own, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(own) == 0 {
		t.Fatalf("no Go files in %s: %v", dir, err)
	}
	out, err := exec.Command("gofmt", slices.Concat([]string{"-l"}, own)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return strings.Fields(string(out))
}
