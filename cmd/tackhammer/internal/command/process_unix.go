//go:build !windows

package command

import (
	"os"
	"os/exec"
	"syscall"
)

// ownGroup keeps a Ctrl-C in the terminal from cmd, which is told to end by
// terminate, once.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// terminate asks p to end in order.
func terminate(p *os.Process) error { return p.Signal(syscall.SIGTERM) }

// interrupt is what Ctrl-C does to a program in the foreground.
func interrupt(p *os.Process) error { return p.Signal(os.Interrupt) }
