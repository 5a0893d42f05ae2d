package app_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit/store"
)

const (
	million = 1_000_000
	waiting = 100_000 // the newest of them
)

// BenchmarkMillion is the time in which a signed-in person gets a page of the
// inbox, of the cases, of a search or of the dashboard whole, with 1,000,000
// cases, of which 100,000 wait for a person, and a year of figures of 50 people.
func BenchmarkMillion(b *testing.B) {
	const rounds = 100
	var user string
	fill := func(b *testing.B, db *store.DB) { user = fillMillion(b, db) }
	eachEngine(b, fill, func(b *testing.B, w *window) {
		find := func(words string) string { return "?q=" + url.QueryEscape(words) }
		pages := []struct{ name, path, has string }{
			{"inbox-", "/inbox", "/reviews/r1"},
			{"inbox-middle-", fmt.Sprintf("/inbox?after=1.%d.r%d", 1_950_000, 1_950_000), "/reviews/r1"},
			{"inbox-tier-", "/inbox?tier=high", "/reviews/r1"},
			{"inbox-assigned-", "/inbox?assigned=me", "/reviews/r1"},
			{"inbox-overdue-", "/inbox?overdue=1", "/reviews/r1"},
			{"inbox-unsure-", "/inbox?below=20&held=free", "/reviews/r1"},
			{"inbox-never-", "/inbox?step=none", "after="},
			{"inbox-search-", "/inbox" + find("nr9999"), "/reviews/r1"},
			{"inbox-frequent-", "/inbox" + find("invoice"), "/reviews/r1"},
			{"cases-", "/cases", "/cases/c1"},
			{"cases-state-", "/cases?state=delivered", "/cases/c1"},
			{"search-rare-", "/cases" + find("nr765432"), "/cases/c1765432"},
			{"search-frequent-", "/cases" + find("invoice total"), "/cases/c1"},
			{"search-and-", "/cases" + find("shop77 2002"), "/cases/c1"},
			{"search-prefix-", "/cases" + find("invo"), "/cases/c1"},
			{"search-letter-", "/cases" + find("i"), "/cases/c1"},
			{"search-long-prefix-", "/cases" + find("nr7654"), "/cases/c1"},
			{"search-chinese-", "/cases" + find("增值税发票"), "/cases/c1"},
			{"search-old-", "/cases" + find("antique"), "/cases/c1"},
			{"board-", "/board", "/board/throughput.svg"},
			{"board-year-", "/board?days=364", "/board/throughput.svg"},
			{"picture-year-", "/board/edits.svg?days=364", "<svg"},
			{"reviewers-", "/reviewers?days=90", "data-row-text"},
			{"search-nothing-", "/cases" + find("nothing at all"), "q="},
		}
		for b.Loop() {
			for _, p := range pages {
				path := strings.ReplaceAll(p.path, "=me", "="+user)
				var took []time.Duration
				for range rounds {
					began := time.Now()
					page := w.get(path)
					took = append(took, time.Since(began))
					if !strings.Contains(page, p.has) {
						b.Fatalf("%s does not show %q:\n%s", path, p.has, page)
					}
				}
				report(b, p.name, took)
			}
		}
	})
}

