package merge

import (
	"bytes"
	"strings"
)

// Lines merges by line, as `git merge-file --diff3` does: byte for byte the
// same text and as many conflicts, as long as no stretch of some 250 lines was
// rewritten whole, where git begins to guess. Changes that touch one another
// are a conflict.
//
// One thing git does not do: when ours has other line ends than the other two
// (CRLF for LF), or a byte order mark that they lack, the three are compared
// without it and the merged text has what ours has. So a change of the line
// ends alone is never a conflict.
func Lines(base, ours, theirs []byte, n Names) (merged []byte, conflicts int) {
	if whole, ok := oneSided(base, ours, theirs); ok {
		return whole, 0
	}
	c := clothesOf(base, ours, theirs)
	merged, conflicts = mergeLines(c.off(base), c.off(ours), c.off(theirs), n)
	return c.on(merged), conflicts
}

// clothes are what the versions of a text wear differently: line ends and a
// byte order mark. What is the same in all three stays where it is.
type clothes struct {
	ends, mark bool // to be taken off before the merge
	crlf, bom  bool // to be put on behind it
}

var byteOrderMark = []byte("\xef\xbb\xbf")

func clothesOf(base, ours, theirs []byte) clothes {
	var c clothes
	all := [][]byte{base, ours, theirs}
	marked := 0
	for _, text := range all {
		if bytes.HasPrefix(text, byteOrderMark) {
			marked++
		}
		c.ends = c.ends || endsOf(text) != 0 && endsOf(text) != endsOf(ours)
	}
	c.mark = marked > 0 && marked < len(all)
	c.bom = bytes.HasPrefix(ours, byteOrderMark)
	c.crlf = endsOf(ours) == crlf
	c.ends = c.ends && (c.crlf || endsOf(ours) == lf)
	return c
}

// The line ends of a text; 0 is a text without any.
const (
	lf = iota + 1
	crlf
	mixed
)

func endsOf(text []byte) int {
	all, with := bytes.Count(text, []byte("\n")), bytes.Count(text, []byte("\r\n"))
	switch {
	case all == 0:
		return 0
	case with == 0:
		return lf
	case with == all:
		return crlf
	}
	return mixed
}

func (c clothes) off(text []byte) []byte {
	if c.mark {
		text = bytes.TrimPrefix(text, byteOrderMark)
	}
	if c.ends {
		text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	}
	return text
}

func (c clothes) on(text []byte) []byte {
	if c.ends && c.crlf {
		text = bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))
	}
	if c.mark && c.bom {
		text = append(bytes.Clone(byteOrderMark), text...)
	}
	return text
}

// mergeLines is Lines for three texts that wear the same.
func mergeLines(base, ours, theirs []byte, n Names) ([]byte, int) {
	b, o, t := splitLines(base), splitLines(ours), splitLines(theirs)
	toOurs, toTheirs := diff(b, o), diff(b, t)
	switch {
	case len(toOurs) == 0:
		return theirs, 0
	case len(toTheirs) == 0:
		return ours, 0
	}
	m := merger{base: b, ours: o, theirs: t, names: n}
	m.compare(toOurs, toTheirs)
	return m.write()
}

// splitLines cuts a text behind each line end. The last line may have none.
func splitLines(text []byte) []string {
	if len(text) == 0 {
		return nil
	}
	lines := strings.SplitAfter(string(text), "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}
