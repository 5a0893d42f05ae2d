package app

import (
	"context"
	"encoding/base64"
	"html/template"
	"os"
	"strings"

	"github.com/tackhammer/tackhammer/kit/intake"
)

const (
	pocShown   = 3       // examples
	pocLetters = 2000    // of a document's text beside its draft
	pocRows    = 32      // lines of it
	pocPicture = 3 << 20 // bytes of a picture that is put into the page
)

// pocExample is a document beside its draft.
type pocExample struct {
	Name    string
	Picture template.URL // "" where the text is shown
	Text    string
	Cut     bool
	Rows    []pocExampleRow
}

// pocExampleRow is a field of an example. State is "accepted", "corrected" or
// "unreviewed".
type pocExampleRow struct{ Label, Draft, Right, State string }

// examples are the first of the sample that were reviewed, and then the first
// that were not: nobody picked them.
func (v *pocView) examples(ctx context.Context) []pocExample {
	var chosen []*pocCase
	for _, reviewed := range []bool{true, false} {
		for _, cs := range v.run.sample {
			if len(chosen) < pocShown && (cs.answer != nil) == reviewed && (reviewed || cs.Err == "") {
				chosen = append(chosen, cs)
			}
		}
	}
	printer := &intake.Printer{Width: 900}
	var all []pocExample
	for _, cs := range chosen {
		e := pocExample{Name: cs.file.Name, Picture: cs.picture(ctx, printer), Rows: v.rows(cs)}
		if e.Picture == "" {
			e.Text, e.Cut = pocCut(cs.Document.Text)
		}
		all = append(all, e)
	}
	return all
}

// rows are the fields of an example.
func (v *pocView) rows(cs *pocCase) []pocExampleRow {
	var rows []pocExampleRow
	for _, spec := range v.fieldsOf() {
		row := pocExampleRow{Label: v.label(spec.Label), Draft: pocShort(cs.Draft.Values[spec.Path]), State: "unreviewed"}
		if right, known := cs.right(spec.Path, kindOf(spec), v.run.nail.Bar[spec.Path]); known {
			if row.State = "accepted"; !right {
				row.State, row.Right = "corrected", pocShort(cs.answer.Values[spec.Path])
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// pocShort is a value, "" for none, cut where it is longer than a table bears.
func pocShort(raw []byte) string {
	s := []rune(pocWords(raw))
	if string(s) == "–" {
		return ""
	}
	if len(s) > 400 {
		s = append(s[:399], '…')
	}
	return string(s)
}

// picture is the document's own, or the first page of a PDF, as an address that
// holds it. It is "" where there is none, or one too large for a page: then the
// text is shown.
func (cs *pocCase) picture(ctx context.Context, p *intake.Printer) template.URL {
	kind := cs.Document.MediaType
	if kind != "image/png" && kind != "image/jpeg" && kind != "application/pdf" {
		return ""
	}
	raw, err := os.ReadFile(cs.path)
	if err == nil && kind == "application/pdf" {
		kind = "image/png"
		raw, err = p.Page(ctx, raw, 0)
	}
	if err != nil || len(raw) > pocPicture {
		return ""
	}
	return template.URL("data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(raw)) // of the two kinds above: no script
}

// pocCut is the beginning of a text that fits beside its draft.
func pocCut(text string) (string, bool) {
	text = strings.TrimSpace(text)
	lines := strings.Split(text, "\n")
	cut := len(lines) > pocRows
	if cut {
		text = strings.Join(lines[:pocRows], "\n")
	}
	if r := []rune(text); len(r) > pocLetters {
		text, cut = string(r[:pocLetters]), true
	}
	return text, cut
}
