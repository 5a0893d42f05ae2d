package doctor

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// postgres asks the database where the app keeps its cases. What it tells never
// holds the password.
func postgres(ctx context.Context, m *machine) Finding {
	url := m.Getenv("DATABASE_URL")
	needed := m.Needs.DB == "postgres"
	if url == "" {
		if !needed {
			return good("not needed: cases are kept in a file (sqlite)")
		}
		return wrong("export DATABASE_URL=postgres://USER:PASSWORD@HOST/DATABASE", "DATABASE_URL is not set")
	}
	c, err := pgx.ParseConfig(url)
	if err != nil {
		return unless(needed, "export DATABASE_URL=postgres://USER:PASSWORD@HOST/DATABASE", "DATABASE_URL is no address of a database")
	}
	at := plain(c.Host) + "/" + plain(c.Database)
	conn, err := pgx.ConnectConfig(ctx, c)
	if err != nil {
		return unless(needed, "pg_isready -h "+shellWord(c.Host), "%s does not take us: %s", at, m.Say(refusal(ctx, err)))
	}
	defer conn.Close(context.Background())
	return good("%s at %s", plain(conn.PgConn().ParameterStatus("server_version")), at)
}

// refusal is why a database does not take us, in its own words where it has
// some.
func refusal(ctx context.Context, err error) string {
	var said *pgconn.PgError
	switch {
	case errors.As(err, &said):
		return plain(said.Message)
	case ctx.Err() != nil:
		return "no answer in time"
	}
	return "nothing answers there"
}

// shellWord is a host's name for a command line; what could be more is left out.
func shellWord(s string) string {
	for _, r := range s {
		if (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '.' && r != '-' && r != '/' && r != ':' && r != '_' {
			return "HOST"
		}
	}
	return s
}
