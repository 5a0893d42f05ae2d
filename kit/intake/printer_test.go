package intake

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
)

// dark tells whether something is drawn within a part of a picture, given as
// shares of its sides.
func dark(picture image.Image, x0, y0, x1, y1 float64) bool {
	b := picture.Bounds()
	for y := int(y0 * float64(b.Dy())); y < int(y1*float64(b.Dy())); y++ {
		for x := int(x0 * float64(b.Dx())); x < int(x1*float64(b.Dx())); x++ {
			if r, _, _, _ := picture.At(b.Min.X+x, b.Min.Y+y).RGBA(); r < 0x8000 {
				return true
			}
		}
	}
	return false
}

// printer draws for all tests: its start takes seconds.
var printer Printer

// slow skips what takes its time when tests are to be short.
func slow(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts PDFium, which takes seconds")
	}
}

func TestAPageIsDrawnWhereItsTextWasRead(t *testing.T) {
	slow(t)
	for _, page := range []string{"", "/Rotate 90", "/Rotate 180", "/Rotate -90", "/CropBox [10 20 90 80]"} {
		file := onePage(page, "BT /F1 10 Tf 20 50 Td (TOTAL) Tj ET")
		doc := mustRead(t, "a.pdf", file)
		data, err := printer.Page(t.Context(), []byte(file), 0)
		if err != nil {
			t.Fatalf("%s: %v", page, err)
		}
		picture, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		size, box := doc.Pages[0], doc.Spans[0].Box
		if ratio := float64(picture.Bounds().Dy()) / float64(picture.Bounds().Dx()); picture.Bounds().Dx() != 1240 || ratio/(size.Height/size.Width) > 1.01 || ratio/(size.Height/size.Width) < .99 {
			t.Errorf("%s: a picture of %v for a page of %v", page, picture.Bounds(), size)
		}
		if !dark(picture, box.X0/size.Width, box.Y0/size.Height, box.X1/size.Width, box.Y1/size.Height) {
			t.Errorf("%s: nothing is drawn in %v", page, box)
		}
		if dark(picture, 0, 0, 1, box.Y0/size.Height) || dark(picture, 0, 0, box.X0/size.Width, 1) || dark(picture, box.X1/size.Width, 0, 1, 1) || dark(picture, 0, box.Y1/size.Height, 1, 1) {
			t.Errorf("%s: something is drawn beside %v", page, box)
		}
	}
}

// The box of a word in a font that the file only names ends where the drawing
// of what stands in for it does.
func TestABoxFitsAWordInAFontThatTheFileDoesNotBring(t *testing.T) {
	slow(t)
	for _, font := range []string{"/Helvetica", "/Helvetica-BoldOblique", "/Times-Roman", "/Times-Bold", "/Times-Italic", "/Times-BoldItalic", "/Courier",
		"/Arial,Bold", "/TimesNewRomanPSMT", "/CourierNew-Bold", "/ABCDEF+ArialMT"} {
		for _, word := range []string{"Miniwillow,Inc.", "QUOTATION-No.8", "fill_it/jelly!|"} {
			file := onePage("", "BT /F2 18 Tf 20 50 Td ("+word+") Tj ET", "<</Type /Font /Subtype /TrueType /Encoding /WinAnsiEncoding /BaseFont "+font+">>")
			doc := mustRead(t, "a.pdf", file)
			data, err := printer.Page(t.Context(), []byte(file), 0)
			if err != nil {
				t.Fatal(err)
			}
			picture, err := png.Decode(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			right := doc.Spans[0].Box.X1
			if dark(picture, (right+3)/200, 0, 1, 1) || !dark(picture, (right-5)/200, 0, 1, 1) {
				t.Errorf("%s: the box of %q ends at %.1f, its drawing does not", font, word, right)
			}
		}
	}
}

func TestAPageThatCannotBeDrawnSaysWhy(t *testing.T) {
	slow(t)
	good := []byte(onePage("", "BT /F1 10 Tf 20 50 Td (TOTAL) Tj ET"))
	for name, c := range map[string]struct {
		file string
		page int
		code kit.Code
	}{
		"no page":        {string(good), 1, kit.NotFound},
		"below zero":     {string(good), -1, kit.NotFound},
		"no PDF":         {"hello", 0, kit.Invalid},
		"empty":          {"", 0, kit.Invalid},
		"cut off":        {string(good[:60]), 0, kit.Invalid},
		"no pages in it": {makePDF("", "<</Type /Catalog>>"), 0, kit.NotFound},
	} {
		if _, err := printer.Page(t.Context(), []byte(c.file), c.page); kit.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
	if _, err := printer.Page(t.Context(), good, 0); err != nil {
		t.Errorf("after all that: %v", err)
	}
}

// endless is a page that takes long to draw: a form that holds a thousand of
// the next, which does the same, and so on.
func endless() []byte {
	many := func(name string) string { return strings.Repeat("/"+name+" Do ", 1000) }
	form := func(content string, next string) string {
		return packed("/Type /XObject /Subtype /Form /BBox [0 0 200 100] /Resources <</XObject <<"+next+">> >>", content)
	}
	return []byte(onePage("", many("X1"), form(many("X1"), "/X1 7 0 R"), form(many("X1"), "/X1 8 0 R"), form(many("X1"), "/X1 9 0 R"),
		form("0 0 m 200 100 l S", "")))
}

func TestAHostilePageEndsInTime(t *testing.T) {
	slow(t)
	p := Printer{Timeout: 500 * time.Millisecond}
	good := []byte(onePage("", "BT /F1 10 Tf 20 50 Td (TOTAL) Tj ET"))
	begun := time.Now()
	_, err := p.Page(t.Context(), endless(), 0)
	if kit.CodeOf(err) != kit.Unavailable {
		t.Fatalf("%v after %v", err, time.Since(begun))
	}
	p.Timeout = time.Minute
	if _, err := p.Page(t.Context(), good, 0); err != nil {
		t.Errorf("a good page after it: %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Page(gone, good, 0); kit.CodeOf(err) != kit.Unavailable {
		t.Errorf("for a reader who went away: %v", err)
	}
}

func TestManyAskForPages(t *testing.T) {
	slow(t)
	good := []byte(onePage("", "BT /F1 10 Tf 20 50 Td (TOTAL) Tj ET"))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := printer.Page(t.Context(), good, 0); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}
