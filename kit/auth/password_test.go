package auth_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

const secret = "correct horse battery 电池"

// light is as little work as a password can cost, for tests that try many.
var light = auth.Work{Memory: 64, Passes: 1, Threads: 1}

// withPassword adds a person who has the password secret.
func (d *desk) withPassword(t *testing.T, email string) auth.User {
	t.Helper()
	u := d.add(t, email, auth.Reviewer)
	if err := d.SetPassword(t.Context(), u.ID, auth.NewPassword{New: secret, Fresh: true}); err != nil {
		t.Fatal(err)
	}
	return u
}

func TestAPasswordSignsIn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(db)
		d.Work = light
		u := d.withPassword(t, "mei@example.com")
		// The same letters, typed by another keyboard: fullwidth and decomposed.
		for _, same := range []string{secret, "ｃorrect horse battery 电池"} {
			if got, err := d.SignIn(t.Context(), " MEI@example.com ", same); err != nil || got != u {
				t.Errorf("%q: %+v, %v", same, got, err)
			}
		}
		var told []string
		d.add(t, "bob@example.com", auth.Reviewer)
		for _, wrong := range [][2]string{{u.Email, "wrong"}, {u.Email, ""}, {u.Email, strings.Repeat("x", 1<<20)},
			{"no@example.com", secret}, {"", secret}, {"bob@example.com", secret}, {u.ID, secret}} {
			_, err := d.SignIn(t.Context(), wrong[0], wrong[1])
			if kit.CodeOf(err) != kit.Unauthorized {
				t.Fatalf("sign in %q: %v", wrong[0], err)
			}
			told = append(told, err.Error()+kit.HintOf(err))
		}
		if len(slices.Compact(told)) != 1 {
			t.Errorf("a stranger can tell apart %q", told)
		}
		var hash string
		if err := db.Read().NewRaw("SELECT hash FROM passwords").Scan(t.Context(), &hash); err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=64,t=1,p=1$") {
			t.Errorf("kept %q, %v", hash, err)
		}
	})
}

func TestAPasswordIsHashedAnewWhenTheWorkChanges(t *testing.T) {
	d := newDesk(storetest.SQLite(t))
	d.Work = light
	u := d.withPassword(t, "mei@example.com")
	d.Work = auth.Work{} // the default
	for range 2 {
		if _, err := d.SignIn(t.Context(), u.Email, secret); err != nil {
			t.Fatal(err)
		}
		var hash string
		if err := d.DB.Read().NewRaw("SELECT hash FROM passwords").Scan(t.Context(), &hash); err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=65536,t=3,p=4$") {
			t.Errorf("kept %q, %v", hash, err)
		}
	}
}

func TestWrongPasswordsLock(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(db)
		d.Work = light
		u := d.withPassword(t, "mei@example.com")
		try := func(password string) bool {
			_, err := d.SignIn(t.Context(), u.Email, password)
			return err == nil
		}
		for range 4 {
			try("wrong")
		}
		if !try(secret) {
			t.Fatal("four wrong ones lock")
		}
		before := len(kinds(t, db))
		for range 5 {
			try("wrong")
		}
		if try(secret) {
			t.Error("five wrong ones lock nothing")
		}
		for _, lock := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 32 * time.Minute, time.Hour, time.Hour} {
			d.now = d.now.Add(lock - time.Second)
			if try(secret) {
				t.Errorf("the lock of %v ended early", lock)
			}
			d.now = d.now.Add(time.Second)
			try("wrong") // one more, and twice as long
		}
		if told := kinds(t, db)[before:]; len(told) != 9 || last(told) != "signin.locked" {
			t.Errorf("the trail tells %v", told)
		}
		d.now = d.now.Add(time.Hour)
		if !try(secret) {
			t.Error("the lock does not end")
		}
	})
}

func TestManyGuessesAtOnceAreCounted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(db)
		d.Work = light
		u := d.withPassword(t, "mei@example.com")
		var in atomic.Int32
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if _, err := d.SignIn(t.Context(), u.Email, "wrong"); err == nil {
					in.Add(1)
				}
			})
		}
		all.Wait()
		var failures int
		if err := db.Read().NewRaw("SELECT failures FROM passwords").Scan(t.Context(), &failures); err != nil || failures != 5 {
			t.Errorf("%d guesses were looked at, %v; want 5", failures, err)
		}
		locked := 0
		for _, kind := range kinds(t, db) {
			if kind == "signin.locked" {
				locked++
			}
		}
		if in.Load() != 0 || locked != 1 {
			t.Errorf("%d got in, %d locks are told", in.Load(), locked)
		}
	})
}

