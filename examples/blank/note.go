package main

import "github.com/tackhammer/tackhammer/kit"

// Note is what comes in. Give it the name that your customer has for it: an
// order, a complaint, a lease.
type Note struct{ kit.Document }

// Answer is what goes out, once a person has decided. A field is nil where the
// note does not say it: nobody has to invent a value.
type Answer struct {
	Subject *string `json:"subject" label:"Subject" label_zh:"主题" jsonschema:"minLength=1,maxLength=200,description=What the note is about in its own words"`
	Date    *string `json:"date" label:"Date" label_zh:"日期" jsonschema:"format=date,description=The day that the note speaks of as YYYY-MM-DD"`

	// A further field wants a line in prompts/draft.md, too: tackhammer add field
	// writes both.
}
