//go:build !windows

package scaffold

import (
	"errors"
	"os"
	"syscall"

	"github.com/tackhammer/tackhammer/kit"
)

// hold keeps other commands off the app in dir until release. The system lets
// go of it when the process ends, however it does.
func hold(dir string) (release func(), err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, kit.Errorf(kit.NotFound, "open the app in %s: %w", dir, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, busy(dir)
		}
		return nil, kit.Errorf(kit.Internal, "lock the app in %s: %w", dir, err)
	}
	return func() { f.Close() }, nil
}
