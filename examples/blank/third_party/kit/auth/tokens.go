package auth

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"errors"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
)

// The first letters of a token tell what it is, to people and to scanners that
// look for secrets in code.
const (
	personToken  = "tp_"
	serviceToken = "ts_"
	linkToken    = "tl_"
)

// TokenLife is how long an API token is good that is made without saying for
// how long, MaxTokenLife the longest that is made.
const (
	TokenLife    = 90 * 24 * time.Hour
	MaxTokenLife = 365 * 24 * time.Hour
)

// Token makes an API token of a person for TokenLife and returns it; it can not
// be read again. It fails with kit.NotFound for an unknown address and
// kit.Forbidden for a disabled user.
func (a Accounts) Token(ctx context.Context, email string) (string, error) {
	return a.TokenFor(ctx, email, TokenLife)
}

// TokenFor is Token for as long as life, which is at most MaxTokenLife.
func (a Accounts) TokenFor(ctx context.Context, email string, life time.Duration) (string, error) {
	return a.issue(ctx, issue{prefix: personToken, purpose: "api", event: "token.made", email: email, ttl: life})
}

// Link makes a code that signs a person in once, within ttl.
func (a Accounts) Link(ctx context.Context, email string, ttl time.Duration) (string, error) {
	if ttl <= 0 {
		return "", kit.Errorf(kit.Invalid, "make a sign-in link for %.254s: it would expire at once", email).WithHint("give it some time, such as 24h")
	}
	return a.issue(ctx, issue{prefix: linkToken, purpose: "link", event: "link.made", email: email, ttl: ttl})
}

// ServiceToken makes an API token of the service called name for MaxTokenLife,
// and the service when there is none.
func (a Accounts) ServiceToken(ctx context.Context, name string) (string, error) {
	return a.ServiceTokenFor(ctx, System, name, "", MaxTokenLife)
}

// ServiceTokenFor is ServiceToken for as long as life, made by an admin or by
// System, with a label that says what it is for.
func (a Accounts) ServiceTokenFor(ctx context.Context, by, name, label string, life time.Duration) (string, error) {
	clean, err := cleanName(name)
	if err != nil {
		return "", kit.Errorf(kit.Invalid, "make a service token: %w", err)
	}
	return a.issue(ctx, issue{prefix: serviceToken, purpose: "api", event: "token.made", service: clean, label: label, ttl: life, by: by})
}

// Service returns the service called name, making it when there is none. A
// program that submits cases by itself does so under its name.
func (a Accounts) Service(ctx context.Context, name string) (u User, err error) {
	clean, err := cleanName(name)
	if err != nil {
		return User{}, kit.Errorf(kit.Invalid, "find a service: %w", err)
	}
	err = a.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		u, err = a.owner(ctx, tx, issue{service: clean})
		return err
	})
	return u, err
}

// issue is a token to be made, of a person by email or of a service by name.
type issue struct {
	prefix, purpose, event string
	email, service, id     string
	label                  string
	ttl                    time.Duration
	by                     string // who makes it; "" stands for System
}

// check fills in who makes it, and refuses what expires at once or never.
func (i *issue) check() error {
	if i.by == "" {
		i.by = System
	}
	if i.ttl <= 0 || i.ttl > MaxTokenLife {
		return kit.Errorf(kit.Invalid, "it would be good for %v", i.ttl).WithHint("choose up to a year, such as 90d")
	}
	if i.label == "" {
		return nil
	}
	label, err := cleanName(i.label)
	i.label = label
	return err
}

func (a Accounts) issue(ctx context.Context, i issue) (string, error) {
	token := i.prefix + random()
	if err := i.check(); err != nil {
		return "", kit.Errorf(kit.CodeOf(err), "make a token or link: %w", err)
	}
	err := a.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		if i.service != "" {
			if err := admin(ctx, tx, i.by); err != nil {
				return err
			}
		}
		owner, err := a.owner(ctx, tx, i)
		if err != nil {
			return err
		}
		if owner.Disabled {
			return disabled(owner)
		}
		return a.keep(ctx, tx, i, token, owner)
	})
	if err != nil {
		return "", kit.Errorf(kit.CodeOf(err), "make a token or link for %.254s: %w", i.email+i.service, err)
	}
	return token, nil
}

func (a Accounts) owner(ctx context.Context, tx bun.Tx, i issue) (User, error) {
	if i.id != "" {
		u, err := one(ctx, tx, "WHERE u.id = ?", i.id)
		return u, found(err, i.id)
	}
	if i.service == "" {
		return byEmail(ctx, tx, i.email)
	}
	u, err := one(ctx, tx, "WHERE u.kind = 'service' AND u.name = ?", i.service)
	if !errors.Is(err, sql.ErrNoRows) {
		return u, err
	}
	u = User{ID: kit.NewID(), Kind: ServiceKind, Name: i.service, Role: Service, CreatedAt: a.now()}
	by := i.by
	if by == "" {
		by = System
	}
	return u, insert(ctx, tx, by, u)
}

