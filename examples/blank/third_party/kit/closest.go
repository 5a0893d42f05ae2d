package kit

import (
	"slices"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
)

// Closest returns the one of known that got was most likely meant to be, or ""
// when none is near: at most half of its letters may be wrong. Letters in another
// order behind the first one count as one mistake.
func Closest(got string, known []string) string {
	best, least := "", utf8.RuneCountInString(got)+1
	for _, k := range known {
		if d := mistakes(got, k); d < least && d*2 <= utf8.RuneCountInString(k) {
			best, least = k, d
		}
	}
	return best
}

func mistakes(got, want string) int {
	if got != want && sameLetters([]rune(got), []rune(want)) {
		return 1
	}
	return levenshtein.ComputeDistance(got, want)
}

// sameLetters reports whether a and b begin alike and have the same letters.
func sameLetters(a, b []rune) bool {
	if len(a) != len(b) || len(a) == 0 || a[0] != b[0] {
		return false
	}
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}
