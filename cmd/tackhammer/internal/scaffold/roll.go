package scaffold

import (
	"encoding/json"
	"errors"
	"os"
	"path"
	"runtime"
	"slices"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
)

// flush makes the names in a folder last.
func (j *journal) flush(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // a folder has no flush there
	}
	d, err := j.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(flushed(d), d.Close())
}

func (j *journal) flushAll() error {
	var dirs []string
	for _, e := range j.Entries {
		dir := path.Dir(e.Path)
		if !slices.Contains(dirs, dir) && exists(j.root, dir) {
			dirs = append(dirs, dir)
		}
	}
	for _, dir := range dirs {
		if err := j.flush(dir); err != nil {
			return kit.Errorf(kit.Internal, "flush %s: %w", dir, err)
		}
	}
	return nil
}

// forward brings every entry to its new state; what is so already stays.
func (j *journal) forward() error {
	for n, e := range j.Entries {
		if j.done(n) {
			continue
		}
		if err := j.step(n, e); err != nil {
			return kit.Errorf(kit.Internal, "write %s: %w", e.Path, err)
		}
	}
	return j.flushAll()
}

func (j *journal) step(n int, e entry) error {
	if e.Old != "" && !exists(j.root, name("old", n)) && !missing(j.root, e.Path) {
		if err := j.rename(e.Path, name("old", n)); err != nil {
			return err
		}
	}
	if e.New == "" {
		return nil
	}
	if err := j.parents(e.Path); err != nil {
		return err
	}
	return j.rename(name("new", n), e.Path)
}

func (j *journal) parents(file string) error {
	dir := path.Dir(file)
	if exists(j.root, dir) {
		return nil
	}
	if err := before("mkdir " + dir); err != nil {
		return err
	}
	return j.root.MkdirAll(dir, 0o755)
}

func (j *journal) rename(from, to string) error {
	if err := before("rename " + from + " to " + to); err != nil {
		return err
	}
	return j.root.Rename(from, to)
}

// back takes a change back that failed on its way forward, because of err.
// Renames alone are needed, for which a full disk has room.
func (j *journal) back(err error) error {
	if e := j.rename(journalDir+"/commit", journalDir+"/undo"); e != nil {
		return halfWay(errors.Join(err, e))
	}
	if e := j.undo(); e != nil {
		return halfWay(errors.Join(err, e))
	}
	return errors.Join(err, j.spend())
}

func halfWay(err error) error {
	return kit.Errorf(kit.Internal, "take the change back: %w", err).
		WithHint("the next `tackhammer update` in the app does it when the disk lets it")
}

// undo brings every entry back to its old state, the last one first.
func (j *journal) undo() error {
	for n, e := range slices.Backward(j.Entries) {
		if err := j.unstep(n, e); err != nil {
			return kit.Errorf(kit.Internal, "bring back %s: %w", e.Path, err)
		}
	}
	for _, dir := range slices.Backward(j.Dirs) {
		_ = before("rmdir " + dir)
		_ = j.root.Remove(dir) // what somebody has filled meanwhile stays
	}
	return j.flushAll()
}

func (j *journal) unstep(n int, e entry) error {
	if e.New != "" && missing(j.root, name("new", n)) && !missing(j.root, e.Path) {
		if err := j.rename(e.Path, name("new", n)); err != nil {
			return err
		}
	}
	if !exists(j.root, name("old", n)) {
		return nil
	}
	if err := j.parents(e.Path); err != nil {
		return err
	}
	return j.rename(name("old", n), e.Path)
}

// Recover makes an app whole whose writer was killed or found the disk full:
// forward where all was ready, back where it was not. It says in a sentence what
// it did, "" for nothing. Every command that opens an app calls it first.
//
// It fails with kit.Conflict, and does nothing, where somebody has changed one
// of the files since, and while another command works on the app.
func Recover(dir string) (string, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return "", nil // there is no app: for the command to say
	}
	defer root.Close()
	if !exists(root, journalDir) && !exists(root, spentDir) {
		noApp(root)
		return "", nil
	}
	release, err := hold(dir)
	if err != nil {
		return "", err
	}
	defer release()
	if err := root.RemoveAll(spentDir); err != nil {
		return "", kit.Errorf(kit.Internal, "remove %s: %w", spentDir, err)
	}
	j := &journal{root: root}
	switch {
	case !exists(root, journalDir):
		noApp(root)
		return "", nil
	case exists(root, journalDir+"/commit"):
		return j.recoverForward()
	case exists(root, journalDir+"/undo"):
		return j.recoverBack()
	}
	return "an earlier command was cut short before it touched a file: the app is as it was", j.spend()
}

// load reads the entries of a journal that was cut short, and believes none of
// them: a cloned repository may bring a journal that nobody here wrote.
func (j *journal) load() error {
	raw, err := j.root.ReadFile(journalDir + "/entries.json")
	if err == nil {
		err = json.Unmarshal(raw, j)
	}
	if err == nil {
		err = j.sane()
	}
	if err != nil {
		return kit.Errorf(kit.Internal, "read %s/entries.json: %w", journalDir, err).
			WithHint("bring the app back from git, and remove %s", journalDir)
	}
	return nil
}

// sane refuses a journal that would write where no file of an app goes: git's
// own folder, or whatever a link leads to.
func (j *journal) sane() error {
	for _, e := range j.Entries {
		if err := safeName(e.Path); err != nil {
			return err
		}
		is, err := look(j.root, e.Path)
		if err == nil && is.odd != "" {
			err = kit.Errorf(kit.Conflict, "write %s: %s", e.Path, is.odd)
		}
		if err != nil {
			return err
		}
	}
	for _, dir := range j.Dirs {
		if err := safeName(dir); err != nil {
			return err
		}
	}
	return nil
}

func (j *journal) recoverForward() (string, error) {
	if err := j.load(); err != nil {
		return "", err
	}
	odd, err := j.unlike(true)
	if err != nil {
		return "", err
	}
	if len(odd) > 0 {
		return "", kit.Errorf(kit.Conflict, "end a change that was cut short: changed since: %s", strings.Join(odd, ", ")).
			WithHint("move these files out of the app, and run the command again")
	}
	if err := j.forward(); err != nil {
		return "", err
	}
	j.tidy()
	return "an earlier command was cut short while it wrote: it is done now", j.spend()
}

func (j *journal) recoverBack() (string, error) {
	if err := j.load(); err != nil {
		return "", err
	}
	if err := j.undo(); err != nil {
		return "", halfWay(err)
	}
	return "an earlier command failed while it wrote: the app is as it was", j.spend()
}
