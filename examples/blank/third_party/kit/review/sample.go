package review

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit/audit"
)

// Sampled reports whether a case is in the sample that what names, which
// takes about share of all cases (0 to 1). It answers the same whenever it is
// asked: the HMAC-SHA256 (RFC 2104) of what, a zero byte and the case's ID
// under the seed, its first 53 bits read as a fraction, is below the share.
func Sampled(seed, what, caseID string, share float64) bool {
	return float64(binary.BigEndian.Uint64(drawn(seed, what+"\x00"+caseID))>>11)/(1<<53) < share
}

// drawn is the HMAC-SHA256 (RFC 2104) of words under a seed: nobody foresees it
// without the seed, and whoever has the seed draws the same.
func drawn(seed, words string) []byte {
	mac := hmac.New(sha256.New, []byte(seed))
	mac.Write([]byte(words))
	return mac.Sum(nil)
}

// newSeed is 32 bytes that nobody guesses, in hex.
func newSeed() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // it never fails
	return hex.EncodeToString(b[:])
}

// Seed returns the seed of all samples. The first who needs it draws it, and
// the trail notes it: who knows the seed can say which cases were sampled, so
// it is sent to no client. The transaction must hold the trail.
func Seed(ctx context.Context, tx bun.Tx, at time.Time) (string, error) {
	var seed string
	err := tx.NewRaw(`SELECT seed FROM sampling WHERE id = 1`).Scan(ctx, &seed)
	if !errors.Is(err, sql.ErrNoRows) {
		return seed, err
	}
	seed = newSeed()
	if _, err := tx.NewRaw(`INSERT INTO sampling (id, seed) VALUES (1, ?)`, seed).Exec(ctx); err != nil {
		return "", err
	}
	data, _ := json.Marshal(map[string]string{"seed": seed})
	_, err = audit.Append(ctx, tx, audit.Event{At: at, Actor: "service", Kind: "sampling.seeded", Data: data})
	return seed, err
}