// fillMillion writes the cases, and returns the person to whom some reviews are
// assigned.
func fillMillion(b *testing.B, db *store.DB) (user string) {
	ctx := context.Background()
	if err := db.Read().NewRaw(`SELECT MIN(id) FROM users WHERE kind = 'person'`).Scan(ctx, &user); err != nil {
		b.Fatal(err)
	}
	const chunk = 50_000
	for from := 1; from <= million; from += chunk {
		err := db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
			for _, q := range bulk(db, user, from, from+chunk-1) {
				if _, err := tx.ExecContext(ctx, q); err != nil {
					return fmt.Errorf("%s: %w", q, err)
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	if err := db.Write(ctx, func(ctx context.Context, tx bun.Tx) error { return fillTallies(ctx, tx, time.Now()) }); err != nil {
		b.Fatal(err)
	}
	if db.Engine() == store.Postgres {
		for _, q := range []string{`UPDATE case_counts SET n = (SELECT COUNT(*) FROM cases c WHERE c.state = case_counts.state)`,
			`UPDATE review_counts SET n = ` + fmt.Sprint(waiting), `VACUUM ANALYZE`} {
			if _, err := db.SQL().ExecContext(ctx, q); err != nil {
				b.Fatal(err)
			}
		}
	}
	return user
}

// fillTallies writes what a year of work of 50 people on 20 fields is counted as.
func fillTallies(ctx context.Context, tx bun.Tx, now time.Time) error {
	today := now.UnixMicro() / (24 * time.Hour).Microseconds()
	days := fmt.Sprintf(`WITH RECURSIVE d(i) AS (SELECT %d UNION ALL SELECT i + 1 FROM d WHERE i < %d),
		n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < 50) `, today-364, today)
	insert := `INSERT INTO tallies (day, name, key, n) ` + days
	for _, q := range []string{
		`SELECT i, 'by', 'p' || k || '.approve', 40 FROM d, n`, `SELECT i, 'by', 'p' || k || '.edit', 10 FROM d, n`,
		`SELECT i, 'seconds', 'p' || k, 3000 FROM d, n`, `SELECT i, 'canary.caught', 'p' || k, 1 FROM d, n`,
		`SELECT i, 'field.seen', 'f' || k, 2500 FROM d, n WHERE k <= 20`, `SELECT i, 'field.changed', 'f' || k, 100 + k FROM d, n WHERE k <= 20`,
		`SELECT i, 'case.submitted', '', 2740 FROM d`, `SELECT i, 'delivered', '', 2700 FROM d`, `SELECT i, 'review.opened', '', 2740 FROM d`,
		`SELECT i, 'decision', 'approve', 2000 FROM d`, `SELECT i, 'decision', 'edit', 500 FROM d`, `SELECT i, 'human', 'changed', 500 FROM d`,
		`SELECT i, 'human', 'unchanged', 2000 FROM d`, `SELECT i, 'agree', 'yes', 90 FROM d`, `SELECT i, 'agree', 'no', 10 FROM d`,
		fmt.Sprintf(`SELECT i, 'review.ended', CAST(i - k + 1 AS TEXT), 500 FROM d, n WHERE k <= 5 AND i - k >= %d`, today-364),
	} {
		if _, err := tx.ExecContext(ctx, insert+q); err != nil {
			return fmt.Errorf("%s: %w", q, err)
		}
	}
	return nil
}

// bulk are the statements that write cases of some numbers. PostgreSQL's
// counters are set at the end: a row that one transaction updates 50,000 times
// has as many versions.
func bulk(db *store.DB, user string, from, to int) []string {
	waits := fmt.Sprintf("i > %d", million-waiting)
	numbers := fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT %d UNION ALL SELECT i + 1 FROM n WHERE i < %d) `, from, to)
	hay := `'case.txt nr' || i || ' invoice total 9.' || (i % 90 + 10) || ' shop' || (i % 5000) || ' ' || (2000 + i % 25) ||
		CASE WHEN i % 10 = 0 THEN ' 增值 值税 税发 发票 票' ELSE ' 收据 据' END || CASE WHEN i <= 200000 THEN ' antique' ELSE '' END`
	all := []string{
		`INSERT INTO cases (id, workflow, state, step, name, input, input_hash, version, created_at, updated_at) ` + numbers +
			`SELECT 'c' || (1000000 + i), 'notes', CASE WHEN ` + waits + ` THEN 'review' ELSE 'delivered' END, 'check',
			'Case ' || i, '{"text":"Case"}', 'h', 1, i, i FROM n`,
		`INSERT INTO drafts (id, case_id, step, value, fields, model_name, model_digest, prompt_hash, usage, gave_up, created_at) ` + numbers +
			`SELECT 'd' || (1000000 + i), 'c' || (1000000 + i), 'extract', '{"title":"Case","words":1}', '[]', 'rules', 'v1', '', '{}', '', i FROM n`,
		`INSERT INTO reviews (id, case_id, step, draft_id, state, priority, confidence, created_at, due_at, epoch, lease_until, tier, assigned_to) ` + numbers +
			`SELECT 'r' || (1000000 + i), 'c' || (1000000 + i), 'check', 'd' || (1000000 + i),
			CASE WHEN ` + waits + ` THEN 'open' ELSE 'decided' END, i % 3, (i % 1000) / 1000.0, i,
			CASE WHEN i % 100 = 0 THEN 1000000 + i ELSE 9000000000000000 + i END, 0, 0,
			CASE WHEN i % 50 = 0 THEN 'high' ELSE '' END, CASE WHEN i % 70 = 0 THEN '` + user + `' END FROM n`,
	}
	if db.Engine() == store.SQLite {
		return append(all, fmt.Sprintf(`UPDATE search_cases SET filled = TRUE WHERE n BETWEEN %d AND %d`, from, to),
			`INSERT INTO search_words (rowid, words) `+numbers+`SELECT i, `+hay+` FROM n`)
	}
	off := []string{`ALTER TABLE cases DISABLE TRIGGER USER`, `ALTER TABLE reviews DISABLE TRIGGER USER`}
	on := []string{`INSERT INTO search_cases (case_id, filled, words) ` + numbers + `SELECT 'c' || (1000000 + i), TRUE,
		array_to_tsvector(string_to_array(` + hay + `, ' ')) FROM n`, `ALTER TABLE cases ENABLE TRIGGER USER`, `ALTER TABLE reviews ENABLE TRIGGER USER`}
	return append(append(off, all...), on...)
}
