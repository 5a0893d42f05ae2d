package store_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

// Many that read, add and write back lose no step.
func TestWritersDoNotOverwriteEachOther(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 25 {
					if err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error { return increment(ctx, db, tx) }); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		var n int
		if err := db.Read().NewRaw("SELECT n FROM case_counts WHERE state = 'failed'").Scan(t.Context(), &n); err != nil || n != 200 {
			t.Errorf("200 increments made %d, %v", n, err)
		}
	})
}

func increment(ctx context.Context, db *store.DB, tx bun.Tx) error {
	var n int
	if err := tx.NewRaw("SELECT n FROM case_counts WHERE state = 'failed'"+db.ForUpdate()).Scan(ctx, &n); err != nil {
		return err
	}
	_, err := tx.NewRaw("UPDATE case_counts SET n = ? WHERE state = 'failed'", n+1).Exec(ctx)
	return err
}

// conflict gives an error of the kind that goes away by trying again, from the
// engine itself.
func conflict(t *testing.T, db *store.DB, path string) func(ctx context.Context, tx bun.Tx) error {
	if db.Engine() == store.Postgres {
		return func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewRaw("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END $$").Exec(ctx)
			return err
		}
	}
	other, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { other.Close() })
	return func(ctx context.Context, tx bun.Tx) error {
		_, err := other.ExecContext(ctx, "DELETE FROM users") // while tx holds the file
		return err
	}
}

func TestWriteTriesAgain(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		db := storetest.Open(t, url)
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		clash := conflict(t, db, url)
		tries := 0
		err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			tries++
			insertUser(ctx, t, tx, "u1", "person")
			if tries < 3 {
				return clash(ctx, tx)
			}
			return nil
		})
		if err != nil || tries != 3 || count(t, db, "users") != 1 {
			t.Errorf("after %d tries: %v, %d users", tries, err, count(t, db, "users"))
		}
		tries = 0
		err = db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			tries++
			return clash(ctx, tx)
		})
		if kit.CodeOf(err) != kit.Unavailable || tries != 10 {
			t.Errorf("busy for good: %v after %d tries", err, tries)
		}
	})
}

// Two that lock the same rows in opposite order both get through.
func TestWriteOutlivesADeadlock(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var wg sync.WaitGroup
		for _, order := range [][]string{{"failed", "review"}, {"review", "failed"}} {
			wg.Go(func() {
				if err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
					for _, state := range order {
						if _, err := tx.NewRaw("UPDATE case_counts SET n = n + 1 WHERE state = ?", state).Exec(ctx); err != nil {
							return err
						}
						time.Sleep(50 * time.Millisecond)
					}
					return nil
				}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		var sum int
		if err := db.Read().NewRaw("SELECT SUM(n) FROM case_counts").Scan(t.Context(), &sum); err != nil || sum != 4 {
			t.Errorf("two writers of two rows: %d, %v", sum, err)
		}
	})
}

func TestWriteStopsWithItsCaller(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		err := db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
			insertUser(ctx, t, tx, "u1", "person")
			cancel()
			return nil
		})
		if err == nil || count(t, db, "users") != 0 {
			t.Errorf("a cancelled write: %v, %d users", err, count(t, db, "users"))
		}
	})
}

func TestSkipLockedPassesOver(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		const first = "SELECT state FROM case_counts ORDER BY state LIMIT 1"
		if db.Engine() == store.SQLite {
			if db.SkipLocked() != "" || db.ForUpdate() != "" {
				t.Error("SQLite knows no such clause")
			}
			return
		}
		if err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			var mine, theirs string
			if err := tx.NewRaw(first+db.SkipLocked()).Scan(ctx, &mine); err != nil {
				return err
			}
			err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error { // not this one's context: a transaction beside it
				return tx.NewRaw(first+db.SkipLocked()).Scan(ctx, &theirs)
			})
			if mine == theirs {
				t.Errorf("two transactions were both given %q", mine)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

// A reader sees the last commit while a writer is in the middle of its work.
func TestReadersDoNotWait(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		if err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			insertUser(ctx, t, tx, "u1", "person")
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			var n int
			err := db.Read().NewRaw("SELECT COUNT(*) FROM users").Scan(ctx, &n)
			if n != 0 {
				t.Error("a reader saw what was not committed")
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if n := count(t, db, "users"); n != 1 {
			t.Errorf("after the commit a reader saw %d users", n)
		}
	})
}

func TestPing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		if err := db.Ping(t.Context()); err != nil {
			t.Error(err)
		}
		db.Close()
		if err := db.Ping(t.Context()); kit.CodeOf(err) != kit.Unavailable {
			t.Errorf("ping a closed database: %v", err)
		}
	})
}

func TestMigrateFromManyAtOnce(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				db, err := store.Open(t.Context(), store.Config{URL: url})
				if err != nil {
					t.Error(err)
					return
				}
				defer db.Close()
				if err := db.Migrate(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		db := storetest.Open(t, url)
		if n, err := db.Pending(t.Context()); n != 0 || err != nil {
			t.Errorf("%d migrations pending, %v", n, err)
		}
		if left, _ := filepath.Glob(url + "-migrate*"); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}

func TestPendingChangesNothing(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		db := storetest.Open(t, url)
		for range 2 {
			version, err := db.Version(t.Context())
			if err != nil || version != 0 {
				t.Errorf("version %d, %v of an empty database", version, err)
			}
			if n, err := db.Pending(t.Context()); err != nil || n < 3 {
				t.Errorf("%d pending, %v in an empty database", n, err)
			}
		}
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if version, err := db.Version(t.Context()); err != nil || version < 4 {
			t.Errorf("version %d, %v after migrating", version, err)
		}
		if err := db.Migrate(t.Context()); err != nil {
			t.Errorf("migrate again: %v", err)
		}
	})
}

func TestOpenRefusesANewerSchema(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		db := storetest.Open(t, url)
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		must(t, db, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, ?)", true)
		_, err := store.Open(t.Context(), store.Config{URL: url})
		if kit.CodeOf(err) != kit.Conflict || !strings.Contains(err.Error(), "99") || kit.HintOf(err) == "" {
			t.Errorf("open what a newer program made: %v", err)
		}
	})
}

func TestIsAwayKnowsAServerThatDoesNotAnswer(t *testing.T) {
	_, err := store.Open(t.Context(), store.Config{URL: "postgres://nobody@127.0.0.1:1/none"})
	if !store.IsAway(err) {
		t.Errorf("no server: %v", err)
	}
	for err, away := range map[error]bool{
		driver.ErrBadConn:                    true,
		&pgconn.PgError{Code: "57P01"}:       true,
		&pgconn.PgError{Code: "57P03"}:       true,
		&pgconn.PgError{Code: "08006"}:       true,
		&pgconn.PgError{Code: "23505"}:       false,
		errors.New("away"):                   false,
		kit.Errorf(kit.Internal, "a defect"): false,
		context.DeadlineExceeded:             false,
	} {
		if store.IsAway(err) != away {
			t.Errorf("%v: away %v", err, !away)
		}
	}
}
