package auth_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

func TestAnInvitationLetsInOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(db)
		boss := d.add(t, "boss@example.com", auth.Admin)
		u, first, err := d.Invite(t.Context(), boss.ID, auth.Invitation{Name: "Bob", Email: "Bob@example.com", Role: auth.Lead, Lang: "zh"})
		if err != nil || u.Email != "bob@example.com" || u.Role != auth.Lead || u.Lang != "zh" {
			t.Fatalf("invited %+v, %v", u, err)
		}
		second, err := d.InviteAgain(t.Context(), boss.ID, u.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Peek(t.Context(), first); kit.CodeOf(err) != kit.Unauthorized {
			t.Errorf("the link before: %v", err)
		}
		d.now = d.now.Add(auth.InvitationLife - time.Second)
		if got, err := d.Redeem(t.Context(), second); err != nil || got.ID != u.ID {
			t.Fatalf("redeemed %+v, %v", got, err)
		}
		if _, err := d.InviteAgain(t.Context(), boss.ID, u.ID); auth.RefusalOf(err) != auth.BeenHere || kit.CodeOf(err) != kit.Conflict {
			t.Errorf("a link of somebody who was here: %v", err)
		}
		events, err := audit.Events(t.Context(), db.Read(), "")
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events[1:4] {
			if e.Actor != boss.ID || strings.Contains(string(e.Data), "Bob") || strings.Contains(string(e.Data), "bob@") {
				t.Errorf("the trail tells %s by %s: %s", e.Kind, e.Actor, e.Data)
			}
		}
	})
}

func TestAnInvitationEnds(t *testing.T) {
	d := newDesk(storetest.SQLite(t))
	_, code, err := d.Invite(t.Context(), auth.System, auth.Invitation{Name: "Bob", Email: "bob@example.com", Role: auth.Viewer})
	if err != nil {
		t.Fatal(err)
	}
	d.now = d.now.Add(auth.InvitationLife)
	if _, err := d.Redeem(t.Context(), code); kit.CodeOf(err) != kit.Unauthorized {
		t.Errorf("after seven days: %v", err)
	}
}

