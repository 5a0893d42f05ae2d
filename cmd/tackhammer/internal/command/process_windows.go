package command

import (
	"os"
	"os/exec"
)

// ownGroup does nothing: a console's Ctrl-C reaches the app, which ends in
// order by itself.
func ownGroup(*exec.Cmd) {}

// terminate ends p. Windows has no signal that asks; the app's database
// survives it.
func terminate(p *os.Process) error { return p.Kill() }

// interrupt ends p, too.
func interrupt(p *os.Process) error { return p.Kill() }
