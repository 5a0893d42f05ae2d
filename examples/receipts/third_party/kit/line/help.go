package line

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/urfave/cli/v2"
)

// columns is how wide a terminal is at least.
const columns = 80

// printHelp prints the library's help, with its lines broken at the columns.
func printHelp(out io.Writer, template string, data any) {
	var b bytes.Buffer
	cli.HelpPrinterCustom(&b, template, data, nil)
	for _, line := range strings.SplitAfter(b.String(), "\n") {
		_, _ = io.WriteString(out, fold(line)) // help has nobody to tell
	}
}

// fold breaks a line at its blanks. What follows stands below what the line
// tells of a flag or a command, or as far in as the line.
func fold(line string) string {
	if utf8.RuneCountInString(line) <= columns+1 {
		return line
	}
	text := strings.TrimLeft(line, " ")
	in := utf8.RuneCountInString(line) - utf8.RuneCountInString(text)
	if i := strings.LastIndex(text, "  "); i > 0 && in+i+2 < columns/2 {
		in += utf8.RuneCountInString(text[:i+2])
	}
	head := string([]rune(line)[:in])
	out, now := "", head
	for i, word := range strings.Fields(string([]rune(line)[in:])) {
		switch {
		case i == 0:
		case utf8.RuneCountInString(now+" "+word) > columns:
			out, now = out+now+"\n", strings.Repeat(" ", in)
		default:
			now += " "
		}
		now += word
	}
	return out + now + "\n"
}
