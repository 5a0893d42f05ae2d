package export

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/whole"
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
	err := os.MkdirAll(dir, 0o750)
	if err == nil {
		err = whole.Replace(path, 0o640, func(w io.Writer) error { _, err := w.Write(body); return err })
	}
	if err != nil {
		return kit.Errorf(kit.Unavailable, "write delivery %s to its folder: %w", id, err).
			WithHint("see that the folder can be written to and that the disk has room")
	}
	return nil
}
