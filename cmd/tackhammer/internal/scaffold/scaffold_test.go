package scaffold

import (
	"fmt"
	"io/fs"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/tackhammer/tackhammer"
	"github.com/tackhammer/tackhammer/templates"
)

const tinyManifest = `name: tiny
description: {en: A small one., zh: 小的。}
files:
  - path: README.en.md.tmpl
    to: README.md
    when: {lang: [en]}
  - path: README.zh.md.tmpl
    to: README.md
    when: {lang: [zh]}
`

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

// tiny is a source of one small template and a kit of one package.
func tiny() Source {
	return Source{
		Templates: fstest.MapFS{
			"tiny/template.yaml":     file(tinyManifest),
			"tiny/README.en.md.tmpl": file("# <% .Name %>\n"),
			"tiny/README.zh.md.tmpl": file("# 中文 <% .Name %>\n"),
			"tiny/go.mod.tmpl":       file("module <% .Module %>\n"),
			"tiny/prompts/ask.md":    file("{{.Source}}\n"),
			"tiny/.gitignore.tmpl":   file("/data/\n"),
			"tiny/db.txt.tmpl":       file("<% .DB %> <% .Model %> <% .Slug %> <% quote .Name %>\n"),
			"top.go":                 file("package templates\n"),
		},
		Kit: fstest.MapFS{
			"go.mod.tmpl":             file("module " + kitModule + "\n"),
			"go.sum.tmpl":             file(""),
			"kit.go":                  file("package kit\n"),
			"kit_test.go":             file("package kit\n"),
			"web/assets/page.tmpl":    file("{{.}}"),
			"web/testdata/golden.txt": file("x"),
			"internal/need/need.go":   file("package need\n"),
		},
	}
}

// real is what the command embeds.
func real(t testing.TB) Source {
	t.Helper()
	k, err := fs.Sub(tackhammer.Kit, "kit")
	if err != nil {
		t.Fatal(err)
	}
	return Source{Templates: templates.FS, Kit: k}
}

func TestListNamesEveryTemplate(t *testing.T) {
	all, err := real(t).List()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		if m.Description.In("en") == m.Description.In("zh") {
			t.Errorf("template %s is described by the same words in both languages", m.Name)
		}
	}
	if names := real(t).Names(); len(names) != len(all) || !slices.Contains(names, "receipts") || !slices.Contains(names, "blank") {
		t.Errorf("names %v of %d templates", names, len(all))
	}
}

func ExampleSource_Plan() {
	plan, err := tiny().Plan(Spec{Template: "tiny", Name: "Till Desk"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, op := range plan.Ops {
		fmt.Println(op.Path)
	}
	// Output:
	// .gitignore
	// .tackhammer/base.zip
	// .tackhammer/lock.json
	// .tackhammer/spec.yaml
	// README.md
	// db.txt
	// go.mod
	// prompts/ask.md
	// third_party/kit/go.mod
	// third_party/kit/go.sum
	// third_party/kit/kit.go
	// third_party/kit/web/assets/page.tmpl
}
