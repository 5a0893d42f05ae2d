package auth

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
)

// A person's password is locked for a minute after maxFailures wrong tries in
// a row, and for twice as long after each one more, up to maxLock.
const (
	maxFailures = 5
	firstLock   = time.Minute
	maxLock     = time.Hour
)

// lockFor is how long the password is locked after so many wrong tries.
func lockFor(failures int64) time.Duration {
	if failures < maxFailures {
		return 0
	}
	return min(firstLock<<min(failures-maxFailures, 10), maxLock)
}

// SignIn tells who has this address and password. It fails with
// kit.Unauthorized, in the same words and after about the same time, when there
// is no such person or password, when it is wrong or locked, and when the
// person is disabled; with kit.Unavailable when too many sign in at once.
//
// Each try is counted before it is looked at, so that many at once get no more
// guesses than one after the other would.
func (a Accounts) SignIn(ctx context.Context, email, password string) (User, error) {
	u, err := byEmail(ctx, a.DB.Read(), email)
	if err != nil && kit.CodeOf(err) != kit.NotFound && kit.CodeOf(err) != kit.Invalid {
		return User{}, kit.Errorf(kit.CodeOf(err), "sign in: %w", err)
	}
	t, err := a.try(ctx, u)
	if err != nil {
		return User{}, kit.Errorf(kit.CodeOf(err), "sign in: %w", err)
	}
	right, old, err := a.compare(ctx, password, t.hash)
	if err != nil {
		return User{}, err
	}
	if !right {
		if err := a.failed(ctx, u, t.failures); err != nil {
			return User{}, err
		}
		return User{}, noSignIn()
	}
	if err := a.passed(ctx, u, t, password, old); err != nil {
		return User{}, err
	}
	return u, nil
}

// noSignIn is the one answer to all that lets nobody in.
func noSignIn() error {
	return kit.Errorf(kit.Unauthorized, "sign in: the address or the password is wrong, or was tried too often").
		WithHint("wait a few minutes, or ask an administrator to reset your sign-in")
}

// attempt is a try at a password. Without a hash there is none to look at.
type attempt struct {
	hash     string
	setAt    int64 // which password it was: one that is hashed anew keeps it
	failures int64
}

// try counts a try, unless the password is locked, and locks it where this is
// one too many. The zero user is tried too: it takes as long.
func (a Accounts) try(ctx context.Context, u User) (t attempt, err error) {
	id, now := u.ID, a.now()
	if u.Disabled {
		id = ""
	}
	err = a.DB.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		t = attempt{}
		err := tx.NewRaw(`UPDATE passwords SET failures = failures + 1 WHERE user_id = ? AND locked_until <= ?
			RETURNING hash, set_at, failures`, id, now.UnixMicro()).Scan(ctx, &t.hash, &t.setAt, &t.failures)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if wait := lockFor(t.failures); err == nil && wait > 0 {
			_, err = tx.NewRaw("UPDATE passwords SET locked_until = ? WHERE user_id = ?", now.Add(wait).UnixMicro(), id).Exec(ctx)
		}
		return err
	})
	return t, err
}

// failed tells of a lock that begins, and of nothing else: a flood of guesses
// fills no trail.
func (a Accounts) failed(ctx context.Context, u User, failures int64) error {
	wait := lockFor(failures)
	if wait == 0 {
		return nil
	}
	return a.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		return tell(ctx, tx, a.now(), System, "signin.locked", map[string]string{"user": u.ID,
			"failures": strconv.FormatInt(failures, 10), "for": wait.String()})
	})
}

