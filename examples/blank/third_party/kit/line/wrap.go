package line

import (
	"strings"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
)

// Wrap breaks each line of a text at its blanks, and between the letters of
// Chinese, so that it fits into the 80 columns of a terminal behind an indent.
// Both are cells: a wide letter takes two. What follows a break stands as far
// in as its line. A word that is longer than a line is not broken: it may be an
// address.
func Wrap(text string, indent int) string {
	margin := strings.Repeat(" ", indent)
	var out []string
	for _, line := range strings.Split(text, "\n") {
		in := line[:len(line)-len(strings.TrimLeft(line, " "))]
		out = append(out, wrapLine(line, in, columns-indent)...)
	}
	return strings.Join(out, "\n"+margin)
}

// wrapLine is one line as several of at most some cells, each behind in.
func wrapLine(line, in string, cells int) (out []string) {
	now := in
	for _, word := range strings.Fields(line) {
		for i, piece := range pieces(word) {
			gap := ""
			if i == 0 && now != in {
				gap = " "
			}
			if now != in && runewidth.StringWidth(now+gap+piece) > cells {
				out, now, gap = append(out, now), in, ""
			}
			now += gap + piece
		}
	}
	return append(out, now)
}

// Marks that end what stands before them begin no line, and those that open
// what follows end none: the rules of Chinese typesetting.
const (
	closing = "，。、；：？！）》」』】〉”’…—,.;:?!)]}%"
	opening = "（《「『【〈“‘([{"
)

// pieces are the parts of a word between which a line may end: beside each wide
// letter, but not before a closing mark or behind an opening one.
func pieces(word string) (out []string) {
	start := 0
	var before rune
	for i, r := range word {
		if i > start && (wide(before) || wide(r)) && !strings.ContainsRune(closing, r) && !strings.ContainsRune(opening, before) {
			out, start = append(out, word[start:i]), i
		}
		before = r
	}
	return append(out, word[start:])
}

// wide letters are those of Chinese, with its marks.
func wide(r rune) bool {
	return r >= utf8.RuneSelf && (runewidth.RuneWidth(r) == 2 || strings.ContainsRune("“”‘’…—", r))
}
