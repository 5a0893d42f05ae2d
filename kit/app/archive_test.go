package app_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

// TestKillingAnArchiveLosesNothing kills `trail archive` with signal 9 at ever
// later moments: each event is in the file or in the database at all times, and
// a last run ends what the others began.
func TestKillingAnArchiveLosesNothing(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		data, out := t.TempDir(), filepath.Join(t.TempDir(), "old.jsonl")
		args := []string{"--data", data, "--db", url}
		command(t, append([]string{"migrate"}, args...)...)
		fill(t, url, 3000)
		command(t, append([]string{"trail", "checkpoint"}, args...)...)
		before := events(t, url)
		archive := append([]string{"trail", "archive", "--older", "0d", "--out", out}, args...)
		for after := 20 * time.Millisecond; after < 400*time.Millisecond && events(t, url) >= before; after += 20 * time.Millisecond {
			killAfter(t, after, archive...)
			if n := events(t, url); n < before {
				if _, err := os.Stat(out); err != nil {
					t.Fatalf("%d of %d events are left, and there is no file: %v", n, before, err)
				}
			}
		}
		command(t, archive...)
		if n := events(t, url); n >= before {
			t.Errorf("%d events are left of %d", n, before)
		}
		said := command(t, append([]string{"verify", "--archive", out}, args...)...)
		if !strings.Contains(said, "archived: the events up to 3001") {
			t.Errorf("verify says %s", said)
		}
		left, err := filepath.Glob(filepath.Join(filepath.Dir(out), "old*"))
		if err != nil || len(left) != 1 {
			t.Errorf("the folder has %q", left)
		}
	})
}

// What shows that somebody changed the trail stays where it is.
func TestABrokenTrailIsNotArchived(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		data, out := t.TempDir(), filepath.Join(t.TempDir(), "old.jsonl")
		args := []string{"--data", data, "--db", url}
		command(t, append([]string{"migrate"}, args...)...)
		fill(t, url, 5)
		command(t, append([]string{"trail", "checkpoint"}, args...)...)
		before := events(t, url)
		db := storetest.Open(t, url)
		disarm := "DROP TRIGGER audit_no_update"
		if db.Engine() == store.Postgres {
			disarm = "ALTER TABLE audit_events DISABLE TRIGGER ALL"
		}
		for _, q := range []string{disarm, "UPDATE audit_events SET actor = 'eve' WHERE seq = 3"} {
			if _, err := db.SQL().ExecContext(t.Context(), q); err != nil {
				t.Fatal(err)
			}
		}
		var said bytes.Buffer
		c := desk()
		c.Out, c.Err = &said, &said
		code := c.Run(t.Context(), append([]string{"test-desk", "trail", "archive", "--older", "0d", "--out", out}, args...))
		if _, err := os.Stat(out); code != 3 || !strings.Contains(said.String(), "event 3: it (thing.done) was altered") || !os.IsNotExist(err) {
			t.Errorf("exit code %d, the file %v\n%s", code, err, &said)
		}
		if n := events(t, url); n != before {
			t.Errorf("%d of %d events are left", n, before)
		}
	})
}

func fill(t *testing.T, url string, n int) {
	t.Helper()
	db := storetest.Open(t, url)
	err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		for range n {
			if _, err := audit.Append(ctx, tx, audit.Event{At: time.Unix(1, 0), Actor: "a", Kind: "thing.done", Data: []byte(`{}`)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func events(t *testing.T, url string) (n int) {
	t.Helper()
	db := storetest.Open(t, url)
	defer db.Close()
	if err := db.Read().NewRaw("SELECT COUNT(*) FROM audit_events").Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// killAfter runs the desk as a process and kills it.
func killAfter(t *testing.T, after time.Duration, args ...string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), beDesk+"=1")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer input.Close()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}
