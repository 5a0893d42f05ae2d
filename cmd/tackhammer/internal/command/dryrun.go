package command

import (
	"fmt"
	"io"
	"strings"

	"github.com/mattn/go-runewidth"
	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/say"
	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
)

// dryRunFlags are those of every command that changes an app: showChanges reads
// all and json.
func dryRunFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "dry-run", Usage: "show each operation with its diff, and write nothing"},
		&cli.BoolFlag{Name: "all", Usage: "with --dry-run: the kit's files one by one, too"},
		&cli.BoolFlag{Name: "json", Usage: "with --dry-run: print a JSON object for scripts"},
	}
}

// showChanges prints changes under a title, for people or, with --json, for
// programs: {"title", "changes": [{"path", "kind", "why", "mode", "before",
// "sha256", "bytes", "diff"}]}. What it prints for people is a patch with words
// between its parts. It writes nothing else.
func showChanges(c *cli.Context, title string, changes []scaffold.Change) error {
	ops, err := scaffold.Operations(changes, c.Bool("all"))
	if err != nil {
		return err
	}
	if c.Bool("json") {
		if ops == nil {
			ops = []scaffold.Operation{} // a list in JSON, and not null
		}
		return printJSON(c.App.Writer, struct {
			Title   string               `json:"title"`
			Changes []scaffold.Operation `json:"changes"`
		}{title, ops})
	}
	printOperations(c.App.Writer, title, ops)
	return nil
}

// wordsOf is the language of what a command prints: programs, which ask for
// JSON, read English.
func wordsOf(c *cli.Context) func(english string) string {
	if c.Bool("json") {
		return inEnglish
	}
	return say.Text
}

func inEnglish(text string) string { return text }

func printOperations(w io.Writer, title string, ops []scaffold.Operation) {
	p := colours(w)
	fmt.Fprintln(w, p.bold(title))
	for _, op := range ops {
		fmt.Fprintf(w, "\n%s\n", operationLine(p, op))
		fmt.Fprint(w, p.diff(op.Diff))
		if op.Diff != "" && !strings.HasSuffix(op.Diff, "\n") {
			fmt.Fprintln(w)
		}
	}
	fmt.Fprintf(w, say.Text("\n%s; nothing was written\n"), countOperations(ops))
}

// operationLine says what becomes of a file: what, which, how large and why.
func operationLine(p palette, op scaffold.Operation) string {
	kind := runewidth.FillRight(say.Text(string(op.Kind)), 8)
	switch op.Kind {
	case scaffold.Conflict:
		kind = p.red(kind)
	case scaffold.Delete, scaffold.Keep:
		kind = p.yellow(kind)
	}
	line := fmt.Sprintf("%s %s", kind, p.bold(op.Path))
	if op.Files > 0 {
		line += p.dim(fmt.Sprintf(say.Text("  %d files, %d bytes"), op.Files, op.Bytes)) + "\n         " + op.SHA256
	} else if op.SHA256 != "" {
		line += p.dim(fmt.Sprintf(say.Text("  %s, %d bytes"), op.Mode, op.Bytes))
	}
	if op.Why != "" {
		line += "\n         " + say.Text(op.Why)
	}
	return line
}

// countOperations counts files by what becomes of them, in the order of the
// kinds: 3 to make, 2 to merge.
func countOperations(ops []scaffold.Operation) string {
	count := map[scaffold.Kind]int{}
	for _, op := range ops {
		count[op.Kind] += max(1, op.Files)
	}
	var parts []string
	for _, kind := range []scaffold.Kind{scaffold.Make, scaffold.Replace, scaffold.Merge, scaffold.Delete, scaffold.Keep, scaffold.Conflict} {
		if count[kind] > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", say.Text(string(kind)), count[kind]))
		}
	}
	if len(parts) == 0 {
		return say.Text("nothing to do")
	}
	return strings.Join(parts, ", ")
}
