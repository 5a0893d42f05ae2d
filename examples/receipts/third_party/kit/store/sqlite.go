package store

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	_ "modernc.org/sqlite" // registers the driver "sqlite"

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

func openSQLite(ctx context.Context, path string) (*DB, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, kit.Errorf(kit.Invalid, "open database %s: %w", path, err)
	}
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
