package auth

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"golang.org/x/text/unicode/norm"

	"github.com/tackhammer/tackhammer/kit"
)

// The bounds of a password, in characters.
const (
	minPassword = 12
	maxPassword = 128
)

// Work is what argon2id (RFC 9106) spends on a password.
type Work struct {
	Memory  uint32 // KiB
	Passes  uint32
	Threads uint8
}

// hashing bounds how many passwords are hashed at once in this process: each
// takes 64 MiB and every core there is, so a flood of sign-ins waits in line.
var hashing = make(chan struct{}, 2)

// hashWait is how long a sign-in waits in that line.
const hashWait = 20 * time.Second

// turnToHash waits for a place to hash in; done gives it back.
func turnToHash(ctx context.Context) (done func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, hashWait)
	defer cancel()
	select {
	case hashing <- struct{}{}:
		return func() { <-hashing }, nil
	case <-ctx.Done():
		return nil, kit.Errorf(kit.Unavailable, "sign in: too many people sign in at once").WithHint("try again in a minute")
	}
}

func (a Accounts) params() *argon2id.Params {
	w := a.Work
	if w == (Work{}) {
		w = Work{Memory: 64 << 10, Passes: 3, Threads: 4}
	}
	return &argon2id.Params{Memory: w.Memory, Iterations: w.Passes, Parallelism: w.Threads, SaltLength: 16, KeyLength: 32}
}

// hash makes the hash that is kept of a password.
func (a Accounts) hash(ctx context.Context, password string) (string, error) {
	done, err := turnToHash(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	hash, err := argon2id.CreateHash(normal(password), a.params())
	if err != nil {
		return "", kit.Errorf(kit.Internal, "hash a password: %w", err)
	}
	return hash, nil
}

// compare tells whether hash is of password, and whether it was made with other
// work than hashes are now. Without a hash it works as long and says no.
func (a Accounts) compare(ctx context.Context, password, hash string) (right, old bool, err error) {
	if hash == "" {
		_, err := a.hash(ctx, password)
		return false, false, err
	}
	done, err := turnToHash(ctx)
	if err != nil {
		return false, false, err
	}
	defer done()
	right, made, err := argon2id.CheckHash(normal(password), hash)
	if err != nil {
		return false, false, kit.Errorf(kit.Internal, "compare a password: %w", err)
	}
	return right, *made != *a.params(), nil
}

// normal is a password as it is hashed: one that looks the same is the same,
// whatever the keyboard made of it (NFKC, as NIST SP 800-63B asks). One that is
// too long to be anybody's is cut to nothing.
func normal(password string) string {
	if len(password) > 8*maxPassword {
		return ""
	}
	return norm.NFKC.String(password)
}

// weak finds what is wrong with a new password of u; "" when nothing is.
func weak(password string, u User) Refusal {
	n := utf8.RuneCountInString(norm.NFKC.String(password))
	switch {
	case n < minPassword:
		return TooShort
	case n > maxPassword:
		return TooLong
	case common(password):
		return TooCommon
	case personal(password, u):
		return TooPersonal
	}
	return ""
}

// words are what the passwords that are guessed first are made of, together
// with figures and signs.
var words = []string{"password", "passwort", "passw0rd", "p@ssw0rd", "p@ssword", "qwertyuiop", "qwerty", "asdfghjkl", "asdfgh", "zxcvbnm", "1qaz2wsx", "qazwsx",
	"iloveyou", "welcome", "changeme", "letmein", "admin", "administrator", "tackhammer", "woaini", "mima", "trustno", "dragon", "monkey", "football",
	"baseball", "sunshine", "princess", "superman", "master", "default", "secret", "login", "guest", "abc"}

// common reports whether a password is one of the commonest: few different
// characters, a run of neighbours, or such words with figures around.
func common(password string) bool {
	s := strings.ToLower(norm.NFKC.String(password))
	distinct := map[rune]bool{}
	for _, r := range s {
		distinct[r] = true
	}
	if len(distinct) < 5 || steps(s) {
		return true
	}
	for _, w := range slices.SortedFunc(slices.Values(words), func(a, b string) int { return len(b) - len(a) }) {
		s = strings.ReplaceAll(s, w, "")
	}
	return !strings.ContainsFunc(s, unicode.IsLetter)
}

// steps reports whether each character follows from the one before, up or down.
func steps(s string) bool {
	r := []rune(s)
	for i := 1; i < len(r); i++ {
		d := r[i] - r[i-1]
		if d != 1 && d != -1 && d != 9 && d != -9 && d != 0 { // 9: from 9 on to 0
			return false
		}
	}
	return true
}

// personal reports whether less than eight characters are left of a password
// without its owner's name and address.
func personal(password string, u User) bool {
	s := strings.ToLower(norm.NFKC.String(password))
	local, domain, _ := strings.Cut(u.Email, "@")
	parts := append([]string{u.Email, local, domain}, strings.Fields(strings.ToLower(u.Name))...)
	slices.SortFunc(parts, func(a, b string) int { return len(b) - len(a) })
	for _, part := range parts {
		if utf8.RuneCountInString(part) >= 2 {
			s = strings.ReplaceAll(s, part, "")
		}
	}
	return utf8.RuneCountInString(s) < 8 && s != strings.ToLower(norm.NFKC.String(password))
}
