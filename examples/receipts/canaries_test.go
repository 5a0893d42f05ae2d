package main

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// An error that no entry could hold would give itself away.
func TestCanariesLookLikeEntries(t *testing.T) {
	schema, err := model.SchemaOf[Entry]()
	if err != nil {
		t.Fatal(err)
	}
	draft := []byte(`{"company":"Kopi Lima","date":"2024-02-07","address":null,"total":12.50}`)
	for _, c := range canaries() {
		path, wrong, ok := c.Make(workflow.Specimen{
			Values: schema.Flatten(draft),
			Rand:   rand.New(rand.NewPCG(1, 2)),
			Other:  func(string) json.RawMessage { return json.RawMessage(`"Kedai Enam"`) },
		})
		if !ok {
			t.Errorf("%s: it does not fit a good draft", c.Name)
			continue
		}
		altered, bad := schema.Apply(draft, map[string]json.RawMessage{path: wrong})
		if len(bad) > 0 {
			t.Errorf("%s: %s of %s: %s", c.Name, wrong, path, bad[0].Message)
		}
		if string(altered) == string(draft) {
			t.Errorf("%s: nothing is wrong", c.Name)
		}
	}
}
