package scaffold

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
)

// standing is what the team's tree has at a path: a file, nothing, or what is
// neither.
type standing struct {
	file *File  // nil where none is
	odd  string // what stands in the way, in words; "" for nothing
}

// look reads what stands at a path of an app. It follows no link, so that what
// it reads is the app's own.
func look(root *os.Root, path string) (standing, error) {
	for i, r := range path {
		if r != '/' {
			continue
		}
		info, err := root.Lstat(path[:i])
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return standing{}, nil
		case err != nil:
			return standing{}, unread(path, err)
		case info.Mode()&fs.ModeSymlink != 0:
			return standing{odd: fmt.Sprintf("%s is a link", path[:i])}, nil
		case !info.IsDir():
			return standing{odd: fmt.Sprintf("%s is no folder", path[:i])}, nil
		}
	}
	return lookAt(root, path)
}

func lookAt(root *os.Root, path string) (standing, error) {
	info, err := root.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return standing{}, nil
	case err != nil:
		return standing{}, unread(path, err)
	case info.Mode()&fs.ModeSymlink != 0:
		return standing{odd: "it is a link"}, nil
	case info.IsDir():
		return standing{odd: "it is a folder"}, nil
	case !info.Mode().IsRegular():
		return standing{odd: "it is no file"}, nil
	}
	data, err := root.ReadFile(path)
	if err != nil {
		return standing{}, unread(path, err)
	}
	return standing{file: &File{Mode: info.Mode().Perm(), Data: data}}, nil
}

func unread(path string, err error) error {
	return kit.Errorf(kit.Internal, "read %s: %w", path, err)
}

// ending is how the lines of a text end.
type ending string

const (
	lf    ending = "\n"
	crlf  ending = "\r\n"
	mixed ending = "" // both, or no text
)

// endingOf tells how the lines of data end; lf where it has none.
func endingOf(data []byte) ending {
	all, cr := bytes.Count(data, []byte("\n")), bytes.Count(data, []byte("\r\n"))
	switch {
	case !isText(data) || bytes.Count(data, []byte("\r")) != cr:
		return mixed
	case cr == 0:
		return lf
	case cr == all:
		return crlf
	}
	return mixed
}

// with writes lines of one ending with another.
func (e ending) with(data []byte) []byte {
	if e == mixed {
		return data
	}
	data = bytes.ReplaceAll(data, []byte(crlf), []byte(lf))
	if e == crlf {
		data = bytes.ReplaceAll(data, []byte(lf), []byte(crlf))
	}
	return data
}

// sides are the three contents of one file.
type sides struct {
	base, ours, theirs []byte
	end                ending // of what is written
}

// level gives the three one line ending to be compared and merged by, where
// each has one: a checkout with CRLF edits nothing. The result gets the team's
// ending, or the new one where the team kept that of the base.
func level(base, ours, theirs []byte) sides {
	s := sides{base, ours, theirs, mixed}
	b, o, t := endingOf(base), endingOf(ours), endingOf(theirs)
	if b == mixed || o == mixed || t == mixed {
		return s
	}
	s.end = o
	if o == b || !strings.Contains(string(ours), "\n") {
		s.end = t
	}
	s.base, s.ours, s.theirs = lf.with(base), lf.with(ours), lf.with(theirs)
	return s
}

// sameText reports whether two contents differ in their line ending at most.
func sameText(a, b []byte) bool {
	s := level(a, b, b)
	return bytes.Equal(s.base, s.ours)
}
