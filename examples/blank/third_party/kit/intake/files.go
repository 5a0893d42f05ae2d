package intake

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tackhammer/tackhammer/kit"
)

// File is one file that is to be read; Size is in bytes.
type File struct {
	Path string
	Size int64
}

// Unusable is the error of a path that cannot be used. Its words, code and hint
// are those of Err.
type Unusable struct {
	Path string
	Err  error
}

// Error returns the words of the reason, which name the path.
func (u *Unusable) Error() string { return u.Err.Error() }

// Unwrap returns the reason.
func (u *Unusable) Unwrap() error { return u.Err }

// Files lists what paths lead to: files as they are, folders with all that is
// in them, sorted by name within each path. Dot-files and dot-folders inside a
// folder are left out, each file is listed once, and a link inside a folder
// counts only when it leads to a file of that same folder. A path or an entry
// that cannot be used is one of the errors, an *Unusable, and the rest is listed all the
// same; so the list's length is the total of a progress bar.
func Files(paths []string) ([]File, []error) {
	l := lister{seen: map[string]bool{}}
	for _, p := range paths {
		l.path(p)
	}
	return l.files, l.errs
}

// lister gathers files and the reasons against some.
type lister struct {
	files []File
	errs  []error
	seen  map[string]bool
}

func (l *lister) refuse(path string, err error) { l.errs = append(l.errs, &Unusable{path, err}) }

// path lists what the user named, which may be a link.
func (l *lister) path(path string) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		l.refuse(path, pathError(path, err))
	case info.IsDir():
		l.folder(path)
	default:
		l.add(path, info)
	}
}

// folder lists all files below root.
func (l *lister) folder(root string) {
	real, err := filepath.EvalSymlinks(root)
	if err != nil {
		l.refuse(root, pathError(root, err))
		return
	}
	_ = filepath.WalkDir(real, func(at string, d fs.DirEntry, err error) error {
		path := filepath.Join(root, strings.TrimPrefix(at, real))
		switch {
		case err != nil:
			l.refuse(path, pathError(path, err))
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
		case at != real && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
		case d.Type()&fs.ModeSymlink != 0:
			l.link(real, at, path)
		case !d.IsDir():
			l.entry(path, d)
		}
		return nil
	})
}

// entry lists one file of a folder.
func (l *lister) entry(path string, d fs.DirEntry) {
	info, err := d.Info()
	if err != nil {
		l.refuse(path, pathError(path, err))
		return
	}
	l.add(path, info)
}

// link lists the file that a link of the folder root leads to. A link to a
// folder inside is silent: the walk comes by there itself.
func (l *lister) link(root, at, path string) {
	target, err := filepath.EvalSymlinks(at)
	if err != nil {
		l.refuse(path, pathError(path, err))
		return
	}
	if rel, err := filepath.Rel(root, target); err != nil || !filepath.IsLocal(rel) {
		l.refuse(path, kit.Errorf(kit.Unsupported, "read %s: a link that leads out of the folder", shown(path)).
			WithHint("name the file itself"))
		return
	}
	if info, err := os.Stat(target); err == nil && !info.IsDir() {
		l.add(path, info)
	}
}

// add lists a regular file once, however many paths lead to it.
func (l *lister) add(path string, info fs.FileInfo) {
	if !info.Mode().IsRegular() {
		l.refuse(path, kit.Errorf(kit.Unsupported, "read %s: not a regular file", shown(path)))
		return
	}
	key := path
	if real, err := filepath.EvalSymlinks(path); err == nil {
		key = real
	}
	if abs, err := filepath.Abs(key); err == nil {
		key = abs
	}
	if l.seen[key] {
		return
	}
	l.seen[key] = true
	l.files = append(l.files, File{Path: path, Size: info.Size()})
}

// pathError turns an error of the file system into words about path.
func pathError(path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return kit.Errorf(kit.NotFound, "read %s: no such file or folder", shown(path))
	case errors.Is(err, fs.ErrPermission):
		return kit.Errorf(kit.Forbidden, "read %s: not allowed to open it", shown(path))
	}
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return kit.Errorf(kit.Internal, "read %s: %w", shown(path), err)
}

// maxName is the longest file name in bytes that common file systems keep.
const maxName = 255

// baseName makes the name that a stranger gave a file harmless: the last
// element of the path in either notation, without control characters, at most
// 255 bytes of valid UTF-8.
func baseName(name string) string {
	name = strings.ReplaceAll(name, `\`, "/")
	name = strings.TrimSpace(shown(name[strings.LastIndexByte(name, '/')+1:]))
	if name == "" || name == "." || name == ".." {
		return "unnamed"
	}
	ext := filepath.Ext(name)
	if len(name) <= maxName || len(ext) > 16 {
		return clip(name, maxName)
	}
	return clip(name, maxName-len(ext)) + ext
}

// shown is a path as a message may print it.
func shown(path string) string {
	return strings.Map(func(r rune) rune {
		if r = visible(r); r == '\n' || r == '\t' || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, strings.ToValidUTF8(path, ""))
}

// clip cuts s to at most n bytes, on the border of a character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
