package scaffold

import (
	"context"
	"errors"
	"os"
	"sync"

	"github.com/tackhammer/tackhammer/kit"
)

// putAll writes the new contents into the journal, several at once.
func (j *journal) putAll(ctx context.Context, edits []edit) error {
	var wg sync.WaitGroup
	queue, failed := make(chan int), make(chan error, writers)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for range writers {
		wg.Go(func() {
			for n := range queue {
				if err := j.putNew(n, edits[n]); err != nil {
					failed <- err
					cancel()
					return
				}
			}
		})
	}
	for n := range edits {
		select {
		case queue <- n:
		case <-ctx.Done():
		}
	}
	close(queue)
	wg.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return ended(ctx)
	}
}

func (j *journal) putNew(n int, e edit) error {
	if e.new == nil {
		return nil
	}
	if err := j.put(name("new", n), *e.new, e.exact); err != nil {
		return kit.Errorf(kit.CodeOf(err), "write %s: %w", e.path, err)
	}
	return nil
}

// put writes a file that is not there and flushes it.
func (j *journal) put(file string, f File, exact bool) error {
	if err := before("write " + file); err != nil {
		return err
	}
	w, err := j.root.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, f.Mode)
	if err != nil {
		return err
	}
	half := len(f.Data) / 2
	_, err = w.Write(f.Data[:half])
	if err == nil {
		err = before("write on " + file)
	}
	if err == nil {
		_, err = w.Write(f.Data[half:])
	}
	if err == nil && exact {
		err = w.Chmod(f.Mode)
	}
	if err == nil {
		err = flushed(w)
	}
	return errors.Join(err, w.Close())
}
