package scaffold

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/tackhammer/tackhammer/kit"
)

// uncopied are the entries at the top of an app that no build needs: history,
// customers' data, and what builds made.
var uncopied = []string{".git", "data", "bin", "dist"}

// copyApp copies an app to a temporary folder.
func copyApp(ctx context.Context, dir string) (trial, error) {
	top, err := os.MkdirTemp("", "tackhammer-try-")
	if err != nil {
		return trial{}, kit.Errorf(kit.Internal, "make a copy: %w", err)
	}
	t := trial{from: dir, top: top, dir: filepath.Join(top, filepath.Base(dir))}
	err = filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		if slices.Contains(uncopied, name) || filepath.ToSlash(name) == journalDir || filepath.ToSlash(name) == pendingDir {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		return copyEntry(dir, file, filepath.Join(t.dir, name), d)
	})
	if err == nil {
		err = t.anchor()
	}
	if err != nil {
		t.remove()
		return trial{}, kit.Errorf(kit.Internal, "make a copy of %s: %w", dir, err)
	}
	return t, nil
}

func copyEntry(dir, from, to string, d fs.DirEntry) error {
	switch {
	case d.IsDir():
		return os.MkdirAll(to, 0o755)
	case d.Type()&fs.ModeSymlink != 0:
		return copyLink(dir, from, to)
	case d.Type().IsRegular():
		return copyFile(from, to)
	}
	return nil // a socket or a device is not built
}

// copyLink makes a link that leads where the one in the app does.
func copyLink(dir, from, to string) error {
	aim, err := os.Readlink(from)
	if err != nil {
		return err
	}
	if !filepath.IsAbs(aim) {
		if full := filepath.Join(filepath.Dir(from), aim); outside(dir, full) {
			aim = full
		}
	}
	return os.Symlink(aim, to)
}

func outside(dir, file string) bool {
	rel, err := filepath.Rel(dir, file)
	return err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

func copyFile(from, to string) (err error) {
	r, err := os.Open(from)
	if err != nil {
		return err
	}
	defer r.Close()
	info, err := r.Stat()
	if err != nil {
		return err
	}
	w, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm()|0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return errors.Join(err, w.Close())
}

// anchor makes the copy's go.mod find the folders beside the app that it names
// by a relative path, as in a repository of several modules.
func (t trial) anchor() error {
	file := filepath.Join(t.dir, "go.mod")
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // the go command says so
	}
	if err != nil {
		return err
	}
	mod, err := modfile.Parse(file, raw, nil)
	if err != nil {
		return nil // it says this, too, and better
	}
	moved := false
	for _, r := range mod.Replace {
		full := filepath.Join(t.from, filepath.FromSlash(r.New.Path))
		if r.New.Version != "" || filepath.IsAbs(r.New.Path) || !outside(t.from, full) {
			continue
		}
		if err := mod.AddReplace(r.Old.Path, r.Old.Version, full, ""); err != nil {
			return err
		}
		moved = true
	}
	if !moved {
		return nil
	}
	out, err := mod.Format()
	if err != nil {
		return err
	}
	return os.WriteFile(file, out, 0o644)
}
