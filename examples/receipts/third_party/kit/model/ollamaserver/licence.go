package ollamaserver

import (
	"regexp"
	"strings"
)

// Terms say in one word what a licence lets a business do.
type Terms string

// The terms.
const (
	Free          Terms = "free"           // any use, with the notice kept
	Conditions    Terms = "conditions"     // business use under conditions that someone should read
	NonCommercial Terms = "non-commercial" // no business use
	Unknown       Terms = "unknown"        // nothing that is known here
)

// Licence is what the text of a model's licence was recognised as. It is a
// reader's help and no legal advice.
type Licence struct {
	Name  string `json:"name"` // "Apache-2.0"; the text's first words where it is not known, "" without a text
	Terms Terms  `json:"terms"`
	Note  string `json:"note,omitempty"` // what to look at
}

// known are the licences that are recognised. The first whose words stand at
// the beginning of the text counts: a licence may speak of another further on,
// and one that forbids business must not be taken for the one it is made from.
var known = []struct {
	words *regexp.Regexp
	Licence
}{
	{says("non-?commercial|cc[- ]by[- ]nc|research[- ]only|research license|for research purposes only|academic use only|mistral ai research|non-production license"),
		Licence{"non-commercial or research licence", NonCommercial, "it does not allow business use"}},
	{says("llama [0-9.]+ (version|community)|llama community license|meta llama"),
		Licence{"Llama Community License", Conditions, "business use is allowed under 700 million monthly users; say \"Built with Llama\" and keep its use policy"}},
	{says("gemma (terms of use|license)"),
		Licence{"Gemma Terms of Use", Conditions, "business use is allowed; its prohibited-use policy binds you and those you pass it on to"}},
	{says("tongyi qianwen license|qwen license agreement"),
		Licence{"Qwen License", Conditions, "business use is allowed below 100 million monthly users"}},
	{says("deepseek license|openrail|responsible ai license"),
		Licence{"licence with restrictions on use", Conditions, "business use is allowed; the uses it forbids bind you"}},
	{says("gnu (affero )?general public license"),
		Licence{"GPL", Conditions, "what you pass on is under it, too"}},
	{says("falcon .{0,20}license"), Licence{"Falcon License", Conditions, "read what it says of business and hosting"}},
	{says("apache license"), Licence{"Apache-2.0", Free, ""}},
	{says("mit license|permission is hereby granted, free of charge"), Licence{"MIT", Free, ""}},
	{says("bsd [0-9]-clause|redistribution and use in source and binary forms"), Licence{"BSD", Free, ""}},
	{says("creative commons attribution 4|cc[- ]by[- ]4"), Licence{"CC-BY-4.0", Free, "name the source"}},
}

func says(pattern string) *regexp.Regexp { return regexp.MustCompile(`(?i)` + pattern) }

// opening is how much of a text says what licence it is, in bytes.
const opening = 1500

// LicenceOf recognises the text of a licence, as a server tells it.
func LicenceOf(text string) Licence {
	flat := strings.Join(strings.Fields(text), " ")
	head := flat[:min(len(flat), opening)]
	for _, k := range known {
		if k.words.MatchString(head) {
			return k.Licence
		}
	}
	if head == "" {
		return Licence{Terms: Unknown, Note: "the server tells no licence; look it up before customers pay for it"}
	}
	return Licence{Name: firstWords(head), Terms: Unknown, Note: "it is not known here; read it before customers pay for it"}
}

// firstWords is the beginning of a text in letters that are safe to print.
func firstWords(text string) string {
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return -1
		}
		return r
	}, text)
	const most = 40
	if r := []rune(clean); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return clean
}
