package scaffold

import (
	"bytes"
	"os"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/merge"
)

// merging decides what becomes of each file of an app.
type merging struct {
	root  *os.Root
	names merge.Names
}

// file is what becomes of the file at path, nil for nothing: base is what was
// written there, and theirs what is made now, nil for none.
func (m merging) file(path string, base, theirs *File) (*Change, error) {
	if base != nil && theirs != nil && bytes.Equal(base.Data, theirs.Data) {
		return nil, nil // whatever the team did
	}
	is, err := look(m.root, path)
	if err != nil {
		return nil, err
	}
	c := &Change{Path: path}
	if is.file != nil {
		c.Old, c.Mode = content(is.file.Data), uint32(is.file.Mode)
	}
	switch {
	case is.odd != "":
		return c.keep("nothing is written there: " + is.odd), nil
	case theirs == nil:
		return c.gone(base), nil
	case base == nil:
		return m.added(c, theirs), nil
	case is.file == nil:
		return c.keep("you deleted or renamed it: it stays away, and a copy of another name gets no changes"), nil
	}
	return m.changed(c, base, theirs), nil
}

// content is data of a file that is there, be it empty.
func content(data []byte) []byte {
	if data == nil {
		return []byte{}
	}
	return data
}

func (c *Change) keep(why string) *Change {
	c.Kind, c.Why, c.New = Keep, why, c.Old
	return c
}

// gone is for a file that is no longer made.
func (c *Change) gone(base *File) *Change {
	switch {
	case c.Old == nil:
		return nil
	case sameText(c.Old, base.Data):
		c.Kind = Delete
		return c
	}
	return c.keep("it is no longer made, and you edited it: it is yours now")
}

// added is for a file that was not made before.
func (m merging) added(c *Change, theirs *File) *Change {
	switch {
	case c.Old == nil:
		c.Kind, c.New, c.Mode = Make, content(theirs.Data), uint32(theirs.Mode)
		return c
	case sameText(c.Old, theirs.Data):
		return nil
	}
	return m.both(c, nil, theirs)
}

// changed is for a file that is made differently now.
func (m merging) changed(c *Change, base, theirs *File) *Change {
	s := level(base.Data, c.Old, theirs.Data)
	switch {
	case bytes.Equal(s.ours, s.base):
		c.Kind, c.New = Replace, content(s.end.with(s.theirs))
		return c
	case bytes.Equal(s.ours, s.theirs):
		return nil
	}
	return m.both(c, base.Data, theirs)
}

// both is for a file that each side has its own content of.
func (m merging) both(c *Change, base []byte, theirs *File) *Change {
	if !isText(base) || !isText(c.Old) || !isText(theirs.Data) {
		return c.keep("both sides changed it, and it is no text that merges: yours stays")
	}
	s := level(base, c.Old, theirs.Data)
	merged, conflicts := merge.File(c.Path, s.base, s.ours, s.theirs, m.names)
	if conflicts == 0 && bytes.Equal(merged, s.ours) {
		return nil // all of it is in there already
	}
	c.Kind, c.New = Merge, content(s.end.with(merged))
	if conflicts > 0 {
		c.Kind = Conflict
	}
	switch {
	case base == nil && conflicts > 0:
		c.Why = "both sides added it, and they differ"
	case conflicts > 0:
		c.Why = "both sides changed the same lines"
	}
	return c
}
