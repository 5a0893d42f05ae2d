package scaffold

import (
	"bytes"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/nail"
)

// everything is an app with an addition of each kind and type.
func everything() Spec {
	return Spec{Template: "receipts", Name: "full desk", Additions: Additions{
		Fields: []Field{
			{Name: "discount", Type: "money", LabelZh: "折扣", Bar: 0.8},
			{Name: "category", Type: "choice", Values: []string{"food", "travel"}, Description: "what it was spent on, and on nothing else"},
			{Name: "paid_on", Type: "date"}, {Name: "guests", Type: "number"}, {Name: "tip", Type: "yes-no"},
			{Name: "tax_id", Type: "text", Label: "Tax number"},
		},
		Steps: []Step{
			{Name: "summary", Kind: "draft", Title: "Summarise", TitleZh: "摘要"},
			{Name: "round-off", Kind: "code"},
			{Name: "account", Kind: "draft"},
		},
		Importers: []Importer{{Name: "mail", Ext: ".eml"}, {Name: "chat-log", Ext: ".chat"}},
		Targets: []Target{
			{Name: "books", Kind: "webhook", URL: "https://books.example/hook"},
			{Name: "ledger", Kind: "code"}, {Name: "old-ledger", Kind: "code"},
		},
		Channels: []Channel{
			{Kind: "slack", URLEnv: "SLACK_URL"}, {Kind: "email", URLEnv: "SMTP_URL"},
			{Kind: "feishu", URLEnv: "FEISHU_URL", SecretEnv: "FEISHU_SECRET"},
		},
		Models: []string{"ollama:qwen3:4b", "ollama:gemma3:4b"},
	}}
}

func planned(t *testing.T, spec Spec) Tree {
	t.Helper()
	p, err := real(t).Plan(spec)
	if err != nil {
		t.Fatal(err)
	}
	return p.Tree()
}

