package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/say"
	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/line"
)

// app is a built app: its program, run in its folder.
type app struct {
	dir, bin string
	out, err io.Writer
}

// build compiles the app in d.Dir with the go command.
func (d demo) build(ctx context.Context) (app, error) {
	a := app{dir: d.Dir, bin: filepath.Join(d.Dir, "bin", "app"), out: d.Out, err: d.Err}
	if runtime.GOOS == "windows" {
		a.bin += ".exe"
	}
	if _, err := exec.LookPath("go"); err != nil {
		return a, kit.Errorf(kit.Unavailable, "build the app: %w", err).WithHint("install Go from https://go.dev/dl and put it on the PATH")
	}
	how := "go build …"
	if _, err := os.Stat(a.bin); err != nil {
		how = say.Text("the first one takes a minute or two …")
	}
	fmt.Fprintf(d.Out, say.Text("build    %s\n"), how)
	began := time.Now()
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", a.bin, ".") // what another folder's app compiled is used again
	cmd.Dir = d.Dir
	cmd.Env = append(os.Environ(), "GOWORK=off") // a workspace above the folder would leave the app out
	ownGroup(cmd)
	cmd.Cancel = func() error { return interrupt(cmd.Process) } // it then removes its temporary files
	cmd.WaitDelay = 5 * time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		return a, kit.Errorf(kit.Internal, "build the app in %s: %w\n%s", d.Dir, err, bytes.TrimSpace(out)).
			WithHint("the app was built by `go build .` in that folder")
	}
	fmt.Fprintf(d.Out, say.Text("         done in %.1f s\n"), time.Since(began).Seconds())
	return a, nil
}

// load adds the reviewer and imports the samples; what is there already stays.
func (a app) load(ctx context.Context) error {
	_, err := a.output(ctx, "user", "add", "--name", "Demo Reviewer", "--email", demoEmail, "--role", "reviewer")
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == line.Conflict {
		err = nil // the reviewer of an earlier demo
	}
	if err != nil {
		return err
	}
	cmd := a.command(ctx, "import", "samples")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, a.err // refusals are told there
	if err := cmd.Run(); err != nil && ctx.Err() == nil {
		fmt.Fprintf(a.err, say.Text("some samples were not imported (%v); the demo goes on\n"), err)
	}
	if sum := imported.FindString(said.String()); sum != "" {
		fmt.Fprintf(a.out, say.Text("samples  %s\n"), sum)
	}
	return ctx.Err()
}

// imported matches the line in which an app's import counts the files.
var imported = regexp.MustCompile(`(?m)^\d+ imported.*$`)

func (a app) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, a.bin, args...)
	cmd.Dir = a.dir
	cmd.Env = slices.DeleteFunc(os.Environ(), ofAnotherApp)
	ownGroup(cmd)
	cmd.Cancel = func() error { return terminate(cmd.Process) }
	cmd.WaitDelay = 25 * time.Second
	return cmd
}

// ofAnotherApp reports a setting in the environment by which the app would work
// on the data of whatever the user has configured beside the demo.
func ofAnotherApp(setting string) bool {
	name, _, _ := strings.Cut(setting, "=")
	return slices.Contains([]string{"APP_RECEIPT_KEY", "DATABASE_URL"}, name)
}

// output runs a command of the app and returns what it printed.
func (a app) output(ctx context.Context, args ...string) (string, error) {
	cmd := a.command(ctx, args...)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return "", kit.Errorf(kit.Internal, "run %s: %w\n%s", strings.Join(args[:2], " "), err, bytes.TrimSpace(said.Bytes()))
	}
	return string(out), nil
}

// server is a running command of an app.
type server struct {
	cmd  *exec.Cmd
	log  string
	done chan error // the command's end, once
}

// start runs a command of the app that lasts until ctx ends. What it prints
// goes to a file beside the program.
func (a app) start(ctx context.Context, args ...string) (*server, error) {
	s := &server{cmd: a.command(ctx, args...), log: filepath.Join(a.dir, "bin", "serve.log"), done: make(chan error, 1)}
	log, err := os.Create(s.log)
	if err != nil {
		return nil, kit.Errorf(kit.Internal, "open a log: %w", err)
	}
	defer log.Close() // the child has its own handle
	s.cmd.Stdout, s.cmd.Stderr = log, log
	// Nothing is written to its input. The system closes that when this program
	// ends, also when it is killed, and the app ends with it.
	s.cmd.Env = append(s.cmd.Env, "APP_ENDS_WITH_INPUT=1")
	if _, err := s.cmd.StdinPipe(); err != nil {
		return nil, kit.Errorf(kit.Internal, "start the app: %w", err)
	}
	if err := s.cmd.Start(); err != nil {
		return nil, kit.Errorf(kit.Internal, "start the app: %w", err)
	}
	go func() { s.done <- s.cmd.Wait() }()
	return s, nil
}

// healthy waits until the server at base answers, up to limit.
func (s *server) healthy(ctx context.Context, base string, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		if answers(ctx, base+"/healthz") {
			return nil
		}
		select {
		case err := <-s.done:
			s.done <- err
			return s.ended(err)
		case <-ctx.Done():
			return kit.Errorf(kit.Unavailable, "wait for the app at %s: no answer in %v", base, limit).WithHint("see %s", s.log)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func answers(ctx context.Context, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// wait returns when the server has ended.
func (s *server) wait() error { return s.ended(<-s.done) }

// stop ends the server because of err, which it returns.
func (s *server) stop(err error) error {
	_ = terminate(s.cmd.Process)
	select {
	case <-s.done:
	case <-time.After(s.cmd.WaitDelay):
		_ = s.cmd.Process.Kill()
	}
	return err
}

// ended words the end of a server that nobody asked to end.
func (s *server) ended(err error) error {
	raw, _ := os.ReadFile(s.log)
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
	tail := strings.Join(lines[max(0, len(lines)-5):], "\n")
	if err == nil {
		err = errors.New("it ended by itself")
	}
	return kit.Errorf(kit.Internal, "serve the app: %w\n%s", err, tail).WithHint("all it said is in %s", s.log)
}
