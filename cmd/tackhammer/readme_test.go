package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/command"
	"github.com/tackhammer/tackhammer/kit/app"
	"github.com/tackhammer/tackhammer/kit/nail"
)

// document is the text of a file at the root.
func document(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// program answers a command line, as this command or a generated app does.
type program func(args ...string) string

var programs = map[string]program{
	"./cmd/tackhammer": func(args ...string) string {
		var out bytes.Buffer
		command.Main(append([]string{"tackhammer"}, args...), &out, io.Discard)
		return out.String()
	},
	".": func(args ...string) string {
		var out bytes.Buffer
		app.Config{Name: "app", Out: &out, Err: io.Discard}.Run(context.Background(), append([]string{"app"}, args...))
		return out.String()
	},
}

var (
	goRun       = regexp.MustCompile(`go run (\./cmd/tackhammer|\.) ([^)\n` + "`" + `#|>]+)`)
	inlineCode  = regexp.MustCompile("`([^`\n]+)`")
	flag        = regexp.MustCompile(`--[a-z][a-z-]*`)
	helpCommand = regexp.MustCompile(`(?m)^   ([a-z]+)(?:, [a-z])?  `)
	helpFlag    = regexp.MustCompile(`(?m)^   (?:-[a-z], |-[a-z] [A-Z]+, )?(--[a-z-]+)`)
	getenv      = regexp.MustCompile(`Getenv\("([A-Z_]+)"\)|Variable = "([A-Z_]+)"`)
)

// commandsOf lists the commands that a help text names.
func commandsOf(help string) []string {
	_, list, _ := strings.Cut(help, "COMMANDS:\n")
	list, _, _ = strings.Cut(list, "\n\n")
	return captures(helpCommand, list)
}

func captures(shape *regexp.Regexp, text string) []string {
	var all []string
	for _, m := range shape.FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	return all
}

// unknown tells which words of a command line the program does not know.
func (p program) unknown(line string) []string {
	var path, bad []string
	for _, word := range strings.Fields(line) {
		known := commandsOf(p(append(path, "--help")...))
		if len(known) == 0 {
			break
		}
		if !slices.Contains(known, word) {
			return []string{word}
		}
		path = append(path, word)
	}
	flags := captures(helpFlag, p(append(path, "--help")...))
	for _, f := range flag.FindAllString(line, -1) {
		if !slices.Contains(flags, f) {
			bad = append(bad, f)
		}
	}
	return bad
}

// Each command line of the docs is one that its program knows.
func TestDocumentedCommandsExist(t *testing.T) {
	n := 0
	for _, name := range []string{"README.md", "CONTRIBUTING.md"} {
		for _, m := range goRun.FindAllStringSubmatch(document(t, name), -1) {
			n++
			if bad := programs[m[1]].unknown(m[2]); len(bad) > 0 {
				t.Errorf("%s: %q: there is no %s", name, m[0], strings.Join(bad, ", "))
			}
		}
	}
	if n < 20 {
		t.Errorf("only %d command lines were found", n)
	}
}

func TestUnknownCommandsAreFound(t *testing.T) {
	for line, want := range map[string]string{
		"serve --adr :1": "--adr", "sevre": "sevre", "export orders --format csv": "orders", "import samples --json": "",
	} {
		if got := strings.Join(programs["."].unknown(line), " "); got != want {
			t.Errorf("%q: %q is unknown, want %q", line, got, want)
		}
	}
}

// A flag that the prose names exists in one of the programs; what an app can
// be told, the README names.
func TestReadmeNamesFlagsAndCommands(t *testing.T) {
	text := document(t, "README.md")
	code := strings.Join(captures(inlineCode, text), "\n")
	lines := strings.Join(goRun.FindAllString(text, -1), "\n")
	var flags []string
	for _, p := range programs {
		helps := []string{p("--help")}
		for _, c := range commandsOf(helps[0]) {
			help := p(c, "--help")
			helps = append(helps, help)
			for _, sub := range commandsOf(help) {
				helps = append(helps, p(c, sub, "--help"))
			}
			if !regexp.MustCompile(`\b`+c+`\b`).MatchString(code+lines) && c != "help" && c != "version" {
				t.Errorf("the README does not name the command %s", c)
			}
		}
		all := strings.Join(helps, "\n")
		flags = append(flags, captures(helpFlag, all)...)
	}
	for _, f := range flag.FindAllString(code, -1) {
		if !slices.Contains(flags, f) {
			t.Errorf("the README names the flag %s, which no program has", f)
		}
	}
	variables := variablesOf(t, "../../kit/app")
	if len(variables) == 0 {
		t.Error("the app reads no variable")
	}
	for _, v := range variables {
		if !strings.Contains(code, v) {
			t.Errorf("the README does not name the variable %s", v)
		}
	}
}

// variablesOf lists the environment variables that the Go files of a folder
// read by name.
func variablesOf(t *testing.T, dir string) (names []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range getenv.FindAllStringSubmatch(string(raw), -1) {
			names = append(names, m[1]+m[2])
		}
	}
	return names
}

