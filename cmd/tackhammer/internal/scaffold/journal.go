package scaffold

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
)

// journalDir holds a change of an app while it is written:
//
//	new/N         what is to stand at the Nth entry's path
//	old/N         what stood there, moved aside
//	entries.json  the entries
//	commit        all of the above is on the disk: a reader rolls forward
//	undo          the change failed after that: a reader rolls back
//
// Without commit and undo the app has not been touched. spentDir is a journal
// that has done its work and waits to be removed.
const (
	journalDir = marksDir + "/journal"
	spentDir   = marksDir + "/journal.spent"
)

// edit is one file of an app before and after a change; nil for no file.
type edit struct {
	path     string
	old, new *File
	exact    bool // the mode of new is as it stands, whatever the umask
}

// entry is an edit as the journal keeps it.
type entry struct {
	Path string `json:"path"`
	Old  string `json:"old,omitempty"` // hex SHA-256 of what stands there; "" for nothing
	New  string `json:"new,omitempty"` // of what is to stand there; "" for nothing
}

// journal is a change on its way.
type journal struct {
	root    *os.Root
	Entries []entry  `json:"entries"`
	Dirs    []string `json:"dirs"` // those that the change makes, the upper ones first
}

// before is called ahead of each change of the disk; tests end the process
// there, or have the disk refuse.
var before = func(what string) error { return nil }

// flushed brings a file, or the names in a folder, to the disk itself; tests that
// write thousands of files, and cut no power, leave it out.
var flushed = (*os.File).Sync

// write makes all edits of the app in dir, or none: see Recover. It checks that
// each file still is what edit.old says, and ends with ctx up to the moment from
// which on it goes through.
func write(ctx context.Context, dir string, edits []edit) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return kit.Errorf(kit.Internal, "open the app: %w", err)
	}
	defer root.Close()
	j, err := openJournal(root, edits)
	if err != nil {
		return err
	}
	if err := j.begin(); err != nil {
		noApp(root)
		return err
	}
	err = j.stage(ctx, edits)
	if err == nil {
		err = j.mark("commit")
	}
	if err != nil {
		return errors.Join(err, j.spend())
	}
	if err := j.forward(); err != nil {
		return j.back(err)
	}
	j.tidy()
	return j.spend()
}

// openJournal lays out the journal of edits: what goes first, .tackhammer last.
func openJournal(root *os.Root, edits []edit) (*journal, error) {
	slices.SortStableFunc(edits, func(a, b edit) int { return rank(a) - rank(b) })
	j := &journal{root: root}
	if err := root.RemoveAll(spentDir); err != nil {
		return nil, kit.Errorf(kit.Internal, "remove %s: %w", spentDir, err)
	}
	for _, e := range edits {
		if err := safeName(e.path); err != nil {
			return nil, err
		}
		if exists(root, e.path) == (e.old == nil) {
			return nil, changedMeanwhile([]string{e.path})
		}
		entry := entry{Path: e.path}
		if e.old != nil {
			entry.Old = sum(e.old.Data)
		}
		if e.new != nil {
			entry.New = sum(e.new.Data)
			j.needDirs(path.Dir(e.path))
		}
		j.Entries = append(j.Entries, entry)
	}
	return j, nil
}

func rank(e edit) int {
	switch {
	case isMark(e.path):
		return 2
	case e.new == nil:
		return 0
	}
	return 1
}

// needDirs notes a folder and those above it that are missing.
func (j *journal) needDirs(dir string) {
	if dir == "." || slices.Contains(j.Dirs, dir) || exists(j.root, dir) {
		return
	}
	j.needDirs(path.Dir(dir))
	j.Dirs = append(j.Dirs, dir)
}

func changedMeanwhile(files []string) error {
	return kit.Errorf(kit.Conflict, "write the app: changed meanwhile: %s", strings.Join(files, ", ")).
		WithHint("nothing was written; run the command again")
}

// begin makes the journal's folder, which nobody else may have made.
func (j *journal) begin() error {
	if !exists(j.root, marksDir) {
		if err := j.mkdir(marksDir); err != nil {
			return err
		}
	}
	return j.mkdir(journalDir)
}

