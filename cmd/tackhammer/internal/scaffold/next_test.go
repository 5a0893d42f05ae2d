package scaffold

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
)

var (
	first = release("0.1.0", map[string]string{
		"plain.txt": "one\n", "edited.txt": "a\nb\nc\nd\ne\nf\n", "fought.txt": "x\n", "deleted.txt": "was\n", "renamed.txt": "was\n",
		"dropped.txt": "old\n", "dropped-edited.txt": "old\n", "same.txt": "s\n", "caught-up.txt": "1\n", "crlf.txt": "a\nb\n", "crlf-edited.txt": "a\nb\nc\nd\ne\n",
		"noend.txt": "a\nb\nc\nd\nlast", "run.sh": "echo\n", "deep/only.txt": "x\n", "linked/in.txt": "x\n", "gone/dir.txt": "x\n", "bytes.bin": "\x00a",
	}, map[string]string{"kit.go": "package kit\n", "room/a.go": "package room\n", "room/old.go": "package room\n"})
	second = release("0.2.0", map[string]string{
		"plain.txt": "two\n", "edited.txt": "a\nb\nc\nd\ne\nF\n", "fought.txt": "z\n", "deleted.txt": "is\n", "renamed.txt": "is\n",
		"same.txt": "s\n", "caught-up.txt": "2\n", "crlf.txt": "a\nB\n", "crlf-edited.txt": "a\nb\nc\nd\nE\n",
		"noend.txt": "A\nb\nc\nd\nlast", "run.sh": "echo 2\n", "linked/in.txt": "y\n", "gone/dir.txt": "y\n", "bytes.bin": "\x00b",
		"fresh.txt": "new\n", "both.txt": "theirs\n", "both-same.txt": "same\n", "new/folder/f.txt": "new\n", "blocked.txt": "new\n",
	}, map[string]string{"kit.go": "package kit\n\n// 2\n", "room/a.go": "package room\n", "room/new.go": "package room\n"})
)