// Each way in which somebody can come in makes a link of theirs a way to act as
// them.
func TestNobodyWhoWasHereGetsALink(t *testing.T) {
	d := newDesk(storetest.SQLite(t))
	d.Work = light
	boss := d.add(t, "boss@example.com", auth.Admin)
	for name, come := range map[string]func(u auth.User) error{
		"password": func(u auth.User) error {
			return d.SetPassword(t.Context(), u.ID, auth.NewPassword{New: secret, Fresh: true})
		},
		"token":   func(u auth.User) error { _, err := d.Token(t.Context(), u.Email); return err },
		"console": func(u auth.User) error { return d.SignedIn(t.Context(), u.ID, "password") },
	} {
		u := d.add(t, name+"@example.com", auth.Reviewer)
		if err := come(u); err != nil {
			t.Fatal(err)
		}
		if _, err := d.InviteAgain(t.Context(), boss.ID, u.ID); auth.RefusalOf(err) != auth.BeenHere {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAResetEndsAllAndNamesWhoDidIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(db)
		d.Work = light
		boss, u := d.add(t, "boss@example.com", auth.Admin), d.withPassword(t, "mei@example.com")
		token := must(t)(d.Token(t.Context(), u.Email))
		d.session(t, u.ID, "tok")
		code, err := d.Reset(t.Context(), boss.ID, u.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.SignIn(t.Context(), u.Email, secret); err == nil {
			t.Error("the password still signs in")
		}
		if _, err := d.Authenticate(t.Context(), token); err == nil {
			t.Error("the token still opens")
		}
		if all, err := d.SessionsOf(t.Context(), u.ID); err != nil || len(all) != 0 {
			t.Errorf("sessions %v, %v", all, err)
		}
		got, err := d.Redeem(t.Context(), code)
		if err != nil || got.ResetBy != boss.ID || !got.ResetAt.Equal(d.now) {
			t.Errorf("came in as %+v, %v", got, err)
		}
		if _, err := d.Reset(t.Context(), boss.ID, boss.ID); auth.RefusalOf(err) != auth.Oneself {
			t.Errorf("one's own: %v", err)
		}
	})
}

// session signs a person in in a browser whose session has this token.
func (d *desk) session(t *testing.T, id, token string) {
	t.Helper()
	now := d.now
	data, err := scs.GobCodec{}.Encode(now.Add(12*time.Hour), map[string]any{"user": id, "since": now.UnixMicro(), "agent": "Firefox", "address": "10.0.0.9"})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.store().CommitCtx(t.Context(), token, data, now.Add(12*time.Hour)); err != nil {
		t.Fatal(err)
	}
}

func (d *desk) store() scs.CtxStore {
	return auth.Sessions(d.DB, func() time.Time { return d.now }).(scs.CtxStore)
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(db)
		boss, mei, bob := d.add(t, "boss@example.com", auth.Admin), d.add(t, "mei@example.com", auth.Reviewer), d.add(t, "bob@example.com", auth.Reviewer)
		for _, token := range []string{"a", "b", "c", "d"} {
			d.session(t, mei.ID, token)
		}
		d.session(t, bob.ID, "bob")
		list := func() []auth.Session {
			t.Helper()
			all, err := d.SessionsOf(t.Context(), mei.ID)
			if err != nil {
				t.Fatal(err)
			}
			return all
		}
		if all := list(); len(all) != 4 || all[0].Agent != "Firefox" || all[0].Address != "10.0.0.9" || !all[0].CreatedAt.Equal(d.now) {
			t.Fatalf("sessions %+v", all)
		}
		for by, want := range map[string]kit.Code{bob.ID: kit.Forbidden, "nobody": kit.Forbidden, mei.ID: ""} {
			if err := d.EndSession(t.Context(), by, mei.ID, auth.SessionID("a")); kit.CodeOf(err) != want {
				t.Errorf("ended by %s: %v", by, err)
			}
		}
		if err := d.EndSession(t.Context(), mei.ID, mei.ID, auth.SessionID("bob")); kit.CodeOf(err) != kit.NotFound {
			t.Errorf("another's session: %v", err)
		}
		if err := d.EndSession(t.Context(), boss.ID, mei.ID, auth.SessionID("b")); err != nil {
			t.Errorf("by an admin: %v", err)
		}
		if n, err := d.EndSessions(t.Context(), mei.ID, mei.ID, "c"); n != 1 || err != nil {
			t.Errorf("ended %d others, %v", n, err)
		}
		if all := list(); len(all) != 1 || all[0].ID != auth.SessionID("c") {
			t.Errorf("left %+v", all)
		}
		if _, found, _ := d.store().FindCtx(t.Context(), "d"); found || last(kinds(t, db)) != "session.ended" {
			t.Error("an ended session is found")
		}
	})
}

// A request that was under way when its session was ended does not bring it back.
func TestAnEndedSessionIsNotKeptAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(db)
		u := d.add(t, "mei@example.com", auth.Reviewer)
		d.session(t, u.ID, "tok")
		d.now = d.now.Add(5 * time.Minute)
		data, _, err := d.store().FindCtx(t.Context(), "tok")
		if err != nil {
			t.Fatal(err)
		}
		if all, _ := d.SessionsOf(t.Context(), u.ID); len(all) != 1 || !all[0].SeenAt.Equal(d.now) {
			t.Errorf("it is not touched: %+v", all)
		}
		if _, err := d.EndSessions(t.Context(), u.ID, u.ID, ""); err != nil {
			t.Fatal(err)
		}
		if err := d.store().CommitCtx(t.Context(), "tok", data, d.now.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if _, found, _ := d.store().FindCtx(t.Context(), "tok"); found {
			t.Error("it is back")
		}
	})
}

func TestAnIdleSessionEnds(t *testing.T) {
	d := newDesk(storetest.SQLite(t))
	u := d.add(t, "mei@example.com", auth.Reviewer)
	d.session(t, u.ID, "tok")
	for range 3 {
		d.now = d.now.Add(auth.Idle - time.Minute)
		if _, found, _ := d.store().FindCtx(t.Context(), "tok"); !found {
			t.Fatal("a session in use ended")
		}
	}
	d.now = d.now.Add(auth.Idle)
	if _, found, _ := d.store().FindCtx(t.Context(), "tok"); found {
		t.Error("an idle session is found")
	}
}

