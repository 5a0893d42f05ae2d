package export

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/whole"
)

// newFolder makes a folder with what fill puts in, whole or not at all: it is
// filled beside its place and renamed. Nobody but its owner may read it. With
// force it takes the place of training data that stand there.
func newFolder(path string, force bool, fill func(dir string) error) (err error) {
	path = filepath.Clean(path)
	if err := mayTake(path, force); err != nil {
		return err
	}
	above := filepath.Dir(path)
	made := missing(above)
	defer func() {
		if err != nil {
			removeEmpty(made)
		}
	}()
	if err := os.MkdirAll(above, 0o700); err != nil {
		return kit.Errorf(kit.Invalid, "write %s: %w", path, err)
	}
	dir, err := os.MkdirTemp(above, ".writing-*") // with mode 0700
	if err != nil {
		return kit.Errorf(kit.Invalid, "write %s: %w", path, err).WithHint("may you write in %s?", above)
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(dir) // best effort: the first error is told
		}
	}()
	if err := fill(dir); err != nil {
		return err
	}
	if err := errors.Join(whole.Sync(dir), swap(dir, path)); err != nil {
		return err
	}
	return whole.Sync(above)
}

// missing are the folders of path that are not there, the innermost first.
func missing(path string) (all []string) {
	for ; ; path = filepath.Dir(path) {
		if _, err := os.Lstat(path); !os.IsNotExist(err) {
			return all
		}
		all = append(all, path)
	}
}

// removeEmpty removes folders as far as nothing is in them, the innermost first.
func removeEmpty(folders []string) {
	for _, dir := range folders {
		if os.Remove(dir) != nil {
			return
		}
	}
}

// mayTake fails unless path is free, empty, or with force holds training data.
func mayTake(path string, force bool) error {
	info, err := os.Lstat(path)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return kit.Errorf(kit.Invalid, "write %s: %w", path, err)
	}
	if !info.IsDir() {
		return kit.Errorf(kit.Conflict, "write %s: it is there, and no folder", path).WithHint("name a new folder")
	}
	inside, err := os.ReadDir(path)
	switch _, ours := os.Stat(filepath.Join(path, ManifestFile)); {
	case err != nil:
		return kit.Errorf(kit.Invalid, "write %s: %w", path, err)
	case len(inside) == 0:
		return nil
	case ours != nil:
		return kit.Errorf(kit.Conflict, "write %s: the folder holds something else", path).WithHint("name a new folder")
	case !force:
		return kit.Errorf(kit.Conflict, "write %s: the folder holds training data already", path).
			WithHint("name a new folder, or replace it with --force")
	}
	return nil
}

// swap puts dir in the place of path. What stood there goes aside first, and
// comes back when that fails.
func swap(dir, path string) error {
	aside := dir + ".old"
	err := os.Rename(path, aside)
	if os.IsNotExist(err) {
		return os.Rename(dir, path)
	}
	if err != nil {
		return err
	}
	if err := os.Rename(dir, path); err != nil {
		return errors.Join(err, os.Rename(aside, path))
	}
	return os.RemoveAll(aside)
}
