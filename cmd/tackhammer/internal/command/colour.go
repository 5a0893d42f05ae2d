package command

import (
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// palette colours words for a terminal. The zero value leaves them as they are.
type palette struct{ on bool }

// colours is the palette for what is written to w: colours on a terminal alone,
// and not on one that is dumb or where NO_COLOR is set to anything
// (https://no-color.org).
func colours(w io.Writer) palette {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return palette{}
	}
	return palette{on: term.IsTerminal(int(f.Fd())) && understands(f)}
}

// in is s between a terminal's code and its end; no code stands around nothing.
func (p palette) in(code, s string) string {
	if !p.on || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p palette) bold(s string) string   { return p.in("1", s) }
func (p palette) dim(s string) string    { return p.in("2", s) }
func (p palette) red(s string) string    { return p.in("31", s) }
func (p palette) green(s string) string  { return p.in("32", s) }
func (p palette) yellow(s string) string { return p.in("33", s) }

// added and removed are lines of a diff, without their line feed.
func (p palette) added(line string) string   { return p.green(line) }
func (p palette) removed(line string) string { return p.red(line) }

// diff colours a unified diff line by line: what is added, what is removed, its
// heads and its places. What a file holds that would move a terminal's cursor is
// shown as a question mark there.
func (p palette) diff(text string) string {
	if !p.on {
		return text
	}
	var b strings.Builder
	head := true // up to the first place
	for whole := range strings.Lines(text) {
		line := strings.TrimRight(whole, "\r\n")
		head = head && !strings.HasPrefix(line, "@@")
		b.WriteString(p.diffLine(strings.Map(still, line), head))
		b.WriteString(whole[len(line):])
	}
	return b.String()
}

func (p palette) diffLine(line string, head bool) string {
	switch {
	case head:
		return p.bold(line)
	case strings.HasPrefix(line, "@@"):
		return p.dim(line)
	case strings.HasPrefix(line, "+"):
		return p.added(line)
	case strings.HasPrefix(line, "-"):
		return p.removed(line)
	}
	return line
}

// still is r, or a question mark for what a terminal would act upon.
func still(r rune) rune {
	if r < ' ' && r != '\t' || r == 0x7f || r >= 0x80 && r < 0xa0 {
		return '?'
	}
	return r
}
