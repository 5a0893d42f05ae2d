package scaffold

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/dirhash"

	"github.com/tackhammer/tackhammer/kit"
)

// names lists what is in dir, hidden names too.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func tinyPlan(t *testing.T) *Plan { return mustPlan(t, tiny(), Spec{Template: "tiny"}) }

func TestApplyWritesThePlan(t *testing.T) {
	plan, top := tinyPlan(t), t.TempDir()
	for _, dir := range []string{"app", "a/b/app", "收据台", "my desk"} {
		dir = filepath.Join(top, dir)
		if err := plan.Apply(t.Context(), dir); err != nil {
			t.Fatal(err)
		}
		for _, op := range plan.Ops {
			got, err := os.ReadFile(filepath.Join(dir, op.Path))
			if err != nil || string(got) != string(op.Data) {
				t.Errorf("%s: %v, %d bytes of %d", op.Path, err, len(got), len(op.Data))
			}
		}
		if h, err := dirhash.HashDir(filepath.Join(dir, kitDir), "", dirhash.Hash1); err != nil || h != plan.Lock().Kit {
			t.Errorf("the kit's hash is %s on disk (%v), %s in the lock", h, err, plan.Lock().Kit)
		}
	}
	if got := names(t, top); len(got) != 4 {
		t.Errorf("beside the apps stands more: %v", got)
	}
}

func TestApplyFillsAnEmptyFolderInItsPlace(t *testing.T) {
	dir := t.TempDir()
	before, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	if err := tinyPlan(t).Apply(t.Context(), "."); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(dir)
	if err != nil || !os.SameFile(before, after) {
		t.Errorf("the folder was replaced (%v)", err)
	}
	if _, err := os.Stat("go.mod"); err != nil {
		t.Error(err)
	}
}

