package storetest

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tackhammer/tackhammer/kit/internal/need"
)

// watch runs the server until its own standard input ends, which happens when
// the test stops it and also when the test is killed; then it removes all.
const watch = `"$0" -D "$1/data" -k "$1" -c listen_addresses= -c fsync=off -c synchronous_commit=off \
	-c full_page_writes=off -c max_connections=400 -c shared_buffers=32MB >"$1/log" 2>&1 &
server=$!
cat >/dev/null
kill -INT $server
wait $server
rm -rf "$1"`

const templateName = "tackhammer_template"

// cluster is a PostgreSQL server that lives as long as the test's process. It
// listens on a socket in its own folder alone.
type cluster struct {
	dir     string
	cmd     *exec.Cmd
	stdin   io.Closer
	mu      sync.Mutex
	made    int
	missing string // why there is none
	err     error
}

var shared struct {
	once sync.Once
	c    *cluster
}

// postgresURL makes a database and drops it when the test ends.
func postgresURL(t testing.TB, migrated bool) string {
	t.Helper()
	shared.once.Do(func() { shared.c = startCluster() })
	c := shared.c
	if c.missing != "" {
		need.Skip(t, "%s", c.missing)
	}
	if c.err != nil {
		t.Fatal(c.err)
	}
	name, err := c.create(migrated)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.exec("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return c.url(name)
}

func (c *cluster) create(migrated bool) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.made++
	name := fmt.Sprintf("test_%d", c.made)
	from := "template0"
	if migrated {
		from = templateName
	}
	return name, c.exec("CREATE DATABASE " + name + " TEMPLATE " + from)
}

func (c *cluster) url(name string) string {
	q := url.Values{"host": {c.dir}, "user": {"tackhammer"}}
	return "postgres:///" + name + "?" + q.Encode()
}

func (c *cluster) exec(query string) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, c.url("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, query)
	return err
}

// startCluster makes a cluster, starts it, and fills the template that every
// migrated database is a copy of.
func startCluster() *cluster {
	c := &cluster{}
	bin := findServer()
	if bin == "" {
		c.missing = "no PostgreSQL server program (initdb) is installed"
		return c
	}
	for _, act := range []func() error{
		c.makeDir,
		func() error { return c.initdb(bin) },
		func() error { return c.start(bin) },
		c.wait,
		func() error { return c.exec("CREATE DATABASE " + templateName) },
		func() error { return migrate(c.url(templateName)) },
	} {
		if c.err = act(); c.err != nil {
			c.err = fmt.Errorf("start a PostgreSQL cluster in %s: %w", c.dir, c.err)
			c.stop()
			return c
		}
	}
	return c
}

// makeDir makes a folder with a name so short that a socket fits into it.
func (c *cluster) makeDir() error {
	base := "/tmp"
	if _, err := os.Stat(base); err != nil {
		base = os.TempDir()
	}
	dir, err := os.MkdirTemp(base, "thpg")
	if err != nil {
		return err
	}
	c.dir = dir
	return giveAway(dir)
}

func (c *cluster) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir = c.dir
	// The shell below finds cat and rm whatever the test's own PATH is.
	cmd.Env = append(os.Environ(), "PATH="+os.Getenv("PATH")+":/usr/bin:/bin", "LC_ALL=C", "TZ=UTC", "PGTZ=UTC")
	demote(cmd)
	return cmd
}

func (c *cluster) initdb(bin string) error {
	out, err := c.command(filepath.Join(bin, "initdb"), "-D", c.dir+"/data", "-U", "tackhammer",
		"--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync").CombinedOutput()
	if err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return nil
}

func (c *cluster) start(bin string) error {
	c.cmd = c.command("/bin/sh", "-c", watch, filepath.Join(bin, "postgres"), c.dir)
	stdin, err := c.cmd.StdinPipe()
	if err != nil {
		return err
	}
	c.stdin = stdin
	return c.cmd.Start()
}

func (c *cluster) wait() error {
	var err error
	for range 600 {
		if err = c.exec("SELECT 1"); err == nil {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	log, _ := os.ReadFile(c.dir + "/log")
	return fmt.Errorf("no answer: %w\n%s", err, log)
}

func (c *cluster) stop() {
	if c.stdin != nil {
		c.stdin.Close()
		c.cmd.Wait()
	}
	if c.dir != "" {
		os.RemoveAll(c.dir)
	}
}

func stopCluster() {
	if shared.c != nil {
		shared.c.stop()
	}
}

// findServer tells the folder that holds initdb and postgres, or "". Debian
// keeps it off the PATH, one folder for each version; the newest is taken.
func findServer() string {
	var dirs []string
	if p, err := exec.LookPath("initdb"); err == nil {
		dirs = append(dirs, filepath.Dir(p))
	}
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin"} {
		found, _ := filepath.Glob(pattern)
		slices.Reverse(found)
		dirs = append(dirs, found...)
	}
	for _, dir := range dirs {
		if executable(dir+"/initdb") && executable(dir+"/postgres") {
			return dir
		}
	}
	return ""
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&0o111 != 0
}
