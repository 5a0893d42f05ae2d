package kit

import (
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
)

// Closest returns the one of known that got was most likely meant to be, or ""
// when none is near: at most half of its letters may be wrong.
func Closest(got string, known []string) string {
	best, least := "", utf8.RuneCountInString(got)+1
	for _, k := range known {
		if d := levenshtein.ComputeDistance(got, k); d < least && d*2 <= utf8.RuneCountInString(k) {
			best, least = k, d
		}
	}
	return best
}
