package model

import (
	"encoding/json"
	"slices"

	"github.com/tackhammer/tackhammer/kit"
)

// Places returns where in text a field's value stands, in any notation that
// evidence knows, as byte offsets [start, end) in order of start. Unlike
// Evidence it lists all of them: it is for those who must miss none. A path
// that is no field has no places.
func (s *Schema) Places(text, path string, value json.RawMessage) [][2]int {
	spec, ok := s.field(path)
	if !ok || text == "" {
		return nil
	}
	var out [][2]int
	for _, h := range newFinder(kit.Document{Text: text}).hits(spec.Kind, value) {
		out = append(out, [2]int{h.start, h.end})
	}
	slices.SortFunc(out, func(a, b [2]int) int { return a[0] - b[0] })
	return out
}