// stage puts all that the change needs on the disk, and touches no file of the
// app.
func (j *journal) stage(ctx context.Context, edits []edit) error {
	for _, which := range []string{"new", "old"} {
		if err := j.mkdir(journalDir + "/" + which); err != nil {
			return err
		}
	}
	if err := j.put(journalDir+"/.gitignore", File{Mode: 0o644, Data: []byte("*\n")}, false); err != nil {
		return err
	}
	if err := j.putAll(ctx, edits); err != nil {
		return err
	}
	raw, err := json.MarshalIndent(j, "", " ")
	if err != nil {
		return kit.Errorf(kit.Internal, "write the journal: %w", err)
	}
	if err := j.put(journalDir+"/entries.json", File{Mode: 0o644, Data: raw}, false); err != nil {
		return err
	}
	odd, err := j.unlike(false)
	if err == nil && len(odd) > 0 {
		err = changedMeanwhile(odd)
	}
	if err != nil {
		return err
	}
	return ended(ctx)
}

// name is where the journal keeps the Nth entry's file: new or old.
func name(which string, n int) string { return journalDir + "/" + which + "/" + strconv.Itoa(n) }

func (j *journal) mkdir(dir string) error {
	err := before("mkdir " + dir)
	if err == nil {
		err = j.root.Mkdir(dir, 0o755)
	}
	if err != nil {
		return kit.Errorf(kit.Internal, "make the folder %s: %w", dir, err)
	}
	return nil
}

// mark writes one of the two empty files that say where the change stands.
func (j *journal) mark(what string) error {
	for _, dir := range []string{journalDir + "/new", journalDir, marksDir} {
		if err := j.flush(dir); err != nil {
			return err
		}
	}
	if err := j.put(journalDir+"/"+what, File{Mode: 0o644}, false); err != nil {
		return err
	}
	return j.flush(journalDir)
}

// unlike lists the entries that are not done yet and at whose path another
// content stands than the journal knows; with gone, none is as good.
func (j *journal) unlike(gone bool) (odd []string, err error) {
	for n, e := range j.Entries {
		if j.done(n) {
			continue
		}
		is, err := look(j.root, e.Path)
		if err != nil {
			return nil, kit.Errorf(kit.Internal, "write %s: %w", e.Path, err)
		}
		want := e.Old
		if exists(j.root, name("old", n)) {
			want = "" // moved aside
		}
		if got := is.sum(); is.odd != "" || got != want && !(gone && got == "") {
			odd = append(odd, e.Path)
		}
	}
	return odd, nil
}

// sum is the hash of a standing file, "" for none.
func (s standing) sum() string {
	if s.file == nil {
		return ""
	}
	return sum(s.file.Data)
}

// done reports whether the Nth entry's new state stands.
func (j *journal) done(n int) bool {
	if j.Entries[n].New != "" {
		return missing(j.root, name("new", n))
	}
	return exists(j.root, name("old", n))
}

// noApp removes an empty .tackhammer: an app was to come there, and none did.
func noApp(root *os.Root) {
	if info, err := root.Lstat(marksDir); err == nil && info.IsDir() {
		_ = root.Remove(marksDir) // which leaves one that holds anything
	}
}

// tidy removes the folders that a change left empty.
func (j *journal) tidy() {
	for _, e := range j.Entries {
		if e.New == "" {
			j.removeEmpty(path.Dir(e.Path))
		}
	}
}

// spend puts a journal that has done its work, or none, out of the way and
// removes it. What is left of it then means nothing.
func (j *journal) spend() error {
	err := before("spend the journal")
	if err == nil {
		err = j.root.Rename(journalDir, spentDir)
	}
	if err != nil {
		return kit.Errorf(kit.Internal, "remove %s: %w", journalDir, err).WithHint("the next command in the app does it")
	}
	_ = before("remove the journal")
	_ = j.root.RemoveAll(spentDir) // else the next command does
	noApp(j.root)
	return nil
}

// removeEmpty removes a folder, and those above it, as far as they are empty.
func (j *journal) removeEmpty(dir string) {
	for ; dir != "."; dir = path.Dir(dir) {
		_ = before("rmdir " + dir)
		if j.root.Remove(dir) != nil && exists(j.root, dir) {
			return
		}
	}
}
