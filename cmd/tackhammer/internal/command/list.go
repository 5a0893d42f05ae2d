package command

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
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

func versionCommand() *cli.Command {
	return &cli.Command{
		Name:  "version",
		Usage: "print the version",
		Action: func(c *cli.Context) error {
			if err := line.WantArgs(c, 0, 0); err != nil {
				return err
			}
			fmt.Fprintf(c.App.Writer, "tackhammer %s%s %s %s/%s\n", scaffold.Version, revision(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return nil
		},
	}
}

// revision is the commit that the program was built from, where it is known.
func revision() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) > 12 {
			return " " + s.Value[:12]
		}
	}
	return ""
}
