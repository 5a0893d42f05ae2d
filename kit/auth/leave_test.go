package auth_test

import (
	"sync"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

// kinds lists what the trail tells, in order.
func kinds(t *testing.T, db *store.DB) (kinds []string) {
	t.Helper()
	events, err := audit.Events(t.Context(), db.Read(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

func last(s []string) string { return s[len(s)-1] }

func TestTheLastAdminStays(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(db)
		boss, mei := d.add(t, "boss@example.com", auth.Admin), d.add(t, "mei@example.com", auth.Admin)
		if _, err := d.Disable(t.Context(), mei.Email); err != nil {
			t.Fatal(err)
		}
		before := len(kinds(t, db))
		for act, f := range map[string]func() (auth.User, error){
			"disable": func() (auth.User, error) { return d.Disable(t.Context(), boss.Email) },
			"turn":    func() (auth.User, error) { return d.Turn(t.Context(), auth.System, boss.ID, true) },
			"delete":  func() (auth.User, error) { return d.Delete(t.Context(), auth.System, boss.ID) },
		} {
			if _, err := f(); auth.RefusalOf(err) != auth.LastAdmin || kit.CodeOf(err) != kit.Conflict || kit.HintOf(err) == "" {
				t.Errorf("%s: %v", act, err)
			}
		}
		if u, err := d.Get(t.Context(), boss.ID); err != nil || !u.MayManage() || len(kinds(t, db)) != before {
			t.Errorf("after it %+v, %v; the trail tells %v", u, err, kinds(t, db)[before:])
		}
		// Two admins who shut each other out at once: one stays.
		if _, err := d.Enable(t.Context(), mei.Email); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for _, email := range []string{boss.Email, mei.Email} {
			all.Go(func() { d.Disable(t.Context(), email) })
		}
		all.Wait()
		a, _ := d.Get(t.Context(), boss.ID)
		if b, _ := d.Get(t.Context(), mei.ID); a.MayManage() == b.MayManage() {
			t.Errorf("left are %+v and %+v", a, b)
		}
	})
}

func TestDisable(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(db)
		d.add(t, "boss@example.com", auth.Admin)
		u := d.add(t, "mei@example.com", auth.Admin)
		token := must(t)(d.Token(t.Context(), u.Email))
		link := must(t)(d.Link(t.Context(), u.Email, time.Hour))
		got, err := d.Disable(t.Context(), "MEI@example.com")
		if err != nil || !got.Disabled || got.MayDecide() || got.MayManage() {
			t.Fatalf("disabled %+v, %v", got, err)
		}
		if told := kinds(t, db); last(told) != "user.disabled" || told[len(told)-2] != "token.revoked" {
			t.Errorf("the trail tells %v", told)
		}
		if got, err := d.Get(t.Context(), u.ID); err != nil || !got.Disabled {
			t.Errorf("read back %+v, %v", got, err)
		}
		if _, err := d.Disable(t.Context(), u.Email); kit.CodeOf(err) != kit.Conflict {
			t.Errorf("a second time: %v", err)
		}
		if _, err := d.Enable(t.Context(), u.Email); err != nil {
			t.Fatal(err)
		}
		if got, err := d.Get(t.Context(), u.ID); err != nil || got.Disabled || last(kinds(t, db)) != "user.enabled" {
			t.Errorf("enabled again: %+v, %v", got, err)
		}
		// What was revoked does not come back with the person.
		if got, err := d.Get(t.Context(), u.ID); err != nil || got.SessionsFrom.IsZero() {
			t.Errorf("sessions from before count again: %+v, %v", got, err)
		}
		if _, err := d.Authenticate(t.Context(), token); kit.CodeOf(err) != kit.Unauthorized {
			t.Errorf("the old token: %v", err)
		}
		if _, err := d.Redeem(t.Context(), link); kit.CodeOf(err) != kit.Unauthorized {
			t.Errorf("the old link: %v", err)
		}
		for who, want := range map[string]kit.Code{"no@example.com": kit.NotFound, "no address": kit.Invalid} {
			if _, err := d.Disable(t.Context(), who); kit.CodeOf(err) != want {
				t.Errorf("disable %q: %v", who, err)
			}
		}
	})
}

func TestRevoke(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(db)
		mei, bob := d.add(t, "mei@example.com", auth.Reviewer), d.add(t, "bob@example.com", auth.Reviewer)
		first, second := must(t)(d.Token(t.Context(), mei.Email)), must(t)(d.Token(t.Context(), mei.Email))
		stays, robot := must(t)(d.Token(t.Context(), bob.Email)), must(t)(d.ServiceToken(t.Context(), "robot"))
		if n, err := d.Revoke(t.Context(), mei.Email); n != 2 || err != nil {
			t.Fatalf("revoked %d, %v", n, err)
		}
		if n, err := d.RevokeService(t.Context(), "robot"); n != 1 || err != nil {
			t.Fatalf("revoked %d of the service, %v", n, err)
		}
		for _, token := range []string{first, second, robot} {
			if _, err := d.Authenticate(t.Context(), token); kit.CodeOf(err) != kit.Unauthorized {
				t.Errorf("a revoked token: %v", err)
			}
		}
		if _, err := d.Authenticate(t.Context(), stays); err != nil {
			t.Errorf("another's token: %v", err)
		}
		before := kinds(t, db)
		if n, err := d.Revoke(t.Context(), mei.Email); n != 0 || err != nil || len(kinds(t, db)) != len(before) {
			t.Errorf("nothing to revoke: %d, %v", n, err)
		}
		if last(before) != "token.revoked" {
			t.Errorf("the trail tells %v", before)
		}
		if _, err := d.RevokeService(t.Context(), "nobody"); kit.CodeOf(err) != kit.NotFound {
			t.Errorf("an unknown service: %v", err)
		}
	})
}

// must unwraps what has to succeed.
func must(t *testing.T) func(string, error) string {
	return func(s string, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

// What ends sessions ends those too that began while the clock was ahead.
func TestSessionsCountFromTheLastEndWhateverTheClockSaid(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(db)
		u := d.add(t, "mei@example.com", auth.Reviewer)
		from := func() auth.User {
			t.Helper()
			if _, err := d.Revoke(t.Context(), u.Email); err != nil {
				t.Fatal(err)
			}
			got, err := d.Get(t.Context(), u.ID)
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		was := d.now
		d.now = was.Add(24 * time.Hour)
		ahead := from()
		d.now = was
		if got := ahead.SessionFrom(was); !got.Equal(was.Add(24 * time.Hour)) {
			t.Errorf("a new session counts from %s", got)
		}
		if again := from(); !again.SessionsFrom.After(ahead.SessionFrom(was)) {
			t.Errorf("ended again, sessions count from %s", again.SessionsFrom)
		}
		d.now = was.Add(48 * time.Hour)
		if later := from(); !later.SessionFrom(d.now).Equal(d.now) || !later.SessionFrom(d.now.Add(time.Hour)).Equal(d.now.Add(time.Hour)) {
			t.Errorf("once the clock has caught up, from %s", later.SessionsFrom)
		}
	})
}
