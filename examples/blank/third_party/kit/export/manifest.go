package export

import (
	"time"

	"github.com/tackhammer/tackhammer/kit"
)

// Manifest says what training data were made of: the file manifest.json.
type Manifest struct {
	App      string         `json:"app"`
	When     time.Time      `json:"when"` // of the last decision in it: the same decisions make the same bytes
	Format   TrainingFormat `json:"format"`
	Step     string         `json:"step"`
	Group    string         `json:"group"`
	Shares   Shares         `json:"shares"`
	Counts   map[Part]int   `json:"counts"`
	LeftOut  map[string]int `json:"left_out"` // how many corrections are no examples, by why
	Private  []string       `json:"private"`  // the paths that were taken out
	Reworded int            `json:"reworded"` // how many were drafted under another prompt than the one that stands here
	Length   Length         `json:"length"`
	Files    []FileSum      `json:"files"`
	Records  []Record       `json:"records,omitempty"` // in the order of the files
}

// Length is how long examples are, prompt and answer together.
type Length struct {
	Longest int `json:"longest"` // characters
	Tokens  int `json:"tokens"`  // of the longest, an estimate that is rather high
}

// FileSum is a file with the hash of its bytes.
type FileSum struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

// Record says where one example is from.
type Record struct {
	Part            Part        `json:"part"`
	Case            string      `json:"case"`
	Decision        string      `json:"decision"`
	Verdict         kit.Verdict `json:"verdict"`
	Person          string      `json:"person"` // who decided
	PersonID        string      `json:"person_id"`
	DecidedAt       time.Time   `json:"decided_at"`
	Model           string      `json:"model"` // that drafted
	ModelDigest     string      `json:"model_digest"`
	PromptHash      string      `json:"prompt_hash"`       // of the prompt file that stands in the example; "" for Table
	DraftPromptHash string      `json:"draft_prompt_hash"` // of the one that the draft was made with; "" for rules
	SchemaHash      string      `json:"schema_hash"`
	InputHash       string      `json:"input_hash"`
	Source          string      `json:"source_hash,omitempty"` // TextHash of the document
	TextHash        string      `json:"text_hash"`             // the same whatever spaces, marks and case
	Group           string      `json:"group"`                 // a hash: examples of one group are in one part
}

// Count is how many examples there are in all parts.
func (m Manifest) Count() (n int) {
	for _, c := range m.Counts {
		n += c
	}
	return n
}

func (t Training) manifest(g *gathered, w *writers) Manifest {
	return Manifest{App: t.App, When: g.until, Format: t.Format, Step: t.Step, Group: t.Group, Shares: t.Shares, Counts: w.counts,
		LeftOut: g.left, Private: g.redact.paths(), Reworded: w.reworded, Length: w.length}
}
