package storetest_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

func Example() {
	inTest(func(t testing.TB) {
		db := storetest.SQLite(t) // migrated, empty and this test's own
		err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewRaw("INSERT INTO workers (id, seen_at) VALUES ('w1', 1)").Exec(ctx)
			return err
		})
		var n int
		if err == nil {
			err = db.Read().NewRaw("SELECT COUNT(*) FROM workers").Scan(t.Context(), &n)
		}
		fmt.Println(db.Engine(), n, err)
	})
	// Output: sqlite 1 <nil>
}

// inTest stands for the test around f, which an example lacks.
func inTest(f func(t testing.TB)) {
	testing.Benchmark(func(b *testing.B) {
		defer b.SkipNow() // once is enough
		f(b)
	})
}
