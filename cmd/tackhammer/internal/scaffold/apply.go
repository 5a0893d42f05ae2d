package scaffold

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/tackhammer/tackhammer/kit"
)

// Apply writes the plan into dir, which must be missing or an empty folder. It
// makes the folders above dir that are missing. Everything is written and
// flushed to a staging folder first and then renamed, so that a failure, or
// the end of ctx, leaves the disk as it was. An empty folder keeps its place, as
// it may be a mount, or the one that the user's shell stands in: there the way
// is that of Next.Apply, and Recover, or another Apply, makes whole what was
// killed.
func (p *Plan) Apply(ctx context.Context, dir string) error {
	if _, err := Recover(dir); err != nil {
		return err
	}
	target, err := place(dir)
	if err != nil {
		return err
	}
	undo, err := makeParents(filepath.Dir(target.path))
	if err != nil {
		return err
	}
	if err := p.applyAt(ctx, target); err != nil {
		undo()
		return err
	}
	return nil
}

func (p *Plan) applyAt(ctx context.Context, t target) error {
	if t.exists {
		release, err := hold(t.path)
		if err != nil {
			return err
		}
		defer release()
		return write(ctx, t.path, edits(p.Changes()))
	}
	stage, err := p.stage(ctx, t.path)
	if err != nil {
		return err
	}
	defer os.RemoveAll(stage) // gone already where the rename took it
	if err := ended(ctx); err != nil {
		return err
	}
	err = before("rename the stage")
	if err == nil {
		err = os.Rename(stage, t.path)
	}
	if err != nil {
		return kit.Errorf(kit.Internal, "put the app in place: %w", err)
	}
	return nil
}

// target is where an app goes: an absolute path, and whether an empty folder
// stands there.
type target struct {
	path   string
	exists bool
}

func place(dir string) (target, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return target{}, kit.Errorf(kit.Internal, "find the folder %s: %w", dir, err)
	}
	if err := portable(filepath.Base(abs)); err != nil {
		return target{}, err
	}
	info, err := os.Stat(abs)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(abs); err == nil {
			return target{}, kit.Errorf(kit.Conflict, "write into %s: it is a link to nowhere", dir)
		}
		return target{path: abs}, nil
	}
	if err != nil {
		return target{}, kit.Errorf(kit.Invalid, "write into %s: %w", dir, err)
	}
	if !info.IsDir() {
		return target{}, kit.Errorf(kit.Conflict, "write into %s: it is a file", dir)
	}
	entries, err := os.ReadDir(abs)
	if err != nil {
		return target{}, kit.Errorf(kit.Invalid, "write into %s: %w", dir, err)
	}
	if len(entries) > 0 {
		return target{}, kit.Errorf(kit.Conflict, "write into %s: the folder is not empty, it holds %s", dir, entries[0].Name()).
			WithHint("name a folder that does not exist yet; nothing was changed")
	}
	return target{path: abs, exists: true}, nil
}

// makeParents makes dir and returns what takes away the folders it made.
func makeParents(dir string) (undo func(), err error) {
	var made []string
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Stat(d); err == nil || d == filepath.Dir(d) {
			break
		}
		made = append(made, d)
	}
	undo = func() {
		for _, d := range made {
			_ = os.Remove(d) // an own folder that someone has filled meanwhile stays
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		undo()
		return nil, kit.Errorf(kit.Invalid, "make the folder %s: %w", dir, err)
	}
	return undo, nil
}

// writers is how many files are on their way to the disk at once: a flush
// waits for the device, and several can wait together.
const writers = 16

func (p *Plan) write(ctx context.Context, root string) error {
	if err := p.makeDirs(root); err != nil {
		return err
	}
	queue, failed := make(chan Op), make(chan error, writers)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for op := range queue {
				if err := writeFile(root, op); err != nil {
					failed <- err
					cancel(err)
					return
				}
			}
		})
	}
	err := feed(ctx, queue, p.Ops)
	wg.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return err
	}
}

func feed(ctx context.Context, queue chan<- Op, ops []Op) error {
	defer close(queue)
	for _, op := range ops {
		if ctx.Err() == nil {
			select {
			case queue <- op:
				continue
			case <-ctx.Done():
			}
		}
		return ended(ctx)
	}
	return nil
}

func ended(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return kit.Errorf(kit.Internal, "write the app: %w", context.Cause(ctx)).WithHint("nothing was left behind")
}

func (p *Plan) makeDirs(root string) error {
	made := map[string]bool{}
	for _, op := range p.Ops {
		dir := filepath.Dir(filepath.FromSlash(op.Path))
		if made[dir] {
			continue
		}
		made[dir] = true
		if err := before("mkdir " + dir); err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			return kit.Errorf(kit.Internal, "make the folder %s: %w", dir, err)
		}
	}
	return nil
}

func writeFile(root string, op Op) error {
	err := before("write " + op.Path)
	if err == nil {
		err = writeNew(filepath.Join(root, filepath.FromSlash(op.Path)), op)
	}
	if err != nil {
		return kit.Errorf(kit.Internal, "write %s: %w", op.Path, err)
	}
	return nil
}

func writeNew(file string, op Op) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, op.Mode)
	if err != nil {
		return err
	}
	_, err = f.Write(op.Data)
	if err == nil {
		err = before("flush " + op.Path)
	}
	if err == nil {
		err = flushed(f)
	}
	return errors.Join(err, f.Close())
}

// Replace writes the plan in place of the app in dir. The entries at the top
// named in keep, where there are such, move from the old app into the new one;
// the rest of the old app is removed. On failure the old app stands as it was.
func (p *Plan) Replace(ctx context.Context, dir string, keep ...string) error {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return kit.Errorf(kit.Internal, "find the folder %s: %w", dir, err)
	}
	stage, err := p.stage(ctx, abs)
	if err != nil {
		return err
	}
	defer os.RemoveAll(stage)
	old := stage + ".old"
	if err := os.Rename(abs, old); err != nil {
		return kit.Errorf(kit.Internal, "put the old app aside: %w", err)
	}
	err = moveKept(old, stage, keep)
	if err == nil {
		err = os.Rename(stage, abs)
	}
	if err != nil {
		back := errors.Join(moveKept(stage, old, keep), os.Rename(old, abs))
		return kit.Errorf(kit.Internal, "put the new app in place: %w", errors.Join(err, back))
	}
	if err := os.RemoveAll(old); err != nil {
		return kit.Errorf(kit.Internal, "remove the old app: %w", err)
	}
	return nil
}

func moveKept(from, to string, keep []string) error {
	for _, name := range keep {
		err := os.Rename(filepath.Join(from, name), filepath.Join(to, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
