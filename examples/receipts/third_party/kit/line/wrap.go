package line

import (
	"strings"

	"github.com/mattn/go-runewidth"
)

// Wrap breaks each line of a text at its blanks, so that it fits into the 80
// columns of a terminal behind an indent. Both are cells: a wide letter takes
// two. What follows a break stands as far in as its line. A word that is longer
// than a line is not broken: it may be an address.
func Wrap(text string, indent int) string {
	margin := strings.Repeat(" ", indent)
	var out []string
	for _, line := range strings.Split(text, "\n") {
		in := line[:len(line)-len(strings.TrimLeft(line, " "))]
		now := in
		for _, word := range strings.Fields(line) {
			if now != in && indent+runewidth.StringWidth(now+" "+word) > columns {
				out, now = append(out, now), in
			}
			if now != in {
				now += " "
			}
			now += word
		}
		out = append(out, now)
	}
	return strings.Join(out, "\n"+margin)
}
