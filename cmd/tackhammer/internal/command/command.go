// Package command is the command line of tackhammer: each command reads its
// flags into a struct, makes one call, and prints what came of it.
//
// Main is the whole program but for the exit: it takes the arguments and the
// two streams, and returns the exit code, so that tests run it as it is.
//
//	os.Exit(command.Main(os.Args, os.Stdout, os.Stderr))
//
// Nail, new and add ask a person at a terminal for what they are missing. What
// any command is missing elsewhere it says, with the way to give it, and ends
// with the code for wrong use.
package command

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"syscall"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer"
	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/say"
	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
	"github.com/tackhammer/tackhammer/kit/line"
	"github.com/tackhammer/tackhammer/templates"
)

// Main runs the command line args, the program's name first, and returns the
// exit code. An interrupt, SIGTERM or the end of the terminal ends it in order,
// with whatever it has started; a second one ends it at once.
func Main(args []string, stdout, stderr io.Writer) int {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as nohup has it
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	defer stop()
	context.AfterFunc(ctx, stop)
	return Run(ctx, args, stdout, stderr)
}

// Run is Main without the signals: the command ends in order with ctx.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	return line.RunIn(ctx, comforts(&cli.App{
		Name:      "tackhammer",
		Usage:     "the smallest model that is good enough, with people who check its work",
		Version:   release(),
		Writer:    stdout,
		ErrWriter: stderr,
		Commands:  []*cli.Command{newCommand(), planCommand(newCommand(), addCommand(), removeCommand(), updateCommand()), applyCommand(), nailCommand(), templatesCommand(), templateCommand(), demoCommand(), doctorCommand(), addCommand(), removeCommand(), updateCommand(), verifyCommand(), versionCommand(), line.CompletionCommand("tackhammer")},
	}), args, say.Text)
}

// RunFrom is Run for a program with another version, templates or kit: its
// process makes apps from src alone.
func RunFrom(ctx context.Context, src scaffold.Source, args []string, stdout, stderr io.Writer) int {
	source = func() scaffold.Source { return src }
	return Run(ctx, args, stdout, stderr)
}

// source is what apps are made from.
var source = embedded

// embedded is what this program was built with.
func embedded() scaffold.Source {
	k, err := fs.Sub(tackhammer.Kit, "kit")
	if err != nil {
		panic(err) // "kit" is a valid path
	}
	return scaffold.Source{Templates: templates.FS, Kit: k, Version: release()}
}

// interrupted reports that ctx ended because the user asked for it.
func interrupted(ctx context.Context) bool { return errors.Is(ctx.Err(), context.Canceled) }
