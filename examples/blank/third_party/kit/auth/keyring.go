package auth

import (
	"context"
	"database/sql"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
)

// APIToken is a token as it can be shown: what it opens with is not kept.
type APIToken struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"` // what its owner calls it
	CreatedAt  time.Time `json:"created_at"`
	ExpiresAt  time.Time `json:"expires_at,omitzero"`   // zero for one from before tokens could expire
	LastUsedAt time.Time `json:"last_used_at,omitzero"` // to the minute; zero for never
	Expired    bool      `json:"expired,omitempty"`
}

// NewToken makes an API token of a person, by id, that opens for as long as
// life. Only the person makes it, in a session of theirs: who could make
// another's could decide as them.
func (a Accounts) NewToken(ctx context.Context, id, label string, life time.Duration) (string, error) {
	if _, err := cleanName(label); err != nil {
		return "", err
	}
	return a.issue(ctx, issue{prefix: personToken, purpose: "api", event: "token.made", id: id, label: label, ttl: life, by: id})
}

// TokensOf lists the API tokens of a user, the newest first, with the expired
// ones.
func (a Accounts) TokensOf(ctx context.Context, id string) ([]APIToken, error) {
	var rows []struct {
		ID         string
		Name       string
		CreatedAt  int64
		ExpiresAt  sql.NullInt64
		LastUsedAt int64
	}
	if err := a.DB.Read().NewRaw(`SELECT substr(hash, 1, 16) AS id, name, created_at, expires_at, last_used_at FROM tokens
		WHERE user_id = ? AND purpose = 'api' ORDER BY created_at DESC, hash`, id).Scan(ctx, &rows); err != nil {
		return nil, kit.Errorf(kit.Internal, "list tokens: %w", err)
	}
	now := a.now()
	all := make([]APIToken, len(rows))
	for i, r := range rows {
		all[i] = APIToken{ID: r.ID, Name: r.Name, CreatedAt: micros(r.CreatedAt), ExpiresAt: micros(r.ExpiresAt.Int64),
			LastUsedAt: micros(r.LastUsedAt), Expired: r.ExpiresAt.Valid && r.ExpiresAt.Int64 <= now.UnixMicro()}
	}
	return all, nil
}

// RevokeToken ends one API token of a user, by its id. by is the user or an
// admin; it fails with kit.Forbidden for anybody else and kit.NotFound when
// there is no such token.
func (a Accounts) RevokeToken(ctx context.Context, by, id, token string) error {
	return a.own(ctx, by, id, "revoke a token", func(ctx context.Context, tx bun.Tx, u User) error {
		res, err := tx.NewRaw("DELETE FROM tokens WHERE user_id = ? AND purpose = 'api' AND substr(hash, 1, 16) = ?", id, token).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			return kit.Errorf(kit.NotFound, "%s has none like this", u.Name).WithHint("it may have been revoked already")
		}
		return tell(ctx, tx, a.now(), by, "token.revoked", map[string]string{"user": id, "token": token, "tokens": "1"})
	})
}
