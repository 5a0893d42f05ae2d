package merge

import (
	"github.com/goccy/go-yaml"

	"github.com/tackhammer/tackhammer/kit"
)

// YAML merges nail.yaml.
func YAML(base, ours, theirs []byte, n Names) (merged []byte, conflicts int, err error) {
	var v map[string]any
	if err := yaml.Unmarshal(ours, &v); err != nil {
		return nil, 0, kit.Errorf(kit.Invalid, "merge YAML: %w", err)
	}
	merged, conflicts = Lines(base, ours, theirs, n)
	return merged, conflicts, nil
}
