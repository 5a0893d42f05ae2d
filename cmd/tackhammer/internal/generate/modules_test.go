package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
)

func mod(t *testing.T, text string) *modfile.File {
	t.Helper()
	f, err := modfile.Parse("go.mod", []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

const pinned = "module root\n\ngo 1.26\n\nrequire (\n\texample.com/a v1.2.0\n\texample.com/b v0.1.0 // indirect\n)\n"

func TestSamePins(t *testing.T) {
	pins := mod(t, pinned)
	ok := mod(t, "module x\nrequire example.com/a v1.2.0\nrequire "+kitPath+" v0.0.0\n")
	if err := samePins(ok, pins); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"example.com/a v1.3.0", "example.com/c v1.0.0"} {
		err := samePins(mod(t, "module x\nrequire "+bad+"\n"), pins)
		if err == nil || !strings.Contains(err.Error(), strings.ReplaceAll(bad, " ", "@")) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestReadModFilesNamesTheModuleAnew(t *testing.T) {
	dir := t.TempDir()
	text := "module example.com/app\n\ngo 1.26\n\nrequire example.com/a v1.2.0\n"
	for name, data := range map[string]string{"go.mod": text, "go.sum": "a\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := readModFiles(dir, "<% .Module %>", mod(t, pinned))
	if want := strings.Replace(text, "example.com/app", "<% .Module %>", 1); err != nil || string(got.mod) != want || string(got.sum) != "a\n" {
		t.Errorf("%q, %q, %v; want %q", got.mod, got.sum, err, want)
	}
}

// A template that comes to need what the others need loses its own files.
func TestKeepUnlike(t *testing.T) {
	common := modFiles{mod: []byte("m"), sum: []byte("s")}
	dir := t.TempDir()
	for _, c := range []struct {
		own  modFiles
		want int
	}{{common, 0}, {modFiles{mod: []byte("m"), sum: []byte("other")}, 2}, {common, 0}} {
		if err := c.own.keepUnlike(common, dir); err != nil {
			t.Fatal(err)
		}
		if files, err := os.ReadDir(dir); err != nil || len(files) != c.want {
			t.Errorf("%s: %d files are there (%v), want %d", c.own.sum, len(files), err, c.want)
		}
	}
}

// With nothing to import, tidying leaves no requirement; it needs no network.
func TestTidyDropsWhatIsNotImported(t *testing.T) {
	t.Setenv("GOPROXY", "off")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.go"), []byte("package a\n\nimport _ \"fmt\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := tidy(dir, "example.com/app", mod(t, "module root\n\ngo 1.26\n"), true); err != nil {
		t.Fatal(err)
	}
	got, err := readMod(filepath.Join(dir, "go.mod"))
	if err != nil || len(got.Require) != 0 || got.Module.Mod.Path != "example.com/app" || got.Go.Version != "1.26" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestRunWantsOneKnownArgument(t *testing.T) {
	for _, args := range [][]string{nil, {"all"}, {"modules", "examples"}} {
		if err := run(args); err == nil || !strings.Contains(err.Error(), "modules or examples") {
			t.Errorf("%v: %v", args, err)
		}
	}
}
