package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
)

// Seal is what the trail notes of a user's name and address: the hex HMAC-SHA256
// (RFC 2104) of both, each behind its length and a colon, under the user's own
// salt. The salt lies with the user and goes when they are deleted: what the
// trail has then is of nobody.
func Seal(salt, name, email string) string {
	mac := hmac.New(sha256.New, []byte(salt))
	for _, s := range []string{name, email} {
		mac.Write([]byte(strconv.Itoa(len(s)) + ":" + s))
	}
	return hex.EncodeToString(mac.Sum(nil))
}

// newSalt is 32 bytes that nobody guesses, in hex.
func newSalt() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // it never fails
	return hex.EncodeToString(b[:])
}
