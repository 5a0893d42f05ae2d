// Package whole writes a file whole or not at all, also when the machine stops
// in between.
//
//	err := whole.Replace("lock.json", 0o644, func(w io.Writer) error {
//		return json.NewEncoder(w).Encode(lock)
//	})
package whole

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tackhammer/tackhammer/kit"
)

// Replace writes the file at path, in place of one that is there: beside it, to
// the disk, then by a rename. The folder has to be there.
func Replace(path string, mode fs.FileMode, write func(io.Writer) error) (err error) {
	dir := filepath.Dir(path)
	// The dot hides the file from those who take all *.json of the folder.
	f, err := os.CreateTemp(dir, ".writing-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // best effort: the first error is told
		}
	}()
	out := bufio.NewWriter(f)
	if err := write(out); err != nil {
		_ = f.Close() // the error of writing is told
		return err
	}
	if err := errors.Join(out.Flush(), f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return Sync(dir)
}

// New is Replace for a path at which there is nothing yet: it never
// replaces a file, and fails with fs.ErrExist where there is one.
func New(path string, mode fs.FileMode, write func(io.Writer) error) error {
	aside := filepath.Join(filepath.Dir(path), ".new-"+filepath.Base(path)+"-"+kit.NewID())
	if err := Replace(aside, mode, write); err != nil {
		return err
	}
	defer os.Remove(aside)
	if err := os.Link(aside, path); err != nil { // fails where a rename would replace
		return err
	}
	return Sync(filepath.Dir(path))
}

// Sync makes what was renamed in the folder dir last.
func Sync(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	// Some file systems cannot sync a folder; the file itself is safe by then.
	_ = d.Sync()
	return nil
}
