package store_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit/store"
)

func Example() {
	ctx := context.Background()
	dir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(dir)

	db, err := store.Open(ctx, store.Config{URL: filepath.Join(dir, "app.db")})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	if err := db.Migrate(ctx); err != nil {
		fmt.Println(err)
		return
	}
	err = db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("INSERT INTO users (id, kind, name, role, created_at) VALUES (?, 'service', ?, 'service', 0)",
			"u1", "scanner").Exec(ctx)
		return err
	})
	var name string
	db.Read().NewRaw("SELECT name FROM users WHERE id = ?", "u1").Scan(ctx, &name)
	fmt.Println(db.Engine(), name, err)
	// Output: sqlite scanner <nil>
}
