package scaffold

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/tackhammer/tackhammer/kit"
)

// deleteOnClose removes a file with its last handle: FILE_FLAG_DELETE_ON_CLOSE.
const deleteOnClose = 0x04000000

// sharing is ERROR_SHARING_VIOLATION: another process has the file open.
const sharing = syscall.Errno(32)

// hold keeps other commands off the app in dir until release, by a file that
// nobody can open a second time. The system removes it when the process ends,
// however it does. Where no app is yet, nobody is kept off.
func hold(dir string) (release func(), err error) {
	marks := filepath.Join(dir, marksDir)
	if _, err := os.Stat(marks); errors.Is(err, fs.ErrNotExist) {
		return func() {}, nil
	}
	name, err := syscall.UTF16PtrFromString(filepath.Join(marks, "busy"))
	if err != nil {
		return nil, kit.Errorf(kit.Invalid, "lock the app in %s: %w", dir, err)
	}
	h, err := syscall.CreateFile(name, syscall.GENERIC_WRITE, 0, nil, syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL|deleteOnClose, 0)
	if errors.Is(err, sharing) {
		return nil, busy(dir)
	}
	if err != nil {
		return nil, kit.Errorf(kit.Internal, "lock the app in %s: %w", dir, err)
	}
	return func() { _ = syscall.CloseHandle(h) }, nil
}
