package export

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"

	"github.com/tackhammer/tackhammer/kit"
)

// idShape keeps an id from naming a file elsewhere.
var idShape = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$`)

// writeFile puts body into dir as ID.json: whole or not at all, also when the
// machine stops in between. A file that is the same already is left alone, so
// that whoever watches the folder sees each delivery once.
func writeFile(dir, id string, body []byte) error {
	if !idShape.MatchString(id) {
		return kit.Errorf(kit.Invalid, "write delivery %q: its id cannot name a file", id)
	}
	path := filepath.Join(dir, id+".json")
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, body) {
		return nil
	}
	if err := replace(dir, path, body); err != nil {
		return kit.Errorf(kit.Unavailable, "write delivery %s to its folder: %w", id, err).
			WithHint("see that the folder can be written to and that the disk has room")
	}
	return nil
}

// replace writes body beside path, to the disk, then renames it.
func replace(dir, path string, body []byte) (err error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
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
	_, err = f.Write(body)
	if err = errors.Join(err, f.Chmod(0o640), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
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
