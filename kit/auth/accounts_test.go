package auth_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// desk is an app's accounts at a time that the test sets.
type desk struct {
	auth.Accounts
	now time.Time
}

func newDesk(db *store.DB) *desk {
	d := &desk{now: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)}
	d.Accounts = auth.Accounts{DB: db, Clock: func() time.Time { return d.now }}
	return d
}

func (d *desk) add(t *testing.T, email string, role auth.Role) auth.User {
	t.Helper()
	u, err := d.Add(t.Context(), "梅 Lin", email, role)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func (d *desk) disable(t *testing.T, id string) {
	t.Helper()
	if err := d.DB.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("UPDATE users SET disabled_at = 1 WHERE id = ?", id).Exec(ctx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func TestAddAndFind(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(db)
		u := d.add(t, " Mei@Example.COM ", auth.Reviewer)
		if u.Email != "mei@example.com" || u.Name != "梅 Lin" || !u.Person() || !u.CreatedAt.Equal(d.now) {
			t.Errorf("added %+v", u)
		}
		for how, find := range map[string]func() (auth.User, error){
			"Get":     func() (auth.User, error) { return d.Get(t.Context(), u.ID) },
			"ByEmail": func() (auth.User, error) { return d.ByEmail(t.Context(), "MEI@example.com") },
		} {
			if got, err := find(); err != nil || got != u {
				t.Errorf("%s: %+v, %v; want %+v", how, got, err, u)
			}
		}
		if users, err := d.List(t.Context()); err != nil || len(users) != 1 || users[0] != u {
			t.Errorf("list: %+v, %v", users, err)
		}
		if _, err := d.Get(t.Context(), "nobody"); kit.CodeOf(err) != kit.NotFound {
			t.Errorf("get nobody: %v", err)
		}
		if _, err := d.ByEmail(t.Context(), "no@example.com"); kit.CodeOf(err) != kit.NotFound {
			t.Errorf("nobody by email: %v", err)
		}
		_, err := d.Add(t.Context(), "Other", "mei@EXAMPLE.com", auth.Lead)
		if kit.CodeOf(err) != kit.Conflict {
			t.Errorf("the same address again: %v", err)
		}
	})
}

func TestAddRefuses(t *testing.T) {
	d := newDesk(storetest.SQLite(t))
	for _, c := range []struct{ name, email, role string }{
		{"", "a@x.org", "lead"},
		{"   ", "a@x.org", "lead"},
		{strings.Repeat("長", 101), "a@x.org", "lead"},
		{"a\nb", "a@x.org", "lead"},
		{"a\x00b", "a@x.org", "lead"},
		{"a\u202eb", "a@x.org", "lead"},
		{"a\xff", "a@x.org", "lead"},
		{"A", "", "lead"},
		{"A", "a", "lead"},
		{"A", "A <a@x.org>", "lead"},
		{"A", "a@x.org, b@x.org", "lead"},
		{"A", "\u212aay@x.org", "lead"}, // the sign of Kelvin, kay@x.org in lower case
		{"A", "l\u0130n@x.org", "lead"},
		{"A", strings.Repeat("a", 250) + "@x.org", "lead"},
		{"A", "a@x.org", ""},
		{"A", "a@x.org", "service"},
		{"A", "a@x.org", "boss"},
	} {
		_, err := d.Add(t.Context(), c.name, c.email, auth.Role(c.role))
		if kit.CodeOf(err) != kit.Invalid || kit.HintOf(err) == "" {
			t.Errorf("add %.20q %.20q %q: %v", c.name, c.email, c.role, err)
		}
	}
	if users, _ := d.List(t.Context()); len(users) != 0 {
		t.Errorf("refused users are there: %v", users)
	}
	if _, err := d.Add(t.Context(), strings.Repeat("長", 100), "a@x.org", auth.Viewer); err != nil {
		t.Errorf("a name of 100 characters: %v", err)
	}
}

func TestRoles(t *testing.T) {
	for _, c := range []struct {
		user                   auth.User
		decide, submit, manage bool
	}{
		{auth.User{Kind: auth.PersonKind, Role: auth.Admin}, true, true, true},
		{auth.User{Kind: auth.PersonKind, Role: auth.Lead}, true, true, false},
		{auth.User{Kind: auth.PersonKind, Role: auth.Reviewer}, true, true, false},
		{auth.User{Kind: auth.PersonKind, Role: auth.Viewer}, false, false, false},
		{auth.User{Kind: auth.ServiceKind, Role: auth.Service}, false, true, false},
		{auth.User{Kind: auth.ServiceKind, Role: auth.Admin}, false, false, false}, // no such row can be
		{auth.User{}, false, false, false},
	} {
		u := c.user
		if u.MayDecide() != c.decide || u.MaySubmit() != c.submit || u.MayManage() != c.manage {
			t.Errorf("%s %s: decide %v, submit %v, manage %v", u.Kind, u.Role, u.MayDecide(), u.MaySubmit(), u.MayManage())
		}
		u.Disabled = true
		if u.MayDecide() || u.MaySubmit() || u.MayManage() {
			t.Errorf("%s %s may do things though disabled", u.Kind, u.Role)
		}
	}
	for _, role := range auth.Roles {
		if got, err := auth.ParseRole(" " + strings.ToUpper(string(role))); err != nil || got != role {
			t.Errorf("parse %s: %s, %v", role, got, err)
		}
	}
}

func TestTokens(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(db)
		u := d.add(t, "mei@example.com", auth.Reviewer)
		token, err := d.Token(t.Context(), "Mei@example.com")
		if err != nil || !strings.HasPrefix(token, "tp_") || len(token) != 3+43 {
			t.Fatalf("token %q, %v", token, err)
		}
		if got, err := d.Authenticate(t.Context(), token); err != nil || got != u {
			t.Errorf("authenticate: %+v, %v", got, err)
		}
		service, err := d.ServiceToken(t.Context(), "scanner")
		if err != nil || !strings.HasPrefix(service, "ts_") {
			t.Fatalf("service token %q, %v", service, err)
		}
		again, err := d.ServiceToken(t.Context(), "scanner")
		if err != nil || again == service {
			t.Fatalf("second service token %q, %v", again, err)
		}
		one, _ := d.Authenticate(t.Context(), service)
		two, _ := d.Authenticate(t.Context(), again)
		if one != two || one.Person() || one.MayDecide() || !one.MaySubmit() || one.Name != "scanner" {
			t.Errorf("the service is %+v and %+v", one, two)
		}
		for _, bad := range []string{"", "tp_", token[:len(token)-1], strings.ToUpper(token), token + " ", "' OR 1=1 --"} {
			if _, err := d.Authenticate(t.Context(), bad); kit.CodeOf(err) != kit.Unauthorized {
				t.Errorf("authenticate %q: %v", bad, err)
			}
		}
		d.disable(t, u.ID)
		if _, err := d.Authenticate(t.Context(), token); kit.CodeOf(err) != kit.Unauthorized {
			t.Errorf("a disabled person's token: %v", err)
		}
		if _, err := d.Token(t.Context(), u.Email); kit.CodeOf(err) != kit.Forbidden {
			t.Errorf("a token for a disabled person: %v", err)
		}
		if _, err := d.Token(t.Context(), "no@example.com"); kit.CodeOf(err) != kit.NotFound {
			t.Errorf("a token for nobody: %v", err)
		}
		noSecrets(t, db, token, service)
	})
}

