package auth

import (
	"context"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
)

// Session is a browser in which a person is signed in.
type Session struct {
	ID        string    `json:"id"` // as SessionID makes it: it opens nothing
	CreatedAt time.Time `json:"created_at"`
	SeenAt    time.Time `json:"seen_at"` // to the minute
	Agent     string    `json:"agent"`   // what the browser calls itself
	Address   string    `json:"address"` // from where it signed in
}

// SessionID names the session of a token.
func SessionID(token string) string { return hashed(token)[:idDigits] }

// idDigits is how much of its hash names a session or a token: enough to tell
// one person's apart, and it tells nothing of the secret.
const idDigits = 16

// SessionsOf lists the sessions of a person that can still be used, the latest
// first.
func (a Accounts) SessionsOf(ctx context.Context, id string) ([]Session, error) {
	now := a.now()
	var rows []struct {
		ID        string
		CreatedAt int64
		SeenAt    int64
		Agent     string
		Address   string
	}
	if err := a.DB.Read().NewRaw(`SELECT substr(token, 1, 16) AS id, created_at, seen_at, agent, address FROM sessions
		WHERE user_id = ? AND expires_at > ? AND seen_at > ? ORDER BY seen_at DESC, token`,
		id, now.UnixMicro(), now.Add(-Idle).UnixMicro()).Scan(ctx, &rows); err != nil {
		return nil, kit.Errorf(kit.Internal, "list sessions: %w", err)
	}
	all := make([]Session, len(rows))
	for i, r := range rows {
		all[i] = Session{ID: r.ID, CreatedAt: micros(r.CreatedAt), SeenAt: micros(r.SeenAt), Agent: r.Agent, Address: r.Address}
	}
	return all, nil
}

// SignedIn notes that a person came in to the console, and how: "link",
// "password", "provider" or "token".
func (a Accounts) SignedIn(ctx context.Context, id, how string) error {
	return a.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		now := a.now()
		if _, err := tx.NewRaw("UPDATE users SET signed_in_at = ? WHERE id = ?", now.UnixMicro(), id).Exec(ctx); err != nil {
			return err
		}
		return tell(ctx, tx, now, id, "session.started", map[string]string{"user": id, "how": how})
	})
}

// EndSession ends one session of a person, by its id. by is the person or an
// admin; it fails with kit.Forbidden for anybody else, and with kit.NotFound
// when there is no such session.
func (a Accounts) EndSession(ctx context.Context, by, id, session string) error {
	return a.own(ctx, by, id, "end a session", func(ctx context.Context, tx bun.Tx, _ User) error {
		n, err := a.end(ctx, tx, by, id, "substr(token, 1, 16) = ?", session)
		if err == nil && n == 0 {
			return kit.Errorf(kit.NotFound, "there is none like this").WithHint("it may have ended by itself")
		}
		return err
	})
}

// EndSessions ends the sessions of a person but for the one with the token
// except, and says how many there were.
func (a Accounts) EndSessions(ctx context.Context, by, id, except string) (n int, err error) {
	err = a.own(ctx, by, id, "end sessions", func(ctx context.Context, tx bun.Tx, _ User) error {
		n, err = a.endOthers(ctx, tx, by, id, except)
		return err
	})
	return n, err
}

func (a Accounts) endOthers(ctx context.Context, tx bun.Tx, by, id, except string) (int, error) {
	return a.end(ctx, tx, by, id, "token <> ?", hashed(except))
}

func (a Accounts) end(ctx context.Context, tx bun.Tx, by, id, which, what string) (int, error) {
	res, err := tx.NewRaw("DELETE FROM sessions WHERE user_id = ? AND "+which, id, what).Exec(ctx)
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	if err != nil || n == 0 {
		return 0, err
	}
	return int(n), tell(ctx, tx, a.now(), by, "session.ended",
		map[string]string{"user": id, "sessions": strconv.FormatInt(n, 10)})
}
