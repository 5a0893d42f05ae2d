package scaffold

import (
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/tackhammer/tackhammer/kit"
)

// oddChanges have what a diff can hold and YAML finds hard.
func oddChanges() []Change {
	return []Change{
		{Path: "plain.txt", Kind: Replace, Old: []byte("a\nb\n"), New: []byte("a\n\n  c: - #\n"), Mode: 0o644},
		{Path: "no end.txt", Kind: Make, New: []byte("x"), Mode: 0o644},
		{Path: "windows.txt", Kind: Merge, Why: "both sides: edited", Old: []byte("a\r\nb\r\n"), New: []byte("a\r\nc\r\n"), Mode: 0o644},
		{Path: "escape.txt", Kind: Make, New: []byte("\x1b[2J\u2028\ufeff票据\n"), Mode: 0o600},
		{Path: "mark.txt", Kind: Make, New: []byte("seal: sha256:00\noperations:\n- path: x\n"), Mode: 0o644},
		{Path: "gone", Kind: Delete, Old: []byte("a\n")},
		{Path: "empty", Kind: Make, New: []byte{}, Mode: 0o644},
		{Path: "picture.png", Kind: Make, New: []byte{0, 1, 255}, Mode: 0o644},
		{Path: kitDir + "/a.go", Kind: Make, New: []byte("package a\n"), Mode: 0o644},
		{Path: kitDir + "/b.go", Kind: Delete, Old: []byte("package b\n")},
	}
}

func TestAPlanIsYAMLToTheLetter(t *testing.T) {
	text, err := Source{}.WritePlan(PlanFile{Command: "update", Title: "update", Folder: "a b", Spec: Spec{Template: "t", Name: "n"}}, oddChanges())
	if err != nil {
		t.Fatal(err)
	}
	var whole struct {
		PlanFile   `yaml:",inline"`
		Operations []Operation `yaml:"operations"`
		Seal       string      `yaml:"seal"`
	}
	if err := yaml.Unmarshal(text, &whole); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	want, err := Operations(oddChanges(), false)
	if err != nil || len(want) != 9 || len(whole.Operations) != 9 {
		t.Fatalf("%v: %d operations, %d", err, len(want), len(whole.Operations))
	}
	for i, op := range whole.Operations {
		if op != want[i] {
			t.Errorf("%+v\nwant %+v", op, want[i])
		}
	}
	if kit := want[8]; kit.Path != kitDir || kit.Files != 2 || kit.Kind != Replace || !strings.HasPrefix(kit.SHA256, "h1:") || !strings.HasPrefix(kit.Before, "h1:") {
		t.Errorf("%+v", kit)
	}
	for name, text := range map[string]string{"as written": string(text), "on Windows": strings.ReplaceAll(string(text), "\n", "\r\n")} {
		p, err := ReadPlan("p.yaml", []byte(text))
		if err != nil || p.Folder != "a b" || p.Spec.Name != "n" || p.Still([]byte(strings.ReplaceAll(text, "\r\n", "\n"))) != nil {
			t.Errorf("%s: %v %+v", name, err, p)
		}
	}
}

// TestAPlanIsNotTrusted has what somebody could put into the place of one, with
// a seal that fits.
func TestAPlanIsNotTrusted(t *testing.T) {
	seal := func(text string) string { return text + sealKey + sum([]byte(text)) + "\n" }
	head := "format: 1\ntackhammer: \"1\"\ncommand: new\ntitle: t\nfolder: f\nbefore: missing\nspec: {template: t}\n"
	for name, c := range map[string]struct {
		text string
		code kit.Code
		want string
	}{
		"nothing":        {"", kit.Invalid, "it is no plan"},
		"no seal":        {head + operationsKey, kit.Invalid, "it is no plan"},
		"another seal":   {head + operationsKey + sealKey + "00\n", kit.Conflict, "was changed after it was made"},
		"more behind":    {seal(head+operationsKey) + "x: y\n", kit.Conflict, "was changed after it was made"},
		"a later format": {seal(strings.Replace(head, "format: 1", "format: 2", 1) + operationsKey), kit.Invalid, "format 2 is not known"},
		"a command":      {seal(strings.Replace(head, "new", "demo", 1) + operationsKey), kit.Invalid, `"demo" is none of the commands`},
		"no folder":      {seal(strings.Replace(head, "folder: f", `folder: "a\e[2Jb"`, 1) + operationsKey), kit.Invalid, "is no folder"},
		"an anchor":      {seal("a: &a b\n" + head + operationsKey), kit.Invalid, "anchors and aliases are not read here"},
		"a key":          {seal(head + "hook: rm\n" + operationsKey), kit.Invalid, `unknown key "hook"`},
	} {
		if _, err := ReadPlan("p.yaml", []byte(c.text)); kit.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
