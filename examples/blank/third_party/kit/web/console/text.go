package console

import (
	"fmt"
	"strings"
	"unicode"
)

// hidden reports whether s has characters that change how text is read without
// being seen: directions, joiners, controls.
func hidden(s string) bool { return strings.ContainsFunc(s, unseen) }

// unseen tells the characters that plain shows by their names.
func unseen(r rune) bool {
	switch r {
	case '\n', '\t':
		return false
	case '\u200d', '\u200c': // joiners belong to scripts and emoji
		return false
	}
	return unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Cc, r)
}

// visible is text of a document, a model or a file name with its hidden
// characters shown by their code points, so that "exe.fdp" turned around by
// U+202E is seen as what it is.
func visible(s string) string {
	if !hidden(s) {
		return s
	}
	var out strings.Builder
	for _, r := range s {
		if unseen(r) {
			fmt.Fprintf(&out, "⟨U+%04X⟩", r)
		} else {
			out.WriteRune(r)
		}
	}
	return out.String()
}
