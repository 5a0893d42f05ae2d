package scaffold

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
)

// folderOf writes the template of asking into a folder.
func folderOf(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "retail")
	lay(t, dir, "template.yaml", "name: retail\ndescription: {en: A., zh: B.}\nquestions:\n  - {name: noun, type: text, ask: {en: A?, zh: B?}, default: till}\n")
	lay(t, dir, "go.mod.tmpl", "module <% .Module %>\n")
	lay(t, dir, "docs/a.md.tmpl", "# <% .Answer \"noun\" %>\n")
	return dir
}

func lay(t *testing.T, dir, file, text string) {
	t.Helper()
	to := filepath.Join(dir, filepath.FromSlash(file))
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestUseAFolder(t *testing.T) {
	dir := folderOf(t)
	lay(t, dir, ".git/config", "[core]\n")
	lay(t, dir, ".DS_Store", "x")
	src, name, err := tiny().Use(t.Context(), dir)
	if err != nil || name != "retail" {
		t.Fatal(name, err)
	}
	plan := mustPlan(t, src, Spec{Template: name, Name: "desk"})
	if plan.text("docs/a.md") != "# till\n" || plan.text(".git/config") != "" || plan.text(".DS_Store") != "" {
		t.Errorf("made %q", plan.text("docs/a.md"))
	}
	if want := "dir:" + filepath.ToSlash(dir) + "@" + src.Digest(); plan.Spec.From != want || len(src.Digest()) != 71 {
		t.Errorf("from %s, want %s", plan.Spec.From, want)
	}
	if got := mustPlan(t, src, Spec{Template: "tiny"}); got.text("README.md") == "" || got.Spec.From != "" {
		t.Error("the program's own templates are gone")
	}

	// The app keeps the template: it is made again when the folder is gone.
	app := filepath.Join(t.TempDir(), "app")
	if err := plan.Apply(t.Context(), app); err != nil {
		t.Fatal(err)
	}
	kept, err := tiny().sourceOf(app, plan.Spec)
	if err != nil {
		t.Fatal(err)
	}
	if again := mustPlan(t, kept, plan.Spec); again.text(".tackhammer/template.zip") != plan.text(".tackhammer/template.zip") || again.text(".tackhammer/base.zip") != plan.text(".tackhammer/base.zip") {
		t.Error("the kept template makes another app")
	}
	if _, err := tiny().Plan(plan.Spec); err == nil {
		t.Error("another source makes the app, too")
	}
	if _, err := tiny().For(t.Context(), plan.Spec); err != nil {
		t.Error(err)
	}

	// What changed since is refused, in the folder as in the app.
	lay(t, dir, "docs/a.md.tmpl", "# other\n")
	if _, err := tiny().For(t.Context(), plan.Spec); kit.CodeOf(err) != kit.Conflict || !strings.Contains(err.Error(), "its digest is sha256:") {
		t.Errorf("a folder that changed: %v", err)
	}
	other := mustUse(t, dir)
	lay(t, app, ".tackhammer/template.zip", string(other.own.zip))
	if _, err := tiny().sourceOf(app, plan.Spec); kit.CodeOf(err) != kit.Invalid {
		t.Errorf("a kept template that changed: %v", err)
	}
}

func mustUse(t *testing.T, ref string) Source {
	t.Helper()
	src, _, err := tiny().Use(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func TestUseRefusesFolders(t *testing.T) {
	link := func(old, file string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			if err := os.Symlink(old, filepath.Join(dir, file)); err != nil {
				t.Skip(err)
			}
		}
	}
	for name, c := range map[string]struct {
		do   func(*testing.T, string)
		says string
	}{
		"a link out":        {link("/etc/passwd", "a.md"), "a.md: it is a link"},
		"a link within":     {link("template.yaml", "a.md"), "a.md: it is a link"},
		"a linked folder":   {link("docs", "more"), "more: it is a link"},
		"a loop":            {link(".", "me"), "me: it is a link"},
		"no manifest":       {func(t *testing.T, dir string) { os.Remove(filepath.Join(dir, "template.yaml")) }, "it has no template.yaml"},
		"a device's name":   {func(t *testing.T, dir string) { lay(t, dir, "docs/aux.md", "") }, "Windows keeps it for a device"},
		"a name of Windows": {func(t *testing.T, dir string) { lay(t, dir, `a\b`, "") }, "Windows refuses"},
		"not UTF-8":         {func(t *testing.T, dir string) { lay(t, dir, "a\xff.md", "") }, "it is not UTF-8"},
		"another git":       {func(t *testing.T, dir string) { lay(t, dir, "docs/.GIT/config", "") }, "git keeps .GIT for itself"},
		"a large file":      {func(t *testing.T, dir string) { lay(t, dir, "a", strings.Repeat("x", mostOfOne+1)) }, "a: it has 10 MB"},
		"a pointer": {func(t *testing.T, dir string) {
			lay(t, dir, "a.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
		}, "a.bin: its content is kept by Git LFS"},
		"too many": {func(t *testing.T, dir string) {
			for i := range mostFiles {
				lay(t, dir, "n/"+strings.Repeat("x", i%100+1)+string(rune('a'+i/100)), "")
			}
		}, "one file too many"},
	} {
		t.Run(name, func(t *testing.T) {
			if runtime.GOOS != "linux" {
				t.Skip("this system refuses such names itself")
			}
			dir := folderOf(t)
			c.do(t, dir)
			_, _, err := tiny().Use(t.Context(), dir)
			if kit.CodeOf(err) != kit.Invalid || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want %q", err, c.says)
			}
		})
	}
}

func TestSafeTarget(t *testing.T) {
	for _, to := range []string{"a.md", ".github/workflows/ci.yml", ".gitignore", "go.mod", "third_party/other/a.txt", "sub/.gitattributes"} {
		if err := safeTarget(to); err != nil {
			t.Error(err)
		}
	}
	for _, to := range []string{"", ".", "/a", "../a", "a/../b", "a//b", "a/", "./a", ".git", ".git/config", "a/.Git/x", "GIT~1/x", ".g\u200cit/x",
		".tackhammer/lock.json", ".TACKHAMMER/x", "third_party/kit/kit.go", "Third_Party/Kit/x", "third_party", "vendor/modules.txt", "go.work",
		".gitmodules", "nul", "a/com1.txt", `a\b`, "a:b", "a ", "a.", "a\x00b", "\xff"} {
		if err := safeTarget(to); kit.CodeOf(err) != kit.Invalid {
			t.Errorf("%q is taken: %v", to, err)
		}
	}
}

// A rule may not bring a file where nobody would look for it.
func TestTargetsAreHeld(t *testing.T) {
	for to, says := range map[string]string{
		`<% .Answer "noun" %>/../../up.md`: "leaves its folder",
		`<% .Nmae %>.md`:                   "Nmae",
		`go.mod`:                           "comes from a file of that name alone",
		`.git/<% .Slug %>`:                 "git keeps .git for itself",
	} {
		src := asking("x.md", "x", "template.yaml", "name: ask\ndescription: {en: A., zh: B.}\nquestions: [{name: noun, type: text, ask: {en: A?, zh: B?}, default: till}]\nfiles:\n  - path: x.md\n    to: '"+to+"'\n",
			"all.txt.tmpl", "", "mail/how.txt.tmpl", "")
		_, err := src.Plan(Spec{Template: "ask"})
		if kit.CodeOf(err) != kit.Invalid || !strings.Contains(err.Error(), says) {
			t.Errorf("to %s: %v, want %q", to, err, says)
		}
	}
}
