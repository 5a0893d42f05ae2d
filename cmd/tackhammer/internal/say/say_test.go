package say

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// spoken are the folders whose texts a user of the command line reads.
var spoken = []string{"../command", "../scaffold", "../merge", "../doctor", "../verify", "../../../../kit/line", "../../../../kit/nail"}

// argument is where a function has its text.
var argument = map[string]int{"Errorf": 1, "WithHint": 0, "Text": 0, "Say": 0, "say": 0, "word": 0, "words": 0, "wordsOf()": 0}

// argumentIn is the same for functions of one package.
var argumentIn = map[string]map[string]int{
	"doctor":   {"good": 0, "warn": 1, "wrong": 1, "unless": 2},
	"verify":   {"tell": 2, "warn": 2, "say": 2, "proof": 0, "left": 0, "sentence": 0},
	"scaffold": {"keep": 0, "add": 2},
}

// fields are those of the library's commands and flags that help shows.
var fields = []string{"Usage", "DefaultText", "ArgsUsage", "Description", "usage", "help", "ask"}

// texts collects the literals that are said, with where one of them stands.
func texts(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, dir := range spoken {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if !strings.HasSuffix(file, "_test.go") {
				collect(t, file, all)
			}
		}
	}
	return all
}

func collect(t *testing.T, file string, all map[string]string) {
	t.Helper()
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	note := func(e ast.Expr) {
		if text, ok := literal(e); ok && wordy.MatchString(text) {
			all[text] = set.Position(e.Pos()).String()
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if at, ok := argumentOf(file, called(n)); ok && at < len(n.Args) {
				note(n.Args[at])
			}
			if called(n) == "changing" { // a group of commands: its usage and description
				note(n.Args[1])
				note(oneLine(n.Args[2]))
			}
		case *ast.CompositeLit: // a rule of verify: its mend
			if len(n.Elts) == 4 && filepath.Base(file) == "rules.go" {
				note(n.Elts[3])
			}
			if len(n.Elts) == 9 && filepath.Base(file) == "nailquestions.go" { // a question: its flag's usage
				note(n.Elts[1])
			}
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok && slices.Contains(fields, key.Name) {
				if key.Name == "Description" || key.Name == "help" {
					note(oneLine(n.Value))
				} else {
					note(n.Value)
				}
			}
		}
		return true
	})
}

// oneLine is a description as it is looked up: help folds it anew.
func oneLine(e ast.Expr) ast.Expr {
	text, ok := literal(e)
	if !ok {
		return e
	}
	return &ast.BasicLit{ValuePos: e.Pos(), Kind: token.STRING, Value: strconv.Quote(strings.ReplaceAll(text, "\n", " "))}
}

// wordy texts have words of their own beside what they are given.
var wordy = regexp.MustCompile(`[a-z]{2,}.*\s|\s.*[a-z]{2,}`)

// typed are texts that a user types, or finds in a source, as they are.
var typed = []string{
	"--addr 127.0.0.1:%s", "--field %s:choice:%s", "--field %s:choice:VALUE,VALUE", "--template %s", "ollama pull %s",
	"tackhammer add %s %s %s", `import "C"`, `import "plugin"`,
}

// values are said where no literal stands: the names of levels and kinds, the
// words of tables, and the headings of the library's help.
var values = []string{
	"NAME:", "USAGE:", "VERSION:", "DESCRIPTION:", "COMMANDS:", "OPTIONS:", "GLOBAL OPTIONS:", "EXAMPLES:",
	"[global options]", "[command options]", "(default: ", "print the script for bash", "print the script for fish", "print the script for powershell", "print the script for zsh",
	"ok", "look", "REFUSED", "warn", "wrong", "error", "warning", "proven", "changed", "gone", "added", "made", "none",
	"add %s", "remove %s", "show help", "today", "price", "kept", "people", "basis", "make", "replace", "merge", "delete", "keep", "conflict",
	"git does not keep this folder: there is no way back to what it holds now",
	"leave it to the kit: a case goes through the workflow's review, and the runner does the rest",
	"list the commands, or tell of one", "no answer in time", "nothing answers there",
	"both sides added it, and they differ", "both sides changed the same lines",
}

func called(c *ast.CallExpr) string {
	switch f := c.Fun.(type) {
	case *ast.SelectorExpr:
		if x, ok := f.X.(*ast.Ident); ok && f.Sel.Name == "Errorf" && x.Name != "kit" {
			return ""
		}
		return f.Sel.Name
	case *ast.Ident:
		return f.Name
	case *ast.CallExpr: // of what a call returns
		return called(f) + "()"
	}
	return ""
}

// literal is a text in the source, also one of several joined by +.
func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		a, okA := literal(e.X)
		b, okB := literal(e.Y)
		return a + b, okA && okB && e.Op == token.ADD
	}
	return "", false
}

var verb = regexp.MustCompile(`%(\[\d+\])?[-+# 0]*[0-9.*]*[a-zA-Z%]`)

// verbs are the verbs of a format, sorted, without their places.
func verbs(format string) []string {
	all := verb.FindAllString(format, -1)
	for i, v := range all {
		all[i] = regexp.MustCompile(`\[\d+\]`).ReplaceAllString(strings.ReplaceAll(v, "%w", "%v"), "")
	}
	slices.Sort(all)
	return all
}

func TestChineseTakesWhatEnglishTakes(t *testing.T) {
	for english, text := range catalogue() {
		if !slices.Equal(verbs(english), verbs(text)) {
			t.Errorf("%q takes %v, its Chinese %v", english, verbs(english), verbs(text))
		}
		if strings.HasSuffix(english, "\n") != strings.HasSuffix(text, "\n") {
			t.Errorf("%q and its Chinese end otherwise", english)
		}
	}
}

func TestTheTerminalsLanguage(t *testing.T) {
	for _, name := range []string{"TACKHAMMER_LANG", "LC_ALL", "LC_MESSAGES", "LANG"} {
		t.Setenv(name, "")
	}
	if Lang() != "en" || Text("NAME:") != "NAME:" {
		t.Error("without a setting it is English")
	}
	t.Setenv("LANG", "zh_CN.UTF-8")
	if Lang() != "zh" || Text("NAME:") != "名称：" || Text("nobody says this") != "nobody says this" {
		t.Error("zh_CN is Chinese")
	}
	t.Setenv("LC_ALL", "C.UTF-8")
	if Lang() != "en" {
		t.Error("LC_ALL comes before LANG")
	}
}

// What is read line by line is what YAML says.
func TestTheCatalogueIsYAML(t *testing.T) {
	var all map[string]string
	if err := yaml.Unmarshal([]byte(chinese), &all); err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(all, catalogue()) {
		t.Errorf("YAML has %d texts, and %d are read, or they differ", len(all), len(catalogue()))
	}
}

func TestEveryTextHasItsChinese(t *testing.T) {
	said := texts(t)
	for text, at := range said {
		if catalogue()[text] == "" && !slices.Contains(typed, text) {
			t.Errorf("%s: zh.yaml lacks %q", at, text)
		}
	}
	for text := range catalogue() {
		if said[text] == "" && !slices.Contains(values, text) {
			t.Errorf("zh.yaml has %q, which no code says", text)
		}
	}
}

func argumentOf(file, f string) (int, bool) {
	if at, ok := argumentIn[filepath.Base(filepath.Dir(file))][f]; ok {
		return at, true
	}
	at, ok := argument[f]
	return at, ok
}
