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
// are kept as hashes; expired sessions are deleted when another is written, and
// so are those that nothing was asked of for Idle. A nil clock stands for
// kit.Now.
func Sessions(db *store.DB, clock kit.Clock) scs.Store {
	if clock == nil {
		clock = kit.Now
	}
	return sessions{db, clock}
}

// Idle is how long a session lasts that nobody uses. A page that is open in a
// browser keeps its session in use.
const Idle = 2 * time.Hour

// touchEvery is how exactly it is known when a session or a token was last used.
const touchEvery = time.Minute

type sessions struct {
	db    *store.DB
	clock kit.Clock
}

var _ scs.CtxStore = sessions{}

// FindCtx implements scs.CtxStore.
func (s sessions) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	now := s.clock()
	var text string
	var seen int64
	err := s.db.Read().NewRaw("SELECT data, seen_at FROM sessions WHERE token = ? AND expires_at > ? AND seen_at > ?",
		hashed(token), now.UnixMicro(), now.Add(-Idle).UnixMicro()).Scan(ctx, &text, &seen)
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
	if now.Sub(micros(seen)) >= touchEvery {
		inPassing(ctx, func(ctx context.Context) error { return s.touch(ctx, token, now) })
	}
	return data, true, nil
}

// touch notes that the session is in use.
func (s sessions) touch(ctx context.Context, token string, now time.Time) error {
	return s.write(ctx, "touch session", func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("UPDATE sessions SET seen_at = ? WHERE token = ?", now.UnixMicro(), hashed(token)).Exec(ctx)
		return err
	})
}

// CommitCtx implements scs.CtxStore. A session that was ended while one of its
// requests was under way is not kept again.
func (s sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	v, now := valuesOf(data), s.clock()
	return s.write(ctx, "keep session", func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewRaw("DELETE FROM sessions WHERE expires_at <= ? OR seen_at <= ?",
			now.UnixMicro(), now.Add(-Idle).UnixMicro()).Exec(ctx); err != nil {
			return err
		}
		text := base64.StdEncoding.EncodeToString(data)
		if v.user != "" && now.Sub(v.since) > touchEvery {
			_, err := tx.NewRaw("UPDATE sessions SET data = ?, expires_at = ? WHERE token = ?", text, expiry.UnixMicro(), hashed(token)).Exec(ctx)
			return err
		}
		_, err := tx.NewRaw(`INSERT INTO sessions (token, data, expires_at, user_id, created_at, seen_at, agent, address)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (token) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at, user_id = excluded.user_id`,
			hashed(token), text, expiry.UnixMicro(), v.user, now.UnixMicro(), now.UnixMicro(), v.agent, v.address).Exec(ctx)
		return err
	})
}

// values are what the console keeps in a session of whose it is: "user" is the
// id, "since" when it began in microseconds, "agent" and "address" from where.
// "from" is the console's alone: see User.SessionFrom.
type values struct {
	user, agent, address string
	since                time.Time
}

func valuesOf(data []byte) (v values) {
	_, all, err := scs.GobCodec{}.Decode(data)
	if err != nil {
		return v // not the console's
	}
	v.user, _ = all["user"].(string)
	v.agent, _ = all["agent"].(string)
	v.address, _ = all["address"].(string)
	since, _ := all["since"].(int64)
	v.since = micros(since)
	if since == 0 {
		v.user = ""
	}
	return v
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
