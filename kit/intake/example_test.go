package intake_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/intake"
)

// An OCR run gives the corners of each piece of text. Pieces that stand beside
// each other become one line, and each keeps its place on the scan.
func Example() {
	scan := `10,10,190,10,190,30,10,30,CORNER SHOP, LTD
10,50,80,50,80,70,10,70,TOTAL
150,51,190,51,190,69,150,69,9.00
`
	var r intake.Reader
	doc, _, err := r.Read(context.Background(), "receipt.csv", strings.NewReader(scan))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(doc.Text)
	last := doc.Spans[len(doc.Spans)-1]
	fmt.Printf("%s stands %v from the left\n", doc.Text[last.Start:last.End], last.Box.X0)
	// Output:
	// CORNER SHOP, LTD
	// TOTAL  9.00
	// 9.00 stands 150 from the left
}

// A refusal names the file and says what to do.
func ExampleReader_Read_refused() {
	r := intake.Reader{MaxBytes: 1 << 20}
	_, _, err := r.Read(context.Background(), "order.docx", strings.NewReader("PK\x03\x04\x14\x00"))
	fmt.Println(err)
	fmt.Println(kit.CodeOf(err) + ": " + kit.Code(kit.HintOf(err)))
	// Output:
	// read order.docx: it is a ZIP or Office file, which is not read here
	// unsupported: save the document as PDF; unpack an archive first; can be read: .txt, .csv of an OCR run, .pdf with text, .jpg and .png
}

// A team's own function reads what the kit does not, by the ending of the name.
func ExampleImporter() {
	letter := func(_ context.Context, _ string, data []byte) (kit.Document, error) {
		_, body, ok := strings.Cut(string(data), "\n\n")
		if !ok {
			return kit.Document{}, kit.Errorf(kit.Invalid, "it has no blank line behind the header")
		}
		return kit.Document{Text: body}, nil
	}
	r := intake.Reader{Importers: []intake.Importer{{Name: "mail", Endings: []string{".eml"}, Read: letter}}}
	doc, _, err := r.Read(context.Background(), "order.eml", strings.NewReader("From: Tan\n\nTwo boxes, please"))
	fmt.Println(doc.Text, err)
	_, _, err = r.Read(context.Background(), "broken.eml", strings.NewReader("From: Tan"))
	fmt.Println(err)
	// Output:
	// Two boxes, please <nil>
	// read broken.eml: the importer mail cannot read it: it has no blank line behind the header
}
