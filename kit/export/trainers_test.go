package export_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/tackhammer/tackhammer/kit/export"
)

// The readers of this file follow the trainers' documents, to the key:
//
//	TRL            docs/source/dataset_formats.md: conversational prompt-completion, language modeling and preference
//	LLaMA-Factory  data/README.md: alpaca, sharegpt and openai formats with their dataset_info.json
//	Axolotl        docs/dataset-formats/conversation.qmd (chat_template), inst_tune.qmd (alpaca)
//	Unsloth        takes TRL's messages, and ShareGPT's conversations by standardize_sharegpt
//	Hugging Face   the dataset card's front matter with its configs

// strict reads one line of which no key is unknown.
func strict(t *testing.T, line []byte, into any) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		t.Fatalf("%v in %s", err, line)
	}
}

// chatMessage is a message of TRL and OpenAI.
type chatMessage struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// wantRoles checks the roles and that each has content.
func wantRoles(t *testing.T, got []chatMessage, roles ...string) {
	t.Helper()
	var have []string
	for _, m := range got {
		have = append(have, m.Role)
		if strings.TrimSpace(m.Content) == "" {
			t.Errorf("the %s says nothing", m.Role)
		}
	}
	if !reflect.DeepEqual(have, roles) {
		t.Errorf("roles %v, want %v", have, roles)
	}
}

// wantAnswer checks that an answer is an object of the schema.
func wantAnswer(t *testing.T, answer string) {
	t.Helper()
	schema := training(t, export.Chat).Schema
	if problems := schema.Validate([]byte(answer)); len(problems) > 0 {
		t.Errorf("%s is no answer: %v", answer, problems)
	}
	if strings.Contains(answer, `\u003c`) || strings.Contains(answer, ": ") {
		t.Errorf("%s is not written in one way", answer)
	}
}

func TestTRLReadsSFT(t *testing.T) {
	dir, _ := written(t, training(t, export.SFT), decisions())
	for _, line := range lines(t, filepath.Join(dir, "train.jsonl")) {
		var e struct{ Prompt, Completion []chatMessage }
		strict(t, line, &e)
		wantRoles(t, e.Prompt, "system", "user")
		wantRoles(t, e.Completion, "assistant")
		wantAnswer(t, e.Completion[0].Content)
		if !strings.HasPrefix(e.Prompt[0].Content, "You read bills.") || !strings.Contains(e.Prompt[1].Content, "-----BEGIN DOCUMENT") ||
			!strings.Contains(e.Prompt[1].Content, `"required":["company","date","address","total","paid"]`) {
			t.Errorf("that is not what a model sees: %s", e.Prompt)
		}
	}
}

func TestTRLUnslothAndAxolotlReadChat(t *testing.T) {
	dir, _ := written(t, training(t, export.Chat), decisions())
	for _, line := range lines(t, filepath.Join(dir, "train.jsonl")) {
		var e struct{ Messages []chatMessage }
		strict(t, line, &e)
		wantRoles(t, e.Messages, "system", "user", "assistant")
		wantAnswer(t, e.Messages[2].Content)
	}
}

func TestTRLReadsDPO(t *testing.T) {
	dir, m := written(t, training(t, export.DPO), decisions())
	all := lines(t, filepath.Join(dir, "train.jsonl"))
	if len(all) != 2 || m.LeftOut["the draft was right: there is nothing to prefer"] != 1 {
		t.Fatalf("%d pairs, left out %v", len(all), m.LeftOut)
	}
	for _, line := range all {
		var e struct{ Prompt, Chosen, Rejected []chatMessage }
		strict(t, line, &e)
		wantRoles(t, e.Prompt, "system", "user")
		wantRoles(t, e.Chosen, "assistant")
		wantRoles(t, e.Rejected, "assistant")
		wantAnswer(t, e.Chosen[0].Content)
		wantAnswer(t, e.Rejected[0].Content)
		if e.Chosen[0] == e.Rejected[0] {
			t.Errorf("nothing to prefer: %s", e.Chosen)
		}
	}
}

// factory is one entry of LLaMA-Factory's dataset_info.json.
type factory struct {
	FileName   string            `json:"file_name"`
	Formatting string            `json:"formatting"`
	Columns    map[string]string `json:"columns"`
	Tags       map[string]string `json:"tags"`
}

