package scaffold

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
)

// Continue ends a pending update whose conflicts are mended: it refuses while
// marks are left, builds, vets and tests in a copy, and renews .tackhammer.
func Continue(ctx context.Context, dir string, what Checks, out io.Writer) error {
	return withPending(dir, func(root *os.Root, p pending, old Tree) error {
		if left := p.marksLeft(root, old); len(left) > 0 {
			return kit.Errorf(kit.Conflict, "continue the update: marks are left at %s", strings.Join(left, ", ")).
				WithHint("choose what is to stand there, remove the marks, and run it again")
		}
		if err := tryTree(ctx, root.Name(), what, out); err != nil {
			return err
		}
		return p.finish(ctx, root)
	})
}

// finish renews .tackhammer and removes what was kept for the end: both or
// neither.
func (p pending) finish(ctx context.Context, root *os.Root) error {
	all, err := closing(root)
	if err != nil {
		return err
	}
	renewed, err := p.marks(root, all)
	if err != nil {
		return err
	}
	return write(ctx, root.Name(), append(all, renewed...))
}

// Abort takes a pending update back, byte for byte. Where the team has touched
// its files since, it fails with kit.Conflict and names them, unless force is
// set.
func Abort(ctx context.Context, dir string, force bool) error {
	return withPending(dir, func(root *os.Root, p pending, old Tree) error {
		all, touched, err := p.reverse(root, old)
		if err != nil {
			return err
		}
		if len(touched) > 0 && !force {
			return kit.Errorf(kit.Conflict, "abort the update: touched since: %s", strings.Join(touched, ", ")).
				WithHint("keep what you need of them, then `tackhammer update --abort --yes`")
		}
		rest, err := closing(root)
		if err != nil {
			return err
		}
		return write(ctx, root.Name(), append(all, rest...))
	})
}

// withPending calls f with the pending change of the app in dir, and keeps other
// commands off meanwhile.
func withPending(dir string, f func(root *os.Root, p pending, old Tree) error) error {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return kit.Errorf(kit.Internal, "find the folder %s: %w", dir, err)
	}
	release, err := hold(abs)
	if err != nil {
		return err
	}
	defer release()
	root, err := os.OpenRoot(abs)
	if err != nil {
		return kit.Errorf(kit.NotFound, "open the app in %s: %w", dir, err)
	}
	defer root.Close()
	p, old, err := openPending(root)
	if err != nil {
		return err
	}
	return f(root, p, old)
}

// reverse are the edits that bring the files back, and which of these are no
// longer what was written.
func (p pending) reverse(root *os.Root, old Tree) (all []edit, touched []string, err error) {
	for _, f := range p.Files {
		is, err := look(root, f.Path)
		if err != nil {
			return nil, nil, err
		}
		if is.odd != "" {
			return nil, nil, kit.Errorf(kit.Conflict, "bring back %s: %s", f.Path, is.odd).WithHint("move it away, and run it again")
		}
		was := old.at(f.Path)
		if was != nil {
			was.Mode = fs.FileMode(f.Mode)
		}
		if is.sum() == (standing{file: was}).sum() {
			continue
		}
		if is.sum() != f.New {
			touched = append(touched, f.Path)
		}
		all = append(all, edit{path: f.Path, old: is.file, new: was, exact: true})
	}
	return all, touched, nil
}

// marks are the edits that renew .tackhammer from what is kept among kept.
func (p pending) marks(root *os.Root, kept []edit) (all []edit, err error) {
	for _, e := range kept {
		name, ok := strings.CutPrefix(e.path, pendingDir+"/marks/")
		if !ok {
			continue
		}
		is, err := look(root, marksDir+"/"+name)
		if err != nil {
			return nil, err
		}
		all = append(all, edit{path: marksDir + "/" + name, old: is.file, new: e.old})
	}
	return all, nil
}

// marksLeft names, as file:line, the marks that still stand in the files with
// conflicts.
func (p pending) marksLeft(root *os.Root, old Tree) (left []string) {
	for _, f := range p.Files {
		if !f.Conflict {
			continue
		}
		data, err := root.ReadFile(f.Path)
		if err != nil {
			continue // deleted: a way to end a conflict
		}
		was := old[f.Path]
		n := 0
		for line := range bytes.Lines(data) {
			n++
			if p.isMarkLine(bytes.TrimRight(line, "\r\n"), was.Data) {
				left = append(left, fmt.Sprintf("%s:%d", f.Path, n))
			}
		}
	}
	return left
}

// isMarkLine knows a mark by the names behind it, and the bare one in the middle
// unless the file had such a line before.
func (p pending) isMarkLine(line, was []byte) bool {
	switch string(line) {
	case "<<<<<<< yours", "||||||| " + p.From, ">>>>>>> " + p.To:
		return true
	case "=======":
		return !bytes.Contains(was, line)
	}
	return false
}
