package store

import (
	"context"
	"strings"

	"github.com/uptrace/bun"
)

// Hit is a case that a search found. N grows with each case that came in.
type Hit struct {
	N      int64  `bun:"n"`
	CaseID string `bun:"case_id"`
}

// SetWords replaces the words by which a case is found; see Words.
func (db *DB) SetWords(ctx context.Context, tx bun.Tx, caseID string, words []string) error {
	if db.engine == Postgres {
		_, err := tx.NewRaw(`UPDATE search_cases SET filled = TRUE, words = array_to_tsvector(string_to_array(?, ' '))
			WHERE case_id = ?`, strings.Join(words, " "), caseID).Exec(ctx)
		return err
	}
	var n int64
	err := tx.NewRaw(`UPDATE search_cases SET filled = TRUE WHERE case_id = ? RETURNING n`, caseID).Scan(ctx, &n)
	if err != nil {
		return err
	}
	_, err = tx.NewRaw(`INSERT OR REPLACE INTO search_words (rowid, words) VALUES (?, ?)`, n, strings.Join(words, " ")).Exec(ctx)
	return err
}

// Wordless lists up to limit cases that came in before this program indexed
// words, newest first. On PostgreSQL the transaction holds them, and passes
// over those that another holds.
func (db *DB) Wordless(ctx context.Context, tx bun.Tx, limit int) (caseIDs []string, err error) {
	err = tx.NewRaw(`SELECT case_id FROM search_cases WHERE NOT filled ORDER BY n DESC LIMIT ?`+db.SkipLocked(), limit).Scan(ctx, &caseIDs)
	return caseIDs, err
}

// walk is how many cases PostgreSQL looks at one by one, from the newest on,
// before it asks its index. A frequent word is found among them at once, where
// the index would gather and sort every case that has it; a rarer one leaves
// the index little to gather.
const walk = 2000

// FindCases lists up to limit cases that have all terms, newest first, from
// below the number before; 0 begins with the newest. No term finds nothing.
func (db *DB) FindCases(ctx context.Context, terms []Term, before int64, limit int) ([]Hit, error) {
	if len(terms) == 0 {
		return nil, nil
	}
	if before <= 0 {
		before = 1 << 62
	}
	if db.engine == Postgres {
		return db.findOnServer(ctx, tsquery(terms), before, limit)
	}
	var hits []Hit
	err := db.reader.NewRaw(`SELECT w.rowid AS n, s.case_id FROM search_words w JOIN search_cases s ON s.n = w.rowid
		WHERE search_words MATCH ? AND w.rowid < ? ORDER BY w.rowid DESC LIMIT ?`, match(terms), before, limit).Scan(ctx, &hits)
	return hits, err
}

func (db *DB) findOnServer(ctx context.Context, query string, before int64, limit int) (hits []Hit, err error) {
	err = db.reader.NewRaw(`SELECT n, case_id FROM (SELECT n, case_id, words FROM search_cases WHERE n < ? ORDER BY n DESC LIMIT ?) s
		WHERE words @@ ?::tsquery ORDER BY n DESC LIMIT ?`, before, walk, query, limit).Scan(ctx, &hits)
	if err != nil || len(hits) == limit {
		return hits, err
	}
	err = db.reader.NewRaw(`SELECT n, case_id FROM (SELECT n, case_id FROM search_cases WHERE words @@ ?::tsquery AND n < ? OFFSET 0) s
		ORDER BY n DESC LIMIT ?`, query, before, limit).Scan(ctx, &hits)
	return hits, err
}

// match writes terms as FTS5 reads them. A word has no quotes; see Words.
func match(terms []Term) string { return joined(terms, `"`, " *", " AND ") }

// tsquery writes terms as PostgreSQL reads them.
func tsquery(terms []Term) string { return joined(terms, `'`, ":*", " & ") }

func joined(terms []Term, quote, prefix, and string) string {
	var parts []string
	for _, t := range terms {
		part := quote + t.Word + quote
		if t.Prefix {
			part += prefix
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, and)
}
