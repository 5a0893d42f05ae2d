package main

import (
	"context"
	"maps"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/command"
	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
)

// Scripts have two releases of this program, with the least of a template and of
// a kit: tackhammer-first is 0.1.0, and tackhammer-next is 0.2.0.
var (
	firstFiles = map[string]string{
		"templates/tiny/template.yaml":     "name: tiny\ndescription: {en: A small one., zh: 小的。}\n",
		"templates/tiny/go.mod.tmpl":       "module <% .Module %>\n\ngo 1.26\n\nrequire github.com/tackhammer/tackhammer/kit v0.0.0\n\nreplace github.com/tackhammer/tackhammer/kit => ./third_party/kit\n",
		"templates/tiny/main.go.tmpl":      "package main\n\nimport (\n\t\"fmt\"\n\n\t\"github.com/tackhammer/tackhammer/kit\"\n)\n\nfunc main() { fmt.Println(greeting(), kit.Word) }\n",
		"templates/tiny/greet.go.tmpl":     "package main\n\n// greeting is what the program says.\nfunc greeting() string {\n\tsay := \"hello\"\n\treturn say\n}\n\n// unused is here to be changed.\nfunc unused() int {\n\treturn 1\n}\n",
		"templates/tiny/main_test.go.tmpl": "package main\n\nimport \"testing\"\n\nfunc TestGreeting(t *testing.T) {\n\tif greeting() == \"\" || unused() == 0 {\n\t\tt.Fatal(\"nothing is said\")\n\t}\n}\n",
		"templates/tiny/nail.yaml.tmpl":    "# What this app is for.\nname: <% .Slug %>\nmodel: <% .Model %>\nlang: en # of the console\n",
		"templates/tiny/notes.txt":         "one\ntwo\nthree\n",
		"templates/tiny/old.txt":           "soon gone\n",
		"kit/go.mod.tmpl":                  "module github.com/tackhammer/tackhammer/kit\n\ngo 1.26\n",
		"kit/go.sum.tmpl":                  "",
		"kit/kit.go":                       "// Package kit is a small one.\npackage kit\n\n// Word is the release's.\nconst Word = \"first\"\n",
		"kit/room/room.go":                 "// Package room is empty.\npackage room\n",
	}
	nextFiles = changed(firstFiles, map[string]string{
		"templates/tiny/greet.go.tmpl":  strings.Replace(firstFiles["templates/tiny/greet.go.tmpl"], "return 1", "return 2", 1),
		"templates/tiny/nail.yaml.tmpl": firstFiles["templates/tiny/nail.yaml.tmpl"] + "database: <% .DB %>\n",
		"templates/tiny/notes.txt":      "one\nTWO\nthree\n",
		"templates/tiny/old.txt":        "",
		"templates/tiny/new.txt":        "fresh\n",
		"kit/kit.go":                    strings.Replace(firstFiles["kit/kit.go"], "\"first\"", "\"next\"", 1),
	})
)

// changed is files with others in their place; an empty text takes one away.
func changed(files, others map[string]string) map[string]string {
	all := maps.Clone(files)
	maps.Copy(all, others)
	for path, text := range others {
		if text == "" {
			delete(all, path)
		}
	}
	return all
}

// release is the program of a version that makes apps from files.
func release(version string, files map[string]string) func() {
	return func() {
		src := scaffold.Source{Templates: fstest.MapFS{}, Kit: fstest.MapFS{}, Version: version}
		for path, text := range files {
			into := src.Kit.(fstest.MapFS)
			name, ok := strings.CutPrefix(path, "kit/")
			if !ok {
				into, name = src.Templates.(fstest.MapFS), strings.TrimPrefix(path, "templates/")
			}
			into[name] = &fstest.MapFile{Data: []byte(text)}
		}
		os.Exit(command.RunFrom(context.Background(), src, os.Args, os.Stdout, os.Stderr))
	}
}

// goEnv is a setting of the go command, for scripts, which have no home.
func goEnv(t testing.TB, name string) string {
	t.Helper()
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
