package auth

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/store"
)

// System is the actor of what the program's operator does at its command line,
// and of what the program does by itself.
const System = "system"

// Accounts keeps users, and what they come in by. Every change is in the audit
// trail, by the ids of who made it and whom it is about: the trail cannot
// forget, so no name or address stands in it, but what Seal makes of them. Events made before tokens could
// expire hold the name, and "user.added" the address too; deleting a person
// leaves those as they are.
type Accounts struct {
	// DB is the migrated database. It has no default.
	DB *store.DB

	// Clock tells the time. Defaults to kit.Now.
	Clock kit.Clock

	// Work is what a guess at a password costs.
	// Defaults to 64 MiB, three passes and four lanes, the second choice of
	// RFC 9106, section 4.
	Work Work
}

func (a Accounts) now() time.Time {
	if a.Clock == nil {
		return kit.Now()
	}
	return a.Clock()
}

// Add adds a person. It fails with kit.Invalid for a bad name, address or role
// and with kit.Conflict when someone has the address, in whatever case.
func (a Accounts) Add(ctx context.Context, name, email string, role Role) (User, error) {
	user := User{ID: kit.NewID(), Kind: PersonKind, CreatedAt: a.now()}
	var nameErr, emailErr, roleErr error
	user.Name, nameErr = cleanName(name)
	user.Email, emailErr = cleanEmail(email)
	user.Role, roleErr = ParseRole(string(role))
	for _, err := range []error{nameErr, emailErr, roleErr} {
		if err != nil {
			return User{}, kit.Errorf(kit.Invalid, "add user: %w", err)
		}
	}
	err := a.change(ctx, func(ctx context.Context, tx bun.Tx) error { return insert(ctx, tx, System, user) })
	if store.IsUnique(err) {
		return User{}, kit.Errorf(kit.Conflict, "add user %s: someone has this address already", user.Email).
			WithHint("list the users to see who")
	}
	if err != nil {
		return User{}, kit.Errorf(kit.CodeOf(err), "add user %s: %w", user.Email, err)
	}
	return user, nil
}

// change runs f in a transaction that holds the audit trail's head.
func (a Accounts) change(ctx context.Context, f func(ctx context.Context, tx bun.Tx) error) error {
	return a.DB.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		ctx, err := audit.Hold(ctx, tx)
		if err != nil {
			return err
		}
		return f(ctx, tx)
	})
}

func insert(ctx context.Context, tx bun.Tx, by string, u User) error {
	var email any
	if u.Person() {
		email = u.Email
	}
	salt := newSalt()
	if _, err := tx.NewRaw("INSERT INTO users (id, kind, name, email, role, lang, created_at, salt) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		u.ID, u.Kind, u.Name, email, u.Role, u.Lang, u.CreatedAt.UnixMicro(), salt).Exec(ctx); err != nil {
		return err
	}
	return tell(ctx, tx, u.CreatedAt, by, "user.added", map[string]string{
		"user": u.ID, "kind": string(u.Kind), "role": string(u.Role), "seal": Seal(salt, u.Name, u.Email)})
}

func tell(ctx context.Context, tx bun.Tx, at time.Time, actor, kind string, about map[string]string) error {
	data, err := json.Marshal(about)
	if err != nil {
		return err
	}
	_, err = audit.Append(ctx, tx, audit.Event{At: at, Actor: actor, Kind: kind, Data: data})
	return err
}

// userRow is a user as the database keeps it.
type userRow struct {
	bun.BaseModel `bun:"table:users"`

	ID           string
	Kind         Kind
	Name         string
	Email        sql.NullString
	Role         Role
	CreatedAt    int64
	DisabledAt   sql.NullInt64
	SessionsFrom int64
	Lang         string
	SignedInAt   int64
	ResetAt      int64
	ResetBy      string
	DeletedAt    int64
}

func (r userRow) user() User {
	return User{ID: r.ID, Kind: r.Kind, Name: r.Name, Email: r.Email.String, Role: r.Role,
		CreatedAt: micros(r.CreatedAt), Disabled: r.DisabledAt.Valid, Deleted: r.DeletedAt > 0, Lang: r.Lang,
		SignedInAt: micros(r.SignedInAt), ResetAt: micros(r.ResetAt), ResetBy: r.ResetBy, SessionsFrom: micros(r.SessionsFrom)}
}

// micros is a time as the database keeps it; 0 stands for none.
func micros(at int64) time.Time {
	if at == 0 {
		return time.Time{}
	}
	return time.UnixMicro(at).UTC()
}

const userColumns = "SELECT u.id, u.kind, u.name, u.email, u.role, u.created_at, u.disabled_at, u.sessions_from, " +
	"u.lang, u.signed_in_at, u.reset_at, u.reset_by, u.deleted_at FROM users u "

// one finds a user; sql.ErrNoRows when there is none.
func one(ctx context.Context, db bun.IDB, rest string, args ...any) (User, error) {
	var r userRow
	err := db.NewRaw(userColumns+rest, args...).Scan(ctx, &r)
	return r.user(), err
}

// List lists all users in the order in which they came.
func (a Accounts) List(ctx context.Context) ([]User, error) {
	var rows []userRow
	if err := a.DB.Read().NewRaw(userColumns+"ORDER BY u.created_at, u.id").Scan(ctx, &rows); err != nil {
		return nil, kit.Errorf(kit.Internal, "list users: %w", err)
	}
	users := make([]User, len(rows))
	for i, r := range rows {
		users[i] = r.user()
	}
	return users, nil
}

// Get finds a user by ID; kit.NotFound when there is none.
func (a Accounts) Get(ctx context.Context, id string) (User, error) {
	u, err := one(ctx, a.DB.Read(), "WHERE u.id = ?", id)
	return u, found(err, id)
}

// ByEmail finds a person by address in any case; kit.NotFound when there is
// none.
func (a Accounts) ByEmail(ctx context.Context, email string) (User, error) {
	return byEmail(ctx, a.DB.Read(), email)
}

func byEmail(ctx context.Context, db bun.IDB, email string) (User, error) {
	clean, err := cleanEmail(email)
	if err != nil {
		return User{}, err
	}
	u, err := one(ctx, db, "WHERE u.email = ?", clean)
	return u, found(err, clean)
}

func found(err error, who string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return kit.Errorf(kit.NotFound, "find user %.254s: there is none", who).WithHint("list the users to see who there is")
	}
	return kit.Errorf(kit.CodeOf(err), "find user %.254s: %w", who, err)
}
