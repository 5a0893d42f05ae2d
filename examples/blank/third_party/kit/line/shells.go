package line

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit"
)

// shells holds a script for each shell, with PROGRAM where the program's name
// goes and FUNCTION where it goes into the name of a function.
//
//go:embed shells
var shells embed.FS

// setUp says how a person makes a shell complete, by the shell.
var setUp = map[string]string{
	"bash":       "echo 'source <(PROGRAM completion bash)' >> ~/.bashrc",
	"zsh":        "echo 'source <(PROGRAM completion zsh)' >> ~/.zshrc, below the line with compinit",
	"fish":       "PROGRAM completion fish > ~/.config/fish/completions/PROGRAM.fish",
	"powershell": "PROGRAM completion powershell >> $PROFILE",
}

// CompletionCommand prints the script by which a shell completes the commands,
// flags and values of the program, whose name on the PATH is program.
func CompletionCommand(program string) *cli.Command {
	cmd := &cli.Command{
		Name: "completion", Usage: "make a shell complete commands, flags and values",
		Description: "Prints a script for the shell. It asks this program for what may come next, so it never grows old.",
	}
	for _, shell := range slices.Sorted(maps.Keys(setUp)) {
		how := strings.ReplaceAll(setUp[shell], "PROGRAM", program)
		cmd.Subcommands = append(cmd.Subcommands, &cli.Command{
			Name: shell, Usage: "print the script for " + shell,
			Description: "Once: " + how,
			Action:      func(c *cli.Context) error { return printShell(c, shell, program) },
		})
	}
	return cmd
}

func printShell(c *cli.Context, shell, program string) error {
	if err := WantArgs(c, 0, 0); err != nil {
		return err
	}
	raw, err := shells.ReadFile("shells/" + shell)
	if err != nil {
		return kit.Errorf(kit.Internal, "read the script for %s: %w", shell, err)
	}
	function := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, program)
	_, err = fmt.Fprint(c.App.Writer, strings.NewReplacer("PROGRAM", program, "FUNCTION", function).Replace(string(raw)))
	return err
}