// team is an app of first as its team has changed it.
func team(t *testing.T) string {
	t.Helper()
	dir := newApp(t, first)
	for path, text := range map[string]string{
		"edited.txt": "A\nb\nc\nd\ne\nf\n", "fought.txt": "y\n", "renamed-away.txt": "was\nmine\n", "dropped-edited.txt": "mine\n", "same.txt": "mine\n",
		"caught-up.txt": "2\n", "crlf.txt": "a\r\nb\r\n", "crlf-edited.txt": "A\r\nb\r\nc\r\nd\r\ne\r\n", "noend.txt": "a\nb\nc\nD\nlast", "own.txt": "mine\n",
		"both.txt": "ours\n", "both-same.txt": "same\n", "bytes.bin": "\x00c", "blocked.txt/mine.txt": "mine\n", "outside/in.txt": "x\n",
	} {
		set(t, dir, path, text)
	}
	for _, path := range []string{"deleted.txt", "renamed.txt", "linked", "gone"} {
		if err := os.RemoveAll(filepath.Join(dir, path)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Rename(filepath.Join(dir, "outside"), filepath.Join(filepath.Dir(dir), "outside")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../outside", filepath.Join(dir, "linked")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "run.sh"), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestNextKnowsWhatBecomesOfEachFile(t *testing.T) {
	dir := team(t)
	before := snapshot(t, dir)
	n := next(t, second, dir)
	want := map[string]Kind{
		"plain.txt": Replace, "edited.txt": Merge, "fought.txt": Conflict, "deleted.txt": Keep, "renamed.txt": Keep, "dropped.txt": Delete,
		"dropped-edited.txt": Keep, "crlf.txt": Replace, "crlf-edited.txt": Merge, "noend.txt": Merge, "run.sh": Replace, "deep/only.txt": Delete,
		"linked/in.txt": Keep, "gone/dir.txt": Keep, "bytes.bin": Keep, "fresh.txt": Make, "both.txt": Conflict, "new/folder/f.txt": Make,
		"blocked.txt": Keep, kitDir + "/kit.go": Replace, kitDir + "/room/new.go": Make, kitDir + "/room/old.go": Delete,
	}
	if got := kinds(n); !maps.Equal(got, want) {
		for path := range want {
			if got[path] != want[path] {
				t.Errorf("%s: %q, want %q", path, got[path], want[path])
			}
		}
		t.Errorf("kinds: %v", got)
	}
	contents := map[string]string{
		"edited.txt": "A\nb\nc\nd\ne\nF\n", "crlf.txt": "a\r\nB\r\n", "crlf-edited.txt": "A\r\nb\r\nc\r\nd\r\nE\r\n", "noend.txt": "A\nb\nc\nD\nlast",
		"fought.txt": "<<<<<<< yours\ny\n||||||| tackhammer 0.1.0\nx\n=======\nz\n>>>>>>> tackhammer 0.2.0\n",
		"both.txt":   "<<<<<<< yours\nours\n||||||| tackhammer 0.1.0\n=======\ntheirs\n>>>>>>> tackhammer 0.2.0\n",
	}
	for _, c := range n.Changes {
		if want, ok := contents[c.Path]; ok && string(c.New) != want {
			t.Errorf("%s is to be %q, want %q", c.Path, c.New, want)
		}
		if c.Kind == Keep && (c.Why == "" || c.Diff() != "") {
			t.Errorf("%s is kept because %q, with the diff %q", c.Path, c.Why, c.Diff())
		}
		if c.Path == "run.sh" && c.Mode != 0o755 {
			t.Errorf("run.sh is to have the mode %o", c.Mode)
		}
	}
	if last := n.Changes[len(n.Changes)-1]; !isMark(last.Path) || len(n.Kit.Edited) > 0 {
		t.Errorf("last comes %s; edited in the kit is %v", last.Path, n.Kit.Edited)
	}
	if odd := unlike(before, snapshot(t, dir)); len(odd) > 0 {
		t.Errorf("Next wrote %v", odd)
	}
}

func TestNextAfterNextIsNothing(t *testing.T) {
	dir := newApp(t, first)
	if n := next(t, first, dir); !n.Nothing() {
		t.Fatalf("a fresh app needs %v", n.Changes)
	}
	set(t, dir, "edited.txt", "A\nb\nc\nd\ne\nf\n")
	set(t, dir, "own.txt", "mine\n")
	if err := os.Remove(filepath.Join(dir, "deleted.txt")); err != nil {
		t.Fatal(err)
	}
	if err := next(t, second, dir).Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := next(t, second, dir); !n.Nothing() {
		t.Errorf("a second time there is %v", kinds(n))
	}
	fresh := newApp(t, second)
	odd := unlike(snapshot(t, fresh), snapshot(t, dir))
	slices.Sort(odd)
	if got := strings.Join(odd, " "); got != "deleted.txt edited.txt own.txt" {
		t.Errorf("beside the edits, these are not as in a new app: %s", got)
	}
	if get(t, dir, "edited.txt") != "A\nb\nc\nd\ne\nF\n" {
		t.Errorf("edited.txt is %q", get(t, dir, "edited.txt"))
	}
}

func TestNextTellsTheKitsEdits(t *testing.T) {
	dir := newApp(t, first)
	set(t, dir, kitDir+"/room/a.go", "package room // mine\n")
	set(t, dir, kitDir+"/room/own.go", "package room\n")
	n := next(t, second, dir)
	if got := strings.Join(n.Kit.Edited, " "); got != kitDir+"/room/a.go "+kitDir+"/room/own.go" {
		t.Errorf("edited: %s", got)
	}
	if err := n.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := get(t, dir, kitDir+"/room/a.go"); got != "package room // mine\n" {
		t.Errorf("the kit's edit is %q", got)
	}
}

// A whole checkout with CRLF, as git makes it on Windows, edits nothing.
func TestNextTakesACheckoutWithCRLF(t *testing.T) {
	dir := newApp(t, first)
	for path, f := range mustPlan(t, first, Spec{Template: "tiny"}).Tree() {
		if isText(f.Data) {
			set(t, dir, path, string(crlf.with(f.Data)))
		}
	}
	for _, mark := range []string{"spec.yaml", "lock.json"} {
		set(t, dir, marksDir+"/"+mark, string(crlf.with([]byte(get(t, dir, marksDir+"/"+mark)))))
	}
	if n := next(t, first, dir); !n.Nothing() {
		t.Errorf("a checkout needs %v", kinds(n))
	}
	n := next(t, second, dir)
	for _, c := range n.Changes {
		if c.Kind == Merge || c.Kind == Conflict || c.Kind == Keep {
			t.Errorf("%s %s: %s", c.Kind, c.Path, c.Why)
		}
		if c.Old != nil && isText(c.New) && c.New != nil && endingOf(c.New) != crlf && strings.Contains(string(c.New), "\n") {
			t.Errorf("%s loses its CRLF", c.Path)
		}
	}
	if len(n.Kit.Edited) > 0 {
		t.Errorf("the kit counts as edited: %v", n.Kit.Edited)
	}
}

func TestNextRefuses(t *testing.T) {
	mend := func(dir, path, old, new string) {
		set(t, dir, path, strings.Replace(get(t, dir, path), old, new, 1))
	}
	for name, c := range map[string]struct {
		do         func(dir string)
		says, hint string
	}{
		"no app":      {func(dir string) { os.RemoveAll(filepath.Join(dir, marksDir)) }, "no app of tackhammer is there", ""},
		"newer":       {func(dir string) { mend(dir, ".tackhammer/lock.json", "0.1.0", "0.3.0") }, "tackhammer 0.3.0 made it", "use tackhammer 0.3.0"},
		"format":      {func(dir string) { mend(dir, ".tackhammer/lock.json", `"format": 1`, `"format": 2`) }, "its format is 2", "use the tackhammer that made the app"},
		"no version":  {func(dir string) { mend(dir, ".tackhammer/lock.json", "0.1.0", "dev") }, `"dev" is no version`, "git checkout"},
		"no base":     {func(dir string) { os.Remove(filepath.Join(dir, ".tackhammer/base.zip")) }, ".tackhammer/base.zip", "git checkout -- .tackhammer/base.zip"},
		"broken base": {func(dir string) { set(t, dir, ".tackhammer/base.zip", "PK") }, ".tackhammer/base.zip", "git checkout -- .tackhammer/base.zip"},
		"odd base":    {func(dir string) { mend(dir, ".tackhammer/base.zip", "one\n", "two\n") }, ".tackhammer/base.zip", "git checkout"},
		"odd lock":    {func(dir string) { mend(dir, ".tackhammer/lock.json", `"plain.txt"`, `"plane.txt"`) }, "plain.txt is one", "git checkout -- .tackhammer"},
		"odd spec":    {func(dir string) { mend(dir, ".tackhammer/spec.yaml", "lang:", "tongue:") }, ".tackhammer/spec.yaml", ""},
		"no spec":     {func(dir string) { os.Remove(filepath.Join(dir, ".tackhammer/spec.yaml")) }, ".tackhammer/spec.yaml", "git checkout"},
		"a pending":   {func(dir string) { set(t, dir, pendingDir+"/state.json", "{}") }, "is pending", "--continue"},
		"a journal":   {func(dir string) { set(t, dir, journalDir+"/entries.json", "{}") }, "cut short", "tackhammer update"},
	} {
		dir := newApp(t, first)
		c.do(dir)
		before := snapshot(t, dir)
		_, err := second.Next(dir, nil)
		if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(kit.HintOf(err), c.hint) {
			t.Errorf("%s: %v (%s)", name, err, kit.HintOf(err))
		}
		if odd := unlike(before, snapshot(t, dir)); len(odd) > 0 {
			t.Errorf("%s: wrote %v", name, odd)
		}
	}
}

func TestNextWithAChangeOfTheSpec(t *testing.T) {
	src := release("0.1.0", map[string]string{"model.txt.tmpl": "<% .Model %>\n"}, nil)
	dir := newApp(t, src)
	n, err := src.Next(dir, func(s *Spec) error { s.Model = "ollama:tiny"; return nil })
	if err != nil {
		t.Fatal(err)
	}
	if n.From != "tackhammer 0.1.0" || n.names().Theirs != "tackhammer 0.1.0 after" || n.Spec.Model != "ollama:tiny" {
		t.Errorf("%+v", n)
	}
	if err := n.Apply(t.Context()); err != nil || get(t, dir, "model.txt") != "ollama:tiny\n" {
		t.Errorf("%v, %q", err, get(t, dir, "model.txt"))
	}
	if n := next(t, src, dir); !n.Nothing() || n.Spec.Model != "ollama:tiny" {
		t.Errorf("an update after it: %v", kinds(n))
	}
	sorry := kit.Errorf(kit.Invalid, "no")
	if _, err := src.Next(dir, func(*Spec) error { return sorry }); err != error(sorry) {
		t.Errorf("the change's error became %v", err)
	}
}
