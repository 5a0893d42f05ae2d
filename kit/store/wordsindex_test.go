package store_test

import (
	"context"
	"slices"
	"testing"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

// index gives a case the words of a text.
func index(t *testing.T, db *store.DB, id, text string) {
	t.Helper()
	err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		return db.SetWords(ctx, tx, id, store.Words(text))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// found are the cases that a search finds, in pages of a size.
func found(t *testing.T, db *store.DB, query string, limit int) (ids []string) {
	t.Helper()
	for before := int64(0); ; {
		hits, err := db.FindCases(t.Context(), store.Terms(query), before, limit)
		if err != nil {
			t.Fatalf("%q: %v", query, err)
		}
		for _, h := range hits {
			ids = append(ids, h.CaseID)
			before = h.N
		}
		if len(hits) < limit {
			return ids
		}
	}
}

func TestCasesAreFoundByTheirWords(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		seed(t, db, "a", "b", "c", "d")
		index(t, db, "a", "TAN & SONS SDN BHD total 1,234.50")
		index(t, db, "b", "北京市增值税专用发票 金额 9.00")
		index(t, db, "c", "Tandoori House, Münster. total 9.00 税")
		for query, want := range map[string][]string{
			"tan":          {"c", "a"},
			"tan total":    {"a"},
			"total tan":    {"c", "a"},
			"1234.5":       {"a"},
			"9":            {"c", "b"},
			"增值税":          {"b"},
			"发票 9.00":      {"b"},
			"税":            {"c", "b"},
			"票":            {"b"},
			"值增":           nil,
			"münster":      {"c"},
			`"tan" OR -x*`: nil,
			"nothing":      nil,
			"' & : ( \x00": nil,
		} {
			for _, limit := range []int{1, 10} {
				if got := found(t, db, query, limit); !slices.Equal(got, want) {
					t.Errorf("%q in pages of %d finds %v, want %v", query, limit, got, want)
				}
			}
		}
		index(t, db, "a", "renamed")
		if got := found(t, db, "sons", 10); got != nil {
			t.Errorf("by words that it lost, %v is found", got)
		}
		must(t, db, `DELETE FROM reviews WHERE case_id = 'c'`)
		must(t, db, `DELETE FROM drafts WHERE case_id = 'c'`)
		must(t, db, `DELETE FROM cases WHERE id = 'c'`)
		if got := found(t, db, "t", 10); got != nil {
			t.Errorf("a case that is gone is found: %v", got)
		}
	})
}

func TestACaseWithoutWordsIsTold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		seed(t, db, "a", "b", "c")
		index(t, db, "b", "words")
		var ids []string
		err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) (err error) {
			ids, err = db.Wordless(ctx, tx, 5)
			return err
		})
		if err != nil || !slices.Equal(ids, []string{"c", "a"}) {
			t.Errorf("%v lack words, %v", ids, err)
		}
	})
}

func TestWaitingReviewsAreCounted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for _, step := range []struct {
			do   string
			want int
		}{
			{"", 3},
			{`UPDATE reviews SET waits = FALSE WHERE case_id = 'a'`, 2},
			{`UPDATE reviews SET state = 'decided' WHERE case_id <> 'c'`, 1},
			{`UPDATE reviews SET priority = 5`, 1},
			{`UPDATE reviews SET state = 'open', waits = TRUE`, 3},
			{`DELETE FROM reviews WHERE case_id = 'b'`, 2},
		} {
			if step.do == "" {
				seed(t, db, "a", "b", "c")
			} else {
				must(t, db, step.do)
			}
			var n int
			if err := db.Read().NewRaw(`SELECT n FROM review_counts WHERE name = 'waiting'`).Scan(t.Context(), &n); err != nil || n != step.want {
				t.Errorf("after %s: %d wait, want %d, %v", step.do, n, step.want, err)
			}
		}
	})
}

func TestACommentIsNotAltered(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		seed(t, db, "a")
		must(t, db, `INSERT INTO comments (id, case_id, user_id, text, key, created_at) VALUES ('x', 'a', 'mei', 'hello', 'k', 1)`)
		refused(t, db, "other words", `UPDATE comments SET text = 'bye'`)
		refused(t, db, "another author", `UPDATE comments SET user_id = 'scanner', text = '', deleted_at = 2`)
		must(t, db, `UPDATE comments SET text = '', deleted_at = 2`)
		refused(t, db, "a second end", `UPDATE comments SET deleted_at = 3`)
	})
}
