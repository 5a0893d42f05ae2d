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
