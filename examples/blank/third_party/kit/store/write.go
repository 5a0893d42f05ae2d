package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/tackhammer/tackhammer/kit"
)

const writeTries = 10

// inWrite marks, in a context, that a transaction of this database runs.
type inWrite struct{ db *DB }

// Write runs f in a transaction, which commits when f returns nil and leaves
// no trace when f fails or panics. When the database was busy, or chose the
// transaction as the victim of a conflict, Write runs f again after a pause:
// f must have no effect outside tx. It fails with kit.Unavailable when that
// does not end, and otherwise with f's own error. A Write inside a Write is
// refused: on SQLite it would wait for itself.
func (db *DB) Write(ctx context.Context, f func(ctx context.Context, tx bun.Tx) error) error {
	if ctx.Value(inWrite{db}) != nil {
		return kit.Errorf(kit.Internal, "write to database %s: already inside a transaction", db.name)
	}
	inner := context.WithValue(ctx, inWrite{db}, true)
	err := again(ctx, func() error { return db.once(inner, f) })
	if passing(err) {
		return kit.Errorf(kit.Unavailable, "write to database %s: busy after %d tries: %w", db.name, writeTries, err)
	}
	return err
}

// again runs f, and after a pause once more while what fails is passing.
func again(ctx context.Context, f func() error) error {
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		err := f()
		if err != nil && !passing(err) {
			return struct{}{}, backoff.Permanent(err)
		}
		return struct{}{}, err
	}, backoff.WithBackOff(pauses()), backoff.WithMaxTries(writeTries))
	var last *backoff.PermanentError
	if errors.As(err, &last) { // Retry leaves it wrapped on the last try
		return last.Err
	}
	return err
}

func pauses() backoff.BackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval = 5 * time.Millisecond
	b.MaxInterval = 500 * time.Millisecond
	return b
}

// once runs f in one transaction. The deferred rollback does nothing after a
// commit; it is there for f's errors and panics.
func (db *DB) once(ctx context.Context, f func(ctx context.Context, tx bun.Tx) error) error {
	if err := db.turn(ctx); err != nil {
		return err
	}
	defer db.endTurn()
	tx, err := db.writer.BeginTx(ctx, nil)
	if err != nil {
		return kit.Errorf(kit.Unavailable, "begin a transaction on database %s: %w", db.name, err)
	}
	defer tx.Rollback()
	if err := f(ctx, tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return kit.Errorf(codeOf(ctx), "commit to database %s: %w", db.name, err)
	}
	return nil
}

// turn waits for one of a few turns to write, so that however many want to
// write, connections are left to those who read.
func (db *DB) turn(ctx context.Context) error {
	if db.turns == nil {
		return nil
	}
	select {
	case db.turns <- struct{}{}:
		return nil
	case <-ctx.Done():
		return kit.Errorf(kit.Unavailable, "begin a transaction on database %s: %w", db.name, ctx.Err())
	}
}

func (db *DB) endTurn() {
	if db.turns != nil {
		<-db.turns
	}
}

// codeOf tells a caller who went away from a database that failed.
func codeOf(ctx context.Context) kit.Code {
	if ctx.Err() != nil {
		return kit.Unavailable
	}
	return kit.Internal
}

// passing reports whether err goes away by running the transaction again.
func passing(err error) bool {
	switch state(err) {
	case "40001", "40P01": // serialization failure, deadlock
		return true
	}
	code := resultCode(err) & 0xff
	return code == sqlite3.SQLITE_BUSY || code == sqlite3.SQLITE_LOCKED
}

// IsAway reports whether err says that the database server does not answer, or
// goes or comes just now: the same request may succeed in a moment.
func IsAway(err error) bool {
	var connect *pgconn.ConnectError
	switch s := state(err); {
	case strings.HasPrefix(s, "08"), s == "57P01", s == "57P02", s == "57P03", s == "53300": // connection, shutdown, start, too many
		return true
	case s != "":
		return false
	}
	return errors.As(err, &connect) || errors.Is(err, driver.ErrBadConn)
}

// IsUnique reports whether err says that a row with the same key exists.
func IsUnique(err error) bool {
	code := resultCode(err)
	return state(err) == "23505" ||
		code == sqlite3.SQLITE_CONSTRAINT_UNIQUE || code == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
}

// state is PostgreSQL's SQLSTATE, or "".
func state(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// resultCode is SQLite's extended result code, or 0.
func resultCode(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}
