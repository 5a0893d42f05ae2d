package line

import (
	"strings"

	"github.com/urfave/cli/v2"
)

// Examples gives commands the examples that their --help ends with: command
// lines, by the command's full name below the program ("new", "nail check").
func Examples(commands []*cli.Command, lines map[string][]string) {
	exampled(commands, "", lines)
}

func exampled(commands []*cli.Command, above string, lines map[string][]string) {
	for _, c := range commands {
		name := strings.TrimSpace(above + " " + c.Name)
		if own := lines[name]; len(own) > 0 {
			template := cli.CommandHelpTemplate
			if len(c.Subcommands) > 0 {
				template = cli.SubcommandHelpTemplate
			}
			// A string in the template's own language: what looks like a part of
			// it in an example is none.
			c.CustomHelpTemplate = template + "\nEXAMPLES:\n   " + "{{`" + strings.ReplaceAll(strings.Join(own, "\n   "), "`", "'") + "`}}\n"
		}
		exampled(c.Subcommands, name, lines)
	}
}
