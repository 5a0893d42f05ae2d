package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
)

// ignored reports whether .dockerignore leaves a file out: a line is a path, of
// a file or a folder, in which a star stands for a part of a name, and ** at
// its front for any folder.
func ignored(lines []string, file string) bool {
	for _, line := range lines {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		pattern := regexp.QuoteMeta(line)
		pattern = strings.ReplaceAll(pattern, `\*\*/`, `(?:.*/)?`)
		pattern = strings.ReplaceAll(pattern, `\*`, `[^/]*`)
		if regexp.MustCompile(`^` + pattern + `(?:/|$)`).MatchString(file) {
			return true
		}
	}
	return false
}

func dockerIgnore(files scaffold.Tree) []string {
	return strings.Split(string(files[".dockerignore"].Data), "\n")
}

// What the program is made of reaches the image's build; what customers gave,
// secrets and git's own do not.
func TestTheImageLeavesOutWhatItMust(t *testing.T) {
	for _, plan := range fresh(t) {
		files := plan.Tree()
		lines := dockerIgnore(files)
		for file := range files {
			outside := strings.HasPrefix(file, ".github/") || strings.HasPrefix(file, ".devcontainer/") || strings.HasPrefix(file, "deploy/") || file == ".env.example"
			if ignored(lines, file) != outside {
				t.Errorf("%s is left out, or is not: %v", file, !outside)
			}
		}
		for _, file := range []string{"data/app.db", "data/files/a.png", ".git/HEAD", ".env", ".env.production", "receipt.key", "tls.pem", "bin/app",
			"theirs/invoice.pdf", "corrections/train.jsonl", "poc.html", ".tackhammer/base.zip", "samples/.DS_Store"} {
			if !ignored(lines, file) {
				t.Errorf("%s would be in the image's build", file)
			}
		}
	}
}

// stage is a part of a Dockerfile: what stands behind a FROM.
type stage struct {
	from string
	does []string // instructions, each on one line
}

func stages(t *testing.T, dockerfile string) (all []stage) {
	t.Helper()
	for line := range strings.Lines(strings.ReplaceAll(dockerfile, "\\\n", " ")) {
		line = strings.Join(strings.Fields(line), " ")
		if from, ok := strings.CutPrefix(line, "FROM "); ok {
			all = append(all, stage{from: from})
		} else if line != "" && line[0] != '#' && len(all) > 0 {
			all[len(all)-1].does = append(all[len(all)-1].does, line)
		}
	}
	return all
}

// The image as it is described: who runs it, how it is asked for its health,
// what it stands on.
func TestTheDockerfileIsCareful(t *testing.T) {
	everyApp(t, func(t *testing.T, spec scaffold.Spec, files scaffold.Tree) {
		text := string(files["Dockerfile"].Data)
		all := stages(t, text)
		last := all[len(all)-1]
		if last.from != "${BASE}" || !strings.Contains(text, "\nARG BASE=ocr\n") || !strings.Contains(text, " AS ocr\n") || !strings.Contains(text, " AS plain\n") {
			t.Errorf("the last stage stands on %s", last.from)
		}
		for _, want := range []string{"USER 65532:65532", "VOLUME /data", `ENTRYPOINT ["/usr/local/bin/bob-s-desk"]`, "ARG VERSION=dev"} {
			if !slices.Contains(last.does, want) {
				t.Errorf("the last stage lacks %s: %q", want, last.does)
			}
		}
		health := regexp.MustCompile(`CMD \["/usr/local/bin/bob-s-desk", "([a-z]+)", "(--[a-z]+)", "127.0.0.1:8080"\]`).FindStringSubmatch(text)
		if health == nil || len(programs["."].unknown(health[1]+" "+health[2])) > 0 {
			t.Errorf("the program cannot be asked for its health: %q", health)
		}
		serve := captures(regexp.MustCompile(`(?m)^CMD \[(.*)\]$`), text)
		if len(serve) != 1 || len(programs["."].unknown(strings.NewReplacer(`"`, "", ",", "").Replace(serve[0]))) > 0 {
			t.Errorf("the image runs %q", serve)
		}
	})
}

// The build stage does on a fresh clone what it says, with what its COPY lines
// bring and no network: the modules come before the sources.
func TestTheImageBuildsFromAClone(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles an app")
	}
	files := fresh(t)["blank"].Tree()
	lines, src := dockerIgnore(files), t.TempDir()
	var build stage
	for _, s := range stages(t, string(files["Dockerfile"].Data)) {
		if strings.HasSuffix(s.from, " AS build") {
			build = s
		}
	}
	commands := 0
	for _, does := range build.does {
		switch {
		case strings.HasPrefix(does, "COPY "):
			for file, f := range files {
				if !ignored(lines, file) && copies(does, file) {
					write(t, src, scaffold.Tree{file: f})
				}
			}
		case strings.HasPrefix(does, "RUN ") && strings.HasSuffix(does, " go mod download"):
			commands++
			output(t, src, "go", "mod", "download") // of what is not in the cache, here as there
		case strings.HasPrefix(does, "RUN "):
			commands++
			m := regexp.MustCompile(`go build (-trimpath) -ldflags="-s -w" -o /out/(\S+) \.`).FindStringSubmatch(does)
			if m == nil || !strings.Contains(does, "CGO_ENABLED=0 ") {
				t.Fatalf("the build does %s", does)
			}
			goTool(t, src, "build", m[1], "-o", filepath.Join(src, m[2]), ".")
			if info, err := os.Stat(filepath.Join(src, m[2])); err != nil || info.Size() < 1<<20 {
				t.Errorf("no program was built: %v", err)
			}
		}
	}
	if commands != 2 {
		t.Errorf("the build stage has %d commands: %q", commands, build.does)
	}
}

// copies reports whether a COPY line names a file, or a folder above it.
func copies(line, file string) bool {
	args := strings.Fields(line)[1:]
	for _, from := range args[:len(args)-1] {
		if from == "." || from == file || strings.HasPrefix(file, strings.TrimSuffix(from, "/")+"/") {
			return true
		}
	}
	return false
}
