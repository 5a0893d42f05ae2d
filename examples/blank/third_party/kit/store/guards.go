package store

import (
	"context"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"
)

// Unguarded tells, in words, which of the triggers that the migrations make the
// database lacks, has otherwise or has switched off, and which it has beside
// them; none for a good database. It looks by db, which reads this database, and
// changes nothing. The foreign keys that PostgreSQL keeps by triggers of its own
// are looked at too.
func (db *DB) Unguarded(ctx context.Context, by bun.IDB) ([]string, error) {
	version, err := db.Version(ctx)
	if err != nil {
		return nil, err
	}
	read := guardsOfSQLite
	if db.engine == Postgres {
		read = guardsOfPostgres
	}
	has, err := read(ctx, by)
	if err != nil {
		return nil, err
	}
	want, found := guardsOf(db.engine, version), []string{}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		switch is, ok := has[name]; {
		case !ok:
			found = append(found, name+" is missing")
		case is == off:
			found = append(found, name+" is switched off")
		case is != want[name]:
			found = append(found, name+" is not as it was made")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(has)) {
		if _, ok := want[name]; !ok {
			found = append(found, name+" is none of this program's")
		}
	}
	return found, nil
}

// off stands for a trigger that does not fire.
const off = "off"

// made are the statements of a migration that make or drop a trigger, or the
// function of one.
var made = map[Engine]*regexp.Regexp{
	SQLite:   regexp.MustCompile(`(?s)\n(DROP) TRIGGER (\w+)|\n(CREATE TRIGGER (\w+).*?\nEND);`),
	Postgres: regexp.MustCompile(`(?s)\n(DROP) TRIGGER (\w+)|\n(CREATE TRIGGER (\w+)[^;]*);|\nCREATE (?:OR REPLACE )?FUNCTION (\w+)\(\)[^$]*\$\$(.*?)\$\$`),
}

// guardsOf are the triggers that the migrations up to a version make.
func guardsOf(e Engine, version int) map[string]string {
	entries, _ := overlay{e}.ReadDir(".") // cannot fail once it built
	guards, bodies := map[string]string{}, map[string]string{}
	for _, entry := range entries {
		number, _, _ := strings.Cut(entry.Name(), "_")
		if n, err := strconv.Atoi(number); err != nil || n > version {
			continue
		}
		text, _ := fs.ReadFile(overlay{e}, entry.Name())
		for _, m := range made[e].FindAllStringSubmatch(string(text), -1) {
			switch {
			case m[1] != "":
				delete(guards, m[2])
			case m[3] != "":
				guards[m[4]] = m[3]
			default:
				bodies[m[5]] = m[6]
			}
		}
	}
	if e == Postgres {
		for name, def := range guards {
			guards[name] = plainly(def) + bodies[called.FindStringSubmatch(def)[1]]
		}
	}
	return guards
}

func guardsOfSQLite(ctx context.Context, by bun.IDB) (map[string]string, error) {
	var rows []struct{ Name, SQL string }
	err := by.NewRaw(`SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name NOT LIKE 'river%'`).Scan(ctx, &rows)
	has := map[string]string{}
	for _, r := range rows {
		has[r.Name] = r.SQL
	}
	return has, err
}

func guardsOfPostgres(ctx context.Context, by bun.IDB) (map[string]string, error) {
	var rows []struct {
		Name     string
		Def      string
		Body     string
		Fires    bool
		Internal bool
	}
	err := by.NewRaw(`SELECT t.tgname AS name, pg_get_triggerdef(t.oid, TRUE) AS def, p.prosrc AS body, t.tgisinternal AS internal,
		t.tgenabled IN ('O', 'A') AND current_setting('session_replication_role') = 'origin' AS fires
		FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
		WHERE pg_table_is_visible(c.oid) AND c.relname NOT LIKE 'river%'`).Scan(ctx, &rows)
	has := map[string]string{}
	for _, r := range rows {
		switch {
		case !r.Fires:
			has[r.Name] = off
		case !r.Internal:
			has[r.Name] = plainly(r.Def) + r.Body
		}
	}
	return has, err
}

var (
	called  = regexp.MustCompile(`(?i)EXECUTE FUNCTION (\w+)`)
	parts   = regexp.MustCompile(`(?is)^CREATE TRIGGER (\w+)\s+(BEFORE|AFTER)\s+(.*?)\s+ON\s+(.*)$`)
	or      = regexp.MustCompile(`(?i)\s+OR\s+`)
	notSaid = regexp.MustCompile(`[\s();]|::\w+`)
)

// plainly is a trigger's definition in one notation: PostgreSQL gives it back
// with its events in another order, and with types and brackets.
func plainly(def string) string {
	m := parts.FindStringSubmatch(def)
	if m == nil {
		return def
	}
	events := or.Split(m[3], -1)
	for i, e := range events {
		words := strings.FieldsFunc(strings.ToLower(e), func(r rune) bool { return strings.ContainsRune(" ,\n", r) })
		slices.Sort(words)
		events[i] = strings.Join(words, " ")
	}
	slices.Sort(events)
	rest := notSaid.ReplaceAllString(m[4], "")
	return strings.ToLower(m[1]+" "+m[2]+" "+strings.Join(events, " or ")+" on "+rest) + "\n"
}
