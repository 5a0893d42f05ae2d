package quiet_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/quiet"
)

// TestMain is also the program that the test starts.
func TestMain(m *testing.M) {
	if os.Getenv("QUIET_CHILD") == "" {
		os.Exit(m.Run())
	}
	quiet.Restore()
	now := ""
	if v, ok := os.LookupEnv("TERM"); ok {
		now = "TERM=" + v
	}
	fmt.Printf("after: %s.\n", now)
}

// While the program starts, no terminal is there to be asked; afterwards it is
// the one that it was.
func TestTheTerminalIsDumbWhileTheProgramStarts(t *testing.T) {
	if atStart != "dumb" {
		t.Errorf("at the start TERM is %q", atStart)
	}
	for _, env := range []string{"TERM=vt100", "TERM=", ""} {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(without(os.Environ()), "QUIET_CHILD=1")
		if env != "" {
			cmd.Env = append(cmd.Env, env)
		}
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "after: "+env+".") {
			t.Errorf("with %q: %v\n%s", env, err, out)
		}
	}
}

var atStart = os.Getenv("TERM")

func without(env []string) (kept []string) {
	for _, e := range env {
		if !strings.HasPrefix(e, "TERM=") {
			kept = append(kept, e)
		}
	}
	return kept
}
