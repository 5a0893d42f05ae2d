package command

import (
	"os"
	"syscall"
)

// codes is ENABLE_VIRTUAL_TERMINAL_PROCESSING: the console reads codes for
// colours.
const codes = 0x0004

// understands asks a console to read codes for colours, and reports whether it
// does.
func understands(f *os.File) bool {
	var mode uint32
	handle := syscall.Handle(f.Fd())
	if err := syscall.GetConsoleMode(handle, &mode); err != nil {
		return false
	}
	if mode&codes != 0 {
		return true
	}
	set := syscall.NewLazyDLL("kernel32.dll").NewProc("SetConsoleMode")
	done, _, _ := set.Call(uintptr(handle), uintptr(mode|codes))
	return done != 0
}