// factoryInfo reads dataset_info.json and knows only the documented columns
// and tags.
func factoryInfo(t *testing.T, dir string) factory {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "dataset_info.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]factory
	strict(t, raw, &all)
	info := all["train"]
	if _, err := os.Stat(filepath.Join(dir, info.FileName)); err != nil || len(all) != 1 {
		t.Errorf("%v of %s", err, raw)
	}
	known := " prompt query response history messages system tools role_tag content_tag user_tag assistant_tag observation_tag function_tag system_tag "
	for _, keys := range []map[string]string{info.Columns, info.Tags} {
		for key := range keys {
			if !strings.Contains(known, " "+key+" ") {
				t.Errorf("%s is no documented key", key)
			}
		}
	}
	return info
}

func TestLLaMAFactoryAndAxolotlReadAlpaca(t *testing.T) {
	dir, _ := written(t, training(t, export.Alpaca), decisions())
	if info := factoryInfo(t, dir); info.Formatting != "" && info.Formatting != "alpaca" {
		t.Errorf("formatting %q", info.Formatting)
	}
	for _, line := range lines(t, filepath.Join(dir, "train.jsonl")) {
		var e struct{ Instruction, Input, Output, System string }
		strict(t, line, &e)
		wantAnswer(t, e.Output)
		if e.Instruction == "" || e.System == "" {
			t.Errorf("%s", line)
		}
	}
}

func TestLLaMAFactoryUnslothAndAxolotlReadShareGPT(t *testing.T) {
	dir, _ := written(t, training(t, export.ShareGPT), decisions())
	info := factoryInfo(t, dir)
	if info.Formatting != "sharegpt" || info.Columns["messages"] != "conversations" {
		t.Errorf("%+v", info)
	}
	for _, line := range lines(t, filepath.Join(dir, "train.jsonl")) {
		var e struct {
			Conversations []struct{ From, Value string }
		}
		strict(t, line, &e)
		turns := e.Conversations
		if len(turns) != 3 || turns[0].From != info.Tags["system_tag"] { // it may stand first, and overrides the system column
			t.Fatalf("%s", line)
		}
		// Behind it the human has the odd places, and the model the even ones.
		if turns[1].From != info.Tags["user_tag"] || turns[2].From != info.Tags["assistant_tag"] {
			t.Errorf("%s", line)
		}
		wantAnswer(t, turns[2].Value)
	}
}

func TestLLaMAFactoryReadsChatAsOpenAI(t *testing.T) {
	dir, _ := written(t, training(t, export.Chat), decisions())
	want := factory{"train.jsonl", "sharegpt", map[string]string{"messages": "messages"}, map[string]string{"role_tag": "role", "content_tag": "content",
		"user_tag": "user", "assistant_tag": "assistant", "system_tag": "system"}}
	if got := factoryInfo(t, dir); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestTheHubReadsTheCard(t *testing.T) {
	for _, f := range export.TrainingFormats {
		tr := training(t, f)
		tr.App = "bills: \"big\" & small"
		dir, _ := written(t, tr, decisions())
		raw, _ := os.ReadFile(filepath.Join(dir, "README.md"))
		front, body, ok := strings.Cut(strings.TrimPrefix(string(raw), "---\n"), "\n---\n")
		if !ok {
			t.Fatalf("%s: no front matter:\n%s", f, raw)
		}
		var card struct {
			PrettyName     string   `yaml:"pretty_name"`
			Tags           []string `yaml:"tags"`
			SizeCategories []string `yaml:"size_categories"`
			TaskCategories []string `yaml:"task_categories"`
			Configs        []struct {
				ConfigName string `yaml:"config_name"`
				DataFiles  []struct{ Split, Path string }
			}
		}
		if err := yaml.NewDecoder(strings.NewReader(strings.ReplaceAll(front, "data_files", "datafiles")), yaml.Strict()).Decode(&card); err != nil {
			t.Fatalf("%s: %v\n%s", f, err, front)
		}
		if card.PrettyName != "What people decided in "+tr.App || card.SizeCategories[0] != "n<1K" || card.Configs[0].ConfigName != "default" {
			t.Errorf("%s: %+v", f, card)
		}
		for _, file := range card.Configs[0].DataFiles {
			if _, err := os.Stat(filepath.Join(dir, file.Path)); err != nil || file.Split != "train" {
				t.Errorf("%s: %v", f, err)
			}
		}
		for _, part := range []string{"license", "`company`", "Known limits", "train: "} {
			if !strings.Contains(front+body, part) {
				t.Errorf("%s: the card does not speak of %s", f, part)
			}
		}
	}
}