func (a Accounts) keep(ctx context.Context, tx bun.Tx, i issue, token string, owner User) error {
	now, ends := a.now(), a.now().Add(i.ttl).UnixMicro()
	if _, err := tx.NewRaw("INSERT INTO tokens (hash, user_id, purpose, name, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
		hashed(token), owner.ID, i.purpose, i.label, now.UnixMicro(), ends).Exec(ctx); err != nil {
		return err
	}
	return tell(ctx, tx, now, i.by, i.event, map[string]string{"user": owner.ID, "token": hashed(token)[:idDigits], "expires_at": strconv.FormatInt(ends, 10)})
}

// Authenticate tells whose API token it is, and notes that it was used. It
// fails with kit.Unauthorized for one that is expired, and in other words for
// one that is unknown or whose user is disabled: who has the token may learn
// that it is old, and a stranger learns nothing.
func (a Accounts) Authenticate(ctx context.Context, token string) (User, error) {
	u, err := a.holder(ctx, a.DB.Read(), token, "api")
	if err == nil {
		inPassing(ctx, func(ctx context.Context) error { return a.used(ctx, token) })
	}
	return u, err
}

// passing is how long who reads waits for the note that they were here.
const passing = time.Second

// inPassing notes that somebody was here, or leaves it: where nothing can be
// written for a while, as on a full disk, people still read.
func inPassing(ctx context.Context, note func(context.Context) error) {
	ctx, cancel := context.WithTimeout(ctx, passing)
	defer cancel()
	_ = note(ctx)
}

// used notes the use of a token, once a minute.
func (a Accounts) used(ctx context.Context, token string) error {
	now := a.now()
	before := now.Add(-touchEvery).UnixMicro()
	var old bool
	if err := a.DB.Read().NewRaw("SELECT last_used_at <= ? FROM tokens WHERE hash = ?", before, hashed(token)).Scan(ctx, &old); err != nil || !old {
		if errors.Is(err, sql.ErrNoRows) {
			err = nil // revoked this moment
		}
		return err
	}
	return a.DB.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("UPDATE tokens SET last_used_at = ? WHERE hash = ? AND last_used_at <= ?", now.UnixMicro(), hashed(token), before).Exec(ctx)
		return err
	})
}

// Peek tells whose sign-in code it is without using it up, so that a page may
// ask "sign in as …?" and a link preview can do no harm. kit.Unauthorized when
// the code is unknown, expired or used.
func (a Accounts) Peek(ctx context.Context, code string) (User, error) {
	return a.holder(ctx, a.DB.Read(), code, "link")
}

// Redeem uses a sign-in code up and tells whose it was. Of many that redeem it
// at once, one gets in; the others, as for Peek, get kit.Unauthorized.
func (a Accounts) Redeem(ctx context.Context, code string) (User, error) {
	if _, err := a.Peek(ctx, code); err != nil {
		return User{}, err // a guess costs no lock
	}
	var u User
	err := a.change(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
		if u, err = a.holder(ctx, tx, code, "link"); err != nil {
			return err
		}
		now := a.now()
		if _, err := tx.NewRaw("UPDATE tokens SET used_at = ? WHERE hash = ?", now.UnixMicro(), hashed(code)).Exec(ctx); err != nil {
			return err
		}
		return tell(ctx, tx, now, u.ID, "link.used", map[string]string{"user": u.ID, "token": hashed(code)[:idDigits]})
	})
	if err != nil {
		return User{}, err
	}
	return u, nil
}

func (a Accounts) holder(ctx context.Context, db bun.IDB, token, purpose string) (User, error) {
	u, err := one(ctx, db, `JOIN tokens t ON t.user_id = u.id
		WHERE t.hash = ? AND t.purpose = ? AND t.used_at IS NULL AND u.disabled_at IS NULL
		AND (t.expires_at IS NULL OR t.expires_at > ?)`, hashed(token), purpose, a.now().UnixMicro())
	if errors.Is(err, sql.ErrNoRows) {
		return User{}, a.noHolder(ctx, db, token, purpose)
	}
	if err != nil {
		return User{}, kit.Errorf(kit.CodeOf(err), "sign in: %w", err)
	}
	return u, nil
}

// noHolder says why a token opens nothing.
func (a Accounts) noHolder(ctx context.Context, db bun.IDB, token, purpose string) error {
	if purpose == "link" {
		return kit.Errorf(kit.Unauthorized, "sign in: the link is unknown, expired or used up").WithHint("ask an administrator for a new one")
	}
	var expired int64
	err := db.NewRaw("SELECT expires_at FROM tokens WHERE hash = ? AND purpose = 'api' AND expires_at <= ?", hashed(token), a.now().UnixMicro()).
		Scan(ctx, &expired)
	switch {
	case err == nil:
		return kit.Errorf(kit.Unauthorized, "sign in: the token expired at %s", micros(expired).Format(time.RFC3339)).
			WithHint("make a new one on your account's page, or by the command user token")
	case errors.Is(err, sql.ErrNoRows):
		return kit.Errorf(kit.Unauthorized, "sign in: the token is unknown, or was revoked").WithHint("ask an administrator for a new one")
	}
	return kit.Errorf(kit.CodeOf(err), "sign in: %w", err)
}

// random is 32 bytes that nobody guesses, as text that fits into a URL.
func random() string {
	var b [32]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func hashed(token string) string { return kit.Hash([]byte(token)) }
