package command

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

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
		enc := json.NewEncoder(c.App.Writer)
		enc.SetIndent("", "  ")
		return enc.Encode(all)
	}
	tab := tabwriter.NewWriter(c.App.Writer, 0, 0, 2, ' ', 0)
	for _, m := range all {
		fmt.Fprintf(tab, "%s\t%s\n", m.Name, m.Description.In(userLang()))
	}
	return tab.Flush()
}

// userLang is the language of the user's terminal, of those that texts exist in.
func userLang() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			if strings.HasPrefix(v, "zh") {
				return "zh"
			}
			return "en"
		}
	}
	return "en"
}
