// Package storetest gives tests a fresh database of each engine.
//
// Each runs a test once on SQLite and once on a PostgreSQL cluster of the
// test's own, made from the installed server programs when it is first wanted.
// A package that uses it stops that cluster in its TestMain:
//
//	func TestMain(m *testing.M) { storetest.Main(m) }
//
//	func TestClaim(t *testing.T) {
//		storetest.Each(t, func(t *testing.T, db *store.DB) { … })
//	}
package storetest

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/tackhammer/tackhammer/kit/store"
)

// Each runs f as the subtests "sqlite" and "postgres", each with a database
// that is migrated, empty and its own. Without a PostgreSQL server program the
// second is skipped.
func Each(t *testing.T, f func(t *testing.T, db *store.DB)) {
	t.Helper()
	each(t, true, func(t *testing.T, url string) { f(t, Open(t, url)) })
}

// EachURL is Each for tests that run programs of their own: it gives the URL
// of an empty database that was not migrated.
func EachURL(t *testing.T, f func(t *testing.T, url string)) {
	t.Helper()
	each(t, false, f)
}

func each(t *testing.T, migrated bool, f func(t *testing.T, url string)) {
	t.Run("sqlite", func(t *testing.T) { f(t, sqliteURL(t, migrated)) })
	t.Run("postgres", func(t *testing.T) { f(t, postgresURL(t, migrated)) })
}

// URLs gives the URL of an empty database of each engine, not migrated. The
// test is skipped where there is no PostgreSQL server program.
func URLs(t testing.TB) map[store.Engine]string {
	t.Helper()
	return map[store.Engine]string{
		store.SQLite:   sqliteURL(t, false),
		store.Postgres: postgresURL(t, false),
	}
}

// Open opens a database and closes it when the test ends.
func Open(t testing.TB, url string) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), store.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// SQLite gives a fresh migrated database in a file, for tests that need no
// second engine and for examples.
func SQLite(t testing.TB) *store.DB {
	t.Helper()
	return Open(t, sqliteURL(t, true))
}

// Main runs the tests of a package, stops the cluster that they started, and
// ends the process.
func Main(m *testing.M) { os.Exit(Run(m)) }

// Run is Main for a TestMain that has more to do: it returns the exit code.
func Run(m *testing.M) int {
	defer stopCluster()
	return m.Run()
}

// sqliteURL copies a file that was migrated once: cheaper than migrating.
func sqliteURL(t testing.TB, migrated bool) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.db")
	if !migrated {
		return path
	}
	data, err := template()
	if err == nil {
		err = os.WriteFile(path, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var template = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "storetest")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "app.db")
	if err := migrate(path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func migrate(url string) error {
	ctx := context.Background()
	db, err := store.Open(ctx, store.Config{URL: url})
	if err != nil {
		return err
	}
	defer db.Close()
	return db.Migrate(ctx)
}