// passed forgets the wrong tries, and hashes anew what an older program hashed
// with less work. Hashing takes its time: a password that was set anew or taken
// away meanwhile, as Reset does, lets nobody in any more.
func (a Accounts) passed(ctx context.Context, u User, t attempt, password string, old bool) error {
	hash := t.hash
	if old {
		var err error
		if hash, err = a.hash(ctx, password); err != nil {
			return err
		}
	}
	return a.DB.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		res, err := tx.NewRaw(`UPDATE passwords SET failures = 0, locked_until = 0, hash = ? WHERE user_id = ? AND set_at = ?`,
			hash, u.ID, t.setAt).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n > 0 {
			return err
		}
		return noSignIn()
	})
}

// HasPassword tells whether a person has a password, and since when.
func (a Accounts) HasPassword(ctx context.Context, id string) (since time.Time, has bool, err error) {
	var at int64
	err = a.DB.Read().NewRaw("SELECT set_at FROM passwords WHERE user_id = ?", id).Scan(ctx, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return since, false, nil
	}
	if err != nil {
		return since, false, kit.Errorf(kit.Internal, "look for a password: %w", err)
	}
	return micros(at), true, nil
}

// NewPassword is a password to be set.
type NewPassword struct {
	Old, New string

	// Fresh is true when the person came in by a link or a provider a moment
	// ago, which proves as much as the old password.
	Fresh bool

	// Session is the token of the session that stays; others end. "" ends all.
	Session string
}

// SetPassword gives a person, by id, a password of their own, and ends their
// other sessions. It fails with kit.Invalid and a Refusal when the old one is
// wrong or the new one too weak; wrong old ones count as tries to sign in do.
func (a Accounts) SetPassword(ctx context.Context, id string, p NewPassword) error {
	u, err := a.Get(ctx, id)
	if err != nil {
		return err
	}
	if err := a.proves(ctx, u, p); err != nil {
		return err
	}
	if r := weak(p.New, u); r != "" {
		return refuse(kit.Invalid, r, "set the password", "take 12 characters or more: a few words that do not belong together")
	}
	hash, err := a.hash(ctx, p.New)
	if err != nil {
		return err
	}
	return a.change(ctx, func(ctx context.Context, tx bun.Tx) error { return a.keepPassword(ctx, tx, u, hash, p.Session) })
}

// keepPassword keeps the hash for u as they were before it was made: whoever
// was shut out or reset meanwhile, and so may be a thief, gets no new way in.
func (a Accounts) keepPassword(ctx context.Context, tx bun.Tx, u User, hash, session string) error {
	id, now := u.ID, a.now()
	is, err := one(ctx, tx, "WHERE u.id = ?", id)
	if err != nil {
		return found(err, id)
	}
	if is.Disabled || !is.SessionsFrom.Equal(u.SessionsFrom) {
		return notFresh()
	}
	if _, err := tx.NewRaw(`INSERT INTO passwords (user_id, hash, set_at) VALUES (?, ?, ?) ON CONFLICT (user_id)
		DO UPDATE SET hash = excluded.hash, set_at = excluded.set_at, failures = 0, locked_until = 0`,
		id, hash, now.UnixMicro()).Exec(ctx); err != nil {
		return err
	}
	if err := tell(ctx, tx, now, id, "password.set", map[string]string{"user": id}); err != nil {
		return err
	}
	_, err = a.endOthers(ctx, tx, id, id, session)
	return err
}

func notFresh() error {
	return refuse(kit.Invalid, NotFresh, "set the password", "sign in again by a link or the provider, and set it then")
}

// proves refuses who does not prove to be u: a session that was left open may
// not lock its owner out.
func (a Accounts) proves(ctx context.Context, u User, p NewPassword) error {
	if p.Fresh && !u.Disabled {
		return nil
	}
	_, has, err := a.HasPassword(ctx, u.ID)
	if err != nil {
		return err
	}
	if !has || u.Disabled {
		return notFresh()
	}
	_, err = a.SignIn(ctx, u.Email, p.Old)
	if kit.CodeOf(err) == kit.Unauthorized {
		return refuse(kit.Invalid, WrongOld, "set the password", "give the one that you sign in with now")
	}
	return err
}
