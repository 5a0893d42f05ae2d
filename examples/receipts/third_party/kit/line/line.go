// Package line runs a program's command line: flags may stand anywhere, errors
// come with hints and the nearest name, and exit codes are decided here alone.
//
//	app := &cli.App{Name: "desk", Commands: commands, Writer: out, ErrWriter: errs}
//	os.Exit(line.Run(ctx, app, os.Args))
//
// A command asks at most where a person sits at a terminal. What it is missing
// elsewhere it says, and ends with the code for wrong use.
package line

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit"
)

// The exit codes of every program of tackhammer.
const (
	Done     = 0
	Failed   = 1
	Usage    = 2
	Conflict = 3
	BelowBar = 4
)

// Run runs the command line args, the program's name first, reports an error
// to app.ErrWriter and returns the exit code.
func Run(ctx context.Context, app *cli.App, args []string) int {
	return RunIn(ctx, app, args, func(text string) string { return text })
}

// RunIn is Run in another language: say gives what stands for a text in
// English, or the text itself where it has none. The help, the texts of flags
// and commands, and the errors of kit.Errorf are told by it.
func RunIn(ctx context.Context, app *cli.App, args []string, say func(text string) string) int {
	translate(app, say)
	app.HideVersion = true
	app.DisableSliceFlagSeparator = true
	app.ExitErrHandler = func(*cli.Context, error) {} // Run reports, main exits
	app.Action = unknown
	app.OnUsageError = usageError
	prepare(app.Commands)
	if n := len(args) - 1; n > 0 && args[n] == completing {
		complete(app, args[1:n])
		return Done
	}
	err := app.RunContext(ctx, flagsFirst(app.Commands, versionAsked(app.Commands, args)))
	if m := noTopic.FindStringSubmatch(fmt.Sprint(err)); m != nil {
		err = unknownName(app.Name, m[1], app.Commands)
	}
	if err != nil {
		report(app, err, say)
	}
	return ExitCode(err)
}

// prepare gives each command the ways of the program: groups tell of unknown
// commands, and nothing exits by itself.
func prepare(commands []*cli.Command) {
	for _, c := range commands {
		if c.Name == "help" { // the library's own: once asked, it holds itself
			continue
		}
		c.OnUsageError = usageError
		c.Description = strings.ReplaceAll(c.Description, "\n", " ") // one paragraph, folded when it is printed
		for _, f := range c.Flags {
			if b, ok := f.(*cli.BoolFlag); ok {
				b.DisableDefaultText = true // what is not asked for is not so
			}
		}
		if len(c.Subcommands) > 0 {
			c.Action = alone(c.Action)
			prepare(c.Subcommands)
		}
	}
}

// alone is what a group of commands does without one of them: its own action,
// if it has one. Anything else that stands behind it is an unknown command.
func alone(action cli.ActionFunc) cli.ActionFunc {
	return func(c *cli.Context) error {
		if action == nil || c.Args().Present() {
			return unknown(c)
		}
		return action(c)
	}
}

// init words the library's one help command in the way of the others, and
// prints help as wide as a terminal.
func init() {
	helpUsage("list the commands, or tell of one")
	cli.HelpPrinter = printHelp
}

// helpUsage says what the library's help command is for.
func helpUsage(text string) {
	probe := cli.NewApp()
	probe.Setup()
	probe.Command("help").Usage = text
}

// versionAsked turns the flag that people try into the program's command, where
// it has one.
func versionAsked(commands []*cli.Command, args []string) []string {
	if len(args) == 2 && slices.Contains([]string{"--version", "-version", "-v"}, args[1]) && find(commands, "version") != nil {
		return []string{args[0], "version"}
	}
	return args
}

// ExitCode is the one place where exit codes are decided.
func ExitCode(err error) int {
	switch kit.CodeOf(err) {
	case "":
		return Done
	case kit.Invalid:
		return Usage
	case kit.Conflict, kit.Duplicate, kit.Stale, kit.Decided, kit.LostLease:
		return Conflict
	case kit.BelowBar:
		return BelowBar
	}
	return Failed
}

func report(app *cli.App, err error, say func(string) string) {
	message, hint := kit.In(err, say)
	fmt.Fprintf(app.ErrWriter, "%s: %s\n", app.Name, message)
	if hint != "" {
		fmt.Fprintf(app.ErrWriter, say("  hint: %s\n"), hint)
	}
}

// unknown runs when no command has the first argument's name.
func unknown(c *cli.Context) error {
	if !c.Args().Present() {
		if len(c.Lineage()) > 2 || c.Command.Name != c.App.Name {
			return cli.ShowSubcommandHelp(c)
		}
		return cli.ShowAppHelp(c)
	}
	got := c.Args().First()
	commands := c.Command.Subcommands
	if len(commands) == 0 {
		commands = c.App.Commands
	}
	return unknownName(c.App.Name, got, commands)
}

