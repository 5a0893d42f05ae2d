package export

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// card is the README.md of training data: a dataset card as Hugging Face reads
// it, front matter first.
func (m Manifest) card() string {
	var b strings.Builder
	b.WriteString(m.cardHead())
	fmt.Fprintf(&b, "\n# What people decided in %s\n\n", m.App)
	fmt.Fprintf(&b, "%s\n\n", formatWords[m.Format])
	fmt.Fprintf(&b, "A model or rules drafted each answer in the step `%s`. A person then approved or corrected it, and what that person let out is the\n"+
		"answer here. The last decision is of %s. `manifest.json` says of each example which case and decision it is from, who decided, and which model drafted.\n\n",
		m.Step, m.When.UTC().Format(time.DateOnly))
	b.WriteString(m.cardCounts())
	b.WriteString(m.cardPrivate())
	b.WriteString(m.cardLimits())
	return b.String()
}

// formatWords say how each form is loaded.
var formatWords = map[TrainingFormat]string{
	SFT:      "Prompt and completion as messages: `trl sft` learns the completion alone.",
	Chat:     "Messages: TRL and Unsloth read them as they are, Axolotl with `type: chat_template`, LLaMA-Factory by `dataset_info.json`.",
	DPO:      "Prompt with a chosen and a rejected answer, as messages, for `trl dpo`. Rejected is what the model had drafted.",
	Alpaca:   "Instruction, input, output and system: LLaMA-Factory reads them by `dataset_info.json`, Axolotl with `type: alpaca` (without the system text).",
	ShareGPT: "Conversations: LLaMA-Factory reads them by `dataset_info.json`, Axolotl with `type: chat_template`, `field_messages: conversations` and `message_property_mappings: {role: from, content: value}`.",
	Table:    "A row for each field of a case: what was drafted, and what was let out. For people and spreadsheets.",
}

func (m Manifest) cardHead() string {
	var b strings.Builder
	fmt.Fprintf(&b, "---\npretty_name: %s\n", yamlText("What people decided in "+m.App))
	b.WriteString("# license: to be stated by the owner of the data before anybody else gets it\n")
	fmt.Fprintf(&b, "tags:\n  - human-reviewed\n  - %s\nsize_categories:\n  - %s\n", m.Format, sizeCategory(m.Count()))
	if m.Format != Table {
		b.WriteString("task_categories:\n  - text-generation\n")
	}
	b.WriteString("configs:\n  - config_name: default\n    data_files:\n")
	for _, p := range Parts {
		if m.Counts[p] > 0 {
			fmt.Fprintf(&b, "      - split: %s\n        path: %s\n", p, m.Format.fileName(p))
		}
	}
	b.WriteString("---\n")
	return b.String()
}

// yamlText quotes a text so that YAML reads it back.
func yamlText(s string) string { return string(quoted(s)) }

// sizeCategory is the Hub's word for a number of examples.
func sizeCategory(n int) string {
	for _, c := range []struct {
		below int
		words string
	}{{1e3, "n<1K"}, {1e4, "1K<n<10K"}, {1e5, "10K<n<100K"}, {1e6, "100K<n<1M"}} {
		if n < c.below {
			return c.words
		}
	}
	return "1M<n<10M"
}

func (m Manifest) cardCounts() string {
	var b strings.Builder
	b.WriteString("## How many\n\n")
	for _, p := range Parts {
		fmt.Fprintf(&b, "- %s: %d\n", p, m.Counts[p])
	}
	fmt.Fprintf(&b, "\nExamples of one group (%s) and those of the same text are all in one part. The parts are %d/%d/%d per cent of the groups, by their hash:\n"+
		"a group stays where it is when others come.\n", m.Group, m.Shares.Train, m.Shares.Validation, m.Shares.Test)
	if len(m.LeftOut) > 0 {
		b.WriteString("\nLeft out:\n\n")
		for _, why := range slices.Sorted(maps.Keys(m.LeftOut)) {
			fmt.Fprintf(&b, "- %d: %s\n", m.LeftOut[why], why)
		}
	}
	return b.String()
}

func (m Manifest) cardPrivate() string {
	if len(m.Private) == 0 {
		return "\n## Private\n\nNo field is marked private: texts and answers stand here as they came in. Give the data to nobody who may not read the cases.\n"
	}
	var names []string
	for _, p := range m.Private {
		names = append(names, "`"+p+"`")
	}
	return fmt.Sprintf("\n## Private\n\nThese fields were taken out: %s. In their place stand names such as [%s_1], the same for the same value, in the answers and wherever\n"+
		"the value or the draft's reading of it stands in the prompt, also where the schema asks for a number or a day. The rest of a text is as it came in.\n",
		strings.Join(names, ", "), strings.ToUpper(strings.Trim(notName.ReplaceAllString(m.Private[0], "_"), "_")))
}

func (m Manifest) cardLimits() string {
	words := "\n## Known limits\n\n" +
		"- The answers are what reviewers let out. Whoever sees a draft first tends to agree with it: mistakes that look right may have stayed.\n" +
		"- The cases are those of one service and its customers. Other documents may look different.\n" +
		"- A private value is found by its letters and digits, and numbers and dates in their usual notations. Another spelling of it, or the same value in another case's\n" +
		"  text, is not. Look before you pass the data on.\n" +
		"- A model that learned from a case must not be measured on it: `test` is for that, and the manifest's `source_hash` names all others.\n"
	if m.Reworded > 0 {
		words += fmt.Sprintf("- %d of the drafts were made with an older prompt. The prompts here are all of today's file.\n", m.Reworded)
	}
	return words
}
