package line_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/mattn/go-runewidth"
	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit/line"
)

// One long name does not push the texts of all others to the right.
func TestHelpKeepsTextsBesideTheirNames(t *testing.T) {
	var out bytes.Buffer
	app := &cli.App{Name: "desk", Writer: &out, ErrWriter: &out, Commands: []*cli.Command{
		{Name: "a-command-of-a-name-that-nobody-types", Usage: "be long"},
		{Name: "do", Usage: "do it", Description: "Some --words FILE, -w FILE, --with-a-gap FILE  in them.", Flags: []cli.Flag{
			&cli.StringFlag{Name: "out", Aliases: []string{"o", "output"}, Usage: "`FOLDER` to make, and " + strings.Repeat("some words ", 8)},
			&cli.StringFlag{Name: "form", Usage: "`NAME` of a form, with a text that is long enough to go on in a second line"},
			&cli.StringFlag{Name: "bare"}, &cli.BoolFlag{Name: "loud", Usage: "say more"}}}}}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"desk", "do", "--help"}, `
DESCRIPTION:
   Some --words FILE, -w FILE, --with-a-gap FILE  in them.

OPTIONS:
   --out FOLDER, -o FOLDER, --output FOLDER
                 FOLDER to make, and some words some words some words some words
                 some words some words some words some words
   --form NAME   NAME of a form, with a text that is long enough to go on in a
                 second line
   --bare value
   --loud        say more
   --help, -h    show help
`},
		{[]string{"desk", "--help"}, `
COMMANDS:
   a-command-of-a-name-that-nobody-types
            be long
   do       do it
   help, h  list the commands, or tell of one

GLOBAL OPTIONS:
   --help, -h  show help
`},
	} {
		out.Reset()
		line.Run(context.Background(), app, c.args)
		var got []string
		for l := range strings.SplitSeq(out.String(), "\n") {
			got = append(got, strings.TrimRight(l, " "))
		}
		if said := strings.Join(got, "\n"); !strings.HasSuffix(said, c.want) {
			t.Errorf("%v: want at the end\n%s\ngot\n%s", c.args, c.want, said)
		}
	}
}

func TestHelpKeepsToTheColumns(t *testing.T) {
	long := strings.Repeat("some words ", 12)
	app := func(out *bytes.Buffer) *cli.App {
		return &cli.App{Name: "desk", Writer: out, ErrWriter: out, Commands: []*cli.Command{{
			Name: "do", Usage: long, Description: long + "\n" + long,
			Flags: []cli.Flag{&cli.StringFlag{Name: "file", Usage: "`FILE` of " + long}, &cli.BoolFlag{Name: "loud", Usage: "say more"},
				&cli.StringFlag{Name: "wide", Usage: strings.Repeat("字字字 ", 12)}}}}}
	}
	var out bytes.Buffer
	if code := line.Run(context.Background(), app(&out), []string{"desk", "do", "--help"}); code != line.Done {
		t.Fatalf("exit code %d: %s", code, &out)
	}
	for _, l := range strings.Split(out.String(), "\n") {
		if runewidth.StringWidth(l) > 80 {
			t.Errorf("too long: %q", l)
		}
	}
	for _, want := range []string{"   --file FILE   FILE of some words", "\n                 some words", "--loud        say more\n", "\n   some words some words"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
}
