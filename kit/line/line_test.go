package line_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/line"
)

// desk is a program that tells what its commands were given.
func desk(out, errs *bytes.Buffer, fail error) *cli.App {
	tell := func(c *cli.Context) error {
		fmt.Fprintf(out, "%s name=%s loud=%v args=%q", c.Command.FullName(), c.String("name"), c.Bool("loud"), c.Args().Slice())
		return fail
	}
	flags := func() []cli.Flag { return []cli.Flag{&cli.StringFlag{Name: "name"}, &cli.BoolFlag{Name: "loud"}} }
	one := func(c *cli.Context) error {
		if err := line.WantArgs(c, 1, 1); err != nil {
			return err
		}
		return tell(c)
	}
	return &cli.App{Name: "desk", Writer: out, ErrWriter: errs, Commands: []*cli.Command{
		{Name: "import", ArgsUsage: "PATH…", Flags: flags(), Action: tell},
		{Name: "show", ArgsUsage: "ID", Flags: flags(), Action: one},
		{Name: "version", Action: tell},
		{Name: "plain", Action: func(c *cli.Context) error { return line.WantArgs(c, 0, 0) }},
		{Name: "user", Subcommands: []*cli.Command{{Name: "add", Flags: flags(), Action: tell}}},
	}}
}

func run(t *testing.T, fail error, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = line.Run(context.Background(), desk(&o, &e, fail), append([]string{"desk"}, args...))
	return code, o.String(), e.String()
}

func TestFlagsMayStandAnywhere(t *testing.T) {
	for args, want := range map[string]string{
		"import a --name x b":           `import name=x loud=false args=["a" "b"]`,
		"import --loud a --name=x":      `import name=x loud=true args=["a"]`,
		"import a --loud b":             `import name= loud=true args=["a" "b"]`,
		"import -- --name":              `import name= loud=false args=["--name"]`,
		"import --name x -- a --loud":   `import name=x loud=false args=["a" "--loud"]`,
		"import -":                      `import name= loud=false args=["-"]`,
		"user add someone --name Ann":   `add name=Ann loud=false args=["someone"]`,
		"user add --name -dash someone": `add name=-dash loud=false args=["someone"]`,
	} {
		code, out, errs := run(t, nil, strings.Fields(args)...)
		if code != line.Done || out != want {
			t.Errorf("%s: %d %s%s, want %s", args, code, out, errs, want)
		}
	}
}

func TestWrongUseIsToldWithTheWayOut(t *testing.T) {
	for args, want := range map[string]string{
		"imprt":           "did you mean import?",
		"zzz":             "desk --help lists the commands",
		"user ad":         "did you mean add?",
		"import --nmae x": "did you mean --name?",
		"import --name":   "--name needs a value",
		"show":            "an argument is missing",
		"show a b":        `"b" is one argument too many`,
	} {
		code, _, errs := run(t, nil, strings.Fields(args)...)
		if code != line.Usage || !strings.Contains(errs, want) {
			t.Errorf("%s: exit %d, %q; want exit 2 and %q", args, code, errs, want)
		}
	}
}

func TestNoWordIsSaidTwice(t *testing.T) {
	for args, want := range map[string]string{
		"--frob":        "desk: there is no flag --frob\n  hint: desk --help lists the flags\n",
		"show --frob":   "desk: show: there is no flag --frob\n  hint: desk show --help lists the flags\n",
		"show a b":      "desk: show: \"b\" is one argument too many\n  hint: usage: desk show ID\n",
		"plain a":       "desk: plain: \"a\" is one argument too many\n  hint: usage: desk plain\n",
		"version --odd": "desk: version: there is no flag --odd\n  hint: desk version --help lists the flags\n",
	} {
		if _, _, errs := run(t, nil, strings.Fields(args)...); errs != want {
			t.Errorf("%s: %q, want %q", args, errs, want)
		}
	}
}

func TestVersionIsACommandAndAFlag(t *testing.T) {
	for _, arg := range []string{"version", "--version", "-v"} {
		if code, out, errs := run(t, nil, arg); code != line.Done || !strings.HasPrefix(out, "version ") {
			t.Errorf("%s: %d, %q, %q", arg, code, out, errs)
		}
	}
}

func TestExitCodes(t *testing.T) {
	for want, err := range map[int]error{
		line.Failed:   errors.New("x"),
		line.Usage:    kit.Errorf(kit.Invalid, "x"),
		line.Conflict: kit.Errorf(kit.Duplicate, "x"),
		line.BelowBar: kit.Errorf(kit.BelowBar, "x"),
	} {
		if code, _, errs := run(t, err, "import"); code != want || !strings.HasPrefix(errs, "desk: x") {
			t.Errorf("%v: exit %d, %q; want %d", err, code, errs, want)
		}
	}
}

func TestNoCommandShowsTheHelp(t *testing.T) {
	if code, out, _ := run(t, nil); code != line.Done || !strings.Contains(out, "COMMANDS") || !strings.Contains(out, "list the commands, or tell of one") {
		t.Errorf("exit %d, %q", code, out)
	}
	if code, out, _ := run(t, nil, "user"); code != line.Done || !strings.Contains(out, "add") {
		t.Errorf("user: exit %d, %q", code, out)
	}
}

func ExampleRun() {
	app := &cli.App{Name: "desk", Writer: os.Stdout, ErrWriter: os.Stdout, Commands: []*cli.Command{{
		Name: "greet", Flags: []cli.Flag{&cli.StringFlag{Name: "name"}},
		Action: func(c *cli.Context) error {
			fmt.Println(c.Args().First(), c.String("name"))
			return nil
		},
	}}}
	fmt.Println(line.Run(context.Background(), app, []string{"desk", "greet", "hello", "--name", "Ann"}))
	fmt.Println(line.Run(context.Background(), app, []string{"desk", "gret"}))
	// Output:
	// hello Ann
	// 0
	// desk: run "gret": there is no such command
	//   hint: did you mean greet?
	// 2
}

func TestAProgramSpeaksAnotherLanguage(t *testing.T) {
	say := func(text string) string {
		words := map[string]string{
			"%s: an argument is missing": "%s：缺少参数", "usage: %s": "用法：%s", "  hint: %s\n": "  提示：%s\n", "OPTIONS:": "选项：",
			"run %q: there is no such command": "没有 %q 这个命令", "import what is there, all of it": "导入", "as it is called": "名称",
		}
		if w, ok := words[text]; ok {
			return w
		}
		return text
	}
	in := func(args ...string) (code int, out, errs string) {
		var o, e bytes.Buffer
		app := desk(&o, &e, nil)
		app.Commands[0].Description = "import what is there,\nall of it"
		app.Commands[0].Flags[0].(*cli.StringFlag).Usage = "as it is called"
		code = line.RunIn(context.Background(), app, append([]string{"desk"}, args...), say)
		return code, o.String(), e.String()
	}
	if code, _, errs := in("show"); code != line.Usage || errs != "desk: show：缺少参数\n  提示：用法：desk show ID\n" {
		t.Errorf("%d %q", code, errs)
	}
	if code, _, errs := in("shwo"); code != line.Usage || !strings.Contains(errs, `没有 "shwo" 这个命令`) {
		t.Errorf("%d %q", code, errs)
	}
	_, out, _ := in("import", "--help")
	for _, want := range []string{"选项：\n", "导入", "名称"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if _, _, errs := run(t, nil, "show"); !strings.Contains(errs, "hint: usage") {
		t.Errorf("the language stayed: %s", errs)
	}
}
