package storetest_test

import (
	"context"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit/internal/need"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestEachIsMigratedAndFresh(t *testing.T) {
	for range 2 {
		var engines []store.Engine
		storetest.Each(t, func(t *testing.T, db *store.DB) {
			engines = append(engines, db.Engine())
			if n, err := db.Pending(t.Context()); n != 0 || err != nil {
				t.Errorf("%d migrations pending, %v", n, err)
			}
			if err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
				_, err := tx.NewRaw("INSERT INTO users (id, kind, name, role, created_at) VALUES ('u', 'service', 'u', 'service', 0)").Exec(ctx)
				return err
			}); err != nil {
				t.Error(err)
			}
		})
		if len(engines) == 0 || engines[0] != store.SQLite {
			t.Errorf("ran on %v", engines)
		}
	}
}

func TestURLsAreEmptyAndTheirOwn(t *testing.T) {
	first, second := storetest.URLs(t), storetest.URLs(t)
	for _, engine := range []store.Engine{store.SQLite, store.Postgres} {
		if first[engine] == second[engine] {
			t.Errorf("%s: the same database twice", engine)
		}
		db := storetest.Open(t, first[engine])
		if version, err := db.Version(t.Context()); db.Engine() != engine || version != 0 || err != nil {
			t.Errorf("%s: engine %s, version %d, %v", engine, db.Engine(), version, err)
		}
	}
}

// The server goes away with the test even when the test is killed.
func TestKilledTestLeavesNoServer(t *testing.T) {
	if os.Getenv("STORETEST_HANG") != "" {
		println("dir " + storetest.URLs(t)[store.Postgres])
		time.Sleep(time.Minute)
	}
	need.Program(t, "sh")
	storetest.URLs(t) // skips where there is no server program
	child := exec.Command(os.Args[0], "-test.run", t.Name())
	child.Env = append(os.Environ(), "STORETEST_HANG=1")
	stderr, err := child.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	dir := socketDir(t, stderr)
	child.Process.Kill()
	child.Wait()
	for range 200 {
		if _, err := os.Stat(dir); os.IsNotExist(err) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("the folder %s of a killed test is still there", dir)
}

func socketDir(t *testing.T, from interface{ Read([]byte) (int, error) }) string {
	t.Helper()
	var text strings.Builder
	buf := make([]byte, 4096)
	for {
		n, err := from.Read(buf)
		text.Write(buf[:n])
		if m := regexp.MustCompile(`host=([^&\s]+)&`).FindStringSubmatch(text.String()); m != nil {
			return strings.ReplaceAll(m[1], "%2F", "/")
		}
		if err != nil {
			t.Fatalf("the child said %q, %v", text.String(), err)
		}
	}
}
