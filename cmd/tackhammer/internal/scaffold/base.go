package scaffold

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/mod/semver"

	"github.com/tackhammer/tackhammer/kit"
)

// made is what an app's .tackhammer says: what was asked, what was written, and
// the content of that.
type made struct {
	lock Lock
	spec Spec
	base Tree
}

func (s Source) readMade(dir string) (m made, err error) {
	if m.lock, err = ReadLock(dir); err != nil {
		return m, err
	}
	if err := s.understands(m.lock); err != nil {
		return m, err
	}
	if m.spec, err = readSpec(dir); err != nil {
		return m, err
	}
	m.base, err = readBase(dir, m.lock)
	return m, err
}

// understands refuses the lock of a newer program: what that one wrote, this
// one would take back.
func (s Source) understands(l Lock) error {
	if l.Format > lockFormat || l.Format < 0 {
		return kit.Errorf(kit.Conflict, "read %s/lock.json: its format is %d, and this tackhammer reads %d", marksDir, l.Format, lockFormat).
			WithHint("use the tackhammer that made the app, or a newer one")
	}
	theirs, own := "v"+l.Tackhammer, "v"+s.version()
	if !semver.IsValid(theirs) {
		return kit.Errorf(kit.Conflict, "read %s/lock.json: %q is no version of tackhammer", marksDir, l.Tackhammer).
			WithHint("bring the file back from git: git checkout -- %s/lock.json", marksDir)
	}
	if semver.Compare(theirs, own) > 0 {
		return kit.Errorf(kit.Conflict, "open the app: tackhammer %s made it, and this is %s", l.Tackhammer, s.version()).
			WithHint("use tackhammer %s or a newer one", l.Tackhammer)
	}
	return nil
}

// readSpec reads what the app in dir was asked to be.
func readSpec(dir string) (Spec, error) {
	const name = marksDir + "/spec.yaml"
	raw, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return Spec{}, unreadable(name, err)
	}
	return ReadSpec(name, raw)
}

func unreadable(name string, err error) error {
	code := kit.Internal
	if errors.Is(err, fs.ErrNotExist) {
		code = kit.NotFound
	}
	return kit.Errorf(code, "read %s: %w", name, err).WithHint("bring the file back from git: git checkout -- %s", name)
}

// readBase reads the pristine copy and holds every file of it to its hash in
// the lock.
func readBase(dir string, lock Lock) (Tree, error) {
	const name = marksDir + "/base.zip"
	raw, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return nil, unreadable(name, err)
	}
	t, err := unzip(raw)
	if err != nil {
		return nil, unreadable(name, err)
	}
	if odd := oddOnes(t, lock); len(odd) > 0 {
		return nil, kit.Errorf(kit.Internal, "read %s: %d files in it are not those of lock.json, %s is one", name, len(odd), odd[0]).
			WithHint("the two belong together: git checkout -- %s", marksDir)
	}
	return t, nil
}

// oddOnes lists, sorted, the files that only one of t and lock has, or that
// differ.
func oddOnes(t Tree, lock Lock) (odd []string) {
	for file, f := range t {
		if lock.Files[file] != sum(f.Data) {
			odd = append(odd, file)
		}
	}
	for file := range lock.Files {
		if _, ok := t[file]; !ok {
			odd = append(odd, file)
		}
	}
	slices.Sort(odd)
	return odd
}

// mostOfArchive is what an archive of .tackhammer may hold, in bytes: many times
// the kit with a large template, and what memory has room for.
const mostOfArchive = 256 << 20

// unzip reads all files of an archive. Names that leave it, or that are git's,
// are refused, and so is more than mostOfArchive.
func unzip(raw []byte) (Tree, error) {
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, err
	}
	t, left := Tree{}, int64(mostOfArchive)
	for _, f := range z.File {
		if err := safeName(f.Name); err != nil {
			return nil, err
		}
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(io.LimitReader(r, left+1))
		if err := errors.Join(err, r.Close()); err != nil {
			return nil, err
		}
		if left -= int64(len(data)); left < 0 {
			return nil, kit.Errorf(kit.Invalid, "it holds more than %d MB", mostOfArchive>>20)
		}
		t[f.Name] = File{Mode: 0o644, Data: data}
	}
	return t, nil
}
