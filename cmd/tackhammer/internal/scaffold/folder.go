package scaffold

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
)

// Limits of a template of one's own. An app keeps its files, so they are those
// of a repository's small part.
const (
	mostFiles      = 1000
	mostOfOne      = 10 << 20 // bytes of one file
	mostOfTemplate = 32 << 20 // bytes of all
)

// notFiles are what systems leave in folders that people look at.
var notFiles = []string{".DS_Store", "Thumbs.db", "desktop.ini"}

// isFolder reports whether a reference to a template is a folder's path.
func isFolder(ref string) bool {
	slashed := filepath.ToSlash(ref)
	return strings.HasPrefix(ref, "dir:") || slashed == "." || slashed == ".." || filepath.IsAbs(ref) ||
		strings.HasPrefix(slashed, "./") || strings.HasPrefix(slashed, "../")
}

var digestEnd = regexp.MustCompile(`@(sha256:[0-9a-f]{64})$`)

// cutDigest parts a reference from the digest behind it, "" for none.
func cutDigest(ref string) (rest, digest string) {
	if m := digestEnd.FindStringSubmatch(ref); m != nil {
		return strings.TrimSuffix(ref, m[0]), m[1]
	}
	return ref, ""
}

// folderTemplate reads dir:PATH@sha256:HEX, with or without the digest, or PATH.
func folderTemplate(ref string) (*own, error) {
	dir, want := ref, ""
	if rest, ok := strings.CutPrefix(ref, "dir:"); ok {
		dir, want = cutDigest(rest)
	}
	files, err := readFolder(dir)
	if err != nil {
		return nil, err
	}
	o, err := newOwn(filepath.ToSlash(dir), files)
	if err != nil {
		return nil, err
	}
	if want != "" && want != o.digest {
		return nil, kit.Errorf(kit.Conflict, "read the template %s: its digest is %s, and %s was asked for", dir, o.digest, want).
			WithHint("somebody has changed it since; --template %s takes it as it is", dir)
	}
	o.from = "dir:" + filepath.ToSlash(dir) + "@" + o.digest
	return o, nil
}

// readFolder reads all files below dir, but for git's.
func readFolder(dir string) (Tree, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, kit.Errorf(kit.Invalid, "read the template %s: %w", dir, err)
	}
	defer root.Close()
	if _, err := root.Stat(manifestFile); errors.Is(err, fs.ErrNotExist) {
		return nil, kit.Errorf(kit.Invalid, "read the template %s: it has no %s", dir, manifestFile).
			WithHint("`tackhammer template new` writes one to begin from")
	}
	b := bag{label: dir, files: Tree{}}
	err = fs.WalkDir(root.FS(), ".", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return kit.Errorf(kit.Invalid, "read the template %s: %w", dir, err)
		case file == ".git" && d.IsDir():
			return fs.SkipDir
		case file == ".git", slices.Contains(notFiles, d.Name()), file == ".":
			return nil
		}
		return b.put(root.FS(), file, d)
	})
	return b.files, err
}

// bag collects the files of a template, and refuses what is no file as soon as
// it is met.
type bag struct {
	label string
	files Tree
	bytes int64
}

func (b *bag) put(root fs.FS, file string, d fs.DirEntry) error {
	if err := safeName(file); err != nil {
		return kit.Errorf(kit.Invalid, "read the template %s: %w", b.label, err)
	}
	if d.IsDir() {
		return nil
	}
	if d.Type()&fs.ModeSymlink != 0 {
		return b.refuse(file, "it is a link; a template holds files alone")
	}
	if !d.Type().IsRegular() {
		return b.refuse(file, "it is no file: a device, a pipe or the like")
	}
	info, err := d.Info()
	if err != nil {
		return kit.Errorf(kit.Invalid, "read the template %s: %w", b.label, err)
	}
	if err := b.room(file, info.Size()); err != nil {
		return err
	}
	data, err := fs.ReadFile(root, file)
	if err != nil {
		return kit.Errorf(kit.Invalid, "read the template %s: %w", b.label, err)
	}
	b.files[file] = File{Mode: 0o644, Data: data}
	return nil
}

// room holds one more file to the limits.
func (b *bag) room(file string, size int64) error {
	b.bytes += size
	switch {
	case len(b.files) == mostFiles:
		return b.refuse(file, "it is one file too many; %d are the most", mostFiles)
	case size > mostOfOne:
		return b.refuse(file, "it has %d MB; %d are the most for a file", size>>20, mostOfOne>>20)
	case b.bytes > mostOfTemplate:
		return b.refuse(file, "all files to here have more than %d MB", mostOfTemplate>>20)
	}
	return nil
}

func (b *bag) refuse(file, format string, args ...any) error {
	return kit.Errorf(kit.Invalid, "read the template %s: %s: "+format, append([]any{b.label, file}, args...)...)
}

// safeTree holds files from an archive or from git to the same rules.
func safeTree(label string, files Tree) error {
	b := bag{label: label, files: Tree{}}
	for _, op := range files.ops() {
		if err := safeName(op.Path); err != nil {
			return kit.Errorf(kit.Invalid, "read the template %s: %w", label, err)
		}
		if err := b.room(op.Path, int64(len(op.Data))); err != nil {
			return err
		}
		if strings.HasPrefix(string(op.Data[:min(40, len(op.Data))]), "version https://git-lfs.github.com/spec/") {
			return b.refuse(op.Path, "its content is kept by Git LFS and is not here; keep it in git itself")
		}
		b.files[op.Path] = File{}
		for dir := path.Dir(op.Path); dir != "."; dir = path.Dir(dir) {
			if _, both := files[dir]; both {
				return b.refuse(op.Path, "%s is a file", dir)
			}
		}
	}
	return nil
}
