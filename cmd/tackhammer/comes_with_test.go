package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
)

// everyApp calls f with the files of an app of each template in each language
// with each database, drafting by rules and by a model.
func everyApp(t *testing.T, f func(t *testing.T, spec scaffold.Spec, files scaffold.Tree)) {
	t.Helper()
	for _, name := range source(t).Names() {
		for _, lang := range scaffold.Langs {
			for i, db := range scaffold.DBs {
				spec := scaffold.Spec{Template: name, Name: "Bob's Desk", Lang: lang, DB: db, Model: []string{"baseline", "ollama:qwen3:4b"}[i]}
				plan, err := source(t).Plan(spec)
				if err != nil {
					t.Fatal(err)
				}
				t.Run(name+","+lang+","+db, func(t *testing.T) { f(t, plan.Spec, plan.Tree()) })
			}
		}
	}
}

func readYAML[T any](t *testing.T, files scaffold.Tree, name string) (v T) {
	t.Helper()
	if files[name].Data == nil {
		t.Fatalf("there is no %s", name)
	}
	if err := yaml.Unmarshal(files[name].Data, &v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return v
}

// targetsOf are the targets of an app's Makefile that its help lists.
func targetsOf(files scaffold.Tree) []string {
	return captures(regexp.MustCompile(`(?m)^([a-z]+):.*## `), string(files["Makefile"].Data))
}

var makeLine = regexp.MustCompile(`\bmake ([a-z]+)`)

// The build server does what a developer does, and may write as little as it
// can do with.
func TestTheBuildServersStepsExist(t *testing.T) {
	everyApp(t, func(t *testing.T, _ scaffold.Spec, files scaffold.Tree) {
		type job struct {
			Permissions map[string]string
			Steps       []struct{ Uses, Run string }
		}
		ci := readYAML[struct {
			Permissions map[string]string
			Jobs        map[string]job
		}](t, files, ".github/workflows/ci.yml")
		done := ""
		for name, job := range ci.Jobs {
			for _, step := range job.Steps {
				done += step.Run + "\n"
				if step.Uses != "" && !regexp.MustCompile(`^(actions|github)/[a-z/-]+@v\d+$`).MatchString(step.Uses) {
					t.Errorf("%s uses %s: pin a major version of a well-known action", name, step.Uses)
				}
			}
			for what, may := range job.Permissions {
				if may == "write" && (what != "security-events" || name != "verify") && (what != "packages" || name != "image") {
					t.Errorf("the job %s may write %s", name, what)
				}
			}
		}
		if len(ci.Permissions) != 1 || ci.Permissions["contents"] != "read" {
			t.Errorf("all jobs may %v", ci.Permissions)
		}
		called := captures(makeLine, done)
		for _, target := range called {
			if !slices.Contains(targetsOf(files), target) {
				t.Errorf("there is no make %s", target)
			}
		}
		for _, target := range []string{"lint", "race", "build", "verify"} {
			if !slices.Contains(called, target) {
				t.Errorf("make %s is not called", target)
			}
		}
		dependabot := readYAML[struct {
			Updates []struct {
				Ecosystem string `yaml:"package-ecosystem"`
			}
		}](t, files, ".github/dependabot.yml")
		if len(dependabot.Updates) != 3 {
			t.Errorf("dependabot watches %v", dependabot.Updates)
		}
	})
}

// Each target of the Makefile is listed by help, and is one that make reads.
func TestMakefileListsItsTargets(t *testing.T) {
	if _, err := exec.LookPath("make"); err != nil {
		missing(t, "the program make is not installed")
	}
	everyApp(t, func(t *testing.T, spec scaffold.Spec, files scaffold.Tree) {
		dir := t.TempDir()
		write(t, dir, files, "Makefile")
		help := output(t, dir, "make", "help")
		phony := strings.Fields(captures(regexp.MustCompile(`(?m)^\.PHONY: (.*)$`), string(files["Makefile"].Data))[0])
		for _, target := range phony {
			if !strings.Contains(help, "make "+target+" ") && target != "help" {
				t.Errorf("help does not list %s:\n%s", target, help)
			}
			output(t, dir, "make", "-n", target)
		}
		verify := output(t, dir, "make", "-n", "verify", "ARGS=--json")
		if want := "cmd/tackhammer@v" + scaffold.Version + " verify --json"; !strings.Contains(verify, want) {
			t.Errorf("make verify runs %q, want %q", verify, want)
		}
		if bytes.Contains(files["Makefile"].Data, []byte(".ONESHELL")) {
			t.Error("make 3.81 of macOS knows no .ONESHELL")
		}
	})
}

func output(t *testing.T, dir, program string, args ...string) string {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// write puts files of an app below dir, all of them where none is named.
func write(t *testing.T, dir string, files scaffold.Tree, names ...string) {
	t.Helper()
	for name, f := range files {
		if len(names) > 0 && !slices.Contains(names, name) {
			continue
		}
		to := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, f.Data, f.Mode); err != nil {
			t.Fatal(err)
		}
	}
}

// systemd takes the unit as it is, with a program in the place of the app's.
func TestTheUnitIsGood(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		missing(t, "the program systemd-analyze is not installed")
	}
	everyApp(t, func(t *testing.T, spec scaffold.Spec, files scaffold.Tree) {
		unit := string(files["deploy/app.service"].Data)
		for _, want := range []string{"NoNewPrivileges=yes", "ProtectSystem=strict", "Restart=on-failure", "StateDirectory=bob-s-desk", "User=bob-s-desk",
			"EnvironmentFile=-/etc/bob-s-desk.env", "ExecStart=/usr/local/bin/bob-s-desk serve", "--data /var/lib/bob-s-desk"} {
			if !strings.Contains(unit, want) {
				t.Errorf("the unit lacks %s", want)
			}
		}
		file := filepath.Join(t.TempDir(), "bob-s-desk.service")
		if err := os.WriteFile(file, []byte(strings.ReplaceAll(unit, "/usr/local/bin/bob-s-desk", "/bin/true")), 0o644); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", file).CombinedOutput()
		if err != nil || bytes.Contains(out, []byte("bob-s-desk")) {
			t.Errorf("%v\n%s", err, out)
		}
	})
}

