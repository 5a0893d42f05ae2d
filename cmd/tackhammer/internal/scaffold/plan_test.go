package scaffold

import (
	"archive/zip"
	"bytes"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tackhammer/tackhammer/kit"
)

func mustPlan(t testing.TB, src Source, spec Spec) *Plan {
	t.Helper()
	plan, err := src.Plan(spec)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func (p *Plan) text(path string) string {
	for _, op := range p.Ops {
		if op.Path == path {
			return string(op.Data)
		}
	}
	return ""
}

func TestPlanRenders(t *testing.T) {
	plan := mustPlan(t, tiny(), Spec{Template: "tiny", Name: `Bob's "Desk"`, Module: "example.org/desk", Model: "ollama:q:4b", Lang: "zh", DB: "postgres"})
	for path, want := range map[string]string{
		"README.md":                            "# 中文 Bob's \"Desk\"\n",
		"go.mod":                               "module example.org/desk\n",
		"db.txt":                               "postgres ollama:q:4b bob-s-desk \"Bob's \\\"Desk\\\"\"\n",
		"prompts/ask.md":                       "{{.Source}}\n",
		"third_party/kit/go.mod":               "module " + kitModule + "\n",
		"third_party/kit/web/assets/page.tmpl": "{{.}}",
	} {
		if got := plan.text(path); got != want {
			t.Errorf("%s = %q, want %q", path, got, want)
		}
	}
}

func TestPlanIsTheSameEachTime(t *testing.T) {
	spec := Spec{Template: "receipts", Name: "desk"}
	a, b := mustPlan(t, real(t), spec), mustPlan(t, real(t), spec)
	if !reflect.DeepEqual(a, b) {
		t.Error("two plans of one spec differ")
	}
	spec.Lang = "zh"
	if c := mustPlan(t, real(t), spec); c.Lock().Same(a.Lock()) {
		t.Error("plans in two languages have the same lock")
	}
}

// What all templates share lies below each of them, and is no template.
func TestCommonFilesAreBelowATemplates(t *testing.T) {
	src := tiny()
	for path, text := range map[string]string{
		"common/Makefile.tmpl":            "all: <% .Slug %>\n",
		"common/README.md":                "common's\n",
		"common/.github/workflows/ci.yml": "on: push\n",
		"common/go.mod.tmpl":              "common's\n",
	} {
		src.Templates.(fstest.MapFS)[path] = file(text)
	}
	plan := mustPlan(t, src, Spec{Template: "tiny", Name: "desk"})
	for path, want := range map[string]string{
		"Makefile":                 "all: desk\n",
		"README.md":                "# desk\n",
		".github/workflows/ci.yml": "on: push\n",
		"go.mod":                   "module example.com/desk\n",
	} {
		if got := plan.text(path); got != want {
			t.Errorf("%s = %q, want %q", path, got, want)
		}
	}
	if names := src.Names(); len(names) != 1 {
		t.Errorf("templates %v, want tiny alone", names)
	}
	if _, err := src.Plan(Spec{Template: "common"}); kit.HintOf(err) != "there are: tiny" {
		t.Errorf("a plan of common: %v, hint %q", err, kit.HintOf(err))
	}
	src.Templates.(fstest.MapFS)["common/bad.tmpl"] = file("<% .Nmae %>")
	if _, err := src.Plan(Spec{Template: "tiny"}); err == nil || !strings.Contains(err.Error(), "common/bad.tmpl") {
		t.Errorf("a bad file of common's: %v", err)
	}
}

func TestPlanRefusesBadTemplates(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		says  string
	}{
		"syntax":       {map[string]string{"a.txt.tmpl": "one\n<% if %>"}, "tiny/a.txt.tmpl:2"},
		"unknown":      {map[string]string{"a.txt.tmpl": "<% .Nmae %>"}, "Nmae"},
		"twice":        {map[string]string{"a.txt": "", "a.txt.tmpl": ""}, "in the same place"},
		"folded":       {map[string]string{"a.txt": "", "A.txt": ""}, "in the same place"},
		"device":       {map[string]string{"aux.go": ""}, "Windows"},
		"file and dir": {map[string]string{"a": "", "A/b": ""}, "is a file"},
		"in the kit":   {map[string]string{"third_party/kit/kit.go": ""}, "third_party/kit is not a template's"},
		"in the marks": {map[string]string{".tackhammer/lock.json": ""}, ".tackhammer is not a template's"},
	} {
		src := tiny()
		for path, text := range c.files {
			src.Templates.(fstest.MapFS)["tiny/"+path] = file(text)
		}
		_, err := src.Plan(Spec{Template: "tiny"})
		if kit.CodeOf(err) != kit.Invalid || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
}

func TestBaseHoldsEveryFile(t *testing.T) {
	plan := mustPlan(t, tiny(), Spec{Template: "tiny"})
	base := plan.text(".tackhammer/base.zip")
	z, err := zip.NewReader(strings.NewReader(base), int64(len(base)))
	if err != nil {
		t.Fatal(err)
	}
	if len(z.File) != len(plan.Ops)-3 || len(z.File) != len(plan.Lock().Files) {
		t.Fatalf("%d files in the base, %d in the lock, %d in the plan", len(z.File), len(plan.Lock().Files), len(plan.Ops))
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(data, []byte(plan.text(f.Name))) || sum(data) != plan.Lock().Files[f.Name] {
			t.Errorf("%s differs in plan, base and lock (%v)", f.Name, err)
		}
		if f.Method != zip.Store || f.ModifiedTime|f.ModifiedDate != 0 {
			t.Errorf("%s is stored by method %d at %d %d", f.Name, f.Method, f.ModifiedDate, f.ModifiedTime)
		}
	}
}

func TestTheKitLeavesItsTestsBehind(t *testing.T) {
	plan := mustPlan(t, real(t), Spec{Template: "receipts"})
	for _, op := range plan.Ops {
		rel, ok := strings.CutPrefix(op.Path, kitDir+"/")
		if ok && (strings.HasSuffix(rel, "_test.go") || strings.Contains(rel, "testdata/") || strings.Contains(rel, "internal/need")) {
			t.Errorf("%s is of no use to an app", op.Path)
		}
	}
	if plan.text(kitDir+"/kit.go") == "" || plan.text(kitDir+"/model/model.go") == "" {
		t.Error("the kit's own files are missing")
	}
}
