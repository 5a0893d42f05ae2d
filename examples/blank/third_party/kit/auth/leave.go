package auth

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
)

// Disable shuts a person out at once: their sessions stop counting, and their
// tokens and links are revoked. What they decided stands. It fails with
// kit.NotFound for an unknown address and kit.Conflict when they are out
// already, or are the last admin.
func (a Accounts) Disable(ctx context.Context, email string) (User, error) {
	return a.turn(ctx, email, true)
}

// Enable lets a disabled person in again. They need a new link or token: what
// they came in by before stays shut.
func (a Accounts) Enable(ctx context.Context, email string) (User, error) {
	return a.turn(ctx, email, false)
}

func (a Accounts) turn(ctx context.Context, email string, off bool) (u User, err error) {
	err = a.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		if u, err = byEmail(ctx, tx, email); err != nil {
			return err
		}
		return a.turnOne(ctx, tx, System, &u, off)
	})
	if err != nil {
		return User{}, kit.Errorf(kit.CodeOf(err), "%s %.254s: %w", turning(off), email, err)
	}
	return u, nil
}

func turning(off bool) string {
	if off {
		return "disable"
	}
	return "enable"
}

// turnOne shuts u out or lets u in again.
func (a Accounts) turnOne(ctx context.Context, tx bun.Tx, by string, u *User, off bool) error {
	if u.Deleted {
		return deleted(*u)
	}
	if u.Disabled == off {
		return kit.Errorf(kit.Conflict, "user %s is %sd already", u.Email, turning(off)).WithHint("nothing was changed")
	}
	event, at := "user.enabled", sql.NullInt64{}
	if off {
		event, at = "user.disabled", sql.NullInt64{Int64: a.now().UnixMicro(), Valid: true}
		if err := a.leave(ctx, tx, by, *u); err != nil {
			return err
		}
	}
	u.Disabled = off
	if _, err := tx.NewRaw("UPDATE users SET disabled_at = ? WHERE id = ?", at, u.ID).Exec(ctx); err != nil {
		return err
	}
	return tell(ctx, tx, a.now(), by, event, map[string]string{"user": u.ID})
}

// leave ends what u could come in by, and gives back to everybody the reviews
// that waited for u alone. The last one who manages people cannot leave.
func (a Accounts) leave(ctx context.Context, tx bun.Tx, by string, u User) error {
	if err := spare(ctx, tx, u); err != nil {
		return err
	}
	if _, err := a.revoke(ctx, tx, by, u); err != nil {
		return err
	}
	_, err := tx.NewRaw("UPDATE reviews SET assigned_to = NULL WHERE assigned_to = ? AND state = 'open' AND waits", u.ID).Exec(ctx)
	return err
}

// Revoke ends all tokens, links and sessions of a person, and says how many
// tokens and links there were.
func (a Accounts) Revoke(ctx context.Context, email string) (int, error) {
	return a.revokeOf(ctx, email, func(ctx context.Context, tx bun.Tx) (User, error) { return byEmail(ctx, tx, email) })
}

// RevokeService ends all tokens of a service. It fails with kit.NotFound when
// there is none of this name.
func (a Accounts) RevokeService(ctx context.Context, name string) (int, error) {
	return a.revokeOf(ctx, name, func(ctx context.Context, tx bun.Tx) (User, error) {
		u, err := one(ctx, tx, "WHERE u.kind = 'service' AND u.name = ?", name)
		return u, found(err, name)
	})
}

func (a Accounts) revokeOf(ctx context.Context, who string, find func(context.Context, bun.Tx) (User, error)) (n int, err error) {
	err = a.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		u, err := find(ctx, tx)
		if err != nil {
			return err
		}
		n, err = a.revoke(ctx, tx, System, u)
		return err
	})
	if err != nil {
		return 0, kit.Errorf(kit.CodeOf(err), "revoke the tokens of %.254s: %w", who, err)
	}
	return n, nil
}

// revoke deletes what u could come in by, and tells of it when there was
// anything.
func (a Accounts) revoke(ctx context.Context, tx bun.Tx, by string, u User) (int, error) {
	now := a.now()
	// It only grows, so that what ended them before does not let sessions of
	// that time count on.
	if _, err := tx.NewRaw("UPDATE users SET sessions_from = CASE WHEN sessions_from < ? THEN ? ELSE sessions_from + 1 END WHERE id = ?",
		now.UnixMicro(), now.UnixMicro(), u.ID).Exec(ctx); err != nil {
		return 0, err
	}
	if _, err := tx.NewRaw("DELETE FROM sessions WHERE user_id = ?", u.ID).Exec(ctx); err != nil {
		return 0, err
	}
	var ended []string
	err := tx.NewRaw("DELETE FROM tokens WHERE user_id = ? AND used_at IS NULL AND (expires_at IS NULL OR expires_at > ?) RETURNING substr(hash, 1, ?)",
		u.ID, now.UnixMicro(), idDigits).Scan(ctx, &ended)
	if err != nil || len(ended) == 0 {
		return 0, err
	}
	slices.Sort(ended)
	return len(ended), tell(ctx, tx, now, by, "token.revoked",
		map[string]string{"user": u.ID, "token": strings.Join(ended, " "), "tokens": strconv.Itoa(len(ended))})
}
