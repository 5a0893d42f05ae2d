package auth

import (
	"context"
	"testing"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

// meanwhile is a desk with a person who has a password, and the user as a
// request read them before an administrator reset their sign-in.
func meanwhile(t *testing.T, db *store.DB, password string) (Accounts, User, attempt) {
	t.Helper()
	a := Accounts{DB: db, Work: Work{Memory: 64, Passes: 1, Threads: 1}}
	u, err := a.Add(t.Context(), "Mei", "mei@example.com", Reviewer)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.SetPassword(t.Context(), u.ID, NewPassword{New: password, Fresh: true}); err != nil {
		t.Fatal(err)
	}
	tried, err := a.try(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Reset(t.Context(), System, u.ID); err != nil {
		t.Fatal(err)
	}
	return a, u, tried
}

func TestASignInDoesNotOutliveAReset(t *testing.T) {
	const password = "correct horse battery"
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		a, u, tried := meanwhile(t, db, password)
		if err := a.passed(t.Context(), u, tried, password, false); kit.CodeOf(err) != kit.Unauthorized {
			t.Errorf("in by a password that is gone: %v", err)
		}
		// Nor one that was set anew since: it is another password.
		if err := a.SetPassword(t.Context(), u.ID, NewPassword{New: "another horse battery", Fresh: true}); err != nil {
			t.Fatal(err)
		}
		if err := a.passed(t.Context(), u, tried, password, true); kit.CodeOf(err) != kit.Unauthorized {
			t.Errorf("in by the password before: %v", err)
		}
		if _, err := a.SignIn(t.Context(), u.Email, "another horse battery"); err != nil {
			t.Errorf("the new one was overwritten: %v", err)
		}
	})
}

func TestAPasswordIsNotSetAcrossAReset(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		a, u, tried := meanwhile(t, db, "correct horse battery")
		err := a.change(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			return a.keepPassword(ctx, tx, u, tried.hash, "")
		})
		if RefusalOf(err) != NotFresh || kit.HintOf(err) == "" {
			t.Errorf("set by who was reset: %v", err)
		}
		if _, has, err := a.HasPassword(t.Context(), u.ID); has || err != nil {
			t.Errorf("there is a password: %v, %v", has, err)
		}
	})
}
