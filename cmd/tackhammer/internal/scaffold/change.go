package scaffold

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/aymanbagabas/go-udiff"
)

// Kind says what becomes of a file.
type Kind string

// The kinds of a Change.
const (
	Make     Kind = "make"     // there is none yet
	Replace  Kind = "replace"  // nobody edited it: the new content whole
	Merge    Kind = "merge"    // both sides edited it, apart from each other
	Delete   Kind = "delete"   // it is no longer made, and nobody edited it
	Keep     Kind = "keep"     // it stays as it is; Why says why the new content is not taken
	Conflict Kind = "conflict" // both sides edited the same lines: New has marks
)

// Change is one operation on a file of an app: what was, and what is to be.
type Change struct {
	Path string
	Kind Kind
	Why  string // in words, where the kind does not say it all
	Old  []byte // nil where there is no file
	New  []byte // nil where none stays
	Mode uint32 // permission bits of New
}

// Diff is the change as a unified diff, "" where the content stays, and a line
// in words for what is no text.
func (c Change) Diff() string {
	if bytes.Equal(c.Old, c.New) && (c.Old == nil) == (c.New == nil) {
		return ""
	}
	if !isText(c.Old) || !isText(c.New) {
		return "binary file " + c.Path + "\n"
	}
	from, to := "a/"+c.Path, "b/"+c.Path
	if c.Old == nil {
		from = "/dev/null"
	}
	if c.New == nil {
		to = "/dev/null"
	}
	return udiff.Unified(from, to, string(c.Old), string(c.New))
}

// isText reports whether data is shown and merged by line.
func isText(data []byte) bool {
	return utf8.Valid(data) && bytes.IndexByte(data, 0) < 0
}

// isMark reports whether a path belongs to .tackhammer.
func isMark(path string) bool { return strings.HasPrefix(path, marksDir+"/") }
