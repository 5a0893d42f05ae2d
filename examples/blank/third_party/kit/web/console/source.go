package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
)

// sourceView is what a draft was made from, beside its fields.
type sourceView struct {
	CaseID string
	Name   string
	Kind   string // text, image, pdf or json
	Find   bool   // its text can be searched
	File   bool   // the original can be opened
	Text   []segment
	Pages  []pageView
	Extra  string // JSON of what the input has beside the document
}

// segment is a run of the text that speaks for the same fields.
type segment struct {
	Text    string
	Anchors []string // of the evidence that begins here
	Row     string   // ID of the field that a click leads to; "" for plain text
	Rows    string   // IDs of all fields that it speaks for, parted by spaces
}

// pageView is one page of a scan or a PDF with the boxes of its evidence.
type pageView struct {
	Width, Height float64
	Picture       string // its address
	Boxes         []boxView
}

type boxView struct {
	X, Y, W, H float64
	Row        string
	Label      string
}

// document reads a case's input as a document; ok is false for other inputs.
// rest is what else the input has, as JSON, or "".
func document(input json.RawMessage) (doc kit.Document, rest string, ok bool) {
	var members map[string]json.RawMessage
	if json.Unmarshal(input, &members) != nil || members["text"] == nil || json.Unmarshal(input, &doc) != nil {
		return kit.Document{}, "", false
	}
	for _, own := range []string{"name", "media_type", "text", "spans", "pages", "blob"} {
		delete(members, own)
	}
	if len(members) > 0 {
		body, _ := json.MarshalIndent(members, "", "  ") // it was JSON: it cannot fail
		rest = string(body)
	}
	return doc, rest, true
}

// source shows the input of a review with the rows' evidence on it, and anchors
// the rows at their evidence.
func source(r *review.Review, rows []fieldView) sourceView {
	v := sourceOf(r.CaseID, r.CaseName, r.Input)
	doc, _, ok := document(r.Input)
	if !ok {
		return v
	}
	v.Text, v.Find = segments(doc.Text, placesOf(doc.Text, r.Draft.Fields, rows)), true
	if v.Pages != nil {
		v.Pages = v.lay(doc, r.Draft.Fields, rows)
	}
	return v
}

// sourceOf shows an input without any evidence.
func sourceOf(caseID, name string, input json.RawMessage) sourceView {
	v := sourceView{CaseID: caseID, Name: name, Kind: "json"}
	doc, rest, ok := document(input)
	if !ok {
		var out bytes.Buffer
		if json.Indent(&out, input, "", "  ") != nil {
			out.Write(input)
		}
		v.Extra = out.String()
		return v
	}
	v.Kind, v.Extra, v.File = "text", rest, doc.Blob != ""
	v.Text = segments(doc.Text, nil)
	switch {
	case doc.Blob == "" || len(doc.Pages) == 0:
	case doc.MediaType == "application/pdf":
		v.Kind = "pdf"
		v.Pages = v.lay(doc, nil, nil)
	case (doc.MediaType == "image/png" || doc.MediaType == "image/jpeg"):
		v.Kind = "image"
		v.Pages = v.lay(doc, nil, nil)
	}
	return v
}

// place is one evidence in the text.
type place struct {
	start, end int
	row        string // ID of its field
	anchor     string
}

// placesOf finds the evidence that lies in the text and anchors the rows at
// it. What lies outside, or would cut a character, is left out.
func placesOf(text string, fields []kit.Field, rows []fieldView) []place {
	evidence := evidenceOf(fields)
	var places []place
	for _, row := range rows {
		for n, ev := range evidence[row.Path] {
			if !inside(text, ev) {
				continue
			}
			row.Evidence[n].Anchor = fmt.Sprintf("e-%s-%d", row.ID, n)
			places = append(places, place{start: ev.Start, end: ev.End, row: row.ID, anchor: row.Evidence[n].Anchor})
		}
	}
	return places
}

func evidenceOf(fields []kit.Field) map[string][]kit.Evidence {
	byPath := map[string][]kit.Evidence{}
	for _, f := range fields {
		byPath[f.Path] = f.Evidence
	}
	return byPath
}

// inside reports whether the evidence is a run of whole characters of text.
func inside(text string, ev kit.Evidence) bool {
	edge := func(i int) bool { return i == len(text) || utf8.RuneStart(text[i]) }
	return ev.Start >= 0 && ev.Start < ev.End && ev.End <= len(text) && edge(ev.Start) && edge(ev.End)
}

// segments cuts the text where an evidence begins or ends.
func segments(text string, places []place) []segment {
	cuts := []int{0, len(text)}
	for _, p := range places {
		cuts = append(cuts, p.start, p.end)
	}
	sort.Ints(cuts)
	var out []segment
	for i := 1; i < len(cuts); i++ {
		if cuts[i-1] < cuts[i] {
			out = append(out, segmentOf(text, cuts[i-1], cuts[i], places))
		}
	}
	return out
}

// segmentOf is the run of text between two cuts.
func segmentOf(text string, from, to int, places []place) segment {
	s := segment{Text: visible(text[from:to])}
	var rows []string
	for _, p := range places {
		if p.start > from || p.end < to {
			continue
		}
		rows = append(rows, p.row)
		if p.start == from {
			s.Anchors = append(s.Anchors, p.anchor)
		}
	}
	if len(rows) > 0 {
		s.Row, s.Rows = rows[0], strings.Join(rows, " ")
	}
	return s
}

// lay lays the boxes of the evidence on the pages of a scan or a PDF.
func (v sourceView) lay(doc kit.Document, fields []kit.Field, rows []fieldView) []pageView {
	pages := make([]pageView, len(doc.Pages))
	for i, p := range doc.Pages {
		pages[i] = pageView{Width: p.Width, Height: p.Height, Picture: "/cases/" + v.CaseID + "/original"}
		if v.Kind == "pdf" {
			pages[i].Picture = fmt.Sprintf("/cases/%s/pages/%d", v.CaseID, i+1)
		}
	}
	evidence := evidenceOf(fields)
	for _, row := range rows {
		for _, ev := range evidence[row.Path] {
			if ev.Box == nil || ev.Page < 0 || ev.Page >= len(pages) {
				continue
			}
			b := *ev.Box
			pages[ev.Page].Boxes = append(pages[ev.Page].Boxes, boxView{X: b.X0 - 4, Y: b.Y0 - 3, W: max(b.X1-b.X0, 0) + 8,
				H: max(b.Y1-b.Y0, 0) + 6, Row: row.ID, Label: row.Label})
		}
	}
	return pages
}
