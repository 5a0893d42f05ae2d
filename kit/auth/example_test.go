package auth_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/tackhammer/tackhammer/kit/auth"
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

	accounts := auth.Accounts{DB: db}
	user, err := accounts.Add(ctx, "Mei Lin", "Mei@Example.com", auth.Reviewer)
	fmt.Println(user.Name, user.Email, user.MayDecide(), err)

	code, _ := accounts.Link(ctx, user.Email, time.Hour)
	again, err := accounts.Redeem(ctx, code)
	fmt.Println(again == user, err)
	_, err = accounts.Redeem(ctx, code)
	fmt.Println(err)

	token, _ := accounts.ServiceToken(ctx, "scanner")
	service, _ := accounts.Authenticate(ctx, token)
	fmt.Println(service.Name, service.MaySubmit(), service.MayDecide())
	// Output:
	// Mei Lin mei@example.com true <nil>
	// true <nil>
	// sign in: the link is unknown, expired or used up
	// scanner true false
}
