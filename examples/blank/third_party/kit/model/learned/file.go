package learned

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
)

const (
	format  = "tackhammer/learned"
	version = 1 // of the file and of the features: weights of another mean something else
)

// file is a model as it is kept.
type file struct {
	Format  string           `json:"format"`
	Version int              `json:"version"`
	Hash    string           `json:"hash"`           // of all the rest
	Made    *time.Time       `json:"made,omitempty"` // when, as whoever keeps it says
	Rules   string           `json:"rules"`          // digest of the rules whose guesses it chooses from
	Schema  string           `json:"schema"`
	Data    string           `json:"data"` // hash of the cases and their answers
	Cases   int              `json:"cases"`
	Seen    []string         `json:"seen"` // hashes of the cases, sorted
	Trial   json.RawMessage  `json:"trial,omitempty"`
	Paths   map[string]field `json:"paths"`
}

// field is what was learned of one.
type field struct {
	Weights map[string]float64 `json:"weights"`
	Answers []answer           `json:"answers,omitempty"`
	Mends   []mended           `json:"mends,omitempty"`
}

// mended is a word that people put right, itself where they left it.
type mended struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Count int    `json:"count"`
}

func (f file) saw(hash string) bool {
	_, ok := slices.BinarySearch(f.Seen, hash)
	return ok
}

// JSON is the model's file. It does not change with the place and the time of
// its making, see Stamp.
func (m *Model) JSON() []byte {
	f := m.file
	f.Hash = f.sum()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	_ = e.Encode(f) // texts and numbers alone
	return b.Bytes()
}

// sum is the hash of the file without its own.
func (f file) sum() string {
	f.Hash = ""
	if f.Trial != nil {
		var b bytes.Buffer
		_ = json.Compact(&b, f.Trial) // its spaces are the file's
		f.Trial = b.Bytes()
	}
	raw, _ := json.Marshal(f)
	return kit.Hash(raw)
}

// Stamp notes in the file when the model was made, and trial: whatever tells
// how it did on cases that it never saw, as JSON. Neither changes what it
// drafts, nor its digest.
func (m *Model) Stamp(made time.Time, trial any) error {
	raw, err := json.Marshal(trial)
	if err != nil {
		return kit.Errorf(kit.Internal, "note how the model did: %w", err)
	}
	m.file.Made, m.file.Trial = &made, raw
	return nil
}

// Trial reads what Stamp noted; kit.NotFound when it noted nothing.
func (m *Model) Trial(into any) error {
	if m.file.Trial == nil {
		return kit.Errorf(kit.NotFound, "the learned model's file tells nothing of how it did").WithHint("train it again")
	}
	if err := json.Unmarshal(m.file.Trial, into); err != nil {
		return kit.Errorf(kit.Invalid, "read how the learned model did: %w", err).WithHint("train it again")
	}
	return nil
}

// Load reads a model's file. It refuses with kit.Invalid what is torn, edited
// or of another program, and with kit.Conflict what was trained for another
// schema or other rules.
func Load(c Config, raw []byte) (*Model, error) {
	var f file
	if err := json.Unmarshal(raw, &f); err != nil {
		return nil, kit.Errorf(kit.Invalid, "read the learned model: the file is torn: %w", err).WithHint(again)
	}
	switch {
	case f.Format != format:
		return nil, kit.Errorf(kit.Invalid, "read the learned model: the file is none").WithHint(again)
	case f.Version != version:
		return nil, kit.Errorf(kit.Conflict, "read the learned model: its file has version %d, this program reads %d", f.Version, version).WithHint(again)
	case f.Hash != f.sum():
		return nil, kit.Errorf(kit.Invalid, "read the learned model: the file was edited, or a part of it is lost").WithHint(again)
	case f.Schema != c.Schema.Hash():
		return nil, kit.Errorf(kit.Conflict, "read the learned model: it drafts other fields than this program").WithHint(again)
	}
	rules := f.Rules
	m, err := c.of(f)
	if err == nil && m.file.Rules != rules {
		return nil, kit.Errorf(kit.Conflict, "read the learned model: it was trained with other rules than today's").WithHint(again)
	}
	return m, err
}

// again mends whatever is wrong with a file.
const again = "train it again: it takes seconds"

// of makes the model of a file, for today's rules.
func (c Config) of(f file) (*Model, error) {
	info, err := c.Rules.Info(context.Background())
	if err != nil {
		return nil, err
	}
	f.Rules = info.Digest
	m := &Model{Config: c, file: f, fit: map[string]*ranker{}, specs: map[string]model.FieldSpec{}}
	for _, spec := range c.Schema.Fields() {
		m.specs[spec.Path] = spec
		learned, ok := f.Paths[spec.Path]
		if kind := c.Kinds[spec.Path]; ok && kind != nil {
			m.fit[spec.Path] = &ranker{kind: kind, weights: learned.Weights, memory: index(learned.Answers), mends: retold(learned.Mends)}
		}
	}
	f.Made, f.Trial = nil, nil
	m.info = kit.ModelInfo{Name: "learned", Digest: f.sum()}
	return m, nil
}

// told lists the words of mends that people changed at all.
func (m *mends) told() []mended {
	var out []mended
	for from, counts := range m.counts {
		if len(counts) == 1 && counts[from] > 0 {
			continue
		}
		for to, n := range counts {
			out = append(out, mended{from, to, n})
		}
	}
	slices.SortFunc(out, func(a, b mended) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	return out
}

func retold(list []mended) *mends {
	m := &mends{counts: map[string]map[string]int{}}
	for _, w := range list {
		if m.counts[w.From] == nil {
			m.counts[w.From] = map[string]int{}
		}
		m.counts[w.From][w.To] = w.Count
	}
	return m
}
