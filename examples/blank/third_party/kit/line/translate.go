package line

import (
	"reflect"
	"strings"

	"github.com/urfave/cli/v2"
)

// heads says the headings of the library's help, which is printed by one
// function for the whole program.
var heads = func(text string) string { return text }

// translate puts all texts of app and of its commands through say.
func translate(app *cli.App, say func(string) string) {
	heads = say
	translateFlags([]cli.Flag{cli.HelpFlag}, say)
	helpUsage(say("list the commands, or tell of one"))
	app.Usage, app.Description = say(app.Usage), say(app.Description)
	translateFlags(app.Flags, say)
	translateCommands(app.Commands, say)
}

func translateCommands(commands []*cli.Command, say func(string) string) {
	for _, c := range commands {
		c.Usage, c.ArgsUsage = say(c.Usage), say(c.ArgsUsage)
		c.Description = say(strings.ReplaceAll(c.Description, "\n", " "))
		translateFlags(c.Flags, say)
		if c.Name != "help" { // the library's own: once asked, it holds itself
			translateCommands(c.Subcommands, say)
		}
	}
}

// translateFlags says what each flag is for. The library has a type for each
// kind of flag, all with these fields.
func translateFlags(flags []cli.Flag, say func(string) string) {
	for _, f := range flags {
		v := reflect.ValueOf(f)
		if v.Kind() != reflect.Pointer {
			continue
		}
		for _, name := range []string{"Usage", "DefaultText"} {
			if text := v.Elem().FieldByName(name); text.Kind() == reflect.String && text.CanSet() {
				text.SetString(say(text.String()))
			}
		}
	}
}

// head is a line of the help, said in the program's language where it is a
// heading or a word of the library's.
func head(line string) string {
	text := strings.TrimRight(line, "\n")
	if text == "" || strings.HasPrefix(text, " ") {
		return line
	}
	return heads(text) + line[len(text):]
}
