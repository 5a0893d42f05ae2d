package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestWriteCommits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		addUser(t, db, "u1", "person")
		if n := count(t, db, "users"); n != 1 {
			t.Fatalf("%d users after one was written", n)
		}
	})
}

func TestWriteLeavesNothingBehind(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		boom := errors.New("boom")
		err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			insertUser(ctx, t, tx, "u1", "person")
			return boom
		})
		if !errors.Is(err, boom) {
			t.Errorf("Write returned %v, want its function's own error", err)
		}
		func() {
			defer func() {
				if recover() != boom {
					t.Error("the panic did not come through")
				}
			}()
			db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
				insertUser(ctx, t, tx, "u2", "person")
				panic(boom)
			})
		}()
		if n := count(t, db, "users"); n != 0 {
			t.Errorf("%d users after an error and a panic", n)
		}
		addUser(t, db, "u3", "person") // the connection is free again
	})
}

func TestWriteInsideWriteIsRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		err := db.Write(t.Context(), func(ctx context.Context, _ bun.Tx) error {
			return db.Write(ctx, func(context.Context, bun.Tx) error { return nil })
		})
		if kit.CodeOf(err) != kit.Internal || !strings.Contains(err.Error(), "already inside") {
			t.Errorf("nested write: %v", err)
		}
	})
}

func TestOpenRefusesWhatIsNoDatabase(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(text, []byte(strings.Repeat("not a database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for url, want := range map[string]kit.Code{
		"":                     kit.Invalid,
		"sqlite:":              kit.Invalid,
		":memory:":             kit.Invalid,
		"mysql://root@host/db": kit.Invalid,
		dir:                    kit.Invalid,
		text:                   kit.Invalid,
		"postgres://u:hunter2@127.0.0.1:1/x?connect_timeout=2": kit.Unavailable,
		"postgres://u:hunter2@host:99999999/x":                 kit.Invalid,
	} {
		_, err := store.Open(t.Context(), store.Config{URL: url})
		if kit.CodeOf(err) != want || kit.HintOf(err) == "" {
			t.Errorf("open %q: %v (%s, hint %q), want %s", url, err, kit.CodeOf(err), kit.HintOf(err), want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error shows the password: %v", err)
		}
	}
}

func TestFileIsItsOwnersAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sub", "odd name #1?%41&.db")
	db := storetest.Open(t, "sqlite:"+path)
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v; want mode 0600", name, info, err)
		}
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder: %v, %v; want mode 0700", info, err)
	}
	if names, _ := filepath.Glob(filepath.Dir(path) + "/*"); len(names) != 3 {
		t.Errorf("files beside the database: %q", names)
	}
}

func TestReadCannotWrite(t *testing.T) {
	db := storetest.SQLite(t)
	if _, err := db.Read().NewRaw("DELETE FROM users").Exec(t.Context()); err == nil {
		t.Error("the reading pool wrote")
	}
}

func TestIsUnique(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		addUser(t, db, "u1", "person")
		for _, q := range []string{
			"INSERT INTO users (id, kind, name, email, role, created_at) VALUES ('u1', 'person', 'B', 'b@x.org', 'lead', 1)",
			"INSERT INTO users (id, kind, name, email, role, created_at) VALUES ('u2', 'person', 'B', 'u1@x.org', 'lead', 1)",
		} {
			if err := exec(t, db, q); !store.IsUnique(err) {
				t.Errorf("%s: %v is not unique", q, err)
			}
		}
		if err := exec(t, db, "INSERT INTO tokens (hash, user_id, purpose, created_at) VALUES ('h', 'nobody', 'api', 1)"); err == nil || store.IsUnique(err) {
			t.Errorf("a missing user is taken for a duplicate: %v", err)
		}
	})
}

func addUser(t *testing.T, db *store.DB, id, kind string) {
	t.Helper()
	if err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		insertUser(ctx, t, tx, id, kind)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func insertUser(ctx context.Context, t *testing.T, tx bun.Tx, id, kind string) {
	t.Helper()
	role, email := "reviewer", any(id+"@x.org")
	if kind == "service" {
		role, email = "service", nil
	}
	if _, err := tx.NewRaw("INSERT INTO users (id, kind, name, email, role, created_at) VALUES (?, ?, ?, ?, ?, 1)",
		id, kind, id, email, role).Exec(ctx); err != nil {
		t.Fatal(err)
	}
}

func exec(t *testing.T, db *store.DB, query string, args ...any) error {
	t.Helper()
	return db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw(query, args...).Exec(ctx)
		return err
	})
}

func count(t *testing.T, db *store.DB, table string) int {
	t.Helper()
	var n int
	if err := db.Read().NewRaw("SELECT COUNT(*) FROM ?", bun.Ident(table)).Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}
