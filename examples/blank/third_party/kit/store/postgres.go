package store

import (
	"context"
	"net/url"
	"runtime"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/tackhammer/tackhammer/kit"
)

// writers is how many transactions of one process write to PostgreSQL at a
// time. Nearly all of them append to the trail, one after the other: more would
// wait there, each on a connection of its own.
const writers = 4

func openPostgres(ctx context.Context, where string) (*DB, error) {
	name := redact(where)
	config, err := pgxpool.ParseConfig(where)
	if err != nil {
		return nil, kit.Errorf(kit.Invalid, "open database %s: %w", name, err).
			WithHint("write it as postgres://USER:PASSWORD@HOST:PORT/NAME")
	}
	if !strings.Contains(where, "pool_max_conns") {
		config.MaxConns = int32(max(16, 4*runtime.NumCPU()))
	}
	if !strings.Contains(where, "default_query_exec_mode") {
		// bun writes values into its queries, so that hardly two are alike: to
		// prepare each of them costs three times its run.
		config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	}
	config.AfterConnect = shortQueries
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, kit.Errorf(kit.Invalid, "open database %s: %w", name, err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, kit.Errorf(kit.Unavailable, "open database %s: %w", name, err).
			WithHint("check that the server runs and that the user may use the database")
	}
	sqldb := stdlib.OpenDBFromPool(pool)
	db := bun.NewDB(sqldb, pgdialect.New())
	return &DB{
		engine: Postgres, name: name, writer: db, reader: db, turns: make(chan struct{}, writers),
		driver: riverdatabasesql.NewWithPgxListener(sqldb, pool),
		close: func() error {
			defer pool.Close()
			return db.Close()
		},
	}, nil
}

// shortQueries turns off what pays for queries of minutes alone: to compile one
// of this service's takes longer than to run it. It is no parameter of the
// connection, because poolers between refuse those that they do not know.
func shortQueries(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, "SET jit = off")
	return err
}

// redact leaves a password and all parameters out of what errors show.
func redact(where string) string {
	u, err := url.Parse(where)
	if err != nil {
		return "postgres://…"
	}
	u.RawQuery = ""
	return u.Redacted()
}
