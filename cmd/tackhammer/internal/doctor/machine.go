package doctor

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// machine is what the checks look at.
type machine struct {
	Config
	abs    string // Dir, absolute
	goEnv  func() (map[string]string, error)
	client *http.Client
}

func newMachine(c Config) *machine {
	m := &machine{Config: c, client: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	m.abs = c.Dir
	if abs, err := filepath.Abs(c.Dir); err == nil {
		m.abs = abs
	}
	m.goEnv = sync.OnceValues(m.readGoEnv)
	return m
}

// errSlow is the end of a program that took longer than its limit.
var errSlow = errors.New("no answer in time")

// run returns what a program prints, without blanks at the ends; of one that
// fails, its first line of trouble is the error.
func (m *machine) run(ctx context.Context, dir, program string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	cmd.WaitDelay = 100 * time.Millisecond // whoever inherited its output may go on
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return "", errSlow
	}
	if line, _, _ := strings.Cut(strings.TrimSpace(said.String()), "\n"); err != nil && line != "" {
		return "", errors.New(plain(line))
	}
	return strings.TrimSpace(string(out)), err
}

// has reports whether a program is on the PATH.
func (m *machine) has(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}

// get asks a server; any answer is one.
func (m *machine) get(ctx context.Context, url string) (status int, body []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, nil, err
	}
	resp, err := m.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	return resp.StatusCode, body, err
}

// readGoEnv asks the go command what it works with. It is asked where no go.mod
// stands, so that it does not fetch another release of itself first.
func (m *machine) readGoEnv() (map[string]string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), m.Limit)
	defer cancel()
	out, err := m.run(ctx, filepath.VolumeName(m.abs)+string(filepath.Separator), "go", "env", "-json",
		"GOVERSION", "GOFLAGS", "GOWORK", "GOPROXY", "GOMODCACHE", "GOCACHE", "GOTMPDIR", "GOTOOLCHAIN", "GOROOT")
	if err != nil {
		return nil, err
	}
	env := map[string]string{}
	return env, json.Unmarshal([]byte(out), &env)
}

// above is the nearest folder, dir itself or one above it, for which found is
// true; "" for none.
func above(dir string, found func(string) bool) string {
	for {
		if found(dir) {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
}

// standing is the folder of the app, or the nearest one above that is there.
func (m *machine) standing() string {
	return above(m.abs, func(dir string) bool {
		info, err := os.Stat(dir)
		return err == nil && info.IsDir()
	})
}

// plain is text of another program on one line, without what a terminal would
// act upon.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, s)
	if r := []rune(s); len(r) > 160 {
		s = string(r[:160]) + "…"
	}
	return strings.Join(strings.Fields(s), " ")
}

// installers are the programs that install others, the first that is there is
// asked, and the names that a package has with each.
var installers = []struct{ program, install, system string }{
	{"brew", "brew install", ""},
	{"apt-get", "apt-get install -y", "linux"},
	{"dnf", "dnf install -y", "linux"},
	{"pacman", "pacman -S --noconfirm", "linux"},
	{"apk", "apk add", "linux"},
	{"winget", "winget install", "windows"},
}

// packages are a program's names with the installers, by the installer.
type packages map[string]string

// install is the command that installs a program here; other is what is done
// where no installer is known.
func (m *machine) install(p packages, other string) string {
	for _, i := range installers {
		if p[i.program] == "" || i.system != "" && i.system != m.System || i.program == "brew" && m.System != "darwin" || !m.has(i.program) {
			continue
		}
		return m.asRoot(i.install+" "+p[i.program], i.program)
	}
	return other
}

// asRoot puts sudo before what only an administrator may do.
func (m *machine) asRoot(command, program string) string {
	if m.System != "linux" || program == "brew" || os.Geteuid() == 0 || !m.has("sudo") {
		return command
	}
	return "sudo " + command
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return plain(line)
}

// first is the first of values that is not empty.
func first(values ...string) string { return cmp.Or(values...) }
