package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/tackhammer/tackhammer/kit"
)

//go:embed migrations
var migrations embed.FS

// lockKey is the number of the PostgreSQL advisory lock that a migration holds.
const lockKey = 0x7461636b

// Migrate brings the schema, and River's tables, to what this program wants.
// It may run in many processes at once: one works, the others wait for it.
func (db *DB) Migrate(ctx context.Context) error {
	if n, err := db.Pending(ctx); err != nil || n == 0 {
		return err
	}
	lock := db.lockFile
	if db.engine == Postgres {
		lock = db.lockServer
	}
	if err := lock(ctx, db.migrate); err != nil {
		if n, err := db.Pending(ctx); err == nil && n == 0 {
			return nil // another process did it all meanwhile
		}
		return kit.Errorf(kit.Internal, "migrate database %s: %w", db.name, err)
	}
	return nil
}

func (db *DB) migrate(ctx context.Context) error {
	dialect := goose.DialectSQLite3
	if db.engine == Postgres {
		dialect = goose.DialectPostgres
	}
	provider, err := goose.NewProvider(dialect, db.SQL(), overlay{db.engine}, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return err
	}
	jobs, err := db.river()
	if err != nil {
		return err
	}
	_, err = jobs.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

func (db *DB) river() (*rivermigrate.Migrator[*sql.Tx], error) {
	return rivermigrate.New(db.driver, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
}

// lockServer holds an advisory lock on a connection of its own. The server
// lets go of it when the connection ends, however that happens.
func (db *DB) lockServer(ctx context.Context, f func(context.Context) error) error {
	conn, err := db.SQL().Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", lockKey); err != nil {
		return err
	}
	defer conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", lockKey)
	return f(ctx)
}

// lockFile holds an exclusive transaction on an empty database beside the real
// one: a lock that ends with its process on every system. The file is removed
// only once nothing is left to migrate: whoever still waits on it fails, and
// has nothing to do.
func (db *DB) lockFile(ctx context.Context, f func(context.Context) error) error {
	file := db.path + "-migrate"
	gate, err := sql.Open("sqlite", dsn(file, []string{"_txlock=exclusive", "_pragma=busy_timeout(60000)"}))
	if err != nil {
		return err
	}
	defer gate.Close()
	tx, err := gate.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := f(ctx); err != nil {
		return err
	}
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Version tells the number of the last migration that the database has; 0 for
// an empty one. It changes nothing.
func (db *DB) Version(ctx context.Context) (int, error) {
	var version int
	has, err := db.hasTable(ctx, "goose_db_version")
	if err == nil && has {
		const last = "SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version"
		err = db.reader.QueryRowContext(ctx, last).Scan(&version)
	}
	if err != nil {
		return 0, kit.Errorf(kit.Unavailable, "read the schema version of database %s: %w", db.name, err)
	}
	return version, nil
}

func (db *DB) hasTable(ctx context.Context, name string) (bool, error) {
	query := "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = ?"
	if db.engine == Postgres {
		query = "SELECT COUNT(*) FROM pg_class WHERE oid = to_regclass(?)"
	}
	var n int
	err := db.reader.NewRaw(query, name).Scan(ctx, &n)
	return n > 0, err
}

// Pending tells how many migrations, River's among them, the database still
// lacks. It changes nothing.
func (db *DB) Pending(ctx context.Context) (int, error) {
	version, err := db.Version(ctx)
	if err != nil {
		return 0, err
	}
	jobs, err := db.river()
	if err != nil {
		return 0, kit.Errorf(kit.Internal, "count migrations of database %s: %w", db.name, err)
	}
	have, err := jobs.ExistingVersions(ctx)
	if err != nil {
		return 0, kit.Errorf(kit.Unavailable, "count migrations of database %s: %w", db.name, err)
	}
	n := max(0, len(jobs.AllVersions())-len(have))
	for _, v := range versions(db.engine) {
		if v > version {
			n++
		}
	}
	return n, nil
}

// refuseNewer keeps an old program from misreading what a newer one wrote.
func (db *DB) refuseNewer(ctx context.Context) error {
	have, err := db.Version(ctx)
	if err != nil {
		return err
	}
	known := slices.Max(versions(db.engine))
	if have <= known {
		return nil
	}
	return kit.Errorf(kit.Conflict, "open database %s: its schema is version %d, this program knows up to %d", db.name, have, known).
		WithHint("run the program that made it, or a newer one")
}

// versions lists the numbers of an engine's migrations.
func versions(e Engine) []int {
	entries, err := overlay{e}.ReadDir(".")
	if err != nil {
		panic(fmt.Sprintf("read the embedded migrations: %v", err)) // cannot fail once it built
	}
	var out []int
	for _, entry := range entries {
		number, _, _ := strings.Cut(entry.Name(), "_")
		if n, err := strconv.Atoi(number); err == nil {
			out = append(out, n)
		}
	}
	return out
}

// overlay shows the migrations that the engines share and one engine's own as
// one flat folder.
type overlay struct{ engine Engine }

func (o overlay) folders() []string {
	return []string{"migrations/common", "migrations/" + string(o.engine)}
}

// Open opens a migration in whichever folder has it.
func (o overlay) Open(name string) (fs.File, error) {
	for _, dir := range o.folders() {
		f, err := migrations.Open(path.Join(dir, name))
		if !errors.Is(err, fs.ErrNotExist) {
			return f, err
		}
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// ReadDir lists the migrations of both folders in order.
func (o overlay) ReadDir(name string) ([]fs.DirEntry, error) {
	var all []fs.DirEntry
	for _, dir := range o.folders() {
		entries, err := migrations.ReadDir(path.Join(dir, name))
		if err != nil {
			return nil, err
		}
		all = append(all, entries...)
	}
	slices.SortFunc(all, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return all, nil
}
