// Package app makes a program of a workflow, a nail and the rooms of the kit:
// the commands that a generated app runs by.
//
//	func main() {
//		os.Exit(app.Main(app.Config{
//			Name:     "receipts-desk",
//			Files:    files, // nail.yaml and prompts/, embedded
//			Baseline: baseline.New("rules", source, rules),
//			Workflow: Workflow,
//		}))
//	}
//
// Open is what each command on the database does first: it reads the nail, opens
// and migrates the database, chooses the model and sets the runner up.
//
// Those that measure (eval, pick, certify, train, report poc) put a model under
// measurement: each reads labelled cases, from files or from what people
// decided, drafts them without a person by the workflow's first step, and keeps
// what a server answered, so that no question is asked twice. A model is never
// judged on a case that it was made from.
package app

import (
	"context"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"syscall"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit/export"
	"github.com/tackhammer/tackhammer/kit/intake"
	"github.com/tackhammer/tackhammer/kit/line"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// Config is all that makes one app differ from another.
type Config struct {
	Name     string                                    // what the service is called; needed
	Files    fs.FS                                     // nail.yaml and the folder prompts; needed
	Baseline model.Provider                            // the rules; needed
	Workflow func(m model.Provider) *workflow.Workflow // the path of a case; needed
	Canaries []workflow.Canary                         // errors to put in on purpose, to see whether people look. Defaults to none

	// Importers read kinds of files that the kit does not, by the ending of
	// their names, wherever files come in. Defaults to none.
	Importers []intake.Importer

	// Targets take each delivery, beside where nail.yaml sends it. Defaults to
	// none.
	Targets []export.Own

	Out io.Writer // Defaults to the standard output
	Err io.Writer // Defaults to the standard error
}

// inputVariable is set by a program that runs the app as a part of itself and
// holds its standard input open.
const inputVariable = "APP_ENDS_WITH_INPUT"

// Main runs the program's command line and returns the exit code. An
// interrupt or SIGTERM ends it in order; a second one at once. With the variable
// APP_ENDS_WITH_INPUT set it also ends in order with its standard input: with
// the program that started it, however that ends.
func Main(c Config) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	if os.Getenv(inputVariable) != "" {
		var cancel context.CancelFunc
		ctx, cancel = untilEnd(ctx, os.Stdin)
		defer cancel()
	}
	return c.Run(ctx, os.Args)
}

// untilEnd is ctx until there is no more to read.
func untilEnd(ctx context.Context, input io.Reader) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		_, _ = io.Copy(io.Discard, input)
		cancel()
	}()
	return ctx, cancel
}

// Run is Main for the given arguments, the program's name first, without the
// signals: the command ends in order with ctx.
func (c Config) Run(ctx context.Context, args []string) int {
	if c.Out == nil {
		c.Out = os.Stdout
	}
	if c.Err == nil {
		c.Err = os.Stderr
	}
	return line.Run(ctx, &cli.App{
		Name:      c.Name,
		Usage:     "drafts by a small model, decided by people",
		Writer:    c.Out,
		ErrWriter: c.Err,
		Commands: []*cli.Command{
			c.serveCommand(), c.workCommand(), c.importCommand(), c.evalCommand(), c.certifyCommand(), c.pickCommand(), c.exportCommand(),
			c.userCommand(), c.statusCommand(), c.checkCommand(), c.graphCommand(), c.migrateCommand(), c.verifyCommand(), c.trailCommand(), c.notifyCommand(),
			c.reportCommand(), c.trainCommand(), c.modelCommand(), line.CompletionCommand(c.Name),
		},
	}, args)
}
