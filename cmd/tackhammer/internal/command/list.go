package command

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/say"
	"github.com/tackhammer/tackhammer/kit/line"
)

func templatesCommand() *cli.Command {
	return &cli.Command{
		Name:   "templates",
		Usage:  "list what can be made",
		Flags:  []cli.Flag{&cli.BoolFlag{Name: "json", Usage: "print a JSON array for scripts"}},
		Action: runTemplates,
	}
}

func runTemplates(c *cli.Context) error {
	if err := line.WantArgs(c, 0, 0); err != nil {
		return err
	}
	all, err := source().List()
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(c.App.Writer, all)
	}
	wide := 0
	for _, m := range all {
		wide = max(wide, len(m.Name))
	}
	for _, m := range all {
		fmt.Fprintf(c.App.Writer, "%-*s  %s\n", wide, m.Name, line.Wrap(m.Description.In(say.Lang()), wide+2))
	}
	return nil
}
