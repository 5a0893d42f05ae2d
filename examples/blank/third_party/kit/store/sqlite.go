package store

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	_ "modernc.org/sqlite" // registers the driver "sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/tackhammer/tackhammer/kit"
)

// SQLite has one writer at a time anyway: one connection makes the others
// queue in Go, where waiting is fair, instead of failing as busy. Each change
// is on the disk when its transaction returns (synchronous FULL).
var (
	writerOptions = []string{"_txlock=immediate", "_pragma=busy_timeout(5000)", "_pragma=journal_mode(WAL)",
		"_pragma=synchronous(FULL)", "_pragma=foreign_keys(1)", "_pragma=recursive_triggers(1)"}
	readerOptions = []string{"mode=ro", "_pragma=busy_timeout(5000)", "_pragma=query_only(1)"}
)

// openSQLite opens a file. One that is there, but may not be written, or lies in
// a folder that may not be, as a copy on a disk for reading alone, is opened for
// reading.
func openSQLite(ctx context.Context, path string, existing bool) (*DB, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, kit.Errorf(kit.Invalid, "open database %s: %w", path, err)
	}
	db, err := openWritable(ctx, path, abs)
	if existing && unwritable(err) {
		if found := openReadable(ctx, path, abs); found != nil {
			return found, nil
		}
	}
	return db, err
}

func openWritable(ctx context.Context, path, abs string) (*DB, error) {
	if err := makeFile(abs); err != nil {
		return nil, err
	}
	writer, err := sqlitePool(ctx, abs, writerOptions, 1)
	if err != nil {
		return nil, err
	}
	reader, err := sqlitePool(ctx, abs, readerOptions, max(4, runtime.NumCPU()))
	if err != nil {
		writer.Close()
		return nil, err
	}
	return &DB{
		engine: SQLite, name: path, path: abs, writer: writer, reader: reader,
		driver: riversqlite.New(writer.DB),
		// The writer goes last: its close folds the log back into the file.
		close: func() error { return errors.Join(reader.Close(), writer.Close()) },
	}, nil
}

// unwritable reports whether that is why a file did not open.
func unwritable(err error) bool {
	switch resultCode(err) & 0xff {
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY:
		return true
	}
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)
}

// openReadable opens a file for reading alone, nil when that cannot be done
// either. SQLite does so only beside the files of a running program; where there
// are none, nothing else writes, and the file is all that there is.
func openReadable(ctx context.Context, path, abs string) *DB {
	options := readerOptions
	reader, err := sqlitePool(ctx, abs, options, max(4, runtime.NumCPU()))
	if log, statErr := os.Stat(abs + "-wal"); err != nil && (errors.Is(statErr, fs.ErrNotExist) || statErr == nil && log.Size() == 0) {
		reader, err = sqlitePool(ctx, abs, append([]string{"immutable=1"}, options...), max(4, runtime.NumCPU()))
	}
	if err != nil {
		return nil
	}
	return &DB{engine: SQLite, name: path, path: abs, writer: reader, reader: reader, driver: riversqlite.New(reader.DB), close: reader.Close}
}

// makeFile makes the database's file and folder, for their owner alone. The
// log beside the file takes over the file's mode.
func makeFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return kit.Errorf(kit.Invalid, "make the folder of database %s: %w", path, err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return kit.Errorf(kit.Invalid, "open database %s: %w", path, err).
			WithHint("give the path of a file that may be read and written")
	}
	return f.Close()
}

func sqlitePool(ctx context.Context, path string, options []string, conns int) (*bun.DB, error) {
	pool, err := sql.Open("sqlite", dsn(path, options))
	if err != nil {
		return nil, kit.Errorf(kit.Internal, "open database %s: %w", path, err)
	}
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	// Of many that open a new file at once, one turns it to WAL; SQLite sends the
	// others away at once instead of letting them wait.
	if err := again(ctx, func() error { return look(ctx, pool) }); err != nil {
		pool.Close()
		return nil, kit.Errorf(kit.Invalid, "open database %s: %w", path, err).
			WithHint("the file may be no SQLite database, or be held by another program")
	}
	return bun.NewDB(pool, sqlitedialect.New()), nil
}

func look(ctx context.Context, pool *sql.DB) error {
	_, err := pool.ExecContext(ctx, "SELECT COUNT(*) FROM sqlite_master")
	return err
}

// dsn names the file as a URI, in which every byte of a path may stand.
func dsn(path string, options []string) string {
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed
	}
	u := url.URL{Scheme: "file", Path: slashed}
	return u.String() + "?" + strings.Join(options, "&")
}