func TestRolesChangeButNotTheLastAdmins(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(db)
		boss, mei := d.add(t, "boss@example.com", auth.Admin), d.add(t, "mei@example.com", auth.Reviewer)
		if _, err := d.SetRole(t.Context(), boss.ID, boss.ID, auth.Viewer); auth.RefusalOf(err) != auth.LastAdmin {
			t.Errorf("the last admin's: %v", err)
		}
		if _, err := d.SetRole(t.Context(), mei.ID, mei.ID, auth.Admin); kit.CodeOf(err) != kit.Forbidden {
			t.Errorf("a reviewer raises herself: %v", err)
		}
		if _, err := d.SetRole(t.Context(), boss.ID, mei.ID, "boss"); kit.CodeOf(err) != kit.Invalid {
			t.Errorf("no role: %v", err)
		}
		u, err := d.SetRole(t.Context(), boss.ID, mei.ID, auth.Admin)
		if err != nil || u.Role != auth.Admin || last(kinds(t, db)) != "user.role" {
			t.Fatalf("%+v, %v", u, err)
		}
		// Two admins who turn each other down at once: one stays.
		var all sync.WaitGroup
		for _, pair := range [][2]string{{boss.ID, mei.ID}, {mei.ID, boss.ID}} {
			all.Go(func() { d.SetRole(t.Context(), pair[0], pair[1], auth.Viewer) })
		}
		all.Wait()
		users, _ := d.List(t.Context())
		admins := 0
		for _, u := range users {
			if u.MayManage() {
				admins++
			}
		}
		if admins != 1 {
			t.Errorf("%d admins are left", admins)
		}
	})
}

func TestAnAdminTurnsOthersAlone(t *testing.T) {
	d := newDesk(storetest.SQLite(t))
	boss, mei := d.add(t, "boss@example.com", auth.Admin), d.add(t, "mei@example.com", auth.Reviewer)
	for _, c := range []struct {
		by, id string
		off    bool
		want   kit.Code
	}{
		{boss.ID, boss.ID, true, kit.Conflict}, {mei.ID, boss.ID, true, kit.Forbidden}, {boss.ID, "nobody", true, kit.NotFound},
		{boss.ID, mei.ID, false, kit.Conflict}, {boss.ID, mei.ID, true, ""}, {boss.ID, mei.ID, false, ""},
	} {
		if _, err := d.Turn(t.Context(), c.by, c.id, c.off); kit.CodeOf(err) != c.want {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if _, _, err := d.Invite(t.Context(), mei.ID, auth.Invitation{Name: "X", Email: "x@example.com", Role: auth.Viewer}); kit.CodeOf(err) != kit.Forbidden {
		t.Errorf("a reviewer invites: %v", err)
	}
	if _, err := d.Delete(t.Context(), mei.ID, boss.ID); kit.CodeOf(err) != kit.Forbidden {
		t.Errorf("a reviewer deletes: %v", err)
	}
	if _, err := d.ServiceTokenFor(t.Context(), mei.ID, "robot", "", time.Hour); kit.CodeOf(err) != kit.Forbidden {
		t.Errorf("a reviewer makes a service: %v", err)
	}
}

func TestADeletedPersonLeavesAPseudonym(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(db)
		d.Work = light
		boss, u := d.add(t, "boss@example.com", auth.Admin), d.withPassword(t, "mei@example.com")
		token := must(t)(d.Token(t.Context(), u.Email))
		d.session(t, u.ID, "tok")
		got, err := d.Delete(t.Context(), boss.ID, u.ID)
		if err != nil || !got.Deleted || got.MayDecide() || !strings.HasPrefix(got.Name, "Former reviewer ") || strings.Contains(got.Email, "mei") {
			t.Fatalf("deleted %+v, %v", got, err)
		}
		if again, err := d.Get(t.Context(), u.ID); err != nil || again.Name != got.Name || !again.Disabled {
			t.Errorf("read back %+v, %v", again, err)
		}
		if _, err := d.Authenticate(t.Context(), token); err == nil {
			t.Error("the token still opens")
		}
		nothingOf(t, db, u)
		for name, back := range map[string]func() error{
			"again":  func() error { _, err := d.Delete(t.Context(), boss.ID, u.ID); return err },
			"enable": func() error { _, err := d.Turn(t.Context(), boss.ID, u.ID, false); return err },
			"reset":  func() error { _, err := d.Reset(t.Context(), boss.ID, u.ID); return err },
			"token":  func() error { _, err := d.NewToken(t.Context(), u.ID, "x", time.Hour); return err },
			"by hand": func() error {
				return db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
					_, err := tx.NewRaw("UPDATE users SET disabled_at = NULL, name = 'Mei' WHERE id = ?", u.ID).Exec(ctx)
					return err
				})
			},
			"oneself": func() error { _, err := d.Delete(t.Context(), boss.ID, boss.ID); return err },
			"last":    func() error { _, err := d.Delete(t.Context(), auth.System, boss.ID); return err },
		} {
			if back() == nil {
				t.Errorf("%s: no error", name)
			}
		}
		if anew := d.add(t, "mei@example.com", auth.Reviewer); anew.ID == u.ID {
			t.Error("the address belongs to the deleted person still")
		}
	})
}

