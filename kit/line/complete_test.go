package line_test

import (
	"bytes"
	"context"
	"os/exec"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit/line"
)

// completed is what a shell is told of the last of words.
func completed(t *testing.T, words ...string) []string {
	t.Helper()
	var out, errs bytes.Buffer
	ran := func(*cli.Context) error { t.Errorf("%q: a command ran", words); return nil }
	app := &cli.App{Name: "desk", Writer: &out, ErrWriter: &errs, Commands: []*cli.Command{
		{Name: "new", Usage: "make one", Action: ran, Flags: []cli.Flag{
			&cli.StringFlag{Name: "kind", Aliases: []string{"k"}, Usage: "one `NAME`"}, &cli.BoolFlag{Name: "loud"},
			&cli.StringSliceFlag{Name: "part"}, &cli.StringFlag{Name: "secret", Hidden: true}, &cli.StringFlag{Name: "file"}}},
		{Name: "remove", Subcommands: []*cli.Command{{Name: "field", Action: ran}, {Name: "step", Action: ran, Hidden: true}}},
		{Name: "plan", Hidden: true, Subcommands: []*cli.Command{{Name: "remove", Subcommands: []*cli.Command{{Name: "field", Action: ran}}}}},
		{Name: "show", Action: ran, Flags: []cli.Flag{&cli.StringFlag{Name: "kind"}}},
	}}
	line.Complete(app, line.Values{
		"--kind":       func() []string { return []string{"round", "red:ripe", "square"} },
		"show --kind":  func() []string { return []string{"one"} },
		"remove field": func() []string { return []string{"date", "total"} },
	})
	code := line.Run(context.Background(), app, append(append([]string{"desk"}, words...), "--generate-bash-completion"))
	if code != line.Done || errs.Len() > 0 {
		t.Errorf("%q: exit %d, %q", words, code, &errs)
	}
	var found []string
	for l := range strings.Lines(out.String()) {
		word, _, _ := strings.Cut(strings.TrimSuffix(l, "\n"), "\t")
		found = append(found, word)
	}
	return found
}

func TestWhatMayComeNextIsTold(t *testing.T) {
	for _, c := range []struct{ typed, want string }{
		{"|", "new remove show"},
		{"|n", "new"},
		{"|zzz", ""},
		{"|''", "new remove show"},
		{"new|-", "--kind --loud --part --file --help"},
		{"new|--lo", "--loud"},
		{"new|--loud|-", "--kind --part --file --help"},
		{"new|--part|x|--p", "--part"},
		{"new|dir|--l", "--loud"},
		{"new|--kind|", "round red:ripe square"},
		{"new|-k|r", "round red:ripe"},
		{"new|--kind=r", "--kind=round --kind=red:ripe"},
		{"new|--file|", ""},
		{"new|", ""},
		{"new|--|-", ""},
		{"show|--kind|", "one"},
		{"remove|", "field"},
		{"remove|field|", "date total"},
		{"remove|field|t", "total"},
		{"remove|nothing|", ""},
		{"plan|remove|field|", "date total"},
		{"-", "--help"},
	} {
		typed := strings.TrimPrefix(c.typed, "|")
		if got := strings.Join(completed(t, strings.Split(typed, "|")...), " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.typed, got, c.want)
		}
	}
}

func TestWhatAWordMeansIsTold(t *testing.T) {
	var out bytes.Buffer
	app := &cli.App{Name: "desk", Writer: &out, Commands: []*cli.Command{{Name: "new", Usage: "make a `DIR`"}}}
	line.Run(context.Background(), app, []string{"desk", "--generate-bash-completion"})
	if got, want := out.String(), "new\tmake a DIR\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// Each script is what its shell reads, wherever the shell is there; bash is
// everywhere.
func TestTheScriptsAreOfTheirShells(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		var out, errs bytes.Buffer
		app := &cli.App{Name: "receipts-desk", Writer: &out, ErrWriter: &errs, Commands: []*cli.Command{line.CompletionCommand("receipts-desk")}}
		if code := line.Run(context.Background(), app, []string{"receipts-desk", "completion", shell}); code != line.Done {
			t.Fatalf("%s: exit %d, %s", shell, code, &errs)
		}
		if s := out.String(); strings.Contains(s, "PROGRAM") || strings.Contains(s, "FUNCTION") || !strings.Contains(s, "receipts-desk") {
			t.Errorf("%s: the name is not where it belongs:\n%s", shell, s)
		}
		if _, err := exec.LookPath(shell); err != nil && shell != "bash" {
			t.Logf("no %s here: its script is not read by it", shell)
			continue
		}
		check := exec.Command(shell, "-n")
		check.Stdin = &out
		if said, err := check.CombinedOutput(); err != nil {
			t.Errorf("%s does not read its script: %v\n%s", shell, err, said)
		}
	}
}

func TestHelpEndsWithExamples(t *testing.T) {
	for args, want := range map[string]string{
		"new --help":        "\n\nEXAMPLES:\n   desk new a\n   desk new b --format '{{.ID}}'\n",
		"help new":          "\n\nEXAMPLES:\n   desk new a\n",
		"model list --help": "\n\nEXAMPLES:\n   desk model list\n",
	} {
		var out bytes.Buffer
		do := func(*cli.Context) error { return nil }
		commands := []*cli.Command{{Name: "new", Action: do}, {Name: "model", Subcommands: []*cli.Command{{Name: "list", Action: do}}}}
		line.Examples(commands, map[string][]string{"new": {"desk new a", "desk new b --format '{{.ID}}'"}, "model list": {"desk model list"}})
		app := &cli.App{Name: "desk", Writer: &out, ErrWriter: &out, Commands: commands}
		line.Run(context.Background(), app, append([]string{"desk"}, strings.Fields(args)...))
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s: no %q in\n%s", args, want, &out)
		}
	}
}
