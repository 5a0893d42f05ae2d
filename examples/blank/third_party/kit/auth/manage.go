package auth

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/store"
)

// InvitationLife is how long an invitation can be taken up.
const InvitationLife = 7 * 24 * time.Hour

// Invitation is a person to be let in.
type Invitation struct {
	Name, Email string
	Role        Role
	Lang        string // "en", "zh", or "" for whatever their browser asks for
}

// manages runs f on the person called id for an admin, or for System. It fails
// with kit.Forbidden when by manages nobody (any more), and with kit.NotFound
// when there is no such person.
func (a Accounts) manages(ctx context.Context, by, id, act string, f func(context.Context, bun.Tx, User) error) error {
	return a.about(ctx, id, act, f, func(ctx context.Context, tx bun.Tx) error { return admin(ctx, tx, by) })
}

// own is manages for what a person may do for themselves as well.
func (a Accounts) own(ctx context.Context, by, id, act string, f func(context.Context, bun.Tx, User) error) error {
	if by != id {
		return a.manages(ctx, by, id, act, f)
	}
	return a.about(ctx, id, act, f, func(context.Context, bun.Tx) error { return nil })
}

func (a Accounts) about(ctx context.Context, id, act string, f func(context.Context, bun.Tx, User) error, may func(context.Context, bun.Tx) error) error {
	err := a.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := may(ctx, tx); err != nil {
			return err
		}
		u, err := one(ctx, tx, "WHERE u.id = ?", id)
		if err != nil {
			return found(err, id)
		}
		return f(ctx, tx, u)
	})
	if err != nil {
		return kit.Errorf(kit.CodeOf(err), "%s: %w", act, err)
	}
	return nil
}

// admin refuses whom nobody lets manage people.
func admin(ctx context.Context, tx bun.Tx, by string) error {
	if by == System {
		return nil
	}
	u, err := one(ctx, tx, "WHERE u.id = ?", by)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if !u.MayManage() {
		return kit.Errorf(kit.Forbidden, "only an administrator manages people").WithHint("ask one of them")
	}
	return nil
}

// person refuses a service, and who was deleted.
func person(u User) error {
	if !u.Person() {
		return kit.Errorf(kit.Invalid, "%s is a service", u.Name).WithHint("a service has tokens alone: end those instead")
	}
	if u.Deleted {
		return deleted(u)
	}
	return nil
}

func deleted(u User) error {
	return kit.Errorf(kit.Conflict, "%s was deleted", u.Name).WithHint("that is for good: add them anew")
}

func disabled(u User) error {
	return kit.Errorf(kit.Forbidden, "user %s is disabled", u.Name).WithHint("let them in again first")
}

// spare refuses to lose the last one who manages people.
func spare(ctx context.Context, tx bun.Tx, u User) error {
	if !u.MayManage() {
		return nil
	}
	var others int
	if err := tx.NewRaw("SELECT COUNT(*) FROM users WHERE role = 'admin' AND kind = 'person' AND disabled_at IS NULL AND id <> ?", u.ID).
		Scan(ctx, &others); err != nil {
		return err
	}
	if others == 0 {
		return kit.Errorf(kit.Conflict, "%s is the last administrator: %w", u.Name, LastAdmin).WithHint("make somebody else an administrator first")
	}
	return nil
}

// Invite adds a person and makes the link that lets them in once, within
// InvitationLife. It fails as Add does, and with kit.Forbidden when by is no
// admin.
func (a Accounts) Invite(ctx context.Context, by string, i Invitation) (u User, code string, err error) {
	u = User{ID: kit.NewID(), Kind: PersonKind, CreatedAt: a.now(), Lang: i.Lang}
	if u.Name, err = cleanName(i.Name); err != nil {
		return User{}, "", err
	}
	if u.Email, err = cleanEmail(i.Email); err != nil {
		return User{}, "", err
	}
	if u.Role, err = ParseRole(string(i.Role)); err != nil {
		return User{}, "", err
	}
	if i.Lang != "" && i.Lang != "en" && i.Lang != "zh" {
		return User{}, "", kit.Errorf(kit.Invalid, "invite: no language is called %.20q", i.Lang).WithHint("the languages are en and zh")
	}
	err = a.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := admin(ctx, tx, by); err != nil {
			return err
		}
		if err := insert(ctx, tx, by, u); err != nil {
			return err
		}
		code, err = a.link(ctx, tx, by, u, "user.invited")
		return err
	})
	if store.IsUnique(err) {
		return User{}, "", kit.Errorf(kit.Conflict, "invite %s: someone has this address already", u.Email).WithHint("list the people to see who")
	}
	if err != nil {
		return User{}, "", kit.Errorf(kit.CodeOf(err), "invite %s: %w", u.Email, err)
	}
	return u, code, nil
}

