package scaffold

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
)

// own is a template that is not this program's.
type own struct {
	name   string // of its manifest
	label  string // what errors call its folder
	from   string // Spec.From: a reference that Use takes, with the digest
	digest string // sha256:HEX
	zip    []byte // its files, as an app keeps them
}

// keptFile is where an app keeps the files of a template that came from
// elsewhere, so that add, remove and update need nothing from there.
const keptFile = marksDir + "/template.zip"

// Use returns s with the template that ref names added to it, and the name by
// which a Spec asks for it. Ref is
//
//   - the name of one of s's templates, which gives s as it is;
//   - a folder: ./retail, /srv/templates/retail, or dir:PATH@sha256:HEX, which
//     is refused when the folder's digest is another;
//   - a commit of a git repository: git+https://host/repo#folder@COMMIT, with
//     40 hexadecimal digits, or a tag with a digest, @v1.2.0@sha256:HEX; also
//     git+ssh and git+file.
//
// A template of one's own is data: nothing of it runs while an app is made.
// Use fails with kit.Invalid where it is no template, breaks a limit, holds a
// link or a name that cannot be, or differs from its digest.
func (s Source) Use(ctx context.Context, ref string) (Source, string, error) {
	var o *own
	var err error
	switch {
	case strings.HasPrefix(ref, "git+"):
		o, err = gitTemplate(ctx, ref)
	case isFolder(ref):
		o, err = folderTemplate(ref)
	default:
		return s, ref, nil
	}
	if err != nil {
		return s, "", err
	}
	s, err = s.with(o)
	return s, o.name, err
}

// For returns s with the template that spec names, fetched again from where it
// came from.
func (s Source) For(ctx context.Context, spec Spec) (Source, error) {
	if spec.From == "" {
		return s, nil
	}
	s, name, err := s.Use(ctx, spec.From)
	if err == nil && name != spec.Template {
		err = kit.Errorf(kit.Invalid, "use the template of %s: its name is %s, and the spec asks for %s", spec.From, name, spec.Template)
	}
	return s, err
}

// sourceOf is s with the template of the app in dir, which keeps it where it is
// not one of s's.
func (s Source) sourceOf(dir string, spec Spec) (Source, error) {
	if spec.From == "" || s.own != nil && s.own.from == spec.From {
		return s, nil
	}
	raw, err := readLimited(filepath.Join(dir, filepath.FromSlash(keptFile)), 2*mostOfTemplate)
	if err != nil {
		return s, unreadable(keptFile, err)
	}
	files, err := unzip(raw)
	if err != nil {
		return s, unreadable(keptFile, err)
	}
	o, err := newOwn(spec.From, files)
	if err != nil {
		return s, err
	}
	if !strings.HasSuffix(spec.From, "@"+o.digest) {
		return s, kit.Errorf(kit.Invalid, "read %s: it is not the template that spec.yaml names: its digest is %s", keptFile, o.digest).
			WithHint("the two belong together: git checkout -- %s", marksDir)
	}
	o.from = spec.From
	return s.with(o)
}

func readLimited(file string, most int64) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(raw)) > most {
		err = fmt.Errorf("it has more than %d bytes", most)
	}
	return raw, err
}

// with mounts o beside the templates of s.
func (s Source) with(o *own) (Source, error) {
	z, err := zip.NewReader(bytes.NewReader(o.zip), int64(len(o.zip)))
	if err != nil {
		return s, kit.Errorf(kit.Internal, "open the template %s: %w", o.name, err)
	}
	s.Templates, s.own = mounted{s.Templates, o.name, z}, o
	return s, nil
}

// label is what errors call the folder of a template.
func (s Source) label(template string) string {
	if s.own != nil && s.own.name == template {
		return s.own.label
	}
	return template
}

// from is where the template of a Spec came from.
func (s Source) from(spec Spec) (string, error) {
	if s.own != nil && s.own.name == spec.Template {
		return s.own.from, nil
	}
	if spec.From != "" {
		return "", kit.Errorf(kit.Invalid, "use the template %s: it comes from %s, and this is another", spec.Template, spec.From).
			WithHint("--template %s", spec.From)
	}
	return "", nil
}