// noSecrets checks that what a token is cannot be read from the database.
func noSecrets(t *testing.T, db *store.DB, secrets ...string) {
	t.Helper()
	var kept []string
	if err := db.Read().NewRaw("SELECT hash FROM tokens UNION ALL SELECT data FROM audit_events UNION ALL SELECT token FROM sessions").
		Scan(t.Context(), &kept); err != nil {
		t.Fatal(err)
	}
	if len(kept) == 0 {
		t.Fatal("nothing is kept")
	}
	for _, secret := range secrets {
		if strings.Contains(strings.Join(kept, "\n"), secret[3:]) {
			t.Errorf("the database holds %s", secret)
		}
	}
}

func TestLink(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(db)
		u := d.add(t, "mei@example.com", auth.Reviewer)
		code, err := d.Link(t.Context(), u.Email, time.Hour)
		if err != nil || !strings.HasPrefix(code, "tl_") {
			t.Fatalf("link %q, %v", code, err)
		}
		for range 2 { // looking uses nothing up
			if got, err := d.Peek(t.Context(), code); err != nil || got != u {
				t.Errorf("peek: %+v, %v", got, err)
			}
		}
		if _, err := d.Authenticate(t.Context(), code); kit.CodeOf(err) != kit.Unauthorized {
			t.Errorf("a link passed for an API token: %v", err)
		}
		token, _ := d.Token(t.Context(), u.Email)
		if _, err := d.Redeem(t.Context(), token); kit.CodeOf(err) != kit.Unauthorized {
			t.Errorf("an API token passed for a link: %v", err)
		}
		if got, err := d.Redeem(t.Context(), code); err != nil || got != u {
			t.Errorf("redeem: %+v, %v", got, err)
		}
		for how, use := range map[string]func(context.Context, string) (auth.User, error){"redeem": d.Redeem, "peek": d.Peek} {
			if got, err := use(t.Context(), code); kit.CodeOf(err) != kit.Unauthorized || got != (auth.User{}) {
				t.Errorf("%s a used code: %+v, %v", how, got, err)
			}
		}
	})
}

