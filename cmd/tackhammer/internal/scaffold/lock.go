package scaffold

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/tackhammer/tackhammer/kit"
)

// marksDir holds what an update has to know about an app.
const marksDir = ".tackhammer"

// lockFormat is the newest form of lock.json, and of what stands beside it, that
// this program reads and the one that it writes.
const lockFormat = 1

// Lock says what was written and from what.
type Lock struct {
	Format     int               `json:"format"`     // lockFormat; 0 is 1
	Tackhammer string            `json:"tackhammer"` // Source.Version
	Template   string            `json:"template"`
	Kit        string            `json:"kit"`   // dirhash.Hash1 of third_party/kit
	Files      map[string]string `json:"files"` // path to hex SHA-256, without .tackhammer
}

// Same reports whether m was made from the same sources for the same Spec.
func (l Lock) Same(m Lock) bool {
	a, errA := json.Marshal(l)
	b, errB := json.Marshal(m)
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

// Lock returns the lock that the plan writes.
func (p *Plan) Lock() Lock {
	var l Lock
	for _, op := range p.Ops {
		if op.Path == marksDir+"/lock.json" {
			_ = json.Unmarshal(op.Data, &l) // written by markOps a moment ago
		}
	}
	return l
}

// markOps makes the files of .tackhammer: what was asked, what was written, and
// a pristine copy of it to merge from.
func markOps(version string, spec Spec, ops []Op) ([]Op, error) {
	asked, err := yaml.Marshal(spec)
	if err != nil {
		return nil, kit.Errorf(kit.Internal, "write the spec: %w", err)
	}
	lock := Lock{Format: lockFormat, Tackhammer: version, Template: spec.Template, Files: map[string]string{}}
	for _, op := range ops {
		lock.Files[op.Path] = sum(op.Data)
	}
	if lock.Kit, err = kitHash(ops); err != nil {
		return nil, err
	}
	locked, err := json.MarshalIndent(lock, "", "  ")
	if err != nil {
		return nil, kit.Errorf(kit.Internal, "write the lock: %w", err)
	}
	base, err := baseZip(ops)
	if err != nil {
		return nil, err
	}
	return []Op{
		{Path: marksDir + "/spec.yaml", Mode: 0o644, Data: asked},
		{Path: marksDir + "/lock.json", Mode: 0o644, Data: append(locked, '\n')},
		{Path: marksDir + "/base.zip", Mode: 0o644, Data: base},
	}, nil
}

func sum(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

// kitHash is what dirhash.HashDir(third_party/kit, "", dirhash.Hash1) gives in
// an unedited app.
func kitHash(ops []Op) (string, error) {
	byName := map[string][]byte{}
	for _, op := range ops {
		if name, ok := strings.CutPrefix(op.Path, kitDir+"/"); ok {
			byName[name] = op.Data
		}
	}
	return folderHash(byName)
}

// baseZip stores ops uncompressed and without times: a compressor may change
// its output between Go versions, stored bytes stay the same.
func baseZip(ops []Op) ([]byte, error) {
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, op := range ops {
		w, err := z.CreateHeader(&zip.FileHeader{Name: op.Path, Method: zip.Store})
		if err == nil {
			_, err = w.Write(op.Data)
		}
		if err != nil {
			return nil, kit.Errorf(kit.Internal, "keep a base of %s: %w", op.Path, err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, kit.Errorf(kit.Internal, "keep a base: %w", err)
	}
	return buf.Bytes(), nil
}

// ReadLock reads the lock of the app in dir. It fails with kit.NotFound where
// no app of tackhammer stands.
func ReadLock(dir string) (Lock, error) {
	var l Lock
	raw, err := os.ReadFile(filepath.Join(dir, marksDir, "lock.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return l, kit.Errorf(kit.NotFound, "read the lock of %s: no app of tackhammer is there", dir).
			WithHint("run it in an app's folder, or name that with --dir FOLDER")
	}
	if err != nil {
		return l, kit.Errorf(kit.Internal, "read the lock of %s: %w", dir, err)
	}
	if err := json.Unmarshal(raw, &l); err != nil {
		return l, kit.Errorf(kit.Invalid, "read the lock of %s: %w", dir, err).
			WithHint("bring the file back from git: git checkout -- %s/lock.json", marksDir)
	}
	return l, nil
}

// Edited lists, sorted, the files of the app in dir that differ from the lock:
// changed, gone, or added. Folders at the top named in but, and .tackhammer,
// are not looked at.
func (l Lock) Edited(dir string, but ...string) ([]string, error) {
	skip := append([]string{marksDir, ".git"}, but...)
	seen, edited := map[string]bool{}, []string{}
	err := eachFileSkipping(os.DirFS(dir), skip, func(file string, data []byte) error {
		seen[file] = true
		if l.Files[file] != sum(data) {
			edited = append(edited, file)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for file := range l.Files {
		if !seen[file] {
			edited = append(edited, file)
		}
	}
	slices.Sort(edited)
	return edited, nil
}

func eachFileSkipping(root fs.FS, skip []string, f func(file string, data []byte) error) error {
	return fs.WalkDir(root, ".", func(file string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && path.Dir(file) == "." && slices.Contains(skip, file) {
			return fs.SkipDir
		}
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(root, file)
		if err != nil {
			return kit.Errorf(kit.Internal, "read %s: %w", file, err)
		}
		return f(file, data)
	})
}
