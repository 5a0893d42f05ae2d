package scaffold

import (
	"regexp"
	"slices"

	"github.com/tackhammer/tackhammer/kit"
)

// Additions are what an app got after it was made, or with it: the part of a
// Spec that `add` and `remove` change. Templates render them, so that one spec
// gives one app whatever the order in which things came and went.
type Additions struct {
	Fields    []Field    `yaml:"fields,omitempty"`
	Steps     []Step     `yaml:"steps,omitempty"`
	Importers []Importer `yaml:"importers,omitempty"`
	Targets   []Target   `yaml:"targets,omitempty"`
	Channels  []Channel  `yaml:"channels,omitempty"`
	Models    []string   `yaml:"models,omitempty"` // beside Spec.Model: ollama:NAME; `pick` tries them, compose pulls them
}

// Field is a value that the first draft step drafts besides the template's own.
type Field struct {
	Name        string   `yaml:"name"`                  // snake_case, the JSON key
	Type        string   `yaml:"type"`                  // one of FieldTypes
	Label       string   `yaml:"label,omitempty"`       // Defaults to Name in words
	LabelZh     string   `yaml:"label_zh,omitempty"`    // Defaults to Label
	Description string   `yaml:"description,omitempty"` // what the model and the prompt are told
	Values      []string `yaml:"values,omitempty"`      // of the type choice
	Bar         float64  `yaml:"bar,omitempty"`         // share of cases, from 0 to 1; 0 is no bar
}

// FieldTypes are the types of a Field, and the Go types they become.
var FieldTypes = []string{"text", "date", "number", "money", "yes-no", "choice"}

// Step is a step between the last review and the delivery.
type Step struct {
	Name    string `yaml:"name"` // kebab-case
	Kind    string `yaml:"kind"` // one of StepKinds
	Title   string `yaml:"title,omitempty"`
	TitleZh string `yaml:"title_zh,omitempty"`
}

// StepKinds are the kinds of a Step: a draft comes with a review of its own,
// named NAME-check; code changes an approved value by rules.
var StepKinds = []string{"draft", "code"}

// Importer reads a kind of file that the kit does not: a function of the app's
// own, by the file name's ending.
type Importer struct {
	Name string `yaml:"name"`
	Ext  string `yaml:"ext"` // with the dot, lower case
}

// Target is where deliveries go besides the folder: a webhook set in
// nail.yaml, or a function of the app's own.
type Target struct {
	Name      string `yaml:"name"`
	Kind      string `yaml:"kind"` // one of TargetKinds
	URL       string `yaml:"url,omitempty"`
	SecretEnv string `yaml:"secret_env,omitempty"`
}

// TargetKinds are the kinds of a Target.
var TargetKinds = []string{"webhook", "code"}

// Channel tells people what waits; see nail.ChannelKinds.
type Channel struct {
	Kind      string `yaml:"kind"`
	URLEnv    string `yaml:"url_env,omitempty"`    // the variable with the chat's webhook, or e-mail's server
	SecretEnv string `yaml:"secret_env,omitempty"` // the one with the secret of feishu and dingtalk
	From      string `yaml:"from,omitempty"`       // the sender of e-mail. Defaults to desk@example.com
}

var (
	snakeName = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
	kebabName = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
)

// unique fails when two of names are the same.
func unique(what string, names []string) error {
	for i, n := range names {
		if slices.Contains(names[:i], n) {
			return kit.Errorf(kit.Conflict, "add %s %s: it is there already", what, n)
		}
	}
	return nil
}
