package app_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit/workflow"
)

// patience is how long a test waits for what the service does.
const patience = 90 * time.Second

// fleet is one or more processes of the desk on one database and one folder.
type fleet struct {
	t         testing.TB
	url, data string
	processes int
	mu        sync.Mutex
	ships     []*ship
	tokens    []string // of people
	robot     string   // token of a service
	answers   atomic.Int64
	lost      atomic.Int64 // answers that did not come
}

// ship is one process.
type ship struct {
	cmd     *exec.Cmd
	input   io.Closer
	address string
}

func newFleet(t testing.TB, url string, processes int) *fleet {
	f := &fleet{t: t, url: url, data: t.TempDir(), processes: processes, ships: make([]*ship, processes)}
	t.Cleanup(func() {
		for _, s := range f.ships {
			if s != nil {
				_ = s.cmd.Process.Kill()
				_ = s.cmd.Wait()
			}
		}
		if t.Failed() {
			f.tellLog()
		}
	})
	return f
}

// tellLog shows the end of what the processes said.
func (f *fleet) tellLog() {
	raw, _ := os.ReadFile(filepath.Join(f.data, "log"))
	var told []string
	for line := range strings.Lines(string(raw)) {
		if !strings.Contains(line, "level=INFO") {
			told = append(told, line)
		}
	}
	f.t.Logf("the processes' log:\n%s", strings.Join(told[max(0, len(told)-40):], ""))
}

// recruit adds two people and a service.
func (f *fleet) recruit() {
	where := []string{"--data", f.data, "--db", f.url}
	for _, name := range []string{"ann", "bob"} {
		command(f.t, append([]string{"user", "add", "--name", name, "--email", name + "@example.com"}, where...)...)
		f.tokens = append(f.tokens, command(f.t, append([]string{"user", "token", name + "@example.com"}, where...)...))
	}
	f.robot = command(f.t, append([]string{"user", "token", "--service", "robot"}, where...)...)
}

// launchAll starts all processes at once.
func (f *fleet) launchAll() {
	var wg sync.WaitGroup
	for i := range f.processes {
		wg.Go(func() { f.launch(i) })
	}
	wg.Wait()
	if f.t.Failed() {
		f.t.FailNow()
	}
}

var greeting = regexp.MustCompile(` is at http://([^,]+),`)

// process makes a process of the desk and does not start it.
func (f *fleet) process() (cmd *exec.Cmd, input io.Closer, output io.Reader, err error) {
	log, err := os.OpenFile(filepath.Join(f.data, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, nil, err
	}
	f.t.Cleanup(func() { log.Close() })
	cmd = exec.Command(os.Args[0], "serve", "--addr", "127.0.0.1:0", "--data", f.data, "--db", f.url)
	cmd.Env, cmd.Dir, cmd.Stderr = append(os.Environ(), beDesk+"=1"), f.data, log
	if input, err = cmd.StdinPipe(); err != nil {
		return nil, nil, nil, err
	}
	output, err = cmd.StdoutPipe()
	return cmd, input, output, err
}

// launch starts a process and waits for its greeting.
func (f *fleet) launch(i int) {
	cmd, input, output, err := f.process()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		f.t.Error(err)
		return
	}
	lines := bufio.NewScanner(output)
	s := &ship{cmd: cmd, input: input}
	for lines.Scan() {
		if m := greeting.FindStringSubmatch(lines.Text()); m != nil {
			s.address = m[1]
			break
		}
	}
	f.mu.Lock()
	f.ships[i] = s
	f.mu.Unlock()
	if s.address == "" {
		f.t.Errorf("process %d ended without a greeting", i)
		return
	}
	go func() { _, _ = io.Copy(io.Discard, output) }()
}

// stillborn starts a process and kills it while it sets itself up.
func (f *fleet) stillborn(after time.Duration) {
	f.t.Helper()
	cmd, _, _, err := f.process()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		f.t.Fatal(err)
	}
	time.Sleep(after)
	if err := cmd.Process.Kill(); err != nil {
		f.t.Fatalf("the process ended by itself: %v", err)
	}
	_ = cmd.Wait() // it was killed: that is its error
}

// kill ends a process with signal 9 and starts another in its place.
func (f *fleet) kill(i int) {
	f.mu.Lock()
	s := f.ships[i]
	f.ships[i] = nil
	f.mu.Unlock()
	if err := s.cmd.Process.Kill(); err != nil {
		f.t.Fatal(err)
	}
	_ = s.cmd.Wait() // it was killed: that is its error
	if f.launch(i); f.t.Failed() {
		f.t.FailNow()
	}
}

// stopAll asks the processes to end, which they do in order.
func (f *fleet) stopAll() {
	for i, s := range f.ships {
		if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			f.t.Error(err)
		}
		if err := s.cmd.Wait(); err != nil {
			f.t.Errorf("process %d did not end in order: %v", i, err)
		}
		f.ships[i] = nil
	}
}

// address is that of any process that lives, "" when none does.
func (f *fleet) address() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, i := range rand.Perm(len(f.ships)) {
		if f.ships[i] != nil {
			return f.ships[i].address
		}
	}
	return ""
}

// await waits until ok.
func (f *fleet) await(what string, ok func() bool) {
	f.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if ok() {
			return
		}
		if f.t.Failed() {
			f.t.FailNow()
		}
	}
	f.t.Fatalf("waited %s for %s", patience, what)
}

// status asks how the service stands.
func (f *fleet) status() (st workflow.Status) {
	f.t.Helper()
	code, err := f.call(f.robot, "GET", "/status", "", nil, &st)
	if err != nil || code != http.StatusOK {
		f.t.Fatalf("status: %d, %v", code, err)
	}
	return st
}

var client = &http.Client{Timeout: 20 * time.Second}

// call asks the API until it answers: a connection that breaks, and an answer
// that the server is at fault, are asked again.
func (f *fleet) call(token, method, path, key string, in, out any) (int, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return 0, err
	}
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(15 * time.Millisecond) {
		code, raw, err := f.try(token, method, path, key, body)
		if err != nil {
			f.lost.Add(1)
			continue
		}
		if code >= 500 {
			return code, fmt.Errorf("%s %s: %s", method, path, raw)
		}
		if out != nil && len(raw) > 0 {
			if err := json.Unmarshal(raw, out); err != nil {
				return code, fmt.Errorf("%s %s: %w in %s", method, path, err, raw)
			}
		}
		return code, nil
	}
	return 0, fmt.Errorf("%s %s: no answer in %s", method, path, patience)
}

// try asks once.
func (f *fleet) try(token, method, path, key string, body []byte) (int, []byte, error) {
	req, err := http.NewRequest(method, "http://"+f.address()+"/api/v1"+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	return res.StatusCode, raw, err
}