// Every key of nail.yaml stands in the README's table, and no other does.
func TestReadmeNamesTheKeysOfTheNail(t *testing.T) {
	_, table, _ := strings.Cut(document(t, "README.md"), "\n## Configure an app\n")
	table, _, _ = strings.Cut(table, "\n\nWhat differs")
	var named []string
	for _, row := range regexp.MustCompile("(?m)^\\| (`[^|]*) \\|").FindAllStringSubmatch(table, -1) {
		named = append(named, captures(inlineCode, row[1])...)
	}
	keys := keysOf(reflect.TypeFor[nail.Nail](), "")
	slices.Sort(named)
	slices.Sort(keys)
	if !slices.Equal(named, keys) {
		t.Errorf("the README has the keys\n%q\nnail.yaml has\n%q", named, keys)
	}
}

func keysOf(t reflect.Type, prefix string) []string {
	var keys []string
	for f := range t.Fields() {
		key := prefix + f.Tag.Get("yaml")
		switch {
		case f.Tag.Get("yaml") == "-":
			continue
		case f.Anonymous:
			keys = append(keys, keysOf(f.Type, prefix)...)
			continue
		}
		switch f.Type.Kind() {
		case reflect.Struct:
			keys = append(keys, keysOf(f.Type, key+".")...)
		case reflect.Map:
			keys = append(keys, key+".FIELD")
		default:
			keys = append(keys, key)
		}
	}
	return keys
}

// The README's map has every room; CONTRIBUTING has every make target.
func TestDocumentsAreWhole(t *testing.T) {
	rooms, err := filepath.Glob(filepath.Join(root, "kit", "*", "*.go"))
	if err != nil || len(rooms) == 0 {
		t.Fatalf("no rooms: %v", err)
	}
	text := document(t, "README.md")
	for _, file := range rooms {
		if name := "`kit/" + filepath.Base(filepath.Dir(file)) + "`"; !strings.Contains(text, name) {
			t.Errorf("the README's map lacks %s", name)
		}
	}
	var targets, told []string
	targets = captures(regexp.MustCompile(`(?m)^([a-z]+):.*## `), document(t, "Makefile"))
	told = captures(regexp.MustCompile("(?m)^\\| `make ([a-z]+)` \\|"), document(t, "CONTRIBUTING.md"))
	if i := slices.Index(targets, "help"); i >= 0 {
		targets = slices.Delete(targets, i, i+1)
	}
	slices.Sort(targets)
	slices.Sort(told)
	if !slices.Equal(targets, told) {
		t.Errorf("CONTRIBUTING has the make targets %q, the Makefile %q", told, targets)
	}
	if _, err := os.Stat(filepath.Join(root, ".github", "console.png")); err != nil || !strings.Contains(text, "(.github/console.png)") {
		t.Errorf("the README has no picture of the console: %v", err)
	}
}
