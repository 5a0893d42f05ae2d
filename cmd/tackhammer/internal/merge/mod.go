package merge

import (
	"golang.org/x/mod/modfile"

	"github.com/tackhammer/tackhammer/kit"
)

// Mod merges go.mod.
func Mod(base, ours, theirs []byte, n Names) (merged []byte, conflicts int, err error) {
	if _, err := modfile.Parse("go.mod", ours, nil); err != nil {
		return nil, 0, kit.Errorf(kit.Invalid, "merge go.mod: %w", err)
	}
	merged, conflicts = Lines(base, ours, theirs, n)
	return merged, conflicts, nil
}
