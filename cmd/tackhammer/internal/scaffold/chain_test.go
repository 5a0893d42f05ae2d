package scaffold

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// chained are three releases of a template. Each moves lines, makes and drops
// files, needs another module of the kit, and has keys of its own in nail.yaml.
func chained() [3]Source {
	rules := func(limit, body string) string {
		return "package main\n\n// limit is the most that passes.\nconst limit = " + limit + "\n\n// ok reports whether n passes.\nfunc ok(n int) bool {\n\treturn n <= limit\n}\n\n// words are what is said.\nfunc words() []string {\n" + body + "}\n"
	}
	common := func(extra map[string]string) map[string]string {
		files := map[string]string{
			".gitattributes.tmpl":   "* text=auto\n",
			"prompts/ask.md":        "Read it.\nSay what it is.\nBe brief.\n",
			"samples/last.txt":      "no line feed at the end",
			"windows.txt":           "a\nb\nc\nd\ne\nf\n",
			"nail.yaml.tmpl":        "# The one job.\nname: <% .Slug %>\nmodel: <% .Model %>\nbar:\n  total: 0.9\n",
			"rules_test.go.tmpl":    "package main\n\nimport \"testing\"\n\nfunc TestOk(t *testing.T) {\n\tif !ok(limit) || ok(limit+1) {\n\t\tt.Fatal(\"the limit\")\n\t}\n}\n",
			"rules.go.tmpl":         rules("10", "\treturn []string{\"one\", \"two\"}\n"),
			"old_helper.go.tmpl":    "package main\n\nfunc helper() string { return \"old\" }\n",
			"doomed_helper.go.tmpl": "package main\n\nfunc doomed() string { return \"old\" }\n",
			"bare.go.tmpl":          "package main\n\nfunc bare() {}\n",
		}
		for path, text := range extra {
			if files[path] = text; text == "" {
				delete(files, path)
			}
		}
		return files
	}
	return [3]Source{
		program("0.1.0", common(nil)),
		program("0.2.0", common(map[string]string{
			"rules.go.tmpl":         rules("20", "\treturn []string{\"one\", \"two\"}\n"),
			"prompts/ask.md":        "Read it.\nSay what it is.\nBe brief.\nName the page.\n",
			"nail.yaml.tmpl":        "# The one job.\nname: <% .Slug %>\nmodel: <% .Model %>\nbar:\n  total: 0.9\n  date: 0.8\nlang: <% .Lang %>\n",
			"windows.txt":           "a\nb\nc\nd\ne\nF\n",
			"samples/last.txt":      "first\nno line feed at the end",
			"bare.go.tmpl":          "package main\n\nfunc bare() { _ = 1 }\n",
			"doomed_helper.go.tmpl": "",
			"added.go.tmpl":         "package main\n\nfunc added() int {\n\tn := 2\n\treturn n\n}\n",
		})),
		program("0.3.0", common(map[string]string{
			"rules.go.tmpl":         rules("20", "\tvar all []string\n\tfor _, w := range []string{\"one\", \"two\", \"three\"} {\n\t\tall = append(all, w)\n\t}\n\treturn all\n"),
			"prompts/ask.md":        "Read all of it.\nSay what it is.\nBe brief.\nName the page.\n",
			"nail.yaml.tmpl":        "# The one job.\nname: <% .Slug %>\nmodel: <% .Model %>\nbar:\n  total: 0.9\n  date: 0.85\nlang: <% .Lang %>\n",
			"windows.txt":           "A\nb\nc\nd\ne\nF\n",
			"samples/last.txt":      "first\nno line feed at the end\n",
			"bare.go.tmpl":          "package main\n\nfunc bare() { _ = 2 }\n",
			"doomed_helper.go.tmpl": "",
			"old_helper.go.tmpl":    "",
			"added.go.tmpl":         "package main\n\nfunc added() int {\n\tn := 3\n\treturn n\n}\n",
		})),
	}
}