func TestTheDevContainerFitsTheModule(t *testing.T) {
	everyApp(t, func(t *testing.T, _ scaffold.Spec, files scaffold.Tree) {
		var c struct {
			Image             string
			Features          map[string]any
			ForwardPorts      []int
			PostCreateCommand string
		}
		if err := json.Unmarshal(files[".devcontainer/devcontainer.json"].Data, &c); err != nil {
			t.Fatal(err)
		}
		version := captures(regexp.MustCompile(`(?m)^go (\d+\.\d+)`), string(files["go.mod"].Data))
		if len(version) != 1 || !strings.Contains(c.Image, "/go:"+version[0]+"-") || !strings.Contains(string(files["Dockerfile"].Data), "golang:"+version[0]+"-") {
			t.Errorf("go.mod says Go %v, the dev container %s", version, c.Image)
		}
		if !slices.Equal(c.ForwardPorts, []int{8080}) || c.PostCreateCommand != "go mod download" || len(c.Features) == 0 {
			t.Errorf("%+v", c)
		}
	})
}

// What people read names only commands, flags, targets and files that are there.
func TestWhatAnAppsPagesNameIsThere(t *testing.T) {
	everyApp(t, func(t *testing.T, spec scaffold.Spec, files scaffold.Tree) {
		n := 0
		for _, page := range []string{"README.md", "AGENTS.md", "deploy/README.md"} {
			text := string(files[page].Data)
			for _, m := range goRun.FindAllStringSubmatch(text, -1) {
				n++
				if bad := programs["."].unknown(m[2]); len(bad) > 0 {
					t.Errorf("%s: %q: there is no %s", page, m[0], strings.Join(bad, ", "))
				}
			}
			for _, target := range captures(makeLine, text) {
				if !slices.Contains(targetsOf(files), target) {
					t.Errorf("%s: there is no make %s", page, target)
				}
			}
			for _, name := range captures(regexp.MustCompile("`([a-z_*]+(?:/[a-z.]*)*(?:\\.(?:go|md|yaml))?/?)`"), text) {
				if strings.ContainsAny(name, "./") && !holds(files, name) {
					t.Errorf("%s names %s, which is not there", page, name)
				}
			}
		}
		if n < 8 {
			t.Errorf("only %d command lines were found", n)
		}
		if agents := string(files["AGENTS.md"].Data); !strings.Contains(agents, "third_party/kit") || !strings.Contains(agents, "the type `") {
			t.Errorf("AGENTS.md:\n%s", agents)
		}
	})
}

// holds reports whether an app has a file or folder of the name, which may
// have stars.
func holds(files scaffold.Tree, name string) bool {
	if slices.Contains([]string{"data/", "bin/"}, name) {
		return true // that the program makes
	}
	for file := range files {
		if ok, _ := path.Match(name, file); ok || strings.HasPrefix(file, strings.TrimSuffix(name, "/")+"/") {
			return true
		}
	}
	return strings.HasPrefix(name, "answers/") || strings.HasPrefix(name, "cases/")
}

// The template to begin one's own from is much smaller than the one to show.
func TestBlankIsSmall(t *testing.T) {
	own := map[string]int{}
	for name, plan := range fresh(t) {
		common := fmt.Sprint(commonFiles(t))
		for file, f := range plan.Tree() {
			if (path.Ext(file) == ".go" || path.Ext(file) == ".yaml") && !strings.Contains(file, "/") && !strings.Contains(common, file+" ") {
				own[name] += bytes.Count(f.Data, []byte("\n"))
			}
		}
	}
	t.Logf("lines of Go and YAML that are a template's own: %v", own)
	if own["blank"] == 0 || own["blank"]*2 > own["receipts"] {
		t.Errorf("blank has %d lines of its own, receipts %d: it is to have half at most", own["blank"], own["receipts"])
	}
}

func commonFiles(t *testing.T) (names []string) {
	t.Helper()
	here, err := os.ReadDir(filepath.Join(root, "templates", "common"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range here {
		names = append(names, strings.TrimSuffix(f.Name(), ".tmpl"))
	}
	return append(names, "")
}
