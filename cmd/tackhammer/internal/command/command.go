// Package command is the command line of tackhammer: each command reads its
// flags into a struct, makes one call, and prints what came of it.
//
// Main is the whole program but for the exit: it takes the arguments and the
// two streams, and returns the exit code, so that tests run it as it is.
//
//	os.Exit(command.Main(os.Args, os.Stdout, os.Stderr))
//
// No command asks a question. What a command is missing it says, with the way
// to give it, and ends with the code for wrong use.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer"
	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/templates"

	"io/fs"
)

// The exit codes, the same in every program of tackhammer. Programs of
// generated apps also end with 4, for what is below the bar.
const (
	exitDone     = 0
	exitFailed   = 1
	exitUsage    = 2
	exitConflict = 3
)

// Main runs the command line args, the program's name first, and returns the
// exit code. An interrupt or SIGTERM ends it in order; a second one at once.
func Main(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return Run(ctx, args, stdout, stderr)
}

// Run is Main without the signals: the command ends in order with ctx.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	app := newApp(stdout, stderr)
	err := app.RunContext(ctx, flagsFirst(app, args))
	if err != nil {
		report(stderr, err)
	}
	return exitCode(err)
}

// exitCode is the one place where exit codes are decided.
func exitCode(err error) int {
	switch kit.CodeOf(err) {
	case "":
		return exitDone
	case kit.Invalid:
		return exitUsage
	case kit.Conflict, kit.Duplicate, kit.Stale:
		return exitConflict
	}
	return exitFailed
}

func report(w io.Writer, err error) {
	fmt.Fprintf(w, "tackhammer: %v\n", err)
	if hint := kit.HintOf(err); hint != "" {
		fmt.Fprintf(w, "  hint: %s\n", hint)
	}
}

func newApp(stdout, stderr io.Writer) *cli.App {
	return &cli.App{
		Name:                      "tackhammer",
		Usage:                     "the smallest model that is good enough, with people who check its work",
		Version:                   scaffold.Version,
		HideVersion:               true, // the command version says more
		Writer:                    stdout,
		ErrWriter:                 stderr,
		Commands:                  []*cli.Command{newCommand(), templatesCommand(), demoCommand(), versionCommand()},
		Action:                    unknownCommand,
		OnUsageError:              usageError,
		ExitErrHandler:            func(*cli.Context, error) {}, // Run reports, main exits
		CustomAppHelpTemplate:     "",
		DisableSliceFlagSeparator: true,
	}
}

// source is what this program was built with.
func source() scaffold.Source {
	k, err := fs.Sub(tackhammer.Kit, "kit")
	if err != nil {
		panic(err) // "kit" is a valid path
	}
	return scaffold.Source{Templates: templates.FS, Kit: k}
}

// unknownCommand runs when no command has the first argument's name.
func unknownCommand(c *cli.Context) error {
	if !c.Args().Present() {
		return cli.ShowAppHelp(c)
	}
	got := c.Args().First()
	var names []string
	for _, cmd := range c.App.VisibleCommands() {
		names = append(names, cmd.Name)
	}
	err := kit.Errorf(kit.Invalid, "run %q: there is no such command", got)
	if near := scaffold.Closest(got, names); near != "" {
		return err.WithHint("did you mean tackhammer %s?", near)
	}
	return err.WithHint("tackhammer --help lists the commands")
}

// usageError words what the flag parser refuses.
func usageError(c *cli.Context, err error, _ bool) error {
	name := strings.TrimSpace("tackhammer " + c.Command.Name)
	if c.Command.Name == c.App.Name {
		name = c.App.Name
	}
	wrong := kit.Errorf(kit.Invalid, "%s: %w", name, err)
	if near := nearFlag(c.Command, err); near != "" {
		return wrong.WithHint("did you mean --%s? %s --help lists the flags", near, name)
	}
	return wrong.WithHint("%s --help lists the flags", name)
}

func nearFlag(cmd *cli.Command, err error) string {
	got, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: -")
	if !ok || cmd == nil {
		return ""
	}
	var names []string
	for _, f := range cmd.Flags {
		names = append(names, f.Names()...)
	}
	return scaffold.Closest(strings.TrimPrefix(got, "-"), names)
}

// wantArgs fails unless n arguments stand beside the flags.
func wantArgs(c *cli.Context, n int, usage string) error {
	if c.NArg() == n {
		return nil
	}
	err := kit.Errorf(kit.Invalid, "tackhammer %s: %d arguments, %d wanted", c.Command.Name, c.NArg(), n)
	if c.NArg() > n {
		err = kit.Errorf(kit.Invalid, "tackhammer %s: %q is one argument too many", c.Command.Name, c.Args().Get(n))
	}
	return err.WithHint("%s", usage)
}

// interrupted reports that ctx ended because the user asked for it.
func interrupted(ctx context.Context) bool { return errors.Is(ctx.Err(), context.Canceled) }
