package main

import (
	"encoding/json"

	"github.com/tackhammer/tackhammer/kit"
)

// Receipt is what comes in: the text of a receipt and where it stood on the
// scan.
type Receipt struct{ kit.Document }

// Entry is what the bookkeeper needs from it. A field is nil where the receipt
// does not say it: nobody has to invent a value.
type Entry struct {
	Company *string      `json:"company" label:"Company" label_zh:"公司" jsonschema:"minLength=1,maxLength=200,description=The seller's registered name as printed"`
	Date    *string      `json:"date" label:"Date" label_zh:"日期" jsonschema:"format=date,description=The day of the sale as YYYY-MM-DD"`
	Address *string      `json:"address" label:"Address" label_zh:"地址" jsonschema:"minLength=1,maxLength=300,description=The seller's address on one line"`
	Total   *json.Number `json:"total" label:"Total" label_zh:"总额" jsonschema:"minimum=0,description=What was to be paid: after tax and rounding and before cash and change"`

	// A further field wants a line in prompts/extract.md, too: tackhammer add field
	// writes both.
}
