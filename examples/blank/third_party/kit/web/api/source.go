package api

import (
	"encoding/json"

	"github.com/tackhammer/tackhammer/kit"
)

// document is a kit.Document with every key in its place, and an address in
// place of the key of its original bytes.
type document struct {
	Name        string     `json:"name"`
	MediaType   string     `json:"media_type"`
	Text        string     `json:"text"`
	Spans       []kit.Span `json:"spans"`
	Pages       []kit.Page `json:"pages"`
	OriginalURL string     `json:"original_url,omitempty"`
}

// source tells what a draft was made of: the document where the input is one,
// else the input as it came.
func source(caseID string, input json.RawMessage) json.RawMessage {
	var d kit.Document
	if !isDocument(input) || json.Unmarshal(input, &d) != nil {
		return orEmpty(input)
	}
	v := document{Name: d.Name, MediaType: d.MediaType, Text: d.Text, Spans: list(d.Spans), Pages: list(d.Pages)}
	if d.Blob != "" {
		v.OriginalURL = Prefix + "/cases/" + caseID + "/original"
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return orEmpty(input)
	}
	return raw
}

// isDocument reports whether input has a text and no key that a document
// lacks: an input that adds keys of its own is shown whole.
func isDocument(input json.RawMessage) bool {
	var keys map[string]json.RawMessage
	if json.Unmarshal(input, &keys) != nil || keys["text"] == nil {
		return false
	}
	for key := range keys {
		switch key {
		case "name", "media_type", "text", "spans", "pages", "blob":
		default:
			return false
		}
	}
	return true
}
