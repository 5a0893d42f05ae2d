package store_test

import (
	"context"
	"testing"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

// TestThePlannerKeepsToTheOrderForOneTransaction asks the server itself.
func TestThePlannerKeepsToTheOrderForOneTransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		sorts := func(db bun.IDB) (v string) {
			if err := db.NewRaw(`SELECT current_setting('enable_sort')`).Scan(t.Context(), &v); err != nil {
				t.Fatal(err)
			}
			return v
		}
		err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			err := db.InOrder(ctx, tx)
			if db.Engine() == store.Postgres && sorts(tx) != "off" {
				t.Error("the server may sort")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if db.Engine() == store.Postgres && sorts(db.Read()) != "on" {
			t.Error("the server may not sort after the transaction")
		}
	})
}

// TestThoseWhoWriteLeaveConnectionsToThoseWhoRead holds as many transactions
// open as may be, and lets more wait.
func TestThoseWhoWriteLeaveConnectionsToThoseWhoRead(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, end := context.WithCancel(t.Context())
		ended := make(chan error)
		for range 40 {
			go func() {
				ended <- db.Write(ctx, func(ctx context.Context, _ bun.Tx) error { <-ctx.Done(); return ctx.Err() })
			}()
		}
		var one int
		if err := db.Read().NewRaw(`SELECT 1`).Scan(t.Context(), &one); err != nil || one != 1 {
			t.Errorf("read while 40 write: %d, %v", one, err)
		}
		end()
		for range 40 {
			if err := <-ended; err == nil {
				t.Error("a transaction that was given up committed")
			}
		}
	})
}
