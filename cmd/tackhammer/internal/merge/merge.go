// Package merge brings three versions of one file together: base, which both
// sides began with, ours, which a team made of it, and theirs, which is newly
// generated. Start with [File], which chooses by the file's path; [Lines] is
// the merge for every text, [Mod], [Sum] and [YAML] know what go.mod, go.sum
// and nail.yaml mean.
//
//	merged, conflicts := merge.File("main.go", base, ours, theirs, merge.Names{
//		Ours: "yours", Base: "tackhammer 0.1.0", Theirs: "tackhammer 0.2.0"})
//
// The package reads no file and writes none. Where one side alone changed
// something, its change is taken; where both made the same change, it is taken
// once; where they made different ones, the merged text holds both between
// marks and counts a conflict.
package merge

import (
	"bytes"
	"path"
	"unicode/utf8"
)

// Names are what the three versions are called behind the marks of a conflict:
// <<<<<<< ours, ||||||| base, >>>>>>> theirs.
type Names struct {
	Ours   string
	Base   string
	Theirs string
}

// File merges the three versions of the file at path, of which only the last
// name counts. go.mod, go.sum and nail.yaml are merged by what they mean and by
// line where they cannot be read; every other text by line. A file that is no
// text (a NUL or broken UTF-8) and that both sides changed stays ours, with one
// conflict. A version that does not exist is empty. conflicts is the number of
// places between marks.
func File(name string, base, ours, theirs []byte, n Names) (merged []byte, conflicts int) {
	if whole, ok := oneSided(base, ours, theirs); ok {
		return whole, 0
	}
	if !isText(base) || !isText(ours) || !isText(theirs) {
		return ours, 1
	}
	var err error
	switch path.Base(name) {
	case "go.sum":
		return Sum(ours, theirs), 0
	case "go.mod":
		merged, conflicts, err = Mod(base, ours, theirs, n)
	case "nail.yaml":
		merged, conflicts, err = YAML(base, ours, theirs, n)
	default:
		return Lines(base, ours, theirs, n)
	}
	if err != nil {
		return Lines(base, ours, theirs, n)
	}
	return merged, conflicts
}

// oneSided is the version that stands when one side changed nothing, or when
// both made the same of the base.
func oneSided(base, ours, theirs []byte) ([]byte, bool) {
	switch {
	case bytes.Equal(ours, theirs), bytes.Equal(base, theirs):
		return ours, true
	case bytes.Equal(base, ours):
		return theirs, true
	}
	return nil, false
}

func isText(data []byte) bool {
	return utf8.Valid(data) && bytes.IndexByte(data, 0) < 0
}
