package store_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

// asNobody runs f without the rights of root, which may write everywhere. The
// thread is not used again.
func asNobody(t *testing.T, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if os.Geteuid() == 0 {
			if err := syscall.Setfsuid(65534); err != nil {
				t.Error(err)
				return
			}
		}
		f()
	}()
	<-done
}

func TestACopyThatMayNotBeWrittenIsRead(t *testing.T) {
	for name, c := range map[string]struct{ file, folder os.FileMode }{
		"the file":   {0o444, 0o777},
		"the folder": {0o666, 0o555},
		"both":       {0o444, 0o555},
	} {
		t.Run(name, func(t *testing.T) {
			from := storetest.Open(t, t.TempDir()+"/app.db")
			if err := from.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			path := filepath.Join(dir, "app.db")
			copyOf(t, from, path)
			for name, mode := range map[string]os.FileMode{path: c.file, dir: c.folder, filepath.Dir(dir): 0o755} {
				if err := os.Chmod(name, mode); err != nil {
					t.Fatal(err)
				}
			}
			t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
			asNobody(t, func() { reads(t, path) })
		})
	}
}

// copyOf closes a database and copies its file.
func copyOf(t *testing.T, db *store.DB, path string) {
	t.Helper()
	if _, err := db.SQL().ExecContext(t.Context(), "VACUUM INTO ?", path); err != nil {
		t.Fatal(err)
	}
	made, err := store.Open(t.Context(), store.Config{URL: path}) // turns the copy to WAL, as a service leaves it
	if err == nil {
		err = made.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// reads fails the test unless the file can be read, and is not written.
func reads(t *testing.T, path string) {
	t.Helper()
	db, err := store.Open(t.Context(), store.Config{URL: path, Existing: true})
	if err != nil {
		t.Error(err)
		return
	}
	defer db.Close()
	if n, err := db.Pending(t.Context()); err != nil || n != 0 {
		t.Errorf("%d migrations are missing, %v", n, err)
	}
	err = db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("DELETE FROM case_counts").Exec(ctx)
		return err
	})
	if err == nil {
		t.Error("it was written")
	}
}