func TestApplyRefuses(t *testing.T) {
	top := t.TempDir()
	if err := os.MkdirAll(filepath.Join(top, "full"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{"full/mine.txt", "afile"} {
		if err := os.WriteFile(filepath.Join(top, f), []byte("mine"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("nowhere", filepath.Join(top, "dangling")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		dir  string
		code kit.Code
		says string
	}{
		{"full", kit.Conflict, "it holds mine.txt"},
		{"afile", kit.Conflict, "it is a file"},
		{"dangling", kit.Conflict, "a link to nowhere"},
		{"afile/below", kit.Invalid, "afile"},
		{"CON", kit.Invalid, "Windows"},
		{"x/y/what?", kit.Invalid, "Windows"},
	} {
		err := tinyPlan(t).Apply(t.Context(), filepath.Join(top, c.dir))
		if kit.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %s %q", c.dir, err, c.code, c.says)
		}
	}
	if got := strings.Join(names(t, top), " "); got != "afile dangling full" {
		t.Errorf("refusals left %s", got)
	}
}

// Three thousand flushes take far longer than the watcher needs to see the first
// file: the context ends in the middle.
func TestApplyLeavesNothingWhenItEndsMidway(t *testing.T) {
	top, plan := t.TempDir(), tinyPlan(t)
	for i := range 3000 {
		plan.Ops = append(plan.Ops, Op{Path: fmt.Sprintf("many/%d.txt", i), Mode: 0o644, Data: []byte("x")})
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for {
			if some, _ := filepath.Glob(filepath.Join(top, "a", ".b.tackhammer-*", "many", "*")); len(some) > 0 {
				cancel()
				return
			}
		}
	}()
	err := plan.Apply(ctx, filepath.Join(top, "a", "b"))
	cancel()
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the end of the context was not noticed: %v", err)
	}
	if got := names(t, top); len(got) != 0 {
		t.Errorf("left %v", got)
	}
}

func TestApplyLeavesNothingWhenItEndsBefore(t *testing.T) {
	top := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := tinyPlan(t).Apply(ctx, filepath.Join(top, "app")); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if got := names(t, top); len(got) != 0 {
		t.Errorf("left %v", got)
	}
}

func TestApplyLeavesNothingWhenAWriteFails(t *testing.T) {
	top := t.TempDir()
	plan := tinyPlan(t)
	plan.Ops = append(plan.Ops, Op{Path: "nnn", Mode: 0o644}, Op{Path: "nnn/n", Mode: 0o644})
	for _, dir := range []string{"new/app", "empty"} {
		if dir == "empty" {
			if err := os.Mkdir(filepath.Join(top, dir), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		err := plan.Apply(t.Context(), filepath.Join(top, dir))
		if err == nil || !strings.Contains(err.Error(), "write nnn") {
			t.Fatalf("%s: %v", dir, err)
		}
	}
	if got := names(t, top); len(got) != 1 || len(names(t, filepath.Join(top, "empty"))) != 0 {
		t.Errorf("left %v", got)
	}
}

func TestEditedAndReplace(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "app")
	if err := tinyPlan(t).Apply(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("data/app.db", "rows")
	lock, err := ReadLock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if edited, err := lock.Edited(dir, "data"); err != nil || len(edited) != 0 {
		t.Errorf("a pristine app counts as edited: %v, %v", edited, err)
	}
	next := mustPlan(t, tiny(), Spec{Template: "tiny", Lang: "zh"})
	if err := next.Replace(t.Context(), dir, "data", "bin"); err != nil {
		t.Fatal(err)
	}
	if rows, err := os.ReadFile(filepath.Join(dir, "data/app.db")); err != nil || string(rows) != "rows" {
		t.Errorf("the data is %q, %v", rows, err)
	}
	write("README.md", "mine")
	write("own.go", "package main")
	if err := os.Remove(filepath.Join(dir, "db.txt")); err != nil {
		t.Fatal(err)
	}
	lock, err = ReadLock(dir)
	if err != nil || !lock.Same(next.Lock()) {
		t.Errorf("the lock is not the new one (%v)", err)
	}
	if edited, err := lock.Edited(dir, "data"); err != nil || strings.Join(edited, " ") != "README.md db.txt own.go" {
		t.Errorf("edited: %v, %v", edited, err)
	}
	if got := names(t, filepath.Dir(dir)); len(got) != 1 {
		t.Errorf("beside the app stands more: %v", got)
	}
}

func TestReadLock(t *testing.T) {
	dir := t.TempDir()
	if _, err := ReadLock(dir); kit.CodeOf(err) != kit.NotFound {
		t.Errorf("a folder without a lock: %v", err)
	}
	if err := os.Mkdir(filepath.Join(dir, marksDir), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, marksDir, "lock.json"), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadLock(dir); kit.CodeOf(err) != kit.Invalid {
		t.Errorf("a broken lock: %v", err)
	}
}

func TestReplaceKeepsTheOldAppWhenItFails(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "app")
	if err := tinyPlan(t).Apply(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	lock, err := ReadLock(dir)
	if err != nil {
		t.Fatal(err)
	}
	bad := mustPlan(t, tiny(), Spec{Template: "tiny", Lang: "zh"})
	bad.Ops = append(bad.Ops, Op{Path: strings.Repeat("n", 300), Mode: 0o644})
	clash := mustPlan(t, tiny(), Spec{Template: "tiny", Lang: "zh"})
	for name, replace := range map[string]func() error{
		"a write fails":         func() error { return bad.Replace(t.Context(), dir) },
		"what is kept is in it": func() error { return clash.Replace(t.Context(), dir, "third_party") },
	} {
		if err := replace(); err == nil {
			t.Errorf("though %s, it passes", name)
		}
		if edited, err := lock.Edited(dir); err != nil || len(edited) > 0 {
			t.Errorf("%s: changed %v, %v", name, edited, err)
		}
		if got := names(t, filepath.Dir(dir)); len(got) != 1 {
			t.Errorf("%s: left %v", name, got)
		}
	}
}