// firstEdits are a team's, between the first release and the second.
func firstEdits(t *testing.T, dir string) {
	t.Helper()
	edit := func(path, old, new string) {
		t.Helper()
		was := get(t, dir, path)
		if !strings.Contains(was, old) {
			t.Fatalf("%s has no %q:\n%s", path, old, was)
		}
		set(t, dir, path, strings.Replace(was, old, new, 1))
	}
	edit("rules.go", "\treturn n <= limit\n", "\t// a team's rule\n\treturn n > 0 && n <= limit\n")
	edit("nail.yaml", "  total: 0.9\n", "  total: 0.95 # the customer's wish\n")
	edit("nail.yaml", "# The one job.\n", "# The one job of Kedai Ujian.\n")
	edit("go.mod", "require ", "require example.com/own v0.0.0\n\nrequire ")
	edit("go.mod", "replace ", "replace example.com/own => ./own\n\nreplace ")
	edit("third_party/kit/kit.go", "const Old = 1\n", "const Old, Team = 1, 2 // the team's\n")
	set(t, dir, "own/go.mod", "module example.com/own\n\ngo 1.26\n")
	set(t, dir, "own/own.go", "package own\n\nconst Own = 7\n")
	set(t, dir, "team.go", "package main\n\nimport (\n\t\"example.com/own\"\n\t\""+kitModule+"\"\n)\n\nvar _ = own.Own\nvar _ = kit.Team\n")
	set(t, dir, "windows.txt", strings.ReplaceAll("a\nb\nc of the team\nd\ne\nf\n", "\n", "\r\n"))
	must(t, os.Remove(filepath.Join(dir, "bare.go")))
	must(t, os.Rename(filepath.Join(dir, "prompts", "ask.md"), filepath.Join(dir, "prompts", "question.md")))
	edit("prompts/question.md", "Be brief.", "Be very brief.")
	edit("doomed_helper.go", "\"old\"", "\"kept\"")
	must(t, os.Chmod(filepath.Join(dir, "samples", "last.txt"), 0o600))
}

// secondEdits come between the second release and the third: reformatting, and
// a line without an end.
func secondEdits(t *testing.T, dir string) {
	t.Helper()
	set(t, dir, "added.go", strings.Replace(get(t, dir, "added.go"), "package main\n", "package main\n\n// added is explained by the team.\n", 1))
	set(t, dir, "old_helper.go", "package main\n\nfunc helper() string {\n\treturn \"old\"\n}")
	set(t, dir, "rules_test.go", strings.TrimSuffix(get(t, dir, "rules_test.go"), "\n")+"\n\nfunc TestTeam(t *testing.T) {\n\tif ok(0) {\n\t\tt.Fatal(\"the team's rule\")\n\t}\n}")
}

func TestAChainOfReleasesKeepsEveryEdit(t *testing.T) {
	releases := chained()
	dir := newApp(t, releases[0])
	for i, edits := range []func(*testing.T, string){firstEdits, secondEdits} {
		edits(t, dir)
		n := next(t, releases[i+1], dir)
		if c := n.Conflicts(); len(c) > 0 {
			t.Fatalf("to %s: conflicts in %v", n.To, c)
		}
		var out bytes.Buffer
		if err := n.Try(t.Context(), Checks{}, &out); err != nil {
			t.Fatalf("to %s: %v\n%s", n.To, err, &out)
		}
		must(t, n.Apply(t.Context()))
		if n := next(t, releases[i+1], dir); !n.Nothing() {
			t.Errorf("it does not settle: %v", kinds(n))
		}
	}
	for path, wants := range map[string][]string{
		"rules.go":               {"const limit = 20", "// a team's rule\n\treturn n > 0 && n <= limit", "\"three\""},
		"nail.yaml":              {"# The one job of Kedai Ujian.", "total: 0.95 # the customer's wish", "date: 0.85", "lang: en"},
		"go.mod":                 {"example.com/own v0.0.0", "replace example.com/own => ./own", "=> ./third_party/kit"},
		"third_party/kit/kit.go": {"const Old, Team = 1, 2 // the team's", "const Word = \"0.3.0\""},
		"windows.txt":            {"A\r\nb\r\nc of the team\r\nd\r\ne\r\nF\r\n"},
		"prompts/question.md":    {"Be very brief."},
		"doomed_helper.go":       {"\"kept\""},
		"old_helper.go":          {"func helper() string {\n\treturn \"old\"\n}"},
		"added.go":               {"// added is explained by the team.", "n := 3"},
		"rules_test.go":          {"func TestTeam"},
		"samples/last.txt":       {"first\nno line feed at the end\n"},
		"team.go":                {"own.Own"},
	} {
		for _, want := range wants {
			if got := get(t, dir, path); !strings.Contains(got, want) {
				t.Errorf("%s has no %q:\n%s", path, want, got)
			}
		}
	}
	for _, path := range []string{"bare.go", "prompts/ask.md"} {
		if _, err := os.Stat(filepath.Join(dir, path)); err == nil {
			t.Errorf("%s is back", path)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "samples", "last.txt")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the mode of samples/last.txt: %v, %v", info.Mode(), err)
	}
	var out bytes.Buffer
	if err := tryTree(t.Context(), dir, Checks{}, &out); err != nil {
		t.Errorf("the app in the end: %v\n%s", err, &out)
	}
}
