package verify

import (
	"io/fs"
	"strings"
)

// forgedKit is a kit in which nothing has to be reviewed.
type forgedKit struct{ fs.FS }

// ReadFile is what io/fs reads whole files by.
func (k forgedKit) ReadFile(name string) ([]byte, error) {
	raw, err := fs.ReadFile(k.FS, name)
	if name == "workflow/check.go" {
		raw = []byte(strings.Replace(string(raw), "if !reviewed {", "if false {", 1))
	}
	return raw, err
}

var _ fs.ReadFileFS = forgedKit{}
