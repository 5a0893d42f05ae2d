package scaffold

import (
	"os"
	"path/filepath"
)

// Release is the version of the program that s is built into.
func (s Source) Release() string { return s.version() }

// Again plans the app in dir anew from its spec: a template of the team's own
// is the one that the app keeps.
func (s Source) Again(dir string, spec Spec) (*Plan, error) {
	src, err := s.sourceOf(dir, spec)
	if err != nil {
		return nil, err
	}
	return src.Plan(spec)
}

// KitTree is the released kit, by path in an app: third_party/kit/….
func (s Source) KitTree() (Tree, error) {
	ops, err := s.kitOps()
	if err != nil {
		return nil, err
	}
	t := Tree{}
	for _, op := range ops {
		t[op.Path] = File{Mode: op.Mode, Data: op.Data}
	}
	return t, nil
}

// Memory is what an app's .tackhammer says of itself, whether or not that is
// true.
type Memory struct {
	Lock Lock
	Spec Spec
	Base Tree
}

// ReadMemory reads what .tackhammer of the app in dir holds and believes none of
// it: Odd tells what does not fit together.
func ReadMemory(dir string) (m Memory, err error) {
	if m.Lock, err = ReadLock(dir); err != nil {
		return m, err
	}
	if m.Spec, err = readSpec(dir); err != nil {
		return m, err
	}
	const name = marksDir + "/base.zip"
	raw, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return m, unreadable(name, err)
	}
	if m.Base, err = unzip(raw); err != nil {
		return m, unreadable(name, err)
	}
	return m, nil
}

// Odd lists, sorted, the files that only one of the lock and the base has, or
// that differ.
func (m Memory) Odd() []string { return oddOnes(m.Base, m.Lock) }

// KitHash is the hash that a lock has of the kit in t.
func KitHash(t Tree) (string, error) {
	var ops []Op
	for path, f := range t {
		ops = append(ops, Op{Path: path, Data: f.Data})
	}
	return kitHash(ops)
}
