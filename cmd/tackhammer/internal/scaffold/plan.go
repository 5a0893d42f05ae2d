package scaffold

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
)

// kitModule is the module path of the kit in an app, and kitDir its folder.
const (
	kitModule = "github.com/tackhammer/tackhammer/kit"
	kitDir    = "third_party/kit"
)

// commonDir is the folder beside the templates that is laid under each of them.
// It has no manifest and is no template.
const commonDir = "common"

// Op writes one file.
type Op struct {
	Path string      // below the app's folder, with slashes
	Mode fs.FileMode // permission bits, before the umask
	Data []byte
}

// Plan is an app in memory.
type Plan struct {
	Spec Spec // as asked, with its defaults
	Ops  []Op // sorted by Path; every file once
}

// Plan renders the app that spec asks for. It reads s and writes nothing.
func (s Source) Plan(spec Spec) (*Plan, error) {
	m, err := s.manifest(spec.Template)
	if err != nil {
		return nil, err
	}
	spec = spec.filled()
	if spec.From, err = s.from(spec); err != nil {
		return nil, err
	}
	if err := spec.check(); err != nil {
		return nil, err
	}
	if spec, err = m.Answer(spec); err != nil {
		return nil, err
	}
	ops, err := s.templateOps(m, spec)
	if err != nil {
		return nil, err
	}
	if ops, err = withAdded(m, spec, ops); err != nil {
		return nil, err
	}
	kitOps, err := s.kitOps()
	if err != nil {
		return nil, err
	}
	ops = append(ops, kitOps...)
	sortOps(ops)
	marks, err := markOps(s.version(), spec, ops)
	if err != nil {
		return nil, err
	}
	ops = append(append(ops, marks...), s.keptTemplate(spec)...)
	sortOps(ops)
	return &Plan{Spec: spec, Ops: ops}, checkPaths(ops)
}

func sortOps(ops []Op) {
	slices.SortFunc(ops, func(a, b Op) int { return strings.Compare(a.Path, b.Path) })
}

// kitOps copies the kit: all that an app compiles, and none of the kit's tests.
func (s Source) kitOps() ([]Op, error) {
	var ops []Op
	err := eachFile(s.Kit, func(file string, data []byte) error {
		if testOnly(file) {
			return nil
		}
		to := file
		if file == "go.mod.tmpl" || file == "go.sum.tmpl" {
			// A folder that holds a go.mod cannot be embedded under that name.
			to = strings.TrimSuffix(file, ".tmpl")
		}
		ops = append(ops, Op{Path: path.Join(kitDir, to), Mode: 0o644, Data: data})
		return nil
	})
	return ops, err
}

// testFolders hold what only the kit's own tests import.
var testFolders = []string{"internal/need/", "store/storetest/"}

func testOnly(file string) bool {
	for _, dir := range testFolders {
		if strings.HasPrefix(file, dir) {
			return true
		}
	}
	return strings.HasSuffix(file, "_test.go") || strings.HasPrefix(file, "testdata/") || strings.Contains(file, "/testdata/")
}

// eachFile calls f with every file below root, in order of path.
func eachFile(root fs.FS, f func(file string, data []byte) error) error {
	return fs.WalkDir(root, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return kit.Errorf(kit.Internal, "read %s: %w", file, err)
		}
		if d.IsDir() {
			return nil
		}
		data, err := fs.ReadFile(root, file)
		if err != nil {
			return kit.Errorf(kit.Internal, "read %s: %w", file, err)
		}
		return f(file, data)
	})
}

// checkPaths refuses two files in one place, also on a disk that does not tell
// upper from lower case, a file where a folder has to be, and names that
// Windows refuses.
func checkPaths(ops []Op) error {
	files, dirs := map[string]string{}, map[string]string{}
	for _, op := range ops {
		key := strings.ToLower(op.Path)
		if other, ok := files[key]; ok {
			return kit.Errorf(kit.Invalid, "plan %s: %s is in the same place", op.Path, other)
		}
		files[key] = op.Path
		for dir := path.Dir(key); dir != "."; dir = path.Dir(dir) {
			dirs[dir] = op.Path
		}
		for _, name := range strings.Split(op.Path, "/") {
			if err := portable(name); err != nil {
				return kit.Errorf(kit.Invalid, "plan %s: %w", op.Path, err)
			}
		}
	}
	for dir, below := range dirs {
		if file, ok := files[dir]; ok {
			return kit.Errorf(kit.Invalid, "plan %s: %s is a file", below, file)
		}
	}
	return nil
}
