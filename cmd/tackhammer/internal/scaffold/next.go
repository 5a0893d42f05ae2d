package scaffold

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/merge"
	"github.com/tackhammer/tackhammer/kit"
)

// Next is an app's next state, computed and not yet written: the three-way
// merge of what was made (the base kept in .tackhammer), the team's tree, and
// what this program makes of the spec. Nothing on the disk has changed.
type Next struct {
	Dir      string   // absolute
	Spec     Spec     // the next one, with its defaults
	From, To string   // the releases of base and new content in words: "tackhammer 0.1.0"
	Changes  []Change // sorted by path, those of .tackhammer last; none where there is nothing to do
	Kit      KitState
}

// KitState says whether the kit in an app is what was written there.
type KitState struct {
	Edited []string // paths changed, gone or added below third_party/kit; none where it is pristine
}

// Next computes the next state of the app in dir: what this program makes of
// its spec, which change, where it is not nil, edits first. It fails with
// kit.Conflict while an update is pending or was cut short, while another
// command works on the app, and where the app is of a newer tackhammer.
//
// Only paths of the base and of the new content are read, and no link is
// followed. Where a text's lines all end in CRLF, they do so after it, too.
func (s Source) Next(dir string, change func(*Spec) error) (*Next, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, kit.Errorf(kit.Internal, "find the folder %s: %w", dir, err)
	}
	release, err := hold(abs)
	if err != nil {
		return nil, err
	}
	defer release()
	if err := settled(abs); err != nil {
		return nil, err
	}
	was, err := s.readMade(abs)
	if err != nil {
		return nil, err
	}
	spec := was.spec
	if change != nil {
		if err := change(&spec); err != nil {
			return nil, err
		}
	}
	from, err := s.sourceOf(abs, spec)
	if err != nil {
		return nil, err
	}
	plan, err := from.Plan(spec)
	if err != nil {
		return nil, err
	}
	n := &Next{Dir: abs, Spec: plan.Spec, From: "tackhammer " + was.lock.Tackhammer, To: "tackhammer " + s.version()}
	return n, n.compare(was.base, plan)
}

// settled fails while an earlier change of the app has not come to its end.
func settled(dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return kit.Errorf(kit.NotFound, "open the app in %s: %w", dir, err)
	}
	defer root.Close()
	if exists(root, journalDir) {
		return kit.Errorf(kit.Conflict, "open the app: an earlier command was cut short while it wrote").
			WithHint("`tackhammer update` brings the app to one state first")
	}
	if exists(root, pendingDir) {
		return kit.Errorf(kit.Conflict, "open the app: an update with conflicts is pending").
			WithHint("`tackhammer update --continue` when the marks are gone, or `tackhammer update --abort`")
	}
	return nil
}

func exists(root *os.Root, path string) bool {
	_, err := root.Lstat(path)
	return err == nil
}

// missing is not the contrary of exists: a disk that fails says neither.
func missing(root *os.Root, path string) bool {
	_, err := root.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// compare fills in what changes.
func (n *Next) compare(base Tree, plan *Plan) error {
	root, err := os.OpenRoot(n.Dir)
	if err != nil {
		return kit.Errorf(kit.Internal, "open the app: %w", err)
	}
	defer root.Close()
	theirs := plan.Tree()
	both := maps.Clone(theirs)
	maps.Copy(both, base)
	m := merging{root: root, names: n.names()}
	for _, path := range slices.Sorted(maps.Keys(both)) {
		c, err := m.file(path, base.at(path), theirs.at(path))
		if err != nil {
			return err
		}
		if c != nil {
			n.Changes = append(n.Changes, *c)
		}
	}
	for _, op := range plan.Ops {
		if !isMark(op.Path) {
			continue
		}
		c, err := markChange(root, op)
		if err != nil {
			return err
		}
		if c != nil {
			n.Changes = append(n.Changes, *c)
		}
	}
	n.Kit, err = kitState(root, base)
	return err
}

// at is the file at a path, nil for none.
func (t Tree) at(path string) *File {
	if f, ok := t[path]; ok {
		return &f
	}
	return nil
}

// markChange renews a file of .tackhammer, which is nobody's to edit.
func markChange(root *os.Root, op Op) (*Change, error) {
	is, err := look(root, op.Path)
	if err != nil {
		return nil, err
	}
	c := &Change{Path: op.Path, Kind: Make, New: op.Data, Mode: uint32(op.Mode)}
	switch {
	case is.odd != "":
		return nil, kit.Errorf(kit.Conflict, "write %s: %s", op.Path, is.odd)
	case is.file == nil:
		return c, nil
	case sameText(is.file.Data, op.Data):
		return nil, nil
	}
	c.Kind, c.Old, c.Mode = Replace, is.file.Data, uint32(is.file.Mode)
	c.New = level(op.Data, is.file.Data, op.Data).end.with(op.Data)
	return c, nil
}

// kitState compares the kit in the app with the one that was written.
func kitState(root *os.Root, base Tree) (KitState, error) {
	var k KitState
	for path, f := range base {
		if !strings.HasPrefix(path, kitDir+"/") {
			continue
		}
		is, err := look(root, path)
		if err != nil {
			return k, err
		}
		if is.file == nil || !sameText(is.file.Data, f.Data) {
			k.Edited = append(k.Edited, path)
		}
	}
	err := fs.WalkDir(root.FS(), kitDir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && base.at(path) == nil {
			k.Edited = append(k.Edited, path)
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return k, unread(kitDir, err)
	}
	slices.Sort(k.Edited)
	return k, nil
}

// names are what stands behind the marks of a conflict.
func (n *Next) names() merge.Names {
	if n.From == n.To {
		return merge.Names{Ours: "yours", Base: n.From + " before", Theirs: n.To + " after"}
	}
	return merge.Names{Ours: "yours", Base: n.From, Theirs: n.To}
}

// Nothing reports that the app is what it is to be.
func (n *Next) Nothing() bool { return len(n.Changes) == 0 }

// Conflicts lists the files whose new content has marks.
func (n *Next) Conflicts() (files []string) {
	for _, c := range n.Changes {
		if c.Kind == Conflict {
			files = append(files, c.Path)
		}
	}
	return files
}
