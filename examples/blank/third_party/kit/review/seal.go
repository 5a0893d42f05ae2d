package review

import (
	"encoding/hex"
	"strconv"
	"strings"
)

// Seal is the hex HMAC-SHA256 (RFC 2104) of fields under the seed of samples,
// each field preceded by its length and a colon. The trail notes it of what
// nobody decided on yet: it fixes that without telling anything of it to those
// who do not have the seed, where a hash would let them try what it is of. It
// is no proof that a draft is the model's own: a canary has one too.
func Seal(seed string, fields ...string) string {
	var words strings.Builder
	words.WriteString("seal\x00") // no sample is drawn by such words
	for _, f := range fields {
		words.WriteString(strconv.Itoa(len(f)) + ":" + f)
	}
	return hex.EncodeToString(drawn(seed, words.String()))
}
