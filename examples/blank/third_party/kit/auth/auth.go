// Package auth knows the people and the services that use an app, and how they
// prove who they are: a one-time link, a password or an OpenID provider to sign
// in, a session in the browser, a token for programs.
//
// Start with Accounts: add a person, give them a link, and let the link be
// redeemed.
//
//	accounts := auth.Accounts{DB: db}
//	user, err := accounts.Add(ctx, "Mei Lin", "mei@example.com", auth.Reviewer)
//	code, err := accounts.Link(ctx, user.Email, time.Hour)
//	user, err = accounts.Redeem(ctx, code) // once
//
// A service can submit and read. It can never decide: that takes a person here,
// and a row of a person in the database. Nobody decides as somebody else: an
// admin invites people and shuts them out, but makes no token and, once they
// were here, no link of theirs without a Reset, which the person sees.
//
// No secret is kept: the database has the SHA-256 of each token, which is enough
// for 32 random bytes, and argon2id of each password.
package auth

import (
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tackhammer/tackhammer/kit"
)

// Kind parts people from programs.
type Kind string

// The kinds of users.
const (
	PersonKind  Kind = "person"
	ServiceKind Kind = "service"
)

// Role says what a user may do.
type Role string

// The roles. Every role reads.
const (
	Admin    Role = "admin"    // manages people, and all that a lead does
	Lead     Role = "lead"     // reassigns, sees the figures of all, and does all that a reviewer does
	Reviewer Role = "reviewer" // decides, submits, and retries what failed
	Viewer   Role = "viewer"   // only reads
	Service  Role = "service"  // a program: submits
)

// Roles lists the roles that a person may have.
var Roles = []Role{Admin, Lead, Reviewer, Viewer}

// ParseRole reads a person's role, in any case; kit.Invalid for another word.
func ParseRole(s string) (Role, error) {
	role := Role(strings.ToLower(strings.TrimSpace(s)))
	if !slices.Contains(Roles, role) {
		return "", kit.Errorf(kit.Invalid, "read role: no role is called %q", s).
			WithHint("the roles are admin, lead, reviewer and viewer")
	}
	return role, nil
}

// User is a person or a service. Email is empty for a service.
type User struct {
	ID        string    `json:"id"`
	Kind      Kind      `json:"kind"`
	Name      string    `json:"name"`
	Email     string    `json:"email,omitempty"`
	Role      Role      `json:"role"`
	CreatedAt time.Time `json:"created_at"`
	Disabled  bool      `json:"disabled,omitempty"`

	// Deleted is true of a person who was deleted: what is left is a pseudonym
	// for a name, a placeholder for an address, and their decisions.
	Deleted bool `json:"deleted,omitempty"`

	// Lang is the language, "en" or "zh", that the person was invited in; ""
	// for none.
	Lang string `json:"lang,omitempty"`

	// SignedInAt is when the person last came in to the console; zero for never.
	SignedInAt time.Time `json:"signed_in_at,omitzero"`

	// ResetAt and ResetBy tell when, and by whose id, the person's sign-in was
	// last reset; zero for never.
	ResetAt time.Time `json:"-"`
	ResetBy string    `json:"-"`

	// SessionsFrom is since when sessions count: one that began before was
	// ended by Disable or Revoke.
	SessionsFrom time.Time `json:"-"`
}

// SessionFrom is since when a session of u that begins now is to count: not
// before the last ones were ended, even where the clock was ahead then.
func (u User) SessionFrom(now time.Time) time.Time {
	if now.Before(u.SessionsFrom) {
		return u.SessionsFrom
	}
	return now
}

// Person reports whether u is a human being.
func (u User) Person() bool { return u.Kind == PersonKind }

// MayDecide reports whether u may claim and decide reviews, and retry what
// failed: an enabled person who is admin, lead or reviewer.
func (u User) MayDecide() bool { return u.Person() && u.is(Admin, Lead, Reviewer) }

// MayLead reports whether u may say who decides, certify bars, and see how
// others review: an enabled person who is admin or lead.
func (u User) MayLead() bool { return u.Person() && u.is(Admin, Lead) }

// MaySubmit reports whether u may bring in cases.
func (u User) MaySubmit() bool { return u.MayDecide() || u.Kind == ServiceKind && u.is(Service) }

// MayManage reports whether u may add people and change what they may do.
func (u User) MayManage() bool { return u.Person() && u.is(Admin) }

func (u User) is(roles ...Role) bool { return !u.Disabled && slices.Contains(roles, u.Role) }

// cleanEmail checks an address and brings it to the form that is compared.
func cleanEmail(s string) (string, error) {
	email := strings.ToLower(strings.TrimSpace(s))
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Address != email || len(email) > 254 || strings.ContainsFunc(s, disguised) {
		return "", kit.Errorf(kit.Invalid, "read email address: %.80q is none", s).
			WithHint("write it as name@example.com")
	}
	return email, nil
}

// disguised finds letters that become ASCII in lower case, as the sign of
// Kelvin does: a provider that knows two addresses apart must not have one of
// them taken for the other here.
func disguised(r rune) bool { return r > unicode.MaxASCII && unicode.ToLower(r) <= unicode.MaxASCII }

// cleanName takes a name in any script, on one line.
func cleanName(s string) (string, error) {
	name := strings.TrimSpace(s)
	n := utf8.RuneCountInString(name)
	if !utf8.ValidString(name) || n == 0 || n > 100 || strings.ContainsFunc(name, unprintable) {
		return "", kit.Errorf(kit.Invalid, "read name: %.120q is none", s).
			WithHint("a name has 1 to 100 characters, without control characters")
	}
	return name, nil
}

// unprintable finds control characters, line ends, and the marks that turn the
// direction of text, with which one name can be made to look like another.
func unprintable(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control)
}
