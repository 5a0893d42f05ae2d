package scaffold

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// inGit makes the folder top a git repository with all that it holds.
func inGit(t *testing.T, top string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		if os.Getenv("TACKHAMMER_REQUIRE") != "" {
			t.Fatal("git is not installed")
		}
		t.Skip("git is not installed")
	}
	for _, args := range []string{"init -q", "add -A", "-c user.name=t -c user.email=t@example.com commit -q -m made"} {
		cmd := exec.Command("git", strings.Fields(args)...)
		cmd.Dir = top
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v\n%s", args, err, out)
		}
	}
}

func TestUncleanNamesWhatGitCouldNotBringBack(t *testing.T) {
	dir := newApp(t, small)
	top := filepath.Dir(dir)
	set(t, top, "beside.txt", "x\n")
	inGit(t, top)
	n := next(t, later, dir)
	want := func(what string) {
		t.Helper()
		files, kept, err := Unclean(t.Context(), dir, n.Changes)
		if err != nil || !kept || strings.Join(files, " ") != what {
			t.Errorf("%q (kept %v, %v), want %q", files, kept, err, what)
		}
	}
	want("")
	set(t, top, "beside.txt", "not the app's\n")
	set(t, dir, "own.txt", "no change writes there\n")
	want("")
	set(t, dir, "d/e/new.txt", "a change writes there\n")
	set(t, dir, "a name.txt", "x\n")
	want("d/e/new.txt")
	set(t, dir, "run.sh", "edited\n")
	cmd := exec.Command("git", "mv", "app/b/c/gone.txt", "app/moved.txt")
	cmd.Dir = top
	must(t, cmd.Run())
	want("d/e/new.txt moved.txt run.sh")
}

func TestUncleanWhereGitKeepsNothing(t *testing.T) {
	dir := newApp(t, small)
	for _, name := range []string{"no repository", "ignored"} {
		if name == "ignored" {
			set(t, filepath.Dir(dir), ".gitignore", "/app/\n")
			inGit(t, filepath.Dir(dir))
		}
		if files, kept, err := Unclean(t.Context(), dir, nil); kept || err != nil || len(files) > 0 {
			t.Errorf("%s: %v, kept %v, %v", name, files, kept, err)
		}
	}
}

func TestStatusesReadsRenames(t *testing.T) {
	got := statuses("R  to.txt\x00from.txt\x00 M a b.txt\x00?? new.txt\x00")
	if len(got) != 3 || got[0].path != "to.txt" || got[1].path != "a b.txt" || got[2].code != "??" {
		t.Errorf("%+v", got)
	}
}
