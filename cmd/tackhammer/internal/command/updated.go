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

// printNext says, in a line for each file, what becomes of an app. The kit's
// files are a line together, as long as nobody edited one.
func printNext(w io.Writer, n *scaffold.Next) {
	p := colours(w)
	if n.From != n.To {
		fmt.Fprintf(w, say.Text("from %s to %s\n"), n.From, n.To)
	}
	inKit := 0
	for _, c := range n.Changes {
		switch {
		case strings.HasPrefix(c.Path, ".tackhammer/"):
			continue
		case strings.HasPrefix(c.Path, "third_party/") && plain(c.Kind):
			inKit++
			continue
		}
		fmt.Fprintf(w, "%s %s\n", runewidth.FillRight(say.Text(string(c.Kind)), 8), p.bold(c.Path))
		if c.Why != "" {
			fmt.Fprintf(w, "         %s\n", say.Text(c.Why))
		}
	}
	printKit(w, n.Kit, inKit)
}

// plain reports whether a kind of change needs nobody's eye.
func plain(k scaffold.Kind) bool {
	return k == scaffold.Make || k == scaffold.Replace || k == scaffold.Delete
}

func printKit(w io.Writer, k scaffold.KitState, files int) {
	switch {
	case len(k.Edited) > 0:
		fmt.Fprintf(w, say.Text("the kit is edited, and merged file by file: %s\n"), someOf(k.Edited))
		if files > 0 {
			fmt.Fprintf(w, say.Text("replace  third_party/kit: %d files that nobody edited\n"), files)
		}
	case files > 0:
		fmt.Fprintf(w, say.Text("replace  third_party/kit: nobody edited it, so it is replaced whole, %d files\n"), files)
	}
}

// printDone says that an app has its next state, and what to do with it.
func printDone(c *cli.Context, dir, act string) {
	fmt.Fprintf(c.App.Writer, say.Text("\ndone: look at it with git diff, then\n  git add -A && git commit -m %s\n"), shellQuote(act+" by tackhammer "+source().Version))
}
