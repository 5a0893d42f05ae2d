package scaffold

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
)

// fighting is an app of small, changed so that an update to later conflicts.
func fighting(t *testing.T) (dir string, old map[string]string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "app")
	prepare(t, "conflict", dir)
	return dir, snapshot(t, dir)
}

func conflict(t *testing.T, dir string) {
	t.Helper()
	err := next(t, later, dir).Apply(t.Context())
	if kit.CodeOf(err) != kit.Conflict || !strings.Contains(err.Error(), "a.txt") || !strings.Contains(kit.HintOf(err), "update --continue") {
		t.Fatalf("%v (%s)", err, kit.HintOf(err))
	}
}

func TestConflictIsWrittenWithItsMarks(t *testing.T) {
	dir, _ := fighting(t)
	lock := get(t, dir, ".tackhammer/lock.json")
	conflict(t, dir)
	if got := get(t, dir, "a.txt"); got != "<<<<<<< yours\nmine\n||||||| tackhammer 0.1.0\none\n=======\ntwo\n>>>>>>> tackhammer 0.2.0\n" {
		t.Errorf("a.txt is %q", got)
	}
	if get(t, dir, "edited.txt") != "A\nb\nc\nD\n" || get(t, dir, "d/e/new.txt") != "x\n" {
		t.Error("what has no conflict is not in")
	}
	if get(t, dir, ".tackhammer/lock.json") != lock {
		t.Error("the lock is renewed before the end")
	}
	for _, src := range []Source{small, later} {
		if _, err := src.Next(dir, nil); kit.CodeOf(err) != kit.Conflict || !strings.Contains(kit.HintOf(err), "--abort") {
			t.Errorf("a second one: %v (%s)", err, kit.HintOf(err))
		}
	}
}

func TestAbortBringsEveryByteBack(t *testing.T) {
	dir, old := fighting(t)
	conflict(t, dir)
	if err := Abort(t.Context(), dir, false); err != nil {
		t.Fatal(err)
	}
	if odd := unlike(old, snapshot(t, dir)); len(odd) > 0 {
		t.Errorf("not as before: %v", odd)
	}
	if err := Abort(t.Context(), dir, false); kit.CodeOf(err) != kit.Conflict || !strings.Contains(err.Error(), "none is pending") {
		t.Errorf("a second one: %v", err)
	}
}

func TestAbortNamesWhatWasTouchedSince(t *testing.T) {
	dir, old := fighting(t)
	conflict(t, dir)
	set(t, dir, "a.txt", "mended\n")
	must(t, os.Remove(filepath.Join(dir, "model.txt")))
	set(t, dir, "d/e/new.txt", "mine\n")
	touched := snapshot(t, dir)
	err := Abort(t.Context(), dir, false)
	if kit.CodeOf(err) != kit.Conflict || !strings.HasSuffix(err.Error(), "touched since: a.txt, d/e/new.txt") {
		t.Errorf("%v", err)
	}
	if odd := unlike(touched, snapshot(t, dir)); len(odd) > 0 {
		t.Errorf("the refusal wrote %v", odd)
	}
	if err := Abort(t.Context(), dir, true); err != nil {
		t.Fatal(err)
	}
	delete(old, "model.txt") // no file of the update, and the team's to delete
	if odd := unlike(old, snapshot(t, dir)); len(odd) > 0 {
		t.Errorf("not as before: %v", odd)
	}
}

func TestContinueWantsTheMarksGone(t *testing.T) {
	dir, _ := fighting(t)
	conflict(t, dir)
	err := Continue(t.Context(), dir, Checks{}, io.Discard)
	if kit.CodeOf(err) != kit.Conflict || !strings.HasSuffix(err.Error(), "marks are left at a.txt:1, a.txt:3, a.txt:5, a.txt:7") {
		t.Errorf("%v", err)
	}
	set(t, dir, "a.txt", "mine and two\r\n=======\r\n")
	if err := Continue(t.Context(), dir, Checks{}, io.Discard); err == nil || !strings.HasSuffix(err.Error(), "a.txt:2") {
		t.Errorf("%v", err)
	}
}

// The file had a line of seven equals signs before: it is no mark.
func TestContinueKnowsALineFromAMark(t *testing.T) {
	p := pending{From: "tackhammer 0.1.0", To: "tackhammer 0.2.0"}
	if p.isMarkLine([]byte("======="), []byte("Title\n=======\n")) || !p.isMarkLine([]byte("======="), []byte("Title\n")) {
		t.Error("the line in the middle")
	}
	if p.isMarkLine([]byte(">>>>>>> elsewhere"), nil) || !p.isMarkLine([]byte(">>>>>>> tackhammer 0.2.0"), nil) {
		t.Error("the last line")
	}
}

func TestApplyRefusesAnAppThatChangedMeanwhile(t *testing.T) {
	for path, text := range map[string]string{"a.txt": "just now\n", "d/e/new.txt": "just now\n", "b/c/gone.txt": "just now\n"} {
		dir := newApp(t, small)
		n := next(t, later, dir)
		set(t, dir, path, text)
		was := snapshot(t, dir)
		err := n.Apply(t.Context())
		if kit.CodeOf(err) != kit.Conflict || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
		if odd := unlike(was, snapshot(t, dir)); len(odd) > 0 {
			t.Errorf("%s: the refusal wrote %v", path, odd)
		}
	}
}

func TestASecondOneIsTold(t *testing.T) {
	dir := newApp(t, small)
	n := next(t, later, dir)
	release, err := hold(dir)
	must(t, err)
	for name, f := range map[string]func() error{
		"next":  func() error { _, err := later.Next(dir, nil); return err },
		"apply": func() error { return n.Apply(t.Context()) },
		"try":   func() error { return n.Try(t.Context(), Checks{}, io.Discard) },
		"abort": func() error { return Abort(t.Context(), dir, false) },
	} {
		if err := f(); kit.CodeOf(err) != kit.Conflict || !strings.Contains(err.Error(), "another tackhammer") {
			t.Errorf("%s: %v", name, err)
		}
	}
	release()
	must(t, n.Apply(t.Context()))
}

// What somebody wrote between the kill and the next command is not lost.
func TestRecoverKeepsWhatWasWrittenSince(t *testing.T) {
	dir := newApp(t, small)
	n := next(t, later, dir)
	before = func(what string) error {
		if strings.HasPrefix(what, "rename a.txt") {
			panic("killed")
		}
		return nil
	}
	func() {
		defer func() { before = func(string) error { return nil }; _ = recover() }()
		_ = n.Apply(t.Context())
	}()
	set(t, dir, "a.txt", "since\n")
	if _, err := Recover(dir); kit.CodeOf(err) != kit.Conflict || !strings.Contains(err.Error(), "a.txt") || get(t, dir, "a.txt") != "since\n" {
		t.Errorf("%v", err)
	}
	must(t, os.Rename(filepath.Join(dir, "a.txt"), filepath.Join(dir, "mine.txt")))
	if said, err := Recover(dir); err != nil || !strings.Contains(said, "it is done now") || get(t, dir, "a.txt") != "two\n" {
		t.Errorf("%q, %v", said, err)
	}
}
