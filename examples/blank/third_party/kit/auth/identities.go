package auth

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
)

// Arrive tells which person an identity is. One that came before is known by
// issuer and subject. One that comes first is whoever has its address, if the
// provider vouches for it; failing that, somebody new where the provider lets
// the domain in. Anything else fails with kit.Forbidden and a Refusal.
func (a Accounts) Arrive(ctx context.Context, p *Provider, i Identity) (u User, err error) {
	err = a.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		u, err = one(ctx, tx, "JOIN identities i ON i.user_id = u.id WHERE i.issuer = ? AND i.subject = ?", i.Issuer, i.Subject)
		if errors.Is(err, sql.ErrNoRows) {
			u, err = a.first(ctx, tx, p, i)
		}
		if err == nil && u.Disabled {
			err = Shut
		}
		return err
	})
	if err == nil {
		return u, nil
	}
	code := kit.CodeOf(err)
	if RefusalOf(err) != "" {
		code = kit.Forbidden
	}
	return User{}, kit.Errorf(code, "sign in by %s: %w", p.Name, err).WithHint("ask an administrator of this service")
}

// first finds or adds the person of an identity that comes for the first time.
func (a Accounts) first(ctx context.Context, tx bun.Tx, p *Provider, i Identity) (u User, err error) {
	email, err := cleanEmail(i.Email)
	if err != nil || !i.Verified {
		return u, Unverified
	}
	u, err = byEmail(ctx, tx, email)
	if kit.CodeOf(err) == kit.NotFound {
		if !p.lets(email) {
			return u, Stranger
		}
		u, err = a.admit(ctx, tx, p, i, email)
	}
	if err != nil {
		return u, err
	}
	if u.Disabled {
		return u, Shut
	}
	return u, a.know(ctx, tx, i, u)
}

// admit adds a person whose domain is let in. A name that cannot be one is left
// for the address.
func (a Accounts) admit(ctx context.Context, tx bun.Tx, p *Provider, i Identity, email string) (User, error) {
	role, err := ParseRole(string(p.Role))
	if err != nil {
		return User{}, err
	}
	name, err := cleanName(i.Name)
	if err != nil {
		name = email
	}
	u := User{ID: kit.NewID(), Kind: PersonKind, Name: name, Email: email, Role: role, CreatedAt: a.now()}
	return u, insert(ctx, tx, System, u)
}

// know keeps who u is at the provider. An address that was given on to somebody
// else there does not let them in here.
func (a Accounts) know(ctx context.Context, tx bun.Tx, i Identity, u User) error {
	var others int
	if err := tx.NewRaw("SELECT COUNT(*) FROM identities WHERE issuer = ? AND user_id = ?", i.Issuer, u.ID).Scan(ctx, &others); err != nil {
		return err
	}
	if others > 0 {
		return Another
	}
	now := a.now()
	if _, err := tx.NewRaw("INSERT INTO identities (issuer, subject, user_id, created_at) VALUES (?, ?, ?, ?)",
		i.Issuer, i.Subject, u.ID, now.UnixMicro()).Exec(ctx); err != nil {
		return err
	}
	return tell(ctx, tx, now, u.ID, "identity.linked", map[string]string{"user": u.ID, "issuer": i.Issuer})
}