// What is rendered of every addition at once builds, is vetted and passes its
// own tests, with no network.
func TestAnAppWithEverythingPasses(t *testing.T) {
	if testing.Short() {
		t.Skip("builds an app")
	}
	p, err := real(t).Plan(everything())
	if err != nil {
		t.Fatal(err)
	}
	dir := os.Getenv("TACKHAMMER_KEEP")
	if dir == "" {
		dir = filepath.Join(t.TempDir(), "app")
	}
	if err := p.Apply(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"vet", "./..."}, {"test", "./..."}} {
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=readonly -trimpath", "GOPROXY=off")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

func TestAdditionsAreInGofmtsFormAndTheNailParses(t *testing.T) {
	blank := everything()
	blank.Template = "blank"
	for name, spec := range map[string]Spec{"nothing": {Template: "receipts"}, "everything": everything(), "everything on blank": blank} {
		for path, f := range planned(t, spec) {
			if filepath.Ext(path) == ".go" && !strings.HasPrefix(path, kitDir) {
				if out, err := format.Source(f.Data); err != nil || !bytes.Equal(out, f.Data) {
					t.Errorf("%s: %s is not as gofmt has it: %v", name, path, err)
				}
			}
			if path == "nail.yaml" {
				n, err := nail.Parse(path, f.Data)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if name != "nothing" && (n.Bar["discount"].Threshold != 0.8 || n.Deliver.Webhook.URL != "https://books.example/hook" ||
					len(n.Notify.Channels) != 3 || n.Notify.Channels[2].SecretEnv != "FEISHU_SECRET" ||
					!slices.Equal(n.Candidates, []string{"ollama:qwen3:4b", "ollama:gemma3:4b"})) {
					t.Errorf("%+v", n)
				}
			}
		}
	}
}

// The order in which things came and went leaves no trace.
func TestRemovingEverythingIsNeverHavingAdded(t *testing.T) {
	spec := everything()
	spec.Additions = Additions{}
	bare := planned(t, spec)
	for path, f := range planned(t, Spec{Template: "receipts", Name: "full desk"}) {
		if !bytes.Equal(bare[path].Data, f.Data) {
			t.Errorf("%s differs", path)
		}
	}
}

func TestAdditionsThatCannotBe(t *testing.T) {
	field := func(f Field) Additions { return Additions{Fields: []Field{f}} }
	step := func(name, kind string) Additions { return Additions{Steps: []Step{{Name: name, Kind: kind}}} }
	for name, c := range map[string]struct {
		add  Additions
		want string
	}{
		"the template's field":     {field(Field{Name: "total", Type: "money"}), "add field total: Entry has one of that name"},
		"a word of the terms":      {field(Field{Name: "confidence", Type: "number"}), `add field "confidence": code cannot have that name`},
		"a name of two lines":      {field(Field{Name: "a\nb", Type: "text"}), "code cannot have that name"},
		"a type":                   {field(Field{Name: "tip", Type: "bool"}), `"bool" is no type`},
		"a bar":                    {field(Field{Name: "tip", Type: "text", Bar: 90}), "a bar of 90 is no share"},
		"words that end a tag":     {field(Field{Name: "tip", Type: "text", Label: "a`b"}), "does not fit on a line"},
		"words of a prompt":        {field(Field{Name: "tip", Type: "text", Description: "{{.Source}}"}), "does not fit on a line"},
		"a choice of one":          {field(Field{Name: "tip", Type: "choice", Values: []string{"a"}}), "two values or more"},
		"a choice with a comma":    {field(Field{Name: "tip", Type: "choice", Values: []string{"a,b", "c"}}), "is no value of a choice"},
		"two fields":               {Additions{Fields: []Field{{Name: "tip", Type: "text"}, {Name: "tip", Type: "date"}}}, "it is there already"},
		"the template's step":      {step("extract", "code"), "the workflow has one of that name"},
		"the template's review":    {step("check", "code"), "the workflow has one of that name"},
		"a step as a field":        {step("total", "draft"), "is called as a field of Entry"},
		"a step as an added field": {Additions{Fields: []Field{{Name: "tip", Type: "text"}}, Steps: []Step{{Name: "tip", Kind: "draft"}}}, "it is there already"},
		"a review of a step":       {Additions{Steps: []Step{{Name: "tip", Kind: "draft"}, {Name: "tip-check", Kind: "code"}}}, "the workflow has one of that name"},
		"a long draft":             {step(strings.Repeat("a", 35), "draft"), "code cannot have that name"},
		"a test's file":            {step("load-test", "code"), "Go takes"},
		"a system's file":          {step("linux", "code"), "Go takes"},
		"an app's name twice":      {Additions{Steps: []Step{{Name: "a1", Kind: "code"}, {Name: "a-1", Kind: "code"}}}, "would both declare codeA1"},
		"an ending that is read":   {Additions{Importers: []Importer{{Name: "x", Ext: ".csv"}}}, ".csv files are read already"},
		"two endings in one":       {Additions{Importers: []Importer{{Name: "x", Ext: ".tar.gz"}}}, "not the ending"},
		"two webhooks":             {Additions{Targets: []Target{{Name: "a", Kind: "webhook", URL: "https://a.example"}, {Name: "b", Kind: "webhook", URL: "https://b.example"}}}, "nail.yaml has room for one"},
		"an open webhook":          {Additions{Targets: []Target{{Name: "a", Kind: "webhook", URL: "http://a.example"}}}, "no address that outputs may be posted to"},
		"an address for code":      {Additions{Targets: []Target{{Name: "a", Kind: "code", URL: "https://a.example"}}}, "only a webhook has an address"},
		"a kind of channel":        {Additions{Channels: []Channel{{Kind: "slak", URLEnv: "A"}}}, "did you mean slack?"},
		"a secret in the spec":     {Additions{Channels: []Channel{{Kind: "slack", URLEnv: "https://hooks.slack.com/x"}}}, "is not the name of an environment variable"},
		"a secret of slack":        {Additions{Channels: []Channel{{Kind: "slack", URLEnv: "A", SecretEnv: "B"}}}, "no variable with a secret for it"},
		"a sender of slack":        {Additions{Channels: []Channel{{Kind: "slack", URLEnv: "A", From: "a@b.example"}}}, "no sender for it"},
		"a model":                  {Additions{Models: []string{"gpt"}}, "it is not ollama:NAME"},
	} {
		_, err := real(t).Plan(Spec{Template: "receipts", Additions: c.add})
		if err == nil || !strings.Contains(err.Error()+" "+kit.HintOf(err), c.want) {
			t.Errorf("%s: %v (%s), want %q", name, err, kit.HintOf(err), c.want)
		}
	}
}

func TestATemplateWithoutAPlaceTakesNothing(t *testing.T) {
	_, err := tiny().Plan(Spec{Template: "tiny", Additions: Additions{Fields: []Field{{Name: "tip", Type: "text"}}}})
	if kit.CodeOf(err) != kit.Unsupported {
		t.Errorf("%v", err)
	}
}