// link makes the one link that lets u in; those before it end.
func (a Accounts) link(ctx context.Context, tx bun.Tx, by string, u User, event string) (string, error) {
	if u.Disabled {
		return "", disabled(u)
	}
	if _, err := tx.NewRaw("DELETE FROM tokens WHERE user_id = ? AND purpose = 'link' AND used_at IS NULL", u.ID).Exec(ctx); err != nil {
		return "", err
	}
	code := linkToken + random()
	return code, a.keep(ctx, tx, issue{purpose: "link", event: event, ttl: InvitationLife, by: by}, code, u)
}

// InviteAgain makes a new link for a person who was never here; the one before
// ends. For one who was it fails with kit.Conflict and BeenHere: their link
// would be a way to act as them.
func (a Accounts) InviteAgain(ctx context.Context, by, id string) (code string, err error) {
	err = a.manages(ctx, by, id, "invite again", func(ctx context.Context, tx bun.Tx, u User) error {
		if err := errors.Join(person(u), beenHere(ctx, tx, u)); err != nil {
			return err
		}
		code, err = a.link(ctx, tx, by, u, "user.invited")
		return err
	})
	return code, err
}

// beenHere refuses a person who came in in any way, or can.
func beenHere(ctx context.Context, tx bun.Tx, u User) error {
	var ways int
	if err := tx.NewRaw(`SELECT (SELECT COUNT(*) FROM passwords WHERE user_id = ?) + (SELECT COUNT(*) FROM identities WHERE user_id = ?)
		+ (SELECT COUNT(*) FROM tokens WHERE user_id = ? AND (purpose = 'api' OR used_at IS NOT NULL))`, u.ID, u.ID, u.ID).Scan(ctx, &ways); err != nil {
		return err
	}
	if ways == 0 && u.SignedInAt.IsZero() {
		return nil
	}
	return kit.Errorf(kit.Conflict, "make a link of %s: %w", u.Name, BeenHere).WithHint("reset their sign-in instead: they will see who did")
}

// Reset ends all that a person could come in by: password, provider, tokens and
// sessions. It returns the link that lets them in once. The trail names who did
// it, and the person sees it.
func (a Accounts) Reset(ctx context.Context, by, id string) (code string, err error) {
	err = a.manages(ctx, by, id, "reset the sign-in", func(ctx context.Context, tx bun.Tx, u User) error {
		if err := person(u); err != nil {
			return err
		}
		if by == id {
			return kit.Errorf(kit.Conflict, "reset one's own: %w", Oneself).WithHint("change your password on your own page")
		}
		if err := a.forget(ctx, tx, by, u); err != nil {
			return err
		}
		if _, err := tx.NewRaw("UPDATE users SET reset_at = ?, reset_by = ? WHERE id = ?", a.now().UnixMicro(), by, id).Exec(ctx); err != nil {
			return err
		}
		code, err = a.link(ctx, tx, by, u, "user.reset")
		return err
	})
	return code, err
}

// forget ends all that u could come in by.
func (a Accounts) forget(ctx context.Context, tx bun.Tx, by string, u User) error {
	for _, table := range []string{"passwords", "identities"} {
		if _, err := tx.NewRaw("DELETE FROM "+table+" WHERE user_id = ?", u.ID).Exec(ctx); err != nil {
			return err
		}
	}
	_, err := a.revoke(ctx, tx, by, u)
	return err
}

