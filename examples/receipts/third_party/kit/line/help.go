package line

import (
	"bytes"
	"io"
	"strings"

	"github.com/mattn/go-runewidth"
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
	body := strings.TrimSuffix(line, "\n")
	if runewidth.StringWidth(body) <= columns {
		return line
	}
	text := strings.TrimLeft(body, " ")
	in := len(body) - len(text)
	if i := strings.LastIndex(text, "  "); i > 0 && runewidth.StringWidth(body[:in+i+2]) < columns/2 {
		in += i + 2
	}
	return body[:in] + Wrap(body[in:], runewidth.StringWidth(body[:in])) + "\n"
}
