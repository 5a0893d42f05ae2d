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

// furthest is how far in the text beside a flag or a command begins at most, in
// cells.
const furthest = 34

// printHelp prints the library's help, with its lists near to their names and
// its lines broken at the columns.
func printHelp(out io.Writer, template string, data any) {
	var b bytes.Buffer
	cli.HelpPrinterCustom(&b, template, data, nil)
	for _, line := range nearer(strings.SplitAfter(b.String(), "\n")) {
		_, _ = io.WriteString(out, fold(head(optional(line)))) // help has nobody to tell
	}
}

// optional says the library's words for what may be left out, and for what it is then.
func optional(line string) string {
	for _, words := range []string{"[global options]", "[command options]", "(default: "} {
		line = strings.Replace(line, words, heads(words), 1)
	}
	return line
}

// nearer moves the texts of each list of flags and commands to the left where
// one long name pushed all of them to the right: its own goes below it.
func nearer(lines []string) (out []string) {
	var list []string
	listed := false
	for _, line := range lines {
		if listed && strings.HasPrefix(line, " ") {
			list = append(list, line)
			continue
		}
		out, list = append(append(out, narrowed(list)...), line), nil
		if head := strings.TrimSpace(line); head != "" {
			listed = strings.HasSuffix(head, "OPTIONS:") || strings.HasSuffix(head, "COMMANDS:")
		}
	}
	return append(out, narrowed(list)...)
}

// narrowed is one list with its second column as near as furthest wants it.
func narrowed(list []string) (out []string) {
	at := 8
	for _, row := range list {
		if name, _ := cells(row); runewidth.StringWidth(name)+2 <= furthest {
			at = max(at, runewidth.StringWidth(name)+2)
		}
	}
	for _, row := range list {
		name, text := cells(row)
		switch wide := runewidth.StringWidth(name); {
		case text == "":
			out = append(out, row)
		case wide+2 > at:
			out = append(out, name+"\n", strings.Repeat(" ", at)+text)
		default:
			out = append(out, name+strings.Repeat(" ", at-wide)+text)
		}
	}
	return out
}

// cells are the name of a row, with its indent, and the text beside it, "" for
// none. Two blanks at least stand between them.
func cells(row string) (name, text string) {
	in := len(row) - len(strings.TrimLeft(row, " "))
	name, text, _ = strings.Cut(row[in:], "  ")
	return row[:in] + name, strings.TrimLeft(text, " ")
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