// keptTemplate is the file that an app keeps of a template from elsewhere.
func (s Source) keptTemplate(spec Spec) []Op {
	if spec.From == "" {
		return nil
	}
	return []Op{{Path: keptFile, Mode: 0o644, Data: s.own.zip}}
}

// Renew changes the spec of an app to the template that Use added to s, which
// may be a newer one of the same name: to where it comes from, and to those of
// the answers that it still takes. It returns the names of the others, sorted.
func (s Source) Renew(spec *Spec) (dropped []string, err error) {
	if s.own == nil || s.own.name != spec.Template {
		return nil, kit.Errorf(kit.Invalid, "renew the template of the app: it is %s, and no folder or commit with that one was named", spec.Template)
	}
	m, err := s.manifest(spec.Template)
	if err != nil {
		return nil, err
	}
	spec.From = s.own.from
	spec.Answers, dropped = m.Carry(*spec)
	return dropped, nil
}

// Digest is the digest of the template that Use added, sha256:HEX over the
// paths and contents of its files; "" where it added none.
func (s Source) Digest() string {
	if s.own == nil {
		return ""
	}
	return s.own.digest
}

// newOwn makes a template of files that were read from anywhere, and holds it
// to the limits.
func newOwn(label string, files Tree) (*own, error) {
	if err := safeTree(label, files); err != nil {
		return nil, err
	}
	raw, ok := files[manifestFile]
	if !ok {
		return nil, kit.Errorf(kit.Invalid, "read the template %s: it has no %s", label, manifestFile).
			WithHint("`tackhammer template new` writes one to begin from")
	}
	m, err := parseManifest(label+"/"+manifestFile, raw.Data, files.has)
	if err != nil {
		return nil, err
	}
	digest, err := digestOf(files)
	if err != nil {
		return nil, err
	}
	kept, err := baseZip(files.ops())
	return &own{name: m.Name, label: label, digest: digest, zip: kept}, err
}

// has reports whether a file, or one below a folder of that name, is in t.
func (t Tree) has(path string) bool {
	if _, ok := t[path]; ok {
		return true
	}
	for file := range t {
		if strings.HasPrefix(file, path+"/") {
			return true
		}
	}
	return false
}

// ops is the tree as operations, sorted by path.
func (t Tree) ops() (ops []Op) {
	for _, file := range slices.Sorted(maps.Keys(t)) {
		ops = append(ops, Op{Path: file, Mode: 0o644, Data: t[file].Data})
	}
	return ops
}

// digestOf is dirhash.Hash1 over the files, in hexadecimal digits.
func digestOf(files Tree) (string, error) {
	byName := map[string][]byte{}
	for name, f := range files {
		byName[name] = f.Data
	}
	h, err := folderHash(byName)
	if err != nil {
		return "", err
	}
	sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(h, "h1:"))
	if err != nil {
		return "", kit.Errorf(kit.Internal, "hash the template: %w", err)
	}
	return "sha256:" + hex.EncodeToString(sum), nil
}

// mounted is a file system with another one in a folder at its top.
type mounted struct {
	fs.FS
	name string
	own  fs.FS
}

// inside is the name within the mounted file system, and whether it is there.
func (m mounted) inside(name string) (string, bool) {
	if name == m.name {
		return ".", true
	}
	return strings.CutPrefix(name, m.name+"/")
}

// Open opens a file of either.
func (m mounted) Open(name string) (fs.File, error) {
	if rest, ok := m.inside(name); ok {
		return m.own.Open(rest)
	}
	return m.FS.Open(name)
}

// ReadDir lists a folder of either.
func (m mounted) ReadDir(name string) ([]fs.DirEntry, error) {
	if rest, ok := m.inside(name); ok {
		return fs.ReadDir(m.own, rest)
	}
	return fs.ReadDir(m.FS, name)
}

// CheckManifest fails with kit.Invalid where the files of a template do not go
// with their manifest; file is what errors call that.
func CheckManifest(file string, ops []Op) error {
	files := Tree{}
	for _, op := range ops {
		files[op.Path] = File{Mode: op.Mode, Data: op.Data}
	}
	_, err := parseManifest(file, files[manifestFile].Data, files.has)
	return err
}
