package templates

import (
	"os"
	"testing"
)

// A folder that FS does not name would be a template that nobody can make.
func TestEveryFolderIsEmbedded(t *testing.T) {
	here, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, d := range here {
		if !d.IsDir() {
			continue
		}
		n++
		file := "/template.yaml"
		if d.Name() == "common" {
			file = "/go.mod.tmpl"
		}
		if _, err := FS.Open(d.Name() + file); err != nil {
			t.Errorf("%v: name the folder at FS", err)
		}
	}
	if n == 0 {
		t.Error("no template is here")
	}
}
