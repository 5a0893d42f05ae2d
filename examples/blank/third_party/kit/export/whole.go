package export

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tackhammer/tackhammer/kit"
)

// ReplaceFile writes a file whole or not at all, also when the machine stops
// in between: beside path, to the disk, then by a rename. The folder has to be
// there.
func ReplaceFile(path string, mode fs.FileMode, write func(io.Writer) error) (err error) {
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
	return syncDir(dir)
}

// NewFile is ReplaceFile for a path at which there is nothing yet: it never
// replaces a file, and fails with fs.ErrExist where there is one.
func NewFile(path string, mode fs.FileMode, write func(io.Writer) error) error {
	aside := filepath.Join(filepath.Dir(path), ".new-"+filepath.Base(path)+"-"+kit.NewID())
	if err := ReplaceFile(aside, mode, write); err != nil {
		return err
	}
	defer os.Remove(aside)
	if err := os.Link(aside, path); err != nil { // fails where a rename would replace
		return err
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes a rename last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	// Some file systems cannot sync a folder; the file itself is safe by then.
	_ = d.Sync()
	return nil
}
