package auth_test

import (
	"context"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

// Where nothing can be written for a while, a token and a session still open
// what they opened before.
func TestWhoReadsDoesNotWaitForTheirTracks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		now := kit.Now()
		a := auth.Accounts{DB: db, Clock: func() time.Time { return now }}
		if _, err := a.Add(t.Context(), "Mei", "mei@example.com", auth.Reviewer); err != nil {
			t.Fatal(err)
		}
		token, err := a.Token(t.Context(), "mei@example.com")
		if err != nil {
			t.Fatal(err)
		}
		kept := auth.Sessions(db, func() time.Time { return now }).(scs.CtxStore)
		if err := kept.CommitCtx(t.Context(), "tok", []byte("data"), now.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		now = now.Add(10 * time.Minute)
		held(t, db, func() {
			ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
			defer cancel()
			if u, err := a.Authenticate(ctx, token); err != nil || u.Name != "Mei" {
				t.Errorf("the token opens nothing for %q: %v", u.Name, err)
			}
			if _, found, err := kept.FindCtx(ctx, "tok"); err != nil || !found {
				t.Errorf("the session is found: %v, %v", found, err)
			}
		})
	})
}

// held runs f while a transaction holds all tokens and sessions.
func held(t *testing.T, db *store.DB, f func()) {
	t.Helper()
	holds, done, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			for _, table := range []string{"tokens", "sessions"} {
				if _, err := tx.NewRaw("UPDATE " + table + " SET expires_at = expires_at").Exec(ctx); err != nil {
					return err
				}
			}
			close(holds)
			<-done
			return nil
		})
	}()
	select {
	case <-holds:
		f()
	case err := <-ended:
		t.Fatal(err)
	}
	close(done)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}
