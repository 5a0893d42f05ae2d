// Package store opens the database and the folder of files of a service, and
// runs every change as one transaction.
//
// The database is SQLite (one file, nothing to install) or PostgreSQL (many
// machines); the same schema and the same statements run on both. Start with
// Open and Migrate, change things inside Write, and look at them through Read:
//
//	db, err := store.Open(ctx, store.Config{URL: "data/app.db"})
//	…
//	err = db.Migrate(ctx)
//	err = db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
//		_, err := tx.NewRaw("UPDATE cases SET state = ? WHERE id = ?", kit.InReview, id).Exec(ctx)
//		return err
//	})
//
// A job of River that is inserted with tx.Tx commits with the change. The
// schema itself holds the promises that no code may break: a delivery needs a
// decision that releases it, and a decision needs a person.
package store

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strings"

	"github.com/riverqueue/river/riverdriver"
	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
)

// Engine is the kind of a database.
type Engine string

// The engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// Config says which database to open.
type Config struct {
	// URL is a path, "sqlite:PATH" or "postgres://USER@HOST/NAME". It has no
	// default: an empty one is refused.
	URL string

	// Existing refuses a SQLite file that is not there instead of making it,
	// with kit.NotFound. One that may not be written is opened for reading alone.
	// Defaults to making it.
	Existing bool
}

// DB is an open database. Its methods may be called from many goroutines.
type DB struct {
	engine Engine
	name   string // for errors; holds no password
	path   string // of the file, SQLite alone
	writer *bun.DB
	reader *bun.DB
	turns  chan struct{} // to write, nil for as many as there are connections
	driver riverdriver.Driver[*sql.Tx]
	close  func() error
}

// Open opens the database of c and checks that it answers. A SQLite file is
// made, readable by its owner alone, when there is none. Open fails with
// kit.Invalid for a URL that names no database, with kit.Unavailable when the
// server does not answer, and with kit.Conflict when the schema was made by a
// newer program. It changes no schema: see Migrate.
func Open(ctx context.Context, c Config) (*DB, error) {
	engine, where, err := parse(c.URL)
	if err != nil {
		return nil, err
	}
	open := func(ctx context.Context, path string) (*DB, error) { return openSQLite(ctx, path, c.Existing) }
	if engine == Postgres {
		open = openPostgres
	} else if err := c.exists(where); err != nil {
		return nil, err
	}
	db, err := open(ctx, where)
	if err != nil {
		return nil, err
	}
	if err := db.refuseNewer(ctx); err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// exists refuses a file that is missing, or empty and so no database yet,
// where one is asked for.
func (c Config) exists(path string) error {
	if !c.Existing {
		return nil
	}
	info, err := os.Stat(path)
	if err == nil && info.Size() > 0 {
		return nil
	}
	return kit.Errorf(kit.NotFound, "open database %s: there is none", path)
}

// parse tells the engine of a URL, and the file's path or the server's URL.
func parse(url string) (Engine, string, error) {
	path, named := strings.CutPrefix(url, "sqlite:")
	path = strings.TrimPrefix(path, "//")
	switch {
	case strings.HasPrefix(url, "postgres://"), strings.HasPrefix(url, "postgresql://"):
		return Postgres, url, nil
	case !named && strings.Contains(url, "://"):
		scheme, _, _ := strings.Cut(url, "://")
		return "", "", badURL("no engine is called %q", scheme)
	case path == "":
		return "", "", badURL("the URL is empty")
	case strings.Contains(path, ":memory:"), strings.Contains(path, "\x00"):
		return "", "", badURL("%q is no file", path)
	}
	return SQLite, path, nil
}

func badURL(format string, args ...any) error {
	return kit.Errorf(kit.Invalid, "open database: %s", fmt.Sprintf(format, args...)).
		WithHint("give a file's path, or postgres://USER@HOST/NAME")
}

// Engine tells which engine the database has.
func (db *DB) Engine() Engine { return db.engine }

// Read gives the pool for queries that change nothing. On SQLite it cannot
// write, and a query never waits for a writer.
func (db *DB) Read() *bun.DB { return db.reader }

// SQL gives the pool that may write, for River. On SQLite it has one
// connection: never ask it for another inside Write.
func (db *DB) SQL() *sql.DB { return db.writer.DB }

// Driver gives River's driver on the pool of SQL.
func (db *DB) Driver() riverdriver.Driver[*sql.Tx] { return db.driver }

// ForUpdate is the clause that locks the rows of a SELECT until the
// transaction ends: empty on SQLite, where a transaction locks everything.
func (db *DB) ForUpdate() string { return db.onPostgres(" FOR UPDATE") }

// SkipLocked is ForUpdate that passes over rows which others hold.
func (db *DB) SkipLocked() string { return db.onPostgres(" FOR UPDATE SKIP LOCKED") }

// InOrder keeps PostgreSQL, until tx ends, to indexes that have the order which
// is asked for. Of a queue that just grew its planner knows nothing yet, and
// would sort all of it for the first row.
func (db *DB) InOrder(ctx context.Context, tx bun.Tx) error {
	if db.engine != Postgres {
		return nil
	}
	_, err := tx.NewRaw(`SELECT set_config('enable_sort', 'off', TRUE), set_config('enable_seqscan', 'off', TRUE),
		set_config('enable_bitmapscan', 'off', TRUE)`).Exec(ctx)
	return err
}

func (db *DB) onPostgres(clause string) string {
	if db.engine == Postgres {
		return clause
	}
	return ""
}

// Ping checks that the database answers; kit.Unavailable when it does not.
func (db *DB) Ping(ctx context.Context) error {
	if err := db.reader.PingContext(ctx); err != nil {
		return kit.Errorf(kit.Unavailable, "ping database %s: %w", db.name, err)
	}
	return nil
}

// Close closes every connection.
func (db *DB) Close() error { return db.close() }