func TestLinkExpires(t *testing.T) {
	d := newDesk(storetest.SQLite(t))
	u := d.add(t, "mei@example.com", auth.Reviewer)
	code, err := d.Link(t.Context(), u.Email, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	d.now = d.now.Add(time.Hour)
	if _, err := d.Redeem(t.Context(), code); kit.CodeOf(err) != kit.Unauthorized {
		t.Errorf("redeem at the end of its time: %v", err)
	}
	d.now = d.now.Add(-time.Microsecond)
	if _, err := d.Redeem(t.Context(), code); err != nil {
		t.Errorf("redeem just before: %v", err)
	}
	if _, err := d.Link(t.Context(), u.Email, 0); kit.CodeOf(err) != kit.Invalid {
		t.Errorf("a link of no time: %v", err)
	}
	last, err := d.Link(t.Context(), u.Email, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	d.disable(t, u.ID)
	if _, err := d.Redeem(t.Context(), last); kit.CodeOf(err) != kit.Unauthorized {
		t.Errorf("a disabled person's link: %v", err)
	}
}

func TestRedeemOnceAmongMany(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(db)
		u := d.add(t, "mei@example.com", auth.Reviewer)
		code, err := d.Link(t.Context(), u.Email, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		var in atomic.Int64
		var wg sync.WaitGroup
		for range 12 {
			wg.Go(func() {
				_, err := d.Redeem(t.Context(), code)
				if err == nil {
					in.Add(1)
				} else if kit.CodeOf(err) != kit.Unauthorized {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if in.Load() != 1 {
			t.Errorf("%d got in with one code", in.Load())
		}
	})
}

func TestEveryChangeIsInTheTrail(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(db)
		u := d.add(t, "mei@example.com", auth.Reviewer)
		code, _ := d.Link(t.Context(), u.Email, time.Hour)
		d.Token(t.Context(), u.Email)
		d.ServiceToken(t.Context(), "scanner")
		d.ServiceToken(t.Context(), "scanner")
		if _, err := d.Redeem(t.Context(), code); err != nil {
			t.Fatal(err)
		}
		d.Redeem(t.Context(), code)                     // refused, so no event
		d.Add(t.Context(), "Mei", u.Email, auth.Viewer) // refused, so no event
		events, err := audit.Events(t.Context(), db.Read(), "")
		if err != nil {
			t.Fatal(err)
		}
		var kinds []string
		for _, e := range events {
			kinds = append(kinds, e.Kind)
		}
		want := "user.added link.made token.made user.added token.made token.made link.used"
		if got := strings.Join(kinds, " "); got != want {
			t.Errorf("events %s\n  want %s", got, want)
		}
		if last := events[len(events)-1]; last.Actor != u.ID {
			t.Errorf("the link was used by %s", last.Actor)
		}
		if r, err := audit.Verify(t.Context(), db.Read()); err != nil || !r.OK() {
			t.Errorf("the chain: %+v, %v", r, err)
		}
	})
}