// unknownName is the error of a name that none of the commands has.
func unknownName(program, got string, commands []*cli.Command) error {
	var names []string
	for _, cmd := range commands {
		if !cmd.Hidden {
			names = append(names, cmd.Name)
		}
	}
	err := kit.Errorf(kit.Invalid, "run %q: there is no such command", got)
	if near := kit.Closest(got, names); near != "" {
		return err.WithHint("did you mean %s?", near)
	}
	return err.WithHint("%s --help lists the commands", program)
}

// usageError words what the flag parser refuses.
func usageError(c *cli.Context, err error, _ bool) error {
	near := nearFlag(c.Command, err)
	err = flagError(err)
	wrong := kit.Errorf(kit.Invalid, "%s: %w", c.Command.Name, err)
	if c.Command.Name == c.App.Name { // the report begins with it
		wrong = kit.Errorf(kit.Invalid, "%w", err)
	}
	if near != "" {
		return wrong.WithHint("did you mean --%s? %s --help lists the flags", near, c.Command.HelpName)
	}
	return wrong.WithHint("%s --help lists the flags", c.Command.HelpName)
}

// The parser's own words, by which its errors are told apart.
var (
	noTopic  = regexp.MustCompile(`^No help topic for '(.*)'$`)
	noFlag   = regexp.MustCompile(`^flag provided but not defined: -+(.*)$`)
	noValue  = regexp.MustCompile(`^flag needs an argument: -+(.*)$`)
	badValue = regexp.MustCompile(`(?s)^invalid (?:boolean )?value "(.*)" for (?:flag )?-+(\S+): .*$`)
)

// flagError says what the flag parser says in the program's way and language.
func flagError(err error) error {
	text := err.Error()
	if m := noFlag.FindStringSubmatch(text); m != nil {
		return kit.Errorf(kit.Invalid, "there is no flag %s", dashed(m[1]))
	}
	if m := noValue.FindStringSubmatch(text); m != nil {
		return kit.Errorf(kit.Invalid, "%s needs a value", dashed(m[1]))
	}
	if m := badValue.FindStringSubmatch(text); m != nil {
		return kit.Errorf(kit.Invalid, "%s cannot be %q", dashed(m[2]), m[1])
	}
	return err
}

// dashed is a flag as it is typed.
func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

func nearFlag(cmd *cli.Command, err error) string {
	m := noFlag.FindStringSubmatch(err.Error())
	if m == nil || cmd == nil {
		return ""
	}
	got := m[1]
	var names []string
	for _, f := range cmd.Flags {
		names = append(names, f.Names()...)
	}
	return kit.Closest(got, names)
}

// WantArgs fails unless from least to most arguments stand beside the flags; a
// negative most sets no limit.
func WantArgs(c *cli.Context, least, most int) error {
	n := c.NArg()
	if n >= least && (n <= most || most < 0) {
		return nil
	}
	err := kit.Errorf(kit.Invalid, "%s: an argument is missing", c.Command.Name)
	if n > least {
		err = kit.Errorf(kit.Invalid, "%s: %q is one argument too many", c.Command.Name, c.Args().Get(most))
	}
	return err.WithHint("usage: %s", strings.TrimSpace(c.Command.HelpName+" "+c.Command.ArgsUsage))
}

// flagsFirst moves the flags of a command before its arguments, so that `new
// DIR --name x` reads like `new --name x DIR`: the parser below takes whatever
// follows the first argument for an argument. What stands after "--" stays.
func flagsFirst(commands []*cli.Command, args []string) []string {
	at, cmd := 0, (*cli.Command)(nil)
	for at+1 < len(args) {
		next := find(commands, args[at+1])
		if next == nil {
			break
		}
		at, cmd, commands = at+1, next, next.Subcommands
	}
	if cmd == nil || len(cmd.Subcommands) > 0 {
		return args
	}
	flags, rest := part(cmd, args[at+1:])
	if len(rest) > 0 {
		rest = append([]string{"--"}, rest...)
	}
	return slices.Concat(args[:at+1], flags, rest)
}

// part tells a command's flags, with their values, from its arguments.
func part(cmd *cli.Command, given []string) (flags, rest []string) {
	for i := 0; i < len(given); i++ {
		arg := given[i]
		switch {
		case arg == "--":
			return flags, append(rest, given[i+1:]...)
		case len(arg) < 2 || arg[0] != '-':
			rest = append(rest, arg)
		default:
			flags = append(flags, arg)
			if takesValue(cmd, arg) && i+1 < len(given) {
				i++
				flags = append(flags, given[i])
			}
		}
	}
	return flags, rest
}

func find(commands []*cli.Command, name string) *cli.Command {
	for _, c := range commands {
		if c.HasName(name) {
			return c
		}
	}
	return nil
}

// takesValue reports whether the argument after arg is the value of flag arg.
func takesValue(cmd *cli.Command, arg string) bool {
	name := strings.TrimLeft(arg, "-")
	if strings.Contains(name, "=") {
		return false
	}
	for _, f := range cmd.Flags {
		if slices.Contains(f.Names(), name) {
			_, isBool := f.(*cli.BoolFlag)
			return !isBool
		}
	}
	return false
}
