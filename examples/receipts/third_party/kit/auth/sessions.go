package auth

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/store"
)

// Sessions keeps the sessions of scs in db, so that every process knows them
// and a restart signs nobody out. The returned store is a scs.CtxStore. Tokens
// are kept as hashes; expired sessions are deleted when another is written. A
// nil clock stands for kit.Now.
func Sessions(db *store.DB, clock kit.Clock) scs.Store {
	if clock == nil {
		clock = kit.Now
	}
	return sessions{db, clock}
}

type sessions struct {
	db    *store.DB
	clock kit.Clock
}

var _ scs.CtxStore = sessions{}

// FindCtx implements scs.CtxStore.
func (s sessions) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	var text string
	err := s.db.Read().NewRaw("SELECT data FROM sessions WHERE token = ? AND expires_at > ?",
		hashed(token), s.clock().UnixMicro()).Scan(ctx, &text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, kit.Errorf(kit.Internal, "find session: %w", err)
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, false, kit.Errorf(kit.Internal, "read session: %w", err)
	}
	return data, true, nil
}

// CommitCtx implements scs.CtxStore.
func (s sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	return s.write(ctx, "keep session", func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewRaw("DELETE FROM sessions WHERE expires_at <= ?", s.clock().UnixMicro()).Exec(ctx); err != nil {
			return err
		}
		_, err := tx.NewRaw(`INSERT INTO sessions (token, data, expires_at) VALUES (?, ?, ?)
			ON CONFLICT (token) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at`,
			hashed(token), base64.StdEncoding.EncodeToString(data), expiry.UnixMicro()).Exec(ctx)
		return err
	})
}

// DeleteCtx implements scs.CtxStore.
func (s sessions) DeleteCtx(ctx context.Context, token string) error {
	return s.write(ctx, "delete session", func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("DELETE FROM sessions WHERE token = ?", hashed(token)).Exec(ctx)
		return err
	})
}

func (s sessions) write(ctx context.Context, act string, f func(context.Context, bun.Tx) error) error {
	if err := s.db.Write(ctx, f); err != nil {
		return kit.Errorf(kit.CodeOf(err), "%s: %w", act, err)
	}
	return nil
}

// Find implements scs.Store.
func (s sessions) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit implements scs.Store.
func (s sessions) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete implements scs.Store.
func (s sessions) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }
