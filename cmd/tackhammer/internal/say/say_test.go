package say

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// spoken are the folders whose texts a user of the command line reads.
var spoken = []string{"../command", "../scaffold", "../merge", "../doctor", "../verify", "../../../../kit/line"}

// argument is where a function has its text.
var argument = map[string]int{"Errorf": 1, "WithHint": 0, "Text": 0}

// fields are those of the library's commands and flags that help shows.
var fields = []string{"Usage", "ArgsUsage", "Description"}

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
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok && slices.Contains(fields, key.Name) {
				if text, ok := literal(n.Value); ok && key.Name == "Description" {
					note(&ast.BasicLit{ValuePos: n.Value.Pos(), Kind: token.STRING, Value: strconv.Quote(strings.ReplaceAll(text, "\n", " "))})
				} else {
					note(n.Value)
				}
			}
		}
		return true
	})
}

// wordy texts have words of their own beside what they are given.
var wordy = regexp.MustCompile(`[a-z]{2,}.*\s|\s.*[a-z]{2,}`)

func called(c *ast.CallExpr) string {
	switch f := c.Fun.(type) {
	case *ast.SelectorExpr:
		if x, ok := f.X.(*ast.Ident); ok && f.Sel.Name == "Errorf" && x.Name != "kit" {
			return ""
		}
		return f.Sel.Name
	case *ast.Ident:
		return f.Name
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

func TestLogMissing(t *testing.T) {
	n := 0
	all := texts(t)
	for text, at := range all {
		if catalogue()[text] == "" {
			n++
			if testing.Verbose() {
				t.Logf("%s: %q", at, text)
			}
		}
	}
	t.Logf("%d of %d", n, len(all))
}

func argumentOf(file, f string) (int, bool) {
	if at, ok := argument[f]; ok {
		return at, true
	}
	m := map[string]map[string]int{
		"doctor":  {"good": 0, "warn": 1, "wrong": 1, "unless": 2},
		"verify":  {"tell": 2, "warn": 2, "say": 2, "proof": 0, "left": 0, "proven": 0, "not": 0, "proves": 0},
		"command": {"Fprintf": 1, "Fprintln": 1, "Sprintf": 0},
	}[filepath.Base(filepath.Dir(file))]
	at, ok := m[f]
	return at, ok
}
