package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A terminal that answers nothing is asked nothing: what a command writes there
// is its text alone, and none waits for an answer.
func TestNoCommandAsksTheTerminal(t *testing.T) {
	for _, args := range [][]string{{"version"}, {"templates"}, {"--help"}, {"new", "--help"}, {"nwe"}} {
		if got := onTerminal(t, args...); got == "" || strings.Contains(got, "\x1b") {
			t.Errorf("tackhammer %s wrote %q", strings.Join(args, " "), got)
		}
	}
}

// onTerminal runs the program on a terminal of its own that answers nothing, and
// returns what it wrote.
func onTerminal(t *testing.T, args ...string) string {
	t.Helper()
	ours, theirs := terminal(t)
	cmd := exec.Command("tackhammer", args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = theirs, theirs, theirs
	cmd.Env = append(cmd.Environ(), "TERM=xterm-256color", "NO_COLOR=1", "CI=")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	theirs.Close()
	text, _ := io.ReadAll(ours) // the end of a terminal is an error
	_ = cmd.Wait()              // what it exits with is tested elsewhere
	return string(text)
}

// terminal opens both ends of a new terminal.
func terminal(t *testing.T) (ours, theirs *os.File) {
	t.Helper()
	ours, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ours.Close() })
	if err := unix.IoctlSetPointerInt(int(ours.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(ours.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return ours, theirs
}