// SetRole changes what a person may do, at once. It fails with kit.Conflict
// when they are the last admin, and kit.Invalid for a word that is no role.
func (a Accounts) SetRole(ctx context.Context, by, id string, role Role) (User, error) {
	var after User
	role, err := ParseRole(string(role))
	if err != nil {
		return after, err
	}
	err = a.manages(ctx, by, id, "change the role", func(ctx context.Context, tx bun.Tx, u User) error {
		after = u
		if u.Role == role {
			return person(u)
		}
		if err := errors.Join(person(u), spare(ctx, tx, u)); err != nil {
			return err
		}
		after.Role = role
		if _, err := tx.NewRaw("UPDATE users SET role = ? WHERE id = ?", role, id).Exec(ctx); err != nil {
			return err
		}
		return tell(ctx, tx, a.now(), by, "user.role", map[string]string{"user": id, "from": string(u.Role), "to": string(role)})
	})
	return after, err
}

// Turn shuts a person out at once, or with off false lets them in again, as
// Disable and Enable do. Nobody does it to themselves.
func (a Accounts) Turn(ctx context.Context, by, id string, off bool) (u User, err error) {
	err = a.manages(ctx, by, id, turning(off), func(ctx context.Context, tx bun.Tx, was User) error {
		u = was
		if by == id {
			return kit.Errorf(kit.Conflict, "%s: %w", u.Name, Oneself).WithHint("ask another administrator")
		}
		if err := person(u); err != nil {
			return err
		}
		return a.turnOne(ctx, tx, by, &u, off)
	})
	return u, err
}

// Delete takes a person's name and address away and shuts them out for good.
// Their decisions, and all that points at them, stay under a pseudonym. What
// has left the house, as a receipt with their name, and events of the trail
// from before it told ids alone, stay as they are.
//
// It fails with kit.Conflict for oneself and for the last admin.
func (a Accounts) Delete(ctx context.Context, by, id string) (u User, err error) {
	err = a.manages(ctx, by, id, "delete a person", func(ctx context.Context, tx bun.Tx, was User) error {
		u = was
		if by == id {
			return kit.Errorf(kit.Conflict, "%s: %w", u.Name, Oneself).WithHint("ask another administrator")
		}
		if err := person(u); err != nil {
			return err
		}
		return a.delete(ctx, tx, by, &u)
	})
	return u, err
}

func (a Accounts) delete(ctx context.Context, tx bun.Tx, by string, u *User) error {
	if err := errors.Join(a.forget(ctx, tx, by, *u), a.leave(ctx, tx, by, *u)); err != nil {
		return err
	}
	if _, err := tx.NewRaw("DELETE FROM tokens WHERE user_id = ?", u.ID).Exec(ctx); err != nil {
		return err
	}
	name, err := pseudonym(ctx, tx, *u)
	if err != nil {
		return err
	}
	now := a.now()
	u.Name, u.Email, u.Deleted, u.Disabled = name, u.ID+"@deleted.invalid", true, true
	if _, err := tx.NewRaw(`UPDATE users SET name = ?, email = ?, salt = '', lang = '', disabled_at = COALESCE(disabled_at, ?), deleted_at = ? WHERE id = ?`,
		u.Name, u.Email, now.UnixMicro(), now.UnixMicro(), u.ID).Exec(ctx); err != nil {
		return err
	}
	return tell(ctx, tx, now, by, "user.deleted", map[string]string{"user": u.ID, "role": string(u.Role)})
}

// pseudonym is what a deleted person is called, "Former reviewer 3f2a": the
// figures are of the id's hash, as many as tell people apart.
func pseudonym(ctx context.Context, tx bun.Tx, u User) (string, error) {
	sum := sha256.Sum256([]byte(u.ID))
	for digits := 4; ; digits += 2 {
		name := "Former " + string(u.Role) + " " + hex.EncodeToString(sum[:])[:digits]
		var taken int
		if err := tx.NewRaw("SELECT COUNT(*) FROM users WHERE name = ? AND id <> ?", name, u.ID).Scan(ctx, &taken); err != nil {
			return "", err
		}
		if taken == 0 || digits == 16 {
			return name, nil
		}
	}
}
