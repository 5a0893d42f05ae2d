package scaffold

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
)

// The variable tells the test's program to be a writer that is killed: which
// act, at which of its steps, in which folder.
const killedVariable = "SCAFFOLD_TEST_KILLED"

func TestMain(m *testing.M) {
	flushed = func(*os.File) error { return nil } // no power is cut here, and it takes most of the time
	if job := strings.SplitN(os.Getenv(killedVariable), " ", 3); len(job) == 3 {
		at, err := strconv.Atoi(job[1])
		if err != nil {
			panic(err)
		}
		atStep(int64(at), func(string) error { killMyself(); return nil })
		fmt.Println(acts[job[0]](context.Background(), job[2]))
		return
	}
	os.Exit(m.Run())
}

func killMyself() {
	p, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = p.Kill()
	}
	if err != nil {
		panic(err)
	}
	select {}
}

// atStep has f called ahead of the nth change of the disk, from 1 on.
func atStep(n int64, f func(what string) error) {
	var steps atomic.Int64
	before = func(what string) error {
		if steps.Add(1) == n {
			return f(what)
		}
		return nil
	}
}

var (
	small = release("0.1.0", map[string]string{"a.txt": "one\n", "b/c/gone.txt": "x\n", "run.sh": "echo\n", "edited.txt": "a\nb\nc\nd\n", "model.txt.tmpl": "<% .Model %>\n"}, nil)
	later = release("0.2.0", map[string]string{"a.txt": "two\n", "run.sh": "echo 2\n", "edited.txt": "a\nb\nc\nD\n", "d/e/new.txt": "x\n", "model.txt.tmpl": "<% .Model %>\n"},
		map[string]string{"room/room.go": "package room\n"})
)

// acts are what writes, by name; each works on the folder that the act of
// starts makes.
var acts = map[string]func(ctx context.Context, dir string) error{
	"new":          func(ctx context.Context, dir string) error { return apply(ctx, small, dir) },
	"new-in-empty": func(ctx context.Context, dir string) error { return apply(ctx, small, dir) },
	"update":       func(ctx context.Context, dir string) error { return advance(ctx, later, dir, nil) },
	"add": func(ctx context.Context, dir string) error {
		return advance(ctx, small, dir, func(s *Spec) error { s.Model = "ollama:tiny"; return nil })
	},
	"conflict": func(ctx context.Context, dir string) error { return advance(ctx, later, dir, nil) },
	"abort":    func(_ context.Context, dir string) error { return Abort(context.Background(), dir, false) },
	"continue": func(ctx context.Context, dir string) error { // the tests in a copy write nothing here
		return withPending(dir, func(root *os.Root, p pending, old Tree) error {
			if left := p.marksLeft(root, old); len(left) > 0 {
				return fmt.Errorf("marks are left: %v", left)
			}
			return p.finish(ctx, root)
		})
	},
	"recover": func(_ context.Context, dir string) error {
		_, err := Recover(dir)
		return err
	},
}

func apply(ctx context.Context, src Source, dir string) error {
	p, err := src.Plan(Spec{Template: "tiny"})
	if err != nil {
		return err
	}
	return p.Apply(ctx, dir)
}

func advance(ctx context.Context, src Source, dir string, change func(*Spec) error) error {
	n, err := src.Next(dir, change)
	if err != nil {
		return err
	}
	return n.Apply(ctx)
}

// start makes the folder that an act works on, in a folder of its own, and
// returns its path. A copy of one that was made already is quicker.
func start(t *testing.T, act, like string) string {
	t.Helper()
	before = func(string) error { return nil }
	dir := filepath.Join(t.TempDir(), "app")
	switch {
	case act == "new":
	case act == "new-in-empty":
		must(t, os.Mkdir(dir, 0o755))
	case like != "":
		must(t, os.CopyFS(dir, os.DirFS(like)))
		must(t, os.Chmod(filepath.Join(dir, "run.sh"), 0o750))
	default:
		prepare(t, act, dir)
	}
	return dir
}

