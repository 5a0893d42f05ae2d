package eval

import (
	"encoding/json"

	"github.com/tackhammer/tackhammer/kit"
)

// Paths takes a JSON object apart into its fields, nested ones named in dots
// as kit.Field names them ("seller.name"). An array is one value. It fails
// with kit.Invalid when data is no JSON object.
func Paths(data []byte) (map[string]json.RawMessage, error) {
	var top map[string]json.RawMessage
	if err := json.Unmarshal(data, &top); err != nil {
		return nil, kit.Errorf(kit.Invalid, "read answers: %w", err).
			WithHint("an answer file holds one JSON object, a field a name")
	}
	out := map[string]json.RawMessage{}
	flatten(out, "", top)
	return out, nil
}

func flatten(out map[string]json.RawMessage, prefix string, object map[string]json.RawMessage) {
	for name, raw := range object {
		var inner map[string]json.RawMessage
		if json.Unmarshal(raw, &inner) == nil && inner != nil {
			flatten(out, prefix+name+".", inner)
			continue
		}
		out[prefix+name] = raw
	}
}
