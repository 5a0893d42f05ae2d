package line

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// completing is the last word of a command line that a shell wants completed,
// as the command line library has it: the word before it is the one that the
// person is typing, and may be empty.
const completing = "--generate-bash-completion"

// Values are what may stand where a name alone does not tell: for a flag
// ("--template", or "new --template" of one command) or for the arguments of a
// command ("remove field"). A nil function, and whatever is not here, is a file.
type Values map[string]func() []string

// valuesKey is where Complete leaves the values for Run.
const valuesKey = "tackhammer.values"

// Complete gives app the values of its flags and arguments, for shells that
// complete them.
func Complete(app *cli.App, values Values) {
	if app.Metadata == nil {
		app.Metadata = map[string]any{}
	}
	app.Metadata[valuesKey] = values
}

// complete prints what the last of words could become, a line each, with a tab
// before what it means; nothing where a file is wanted. The words are those
// behind the program's name, without completing.
func complete(app *cli.App, words []string) {
	if len(words) == 0 {
		words = []string{""}
	}
	values, _ := app.Metadata[valuesKey].(Values)
	now := unquoted(words[len(words)-1])
	for _, s := range suggest(app, values, words[:len(words)-1], now) {
		if strings.HasPrefix(s.word, now) {
			s.print(app.Writer)
		}
	}
}

// unquoted is a word without the quotes that a shell puts around nothing where
// it cannot hand nothing over.
func unquoted(word string) string {
	if word == "''" || word == `""` {
		return ""
	}
	return word
}

// suggestion is a word that may come next, and what it means.
type suggestion struct{ word, means string }

func (s suggestion) print(w io.Writer) {
	if s.means == "" {
		fmt.Fprintln(w, s.word)
		return
	}
	fmt.Fprintf(w, "%s\t%s\n", s.word, strings.ReplaceAll(s.means, "`", ""))
}

// suggest lists what may stand behind the words before, where the one that is
// being typed begins as now does.
func suggest(app *cli.App, values Values, before []string, now string) []suggestion {
	cmd, path, rest := walked(app.Commands, before)
	if flag, head, ok := valued(cmd, rest, now); ok {
		return values.of(head, append(ends(path, " "+flag), flag))
	}
	if strings.HasPrefix(now, "-") && !slices.Contains(rest, "--") {
		return flagsOf(cmd, rest)
	}
	commands := app.Commands
	if cmd != nil {
		commands = cmd.Subcommands
	}
	if len(commands) > 0 && len(rest) == 0 {
		return named(commands)
	}
	return values.of("", ends(path, ""))
}

// ends are the keys of a command of a full name: its own, and those of the
// commands that it is made like ("plan remove field" like "remove field").
func ends(path, flag string) (keys []string) {
	for path != "" {
		keys = append(keys, path+flag)
		_, path, _ = strings.Cut(path, " ")
	}
	return keys
}

// walked follows words to a command: the last one found, its full name, and the
// words behind it.
func walked(commands []*cli.Command, words []string) (cmd *cli.Command, path string, rest []string) {
	for i, w := range words {
		next := find(commands, w)
		if next == nil {
			return cmd, path, words[i:]
		}
		cmd, commands = next, next.Subcommands
		path = strings.TrimSpace(path + " " + next.Name)
	}
	return cmd, path, nil
}

// valued reports whether a flag's value is being typed, which flag's, and what
// stands before the value in the same word.
func valued(cmd *cli.Command, before []string, now string) (flag, head string, ok bool) {
	if cmd == nil || slices.Contains(before, "--") {
		return "", "", false
	}
	if at := strings.Index(now, "="); at > 0 && now[0] == '-' {
		return longName(cmd, now[:at]), now[:at+1], true
	}
	if len(before) == 0 {
		return "", "", false
	}
	last := before[len(before)-1]
	if len(last) < 2 || last[0] != '-' || !takesValue(cmd, last) {
		return "", "", false
	}
	return longName(cmd, last), "", true
}

// longName is a flag's first name with two dashes, by any of its names.
func longName(cmd *cli.Command, arg string) string {
	for _, f := range cmd.Flags {
		if slices.Contains(f.Names(), strings.TrimLeft(arg, "-")) {
			return "--" + f.Names()[0]
		}
	}
	return arg
}

// of are the values of the first key that is there, each behind head.
func (v Values) of(head string, keys []string) (found []suggestion) {
	for _, key := range keys {
		if list := v[key]; list != nil {
			for _, word := range list() {
				found = append(found, suggestion{word: head + word})
			}
			return found
		}
	}
	return nil
}

// flagsOf lists the flags of a command that are not given yet; a flag that may
// be given again stays.
func flagsOf(cmd *cli.Command, given []string) (found []suggestion) {
	help := suggestion{"--help", "tell of it"}
	if cmd == nil {
		return []suggestion{help}
	}
	for _, f := range cmd.Flags {
		if v, ok := f.(cli.VisibleFlag); ok && !v.IsVisible() {
			continue
		}
		name := "--" + f.Names()[0]
		_, again := f.(*cli.StringSliceFlag)
		if again || !slices.Contains(given, name) {
			found = append(found, suggestion{name, usageOf(f)})
		}
	}
	return append(found, help)
}

func usageOf(f cli.Flag) string {
	if d, ok := f.(cli.DocGenerationFlag); ok {
		return d.GetUsage()
	}
	return ""
}

func named(commands []*cli.Command) (found []suggestion) {
	for _, c := range commands {
		if !c.Hidden {
			found = append(found, suggestion{c.Name, c.Usage})
		}
	}
	return found
}
