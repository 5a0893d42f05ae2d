package intake

import (
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
)

// shown is the document of a page that shows the codes in hex with a font.
func shownWith(t *testing.T, font, codes string, more ...string) kit.Document {
	t.Helper()
	return mustRead(t, "a.pdf", onePage("", "BT /F2 10 Tf 20 50 Td <"+codes+"> Tj ET", append([]string{font}, more...)...))
}

func TestFontEncodings(t *testing.T) {
	cmap := func(s string) string { return stream("", "/CIDInit /ProcSet findresource begin "+s+" end") }
	for name, c := range map[string]struct{ font, codes, more, want string }{
		"standard":       {"<</Type /Font /Subtype /Type1 /BaseFont /Times-Roman>>", "546f74616c", "", "Total\n"},
		"Windows":        {"<</Subtype /TrueType /Encoding /WinAnsiEncoding>>", "80e9", "", "€é\n"},
		"Mac":            {"<</Subtype /TrueType /Encoding /MacRomanEncoding>>", "8e", "", "é\n"},
		"other name":     {"<</Subtype /TrueType /Encoding /StandardEncoding>>", "41e9", "", "Aé\n"},
		"differences":    {"<</Subtype /Type1 /Encoding <</Differences [65 /eacute /Euro 200 /a]>> >>", "4142c843", "", "é€aC\n"},
		"own map":        {"<</Subtype /TrueType /Encoding /WinAnsiEncoding /ToUnicode 7 0 R>>", "4142", cmap("1 beginbfchar <41> <7532> endbfchar"), "甲B\n"},
		"own map alone":  {"<</Subtype /TrueType /ToUnicode 7 0 R>>", "4142e9", cmap("1 beginbfrange <41> <42> <7532> endbfrange"), "甲申é\n"},
		"outside plane":  {"<</Subtype /Type0 /Encoding /Identity-H /ToUnicode 7 0 R>>", "0001", cmap("1 begincodespacerange <0000> <ffff> endcodespacerange 1 beginbfchar <0001> <d840dc00> endbfchar"), "𠀀\n"},
		"one-byte codes": {"<</Subtype /Type0 /Encoding /Identity-H /ToUnicode 7 0 R>>", "0102", cmap("1 begincodespacerange <00> <ff> endcodespacerange 1 beginbfrange <01> <02> <0041> endbfrange"), "AB\n"},
		"ligature":       {"<</Subtype /TrueType /ToUnicode 7 0 R>>", "4142", cmap("2 beginbfchar <41> <fb01> <42> <2ed3> endbfchar"), "fi长\n"},
		"odd map":        {"<</Subtype /TrueType /ToUnicode 7 0 R>>", "41", cmap("1 beginbfchar <41> endbfchar 1 beginbfrange <41> <42> endbfrange ] [ beginbfchar <4> <> <1>"), "A\n"},
	} {
		if c.more == "" {
			c.more = "null"
		}
		if doc := shownWith(t, c.font, c.codes, c.more); doc.Text != c.want {
			t.Errorf("%s: %q, want %q", name, doc.Text, c.want)
		}
	}
}

func TestFontWidths(t *testing.T) {
	for name, c := range map[string]struct {
		font  string
		right float64
	}{
		"listed":    {"<</Subtype /Type1 /FirstChar 65 /LastChar 66 /Widths [700 300]>>", 20 + 10},
		"missing":   {"<</Subtype /Type1 /FirstChar 66 /LastChar 66 /Widths [300] /FontDescriptor <</MissingWidth 400>> >>", 20 + 7},
		"none":      {"<</Subtype /TrueType /FontDescriptor <</FontFile2 5 0 R>> >>", 20 + 10},
		"average":   {"<</Subtype /TrueType /FontDescriptor <</FontFile2 5 0 R /AvgWidth 450 /MissingWidth 300>> >>", 20 + 9},
		"no shapes": {"<</Subtype /Type3 /FontDescriptor <</MissingWidth 800>> >>", 20 + 16},
		"standard":  {"<</Subtype /Type1 /BaseFont /Helvetica>>", 20 + 6.67 + 6.67},
		"fixed":     {"<</Subtype /Type1 /BaseFont /None /FontDescriptor <</Flags 1>> >>", 20 + 12},
		"serifs":    {"<</Subtype /Type1 /BaseFont /None /FontDescriptor <</Flags 262146>> >>", 20 + 7.22 + 6.67},
		"own scale": {"<</Subtype /Type3 /FontMatrix [0.01 0 0 0.01 0 0] /FirstChar 65 /LastChar 66 /Widths [70 30]>>", 20 + 10},
	} {
		doc := shownWith(t, c.font, "4142")
		near(t, doc.Spans[0].Box, kit.Box{X0: 20, Y0: 42, X1: c.right, Y1: 52})
		if doc.Text != "AB\n" {
			t.Errorf("%s: %q", name, doc.Text)
		}
	}
}

func TestAccentsAddNothingToAWidth(t *testing.T) {
	doc := shownWith(t, "<</Subtype /Type1 /BaseFont /Times-Bold /Encoding <</Differences [65 /eacute /emdash /Euro]>> >>", "414243")
	near(t, doc.Spans[0].Box, kit.Box{X0: 20, Y0: 42, X1: 20 + 4.44 + 10 + 5, Y1: 52})
}

// TestFontMapIsBounded has a range of a billion codes, which may not cost a
// billion entries.
func TestFontMapIsBounded(t *testing.T) {
	doc := shownWith(t, "<</Subtype /TrueType /ToUnicode 7 0 R>>", "41",
		stream("", strings.Repeat("9999999999999 beginbfrange <00000000> <ffffffff> <0041> endbfrange ", 5)))
	if doc.Text != "A\n" {
		t.Errorf("text %q", doc.Text)
	}
}

func TestNextCode(t *testing.T) {
	for _, c := range []struct {
		from string
		i    int
		want string
	}{{"\x00\xff", 1, "\x01\x00"}, {"\x41", 2, "\x43"}, {"\xff", 1, "\x00"}, {"\x00\x00\x10", 0x1ff, "\x00\x02\x0f"}, {"", 3, ""}} {
		if got := next(c.from, c.i); got != c.want {
			t.Errorf("%x and %d is %x, want %x", c.from, c.i, got, c.want)
		}
	}
}

// TestReaderIsShared reads with one Reader from many goroutines.
func TestReaderIsShared(t *testing.T) {
	var r Reader
	var wg sync.WaitGroup
	pdf := onePage("", "BT /F1 10 Tf 20 50 Td (TOTAL) Tj ET")
	for range 8 {
		wg.Go(func() {
			doc, _, err := r.Read(t.Context(), "a.pdf", strings.NewReader(pdf))
			if err != nil || doc.Text != "TOTAL\n" {
				t.Errorf("%q, %v", doc.Text, err)
			}
		})
	}
	wg.Wait()
	if !reflect.DeepEqual(r, Reader{}) {
		t.Errorf("reading changed the reader: %+v", r)
	}
}
