package app

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/ollama"
)

// schooled is a model of Ollama's that was registered with its training data.
type schooled struct {
	*ollama.Provider
	sources map[string]bool
}

// Saw reports whether the model learned from the text with this hash: whoever
// measures it leaves that out.
func (m schooled) Saw(hash string) bool { return m.sources[hash] }

// sourcesFile holds the texts that a model learned from, by their hashes.
func sourcesFile(data, name string) string {
	return filepath.Join(data, "models", kit.Hash([]byte(name))[:16]+".json")
}

// sourcesKept is what such a file holds.
type sourcesKept struct {
	Model   string   `json:"model"`
	Sources []string `json:"sources"`
}

// keepSources remembers what a model learned from, beside what is known of an
// earlier one of its name.
func keepSources(data, name string, sources []string) error {
	if len(sources) == 0 {
		return nil
	}
	before, err := sourcesOf(data, name)
	if err != nil {
		return err
	}
	all := slices.Sorted(slices.Values(append(before, sources...)))
	return keepReport(sourcesFile(data, name), sourcesKept{name, slices.Compact(all)})
}

// sourcesOf are the texts that a model learned from; none for one that was not
// registered with them.
func sourcesOf(data, name string) ([]string, error) {
	raw, err := os.ReadFile(sourcesFile(data, name))
	if os.IsNotExist(err) {
		return nil, nil
	}
	var kept sourcesKept
	if err == nil {
		err = json.Unmarshal(raw, &kept)
	}
	if err != nil {
		return nil, kit.Errorf(kit.Invalid, "read what the model %s learned from: %w", name, err).
			WithHint("register it again: without that it might be measured on what it has seen")
	}
	return kept.Sources, nil
}

// school gives a model what it learned from, where that is known.
func school(p *ollama.Provider, data, name string) (model.Provider, error) {
	sources, err := sourcesOf(data, name)
	if err != nil || len(sources) == 0 {
		return p, err
	}
	m := schooled{p, map[string]bool{}}
	for _, hash := range sources {
		m.sources[hash] = true
	}
	return m, nil
}