func TestWeakPasswordsAreRefused(t *testing.T) {
	d := newDesk(storetest.SQLite(t))
	d.Work = light
	u := d.add(t, "mei.lin@example.com", auth.Reviewer) // called 梅 Lin
	for password, want := range map[string]auth.Refusal{
		"short": auth.TooShort, "电池马正确": auth.TooShort, "ﬃﬃﬃﬃ": auth.TooCommon, strings.Repeat("long wörds ", 12): auth.TooLong,
		"aaaaaaaaaaaaaaa": auth.TooCommon, "Password1234!": auth.TooCommon, "123456789012": auth.TooCommon, "abcdefghijklm": auth.TooCommon,
		"qwertyuiop123": auth.TooCommon, "P@ssw0rd2026!!": auth.TooCommon, "mei.lin@example.com": auth.TooPersonal, "Mei.Lin-2026": auth.TooPersonal,
		secret: "", "a few words that do not belong together": "", "正确的马电池订书针不会属于一起": "",
	} {
		err := d.SetPassword(t.Context(), u.ID, auth.NewPassword{New: password, Fresh: true})
		if auth.RefusalOf(err) != want || (want != "") != (kit.CodeOf(err) == kit.Invalid) {
			t.Errorf("%.30q: %v, want %q", password, err, want)
		}
	}
}

func TestSettingAPasswordNeedsProof(t *testing.T) {
	d := newDesk(storetest.SQLite(t))
	d.Work = light
	u := d.add(t, "mei@example.com", auth.Reviewer)
	set := func(old, new string, fresh bool) auth.Refusal {
		return auth.RefusalOf(d.SetPassword(t.Context(), u.ID, auth.NewPassword{Old: old, New: new, Fresh: fresh}))
	}
	if got := set("", secret, false); got != auth.NotFresh {
		t.Errorf("an old session without a password: %q", got)
	}
	if got := set("", secret, true); got != "" {
		t.Errorf("a fresh one: %q", got)
	}
	if since, has, err := d.HasPassword(t.Context(), u.ID); !has || err != nil || !since.Equal(d.now) {
		t.Errorf("has %v since %v, %v", has, since, err)
	}
	if got := set("wrong", "another "+secret, false); got != auth.WrongOld {
		t.Errorf("a wrong old one: %q", got)
	}
	if got := set(secret, "another "+secret, false); got != "" {
		t.Errorf("the right old one: %q", got)
	}
	if _, err := d.SignIn(t.Context(), u.Email, secret); err == nil {
		t.Error("the old password still signs in")
	}
	if last(kinds(t, d.DB)) != "password.set" {
		t.Errorf("the trail tells %v", kinds(t, d.DB))
	}
	if err := d.SetPassword(t.Context(), "nobody", auth.NewPassword{New: secret, Fresh: true}); kit.CodeOf(err) != kit.NotFound {
		t.Errorf("nobody's: %v", err)
	}
}

func TestADisabledPersonsPasswordIsNoGood(t *testing.T) {
	d := newDesk(storetest.SQLite(t))
	d.Work = light
	u := d.withPassword(t, "mei@example.com")
	if _, err := d.Disable(t.Context(), u.Email); err != nil {
		t.Fatal(err)
	}
	if _, err := d.SignIn(t.Context(), u.Email, secret); kit.CodeOf(err) != kit.Unauthorized {
		t.Errorf("a disabled person: %v", err)
	}
	if err := d.SetPassword(t.Context(), u.ID, auth.NewPassword{New: secret, Fresh: true}); err == nil {
		t.Error("a disabled person sets a password")
	}
}

// A service has no password, whatever a program tries.
func TestOnlyPeopleHavePasswords(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(db)
		s, err := d.Service(t.Context(), "robot")
		if err != nil {
			t.Fatal(err)
		}
		err = db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewRaw("INSERT INTO passwords (user_id, hash, set_at) VALUES (?, 'x', 1)", s.ID).Exec(ctx)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), "needs a person") {
			t.Errorf("a service's password: %v", err)
		}
	})
}