func prepare(t *testing.T, act, dir string) {
	t.Helper()
	must(t, apply(t.Context(), small, dir))
	set(t, dir, "edited.txt", "A\nb\nc\nd\n")
	must(t, os.Chmod(filepath.Join(dir, "run.sh"), 0o750))
	if act == "update" || act == "add" {
		return
	}
	set(t, dir, "a.txt", "mine\n")
	if act == "conflict" {
		return
	}
	if err := advance(t.Context(), later, dir, nil); err == nil || !strings.Contains(err.Error(), "a.txt") {
		t.Fatalf("no conflict: %v", err)
	}
	if act == "continue" {
		set(t, dir, "a.txt", "mine and two\n")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var killed = []string{"new", "new-in-empty", "update", "add", "conflict", "abort", "continue"}

// undisturbed does an act undisturbed, and returns what was there before and after it,
// and the number of its steps.
func undisturbed(t *testing.T, act string) (like string, old, new map[string]string, steps int) {
	t.Helper()
	like = start(t, act, "")
	dir := start(t, act, like)
	old = snapshot(t, filepath.Dir(dir))
	var count atomic.Int64
	before = func(string) error { count.Add(1); return nil }
	err := acts[act](t.Context(), dir)
	before = func(string) error { return nil }
	if err != nil && act != "conflict" {
		t.Fatal(err)
	}
	return like, old, snapshot(t, filepath.Dir(dir)), int(count.Load())
}

// Killed at any of its steps, and so the one that recovers, each act leaves the
// old tree or the new one, byte for byte.
func TestKilledAtEveryStep(t *testing.T) {
	for _, act := range killed {
		t.Run(act, func(t *testing.T) {
			like, old, new, steps := undisturbed(t, act)
			var olds, news int
			for at := 1; at <= steps; at++ {
				dir := start(t, act, like)
				kill(t, act, at, dir)
				if act == "new" { // whole without any help, but for the stage beside it
					if _, err := os.Stat(dir); err == nil && len(unlike(below(new, "app"), below(snapshot(t, filepath.Dir(dir)), "app"))) > 0 {
						t.Fatalf("at step %d of %d: half an app", at, steps)
					}
				}
				kill(t, "recover", 1+at%5, dir)
				if _, err := Recover(dir); err != nil {
					t.Fatalf("at step %d of %d: %v", at, steps, err)
				}
				got := withoutStage(snapshot(t, filepath.Dir(dir)))
				switch {
				case len(unlike(old, got)) == 0:
					olds++
				case len(unlike(new, got)) == 0:
					news++
				default:
					t.Errorf("at step %d of %d: beside the old tree: %v; beside the new one: %v", at, steps, unlike(old, got), unlike(new, got))
				}
			}
			if t.Logf("%d steps: %d old, %d new", steps, olds, news); olds == 0 || news == 0 && act != "new" {
				t.Errorf("of %d steps %d left the old tree and %d the new one", steps, olds, news)
			}
		})
	}
}

// kill runs an act in a process that is killed at a step; it may end before.
func kill(t *testing.T, act string, at int, dir string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d %s", killedVariable, act, at, dir))
	if out, err := cmd.CombinedOutput(); err != nil && len(out) > 0 {
		t.Fatalf("%s at %d: %v\n%s", act, at, err, out)
	}
}

// below is the part of a snapshot at a name and under it.
func below(s map[string]string, name string) map[string]string {
	part := map[string]string{}
	for path, v := range s {
		if path == name || strings.HasPrefix(path, name+string(filepath.Separator)) {
			part[path] = v
		}
	}
	return part
}

// withoutStage is a snapshot without the folder in which a new app is written.
func withoutStage(s map[string]string) map[string]string {
	for path := range s {
		if strings.HasPrefix(path, ".app.tackhammer-") {
			delete(s, path)
		}
	}
	return s
}

var errFull = errors.New("no space left on device")

// When the disk refuses one step, or from it on all, each act fails and leaves
// the old tree, or has written the new one.
func TestADiskThatRefuses(t *testing.T) {
	for _, act := range killed {
		t.Run(act, func(t *testing.T) {
			like, old, new, steps := undisturbed(t, act)
			for at := 1; at <= steps; at++ {
				for _, lasting := range []bool{false, true} {
					refuse(t, start(t, act, like), act, at, lasting, old, new)
				}
			}
		})
	}
}

func refuse(t *testing.T, dir, act string, at int, lasting bool, old, new map[string]string) {
	t.Helper()
	var steps atomic.Int64
	before = func(string) error {
		if n := int(steps.Add(1)); n == at || lasting && n > at {
			return errFull
		}
		return nil
	}
	err := acts[act](t.Context(), dir)
	before = func(string) error { return nil }
	if lasting {
		if _, err := Recover(dir); err != nil {
			t.Fatal(err)
		}
	}
	got := snapshot(t, filepath.Dir(dir))
	for path := range got {
		if slices.Contains(strings.Split(filepath.ToSlash(path), "/"), "journal") {
			delete(got, path) // done with, and not yet removed
		}
	}
	toOld, toNew := unlike(old, got), unlike(new, got)
	if len(toOld) > 0 && len(toNew) > 0 {
		t.Errorf("step %d refused (lasting %v): beside the old tree: %v; beside the new one: %v", at, lasting, toOld, toNew)
	}
	if err == nil && len(toNew) > 0 {
		t.Errorf("step %d refused (lasting %v): said to be done, and is not: %v", at, lasting, toNew)
	}
}
