package scaffold

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/tackhammer/tackhammer/kit"
)

// Checks chooses what Try and Continue do in the copy. The zero value does all.
type Checks struct {
	NoTest bool                     // build and vet alone
	Say    func(text string) string // the language of what goes to out; nil for English
}

// say is what stands for a text or a format in English.
func (c Checks) say(text string) string {
	if c.Say == nil {
		return text
	}
	return c.Say(text)
}

func (c Checks) steps() []string {
	if c.NoTest {
		return []string{"build", "vet"}
	}
	return []string{"build", "vet", "test"}
}

// Try builds, vets and tests the next state in a copy outside the app, which
// stays as it is. Steps, and the last lines of what fails, go to out. Where one
// fails, it is run on a copy of the app as it is, too, to say whether the update
// is to blame.
func (n *Next) Try(ctx context.Context, what Checks, out io.Writer) error {
	release, err := hold(n.Dir)
	if err != nil {
		return err
	}
	defer release()
	return tried(ctx, n.Dir, n.Changes, what, out)
}

// tryTree is Try for an app as it stands.
func tryTree(ctx context.Context, dir string, what Checks, out io.Writer) error {
	return tried(ctx, dir, nil, what, out)
}

func tried(ctx context.Context, dir string, changes []Change, what Checks, out io.Writer) error {
	if _, err := exec.LookPath("go"); err != nil {
		return kit.Errorf(kit.Unavailable, "try the change: %w", err).WithHint("install Go from https://go.dev/dl and put it on the PATH")
	}
	c, err := copyApp(ctx, dir)
	if err != nil {
		return err
	}
	defer c.remove()
	if err := c.overlay(changes); err != nil {
		return err
	}
	for _, step := range what.steps() {
		began := time.Now()
		said, err := c.run(ctx, step)
		if err == nil {
			fmt.Fprintf(out, what.say("go %-5s ./...  passes in a copy (%.1f s)\n"), step, time.Since(began).Seconds())
			continue
		}
		if ctx.Err() != nil {
			return kit.Errorf(kit.Internal, "try the change: %w", context.Cause(ctx)).WithHint("the app is as it was")
		}
		fmt.Fprintf(out, what.say("go %-5s ./...  fails in a copy:\n%s\n"), step, tail(said, 40))
		return blame(ctx, dir, step, changes != nil)
	}
	if what.NoTest {
		fmt.Fprint(out, what.say("go test  ./...  was left out\n"))
	}
	return nil
}

// blame words the failure of a step: whether it fails without the change, too.
func blame(ctx context.Context, dir, step string, changed bool) error {
	err := kit.Errorf(kit.Internal, "try the change: go %s ./... fails; the app is as it was", step)
	if !changed {
		return kit.Errorf(kit.Internal, "continue: go %s ./... fails; the update is still pending", step).
			WithHint("mend it and run the command again, or `tackhammer update --abort`")
	}
	c, e := copyApp(ctx, dir)
	if e != nil {
		return errors.Join(err, e)
	}
	defer c.remove()
	if _, e := c.run(ctx, step); e == nil || ctx.Err() != nil {
		return err.WithHint("it passes without the change; mend what stands in its way in your files, and run the command again")
	}
	err = kit.Errorf(kit.Internal, "try the change: go %s ./... fails, and it fails without the change, too; the app is as it was", step)
	if step == "test" {
		return err.WithHint("mend the tests first, or leave them out with --no-test")
	}
	return err.WithHint("mend it first")
}

// tail is the last lines of a text.
func tail(text []byte, lines int) string {
	all := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// trial is a copy, dir, of the app from, in a folder top of its own.
type trial struct{ from, top, dir string }

func (t trial) remove() { _ = os.RemoveAll(t.top) }

// run runs the go command on all packages of the copy. -trimpath makes what it
// builds the same in every folder, so that only what changed is built again.
func (t trial) run(ctx context.Context, step string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", step, "./...")
	cmd.Dir = t.dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS="+strings.TrimSpace(os.Getenv("GOFLAGS")+" -mod=readonly -trimpath"))
	cmd.Cancel = func() error { // it then removes its temporary files
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			return cmd.Process.Kill()
		}
		return nil
	}
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.CombinedOutput()
	return bytes.TrimSpace(out), err
}

// overlay writes changes into the copy.
func (t trial) overlay(changes []Change) error {
	for _, e := range edits(changes) {
		file := filepath.Join(t.dir, filepath.FromSlash(e.path))
		var err error
		if e.new == nil {
			err = os.Remove(file)
		} else if err = os.MkdirAll(filepath.Dir(file), 0o755); err == nil {
			err = os.WriteFile(file, e.new.Data, e.new.Mode|0o600)
		}
		if err != nil {
			return kit.Errorf(kit.Internal, "write the copy: %w", err)
		}
	}
	return t.anchor()
}
