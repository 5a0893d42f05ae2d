// Package nail reads nail.yaml, the one job of one kind of customer that a
// service does: who buys it, what it costs today, the bar it must reach, and
// how the service is run.
//
// Load reads a file, Parse reads bytes. Both are strict: an unknown key, a
// value of the wrong kind or out of range is told with its line, its column
// and what to write instead, all of them at once. What a file leaves out has
// the default that its field names. Economics works out what the job is worth,
// Judge says what speaks against it, and Edit changes keys of the file in place.
//
//	n, err := nail.Load("nail.yaml")
//	if err != nil {
//		return err // nail.yaml:7:9: price: -1 is below 0; write a number from 0 up
//	}
//	fmt.Println(n.Economics().Margin, n.Currency)
package nail

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tackhammer/tackhammer/kit"
)

// Nail is a job as nail.yaml states it.
type Nail struct {
	// Name is the service's name in lower-case letters, digits and hyphens.
	// It has no default.
	Name string `yaml:"name"`

	// Title is what people see the service called, in any words of at most 80
	// characters. Defaults to Name.
	Title string `yaml:"title"`

	// Lang is the console's first language, "en" or "zh". Defaults to "en".
	Lang string `yaml:"lang"`

	// Buyer says who pays, in a sentence. Defaults to "".
	Buyer string `yaml:"buyer"`

	// Job says what is done, in a sentence. It has no default.
	Job string `yaml:"job"`

	// Scenario says where the job comes up and what it is done with, in a
	// sentence. Defaults to "".
	Scenario string `yaml:"scenario"`

	// Data is what the job is measured on.
	Data Data `yaml:"data"`

	// Today is what the job costs by hand. Defaults to nothing.
	Today Today `yaml:"today"`

	// Volume is how many cases come a month. Defaults to 0.
	Volume int `yaml:"volume"`

	// Price is what the buyer pays for a case, in Currency. Defaults to 0.
	Price float64 `yaml:"price"`

	// Currency is the ISO 4217 code of every amount. Defaults to "USD".
	Currency string `yaml:"currency"`

	// GPUHour is what an hour of the model's machine costs, in Currency.
	// Defaults to 0: the model runs without one.
	GPUHour float64 `yaml:"gpu_hour"`

	// Bar is how good drafts must be, by the path of the field. Defaults to no
	// bar.
	Bar map[string]Goal `yaml:"bar"`

	// Reviewer is what the people who review cost.
	Reviewer Reviewer `yaml:"reviewer"`

	// Budget is what may be spent.
	Budget Budget `yaml:"budget"`

	// Model is who drafts: "baseline", "learned", "ollama:NAME" or
	// "openai:NAME". Defaults to "baseline".
	Model string `yaml:"model"`

	// Candidates are models that `pick` tries where it is told of none, beside
	// Model and what the app brings itself: "ollama:NAME" and "openai:NAME".
	// Defaults to all of the Ollama server's.
	Candidates []string `yaml:"candidates"`

	// Picked is what `pick` measured of Model. Defaults to nothing.
	Picked Picked `yaml:"picked"`

	// OpenAI is where the models of "openai:NAME" are.
	OpenAI OpenAI `yaml:"openai"`

	// Slots is how many answers the model makes at a time, on each server.
	// Defaults to 4.
	Slots int `yaml:"slots"`

	// Database is "sqlite" or "postgres". Defaults to "sqlite".
	Database string `yaml:"database"`

	// Review is how people work.
	Review Review `yaml:"review"`

	// Deliver is where approved outputs go.
	Deliver Deliver `yaml:"deliver"`

	// Limits bounds what is taken in.
	Limits Limits `yaml:"limits"`

	// Retain is what is kept, and how long.
	Retain Retain `yaml:"retain"`

	// Notify is how people are told of what waits.
	Notify Notify `yaml:"notify"`

	// Signin is how people sign in.
	Signin Signin `yaml:"signin"`

	// From is where the file's keys stand.
	From Source `yaml:"-"`
}

// Today is what one case costs when a person does all of it.
type Today struct {
	// Minutes that a case takes. Defaults to 0.
	Minutes float64 `yaml:"minutes"`

	// Wage of an hour, in the nail's currency. Defaults to 0.
	Wage float64 `yaml:"wage"`
}

// Goal is how good a field must be. In the file it is a group of keys, or a
// number, which is its Threshold.
type Goal struct {
	// Measure is what is compared with Threshold: "exact" or "normalised", the
	// share of cases that are right to the letter or in meaning, or for a
	// field with numbers or categories one of eval.Measures. Defaults to
	// "normalised".
	Measure string `yaml:"measure"`

	// Threshold is what the measure must reach, above 0 and at most 1. It has
	// no default.
	Threshold float64 `yaml:"threshold"`

	// Confidence is how sure it is to be that the measure, on cases to come,
	// reaches Threshold, from 0.5 to below 1. Defaults to 0.95.
	Confidence float64 `yaml:"confidence"`
}

