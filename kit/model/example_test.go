package model_test

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
)

// Entry is the draft of the examples: its tags are the schema.
type Entry struct {
	Company *string     `json:"company" label:"Company" label_zh:"公司" jsonschema:"maxLength=40"`
	Total   json.Number `json:"total" jsonschema:"minimum=0"`
}

// parrot stands for a language model.
type parrot struct{}

func (parrot) Info(context.Context) (kit.ModelInfo, error) {
	return kit.ModelInfo{Name: "parrot", Digest: "1"}, nil
}

func (parrot) Generate(context.Context, model.Request) (model.Reply, error) {
	return model.Reply{Output: `Gladly: {"company": "Abc Shop", "total": 12.5}`}, nil
}

func Example() {
	read := model.Extract[kit.Document, Entry](parrot{}, "read")
	draft, err := read(context.Background(), kit.Document{Text: "ABC SHOP\nTOTAL  RM 12.50\n"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range draft.Fields {
		fmt.Printf("%s = %s from line %d: %q\n", f.Path, f.Value, f.Evidence[0].Line, f.Evidence[0].Text)
	}
	// Output:
	// company = "Abc Shop" from line 1: "ABC SHOP"
	// total = 12.5 from line 2: "12.50"
}

func ExampleSchema_Apply() {
	schema, err := model.SchemaOf[Entry]()
	if err != nil {
		fmt.Println(err)
		return
	}
	edits := map[string]json.RawMessage{"total": json.RawMessage(`"1,033.90"`), "company": json.RawMessage(`""`)}
	out, problems := schema.Apply([]byte(`{"company":"Abc","total":1}`), edits)
	fmt.Println(string(out), problems)

	edits["total"] = json.RawMessage(`"-5"`)
	_, problems = schema.Apply(out, edits)
	fmt.Println(problems[0].Path, problems[0].Message)
	// Output:
	// {"company":null,"total":1033.90} []
	// total must be at least 0
}
