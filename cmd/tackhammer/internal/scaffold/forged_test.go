package scaffold

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
)

// A clone may bring a journal that nobody here wrote. It writes nowhere but
// where an app's files go.
func TestAForgedJournalWritesNothing(t *testing.T) {
	for name, at := range map[string]string{
		"git's folder":   ".git/hooks/post-checkout",
		"in capitals":    ".GIT/config",
		"outside":        "../escaped.txt",
		"absolute":       "/escaped.txt",
		"through a link": "link/hooks/post-checkout",
		"a device":       "aux.txt",
	} {
		for _, way := range []string{"commit", "undo"} {
			t.Run(name+" by "+way, func(t *testing.T) {
				dir := newApp(t, small)
				set(t, dir, ".git/hooks/kept", "x\n")
				if err := os.Symlink(".git", filepath.Join(dir, "link")); err != nil {
					t.Skipf("this system makes no links here: %v", err)
				}
				forgeJournal(t, dir, way, at)
				was := snapshot(t, filepath.Dir(dir))
				if _, err := Recover(dir); err == nil || !strings.Contains(kit.HintOf(err), "remove .tackhammer/journal") {
					t.Errorf("%v (%s)", err, kit.HintOf(err))
				}
				if odd := unlike(was, snapshot(t, filepath.Dir(dir))); len(odd) > 0 {
					t.Errorf("it wrote %v", odd)
				}
			})
		}
	}
}

func forgeJournal(t *testing.T, dir, way, at string) {
	t.Helper()
	e := entry{Path: at, New: sum([]byte("evil\n"))}
	if way == "undo" {
		e = entry{Path: at, Old: e.New}
	}
	raw, err := json.Marshal(journal{Entries: []entry{e}})
	must(t, err)
	set(t, dir, journalDir+"/entries.json", string(raw))
	set(t, dir, name("new", 0), "evil\n")
	set(t, dir, name("old", 0), "evil\n")
	set(t, dir, journalDir+"/"+way, "")
}

// So may it bring an update that nobody began.
func TestAForgedUpdateWritesNothing(t *testing.T) {
	dir := newApp(t, small)
	set(t, dir, ".git/config", "old\n")
	p := pending{From: "a", To: "b", Files: []pendingFile{{Path: ".git/config", Mode: 0o644, New: sum([]byte("old\n"))}}}
	kept, err := p.files([]Op{{Path: ".git/config", Data: []byte("evil\n")}})
	must(t, err)
	for _, e := range kept {
		set(t, dir, e.path, string(e.new.Data))
	}
	if err := Abort(t.Context(), dir, true); err == nil || get(t, dir, ".git/config") != "old\n" {
		t.Errorf("%v, and %q", err, get(t, dir, ".git/config"))
	}
}

// An archive of 1 MB can hold 1 GB.
func TestAnArchiveThatIsTooMuch(t *testing.T) {
	var raw bytes.Buffer
	z := zip.NewWriter(&raw)
	w, err := z.Create("big")
	must(t, err)
	for range mostOfArchive>>20 + 1 {
		_, err := w.Write(make([]byte, 1<<20))
		must(t, err)
	}
	must(t, z.Close())
	if _, err := unzip(raw.Bytes()); err == nil || !strings.Contains(err.Error(), "more than 256 MB") {
		t.Errorf("%v", err)
	}
}

func TestALockCutShort(t *testing.T) {
	dir := newApp(t, small)
	set(t, dir, marksDir+"/lock.json", `{"format": 1`)
	if _, err := small.Next(dir, nil); kit.CodeOf(err) != kit.Invalid || !strings.Contains(kit.HintOf(err), "git checkout -- .tackhammer/lock.json") {
		t.Errorf("%v (%s)", err, kit.HintOf(err))
	}
}