// nothingOf checks that the database tells nothing of who u was.
func nothingOf(t *testing.T, db *store.DB, u auth.User) {
	t.Helper()
	var kept []string
	if err := db.Read().NewRaw("SELECT name || COALESCE(email, '') FROM users UNION ALL SELECT data FROM audit_events UNION ALL SELECT hash FROM passwords").Scan(t.Context(), &kept); err != nil {
		t.Fatal(err)
	}
	for _, text := range kept {
		if strings.Contains(text, u.Email) || strings.Contains(text, "argon2") || strings.Contains(text, u.Name) && !strings.Contains(text, "boss@") {
			t.Errorf("kept %s", text)
		}
	}
	for _, table := range []string{"tokens", "sessions", "passwords", "identities"} {
		var n int
		if err := db.Read().NewRaw("SELECT COUNT(*) FROM "+table+" WHERE user_id = ?", u.ID).Scan(t.Context(), &n); err != nil || n != 0 {
			t.Errorf("%d %s are left, %v", n, table, err)
		}
	}
}

func TestTokensExpireAndAreRevokedOneByOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(db)
		boss, mei, bob := d.add(t, "boss@example.com", auth.Admin), d.add(t, "mei@example.com", auth.Reviewer), d.add(t, "bob@example.com", auth.Lead)
		short := must(t)(d.NewToken(t.Context(), mei.ID, "laptop", time.Hour))
		long := must(t)(d.NewToken(t.Context(), mei.ID, "import 脚本", auth.MaxTokenLife))
		for _, life := range []time.Duration{0, -time.Hour, auth.MaxTokenLife + time.Second} {
			if _, err := d.NewToken(t.Context(), mei.ID, "x", life); kit.CodeOf(err) != kit.Invalid {
				t.Errorf("a token for %v: %v", life, err)
			}
		}
		d.now = d.now.Add(time.Hour)
		_, expired := d.Authenticate(t.Context(), short)
		_, unknown := d.Authenticate(t.Context(), "tp_unknown")
		if kit.CodeOf(expired) != kit.Unauthorized || !strings.Contains(expired.Error(), "expired") || strings.Contains(unknown.Error(), "expired") {
			t.Errorf("expired: %v; unknown: %v", expired, unknown)
		}
		if _, err := d.Authenticate(t.Context(), long); err != nil {
			t.Fatal(err)
		}
		all, err := d.TokensOf(t.Context(), mei.ID)
		if err != nil || len(all) != 2 {
			t.Fatalf("tokens %+v, %v", all, err)
		}
		for _, token := range all {
			if old := token.Name == "laptop"; old != token.Expired || old == token.LastUsedAt.Equal(d.now) {
				t.Errorf("told %+v", token)
			}
			if token.Name == "laptop" {
				continue
			}
			for by, want := range map[string]kit.Code{bob.ID: kit.Forbidden, boss.ID: ""} {
				if err := d.RevokeToken(t.Context(), by, mei.ID, token.ID); kit.CodeOf(err) != want {
					t.Errorf("revoked by %s: %v", by, err)
				}
			}
			if err := d.RevokeToken(t.Context(), mei.ID, mei.ID, token.ID); kit.CodeOf(err) != kit.NotFound {
				t.Errorf("revoked twice: %v", err)
			}
		}
		if _, err := d.Authenticate(t.Context(), long); kit.CodeOf(err) != kit.Unauthorized {
			t.Errorf("a revoked token: %v", err)
		}
	})
}