// Data is what the job is measured on: cases of one's own with their right
// answers.
type Data struct {
	// Cases is the folder of documents. Defaults to "golden/cases".
	Cases string `yaml:"cases"`

	// Answers is the folder of NAME.json, the right values of the case NAME.
	// Defaults to "golden/answers".
	Answers string `yaml:"answers"`

	// Source says whose the cases are and how they were come by, in a
	// sentence. Defaults to "".
	Source string `yaml:"source"`
}

// Reviewer is what the people who review cost.
type Reviewer struct {
	// Wage of an hour, in the nail's currency. Defaults to Today.Wage.
	Wage float64 `yaml:"wage"`
}

// Budget is what may be spent.
type Budget struct {
	// Month is what model calls may cost in a calendar month (UTC), in the
	// nail's currency; when it is spent, drafting stops until the next.
	// Defaults to 0, no limit.
	Month float64 `yaml:"month"`
}

// OpenAI is where servers with OpenAI's protocol are: vLLM, llama.cpp, SGLang.
type OpenAI struct {
	// URLs are the servers, each with the path that precedes
	// /chat/completions, such as http://127.0.0.1:8000/v1. All have the same
	// models. Needed for a model "openai:NAME".
	URLs []string `yaml:"urls"`

	// KeyEnv names the environment variable that holds the key. Defaults to
	// none.
	KeyEnv string `yaml:"key_env"`
}

// Review is how people work on drafts: the terms of every case, and of those
// that carry a certain risk.
type Review struct {
	// Undo is how long a decision in the console can be taken back before
	// anything is delivered. 0s means at once. Defaults to 10 seconds.
	Undo time.Duration `yaml:"undo"`

	Terms `yaml:",inline"`

	// Tiers are stricter or looser terms for drafts that meet an expression.
	// The first that is met counts. Defaults to none.
	Tiers []Tier `yaml:"tiers"`
}

// Deliver is where approved outputs go.
type Deliver struct {
	// Folder takes each output as a JSON file; a relative path starts at the
	// data folder. Defaults to "deliveries" where no webhook is set, else to
	// none.
	Folder string `yaml:"folder"`

	// Webhook takes each output as a POST. Defaults to none.
	Webhook Webhook `yaml:"webhook"`
}

// Webhook is an address that takes outputs. Its zero value means none.
type Webhook struct {
	// URL is where outputs are posted: https, or http on this machine or a
	// private network. Defaults to "".
	URL string `yaml:"url"`

	// SecretEnv names the environment variable that holds the signing secret,
	// so that no secret stands in a file. Needed with URL.
	SecretEnv string `yaml:"secret_env"`
}

// Limits bounds what is taken in.
type Limits struct {
	// FileMB is the size of the largest file that is read, in MiB.
	// Defaults to 20.
	FileMB int `yaml:"file_mb"`
}

// maxFile bounds a file that is parsed, in bytes.
const maxFile = 64 << 10

// Load reads the file at path. It fails with kit.NotFound when there is none
// and with kit.Invalid, and the place of each mistake, when it cannot be used.
func Load(path string) (Nail, error) {
	data, err := readFile(path)
	if os.IsNotExist(err) {
		return Nail{}, kit.Errorf(kit.NotFound, "read %s: no such file", filepath.Base(path)).
			WithHint("run the command in the app's folder, where its nail.yaml is")
	}
	if err != nil {
		return Nail{}, kit.Errorf(kit.CodeOf(err), "read %s: %w", filepath.Base(path), err)
	}
	return Parse(filepath.Base(path), data)
}

// readFile reads a file of at most maxFile bytes. A pipe or a device is
// refused: it may never end, and never begin.
func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, kit.Errorf(kit.Invalid, "it is no file, but a folder, a pipe or a device").WithHint("name the file that holds the nail")
	case info.Size() > maxFile:
		return nil, kit.Errorf(kit.Invalid, "%d KB are more than any nail needs", info.Size()>>10).
			WithHint("is it the right file? at most %d KB are read", maxFile>>10)
	}
	return os.ReadFile(path)
}

// Ollama returns the name of the Ollama model that drafts, or "" where
// something else does.
func (n Nail) Ollama() string {
	name, ok := strings.CutPrefix(n.Model, "ollama:")
	if !ok {
		return ""
	}
	return name
}

// OpenAIModel returns the name of the model behind an OpenAI endpoint that
// drafts, or "" where something else does.
func (n Nail) OpenAIModel() string {
	name, ok := strings.CutPrefix(n.Model, "openai:")
	if !ok {
		return ""
	}
	return name
}

// MaxBytes is the size of the largest file that is read, in bytes.
func (n Nail) MaxBytes() int64 { return int64(n.Limits.FileMB) << 20 }
