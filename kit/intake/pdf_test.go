package intake

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
)

// makePDF writes the objects, numbered from 1, as a PDF whose catalog is the
// first of them. extra goes into the trailer.
func makePDF(extra string, objects ...string) string {
	var b strings.Builder
	b.WriteString("%PDF-1.4\n")
	table := "0000000000 65535 f \n"
	for i, o := range objects {
		table += fmt.Sprintf("%010d 00000 n \n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	at := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n%strailer\n<</Size %d /Root 1 0 R %s>>\nstartxref\n%d\n%%%%EOF\n",
		len(objects)+1, table, len(objects)+1, extra, at)
	return b.String()
}

// stream is an object that holds data.
func stream(dict, data string) string {
	return fmt.Sprintf("<<%s /Length %d>>\nstream\n%s\nendstream", dict, len(data), data)
}

// packed is a stream that holds data compressed.
func packed(dict, data string) string {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = z.Write([]byte(data))
	_ = z.Close()
	return stream(dict+" /Filter /FlateDecode", b.String())
}

// onePage is a PDF of one page of 200 by 100 points that draws content; more
// are objects from number 6 on.
func onePage(page, content string, more ...string) string {
	return makePDF("", append([]string{
		"<</Type /Catalog /Pages 2 0 R>>",
		"<</Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 200 100]>>",
		"<</Type /Page /Parent 2 0 R /Contents 4 0 R /Resources <</Font <</F1 5 0 R /F2 6 0 R>> /XObject <</X1 6 0 R>> >> " + page + ">>",
		packed("", content),
		"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding>>",
	}, more...)...)
}

func TestPDF(t *testing.T) {
	doc := mustRead(t, "a.pdf", onePage("", "BT /F1 10 Tf 100 50 Td (9.00 \\200) Tj ET BT /F1 10 Tf 20 50 Td (TO) Tj (TAL) Tj ET BT /F1 10 Tf 20 80 Td [(AC) -20 (ME) -300 (SDN)] TJ ET"))
	if doc.Text != "ACME SDN\nTOTAL  9.00 €\n" || doc.MediaType != "application/pdf" {
		t.Fatalf("text %q, type %s", doc.Text, doc.MediaType)
	}
	if doc.Pages[0] != (kit.Page{Width: 200, Height: 100}) {
		t.Errorf("page %+v", doc.Pages[0])
	}
	near(t, doc.Spans[1].Box, kit.Box{X0: 20, Y0: 42, X1: 52.23, Y1: 52})
}

// near compares boxes to a thousandth of a point.
func near(t *testing.T, got, want kit.Box) {
	t.Helper()
	d := math.Abs(got.X0-want.X0) + math.Abs(got.Y0-want.Y0) + math.Abs(got.X1-want.X1) + math.Abs(got.Y1-want.Y1)
	if !(d < 0.001) {
		t.Errorf("box %+v, want %+v", got, want)
	}
}

func TestPDFAsAViewerShowsIt(t *testing.T) {
	const content = "BT /F1 10 Tf 20 50 Td (TOTAL) Tj ET"
	for page, want := range map[string]struct {
		size kit.Page
		box  kit.Box
	}{
		"/Rotate 90":                 {kit.Page{Width: 100, Height: 200}, kit.Box{X0: 48, Y0: 20, X1: 58, Y1: 52.23}},
		"/Rotate 180":                {kit.Page{Width: 200, Height: 100}, kit.Box{X0: 147.77, Y0: 48, X1: 180, Y1: 58}},
		"/Rotate -90":                {kit.Page{Width: 100, Height: 200}, kit.Box{X0: 42, Y0: 147.77, X1: 52, Y1: 180}},
		"/CropBox [10 20 90 80]":     {kit.Page{Width: 80, Height: 60}, kit.Box{X0: 10, Y0: 22, X1: 42.23, Y1: 32}},
		"/MediaBox [0 0 99999999 9]": {kit.Page{Width: 612, Height: 792}, kit.Box{X0: 20, Y0: 734, X1: 52.23, Y1: 744}},
	} {
		doc := mustRead(t, "a.pdf", onePage(page, content))
		if doc.Pages[0] != want.size {
			t.Errorf("%s: page %+v", page, doc.Pages[0])
		}
		near(t, doc.Spans[0].Box, want.box)
	}
}

func TestPDFTextState(t *testing.T) {
	for content, want := range map[string]string{
		"BT /F1 10 Tf 12 TL 20 80 Td (a) ' (b) ' T* (c) Tj ET":                                        "a\nb\nc\n",
		"BT /F1 10 Tf 20 80 TD (a) Tj 0 -12 TD (b) Tj T* 1 2 (c) \" ET":                               "a\nb\nc\n",
		"q 2 0 0 2 0 0 cm BT /F1 5 Tf 10 40 Td (a) Tj ET Q Q BT /F1 10 Tf 1 0 0 1 90 80 Tm (b) Tj ET": "a  b\n",
		"BT /F1 10 Tf 20 50 Td 5 Tc (ab) Tj 0 Tc 50 Tz (cd) Tj 2 Ts (e) Tj ET":                        "a b cde\n",
		"BT /F1 10 Tf 20 50 Td (Bold) Tj ET BT 20.3 50 Td (Bold) Tj ET":                               "Bold\n",
		"BT /F1 10 Tf 20 50 Td (a\\000\\033b) Tj /Nope 5 Tf (c) Tj Tj TJ Tm ET":                       "a  bc\n",
	} {
		if doc := mustRead(t, "a.pdf", onePage("", content)); doc.Text != want {
			t.Errorf("%s\nis %q, want %q", content, doc.Text, want)
		}
	}
}

func TestPDFFormWithinThePage(t *testing.T) {
	form := packed("/Type /XObject /Subtype /Form /Matrix [1 0 0 1 0 -30] /Resources <</Font <</F9 5 0 R>> /XObject <</X1 6 0 R>> >>",
		"BT /F9 10 Tf 20 50 Td (within) Tj ET /X1 Do")
	doc := mustRead(t, "a.pdf", onePage("", "BT /F1 10 Tf 20 50 Td (page) Tj ET /X1 Do /X2 Do", form))
	if !strings.HasPrefix(doc.Text, "page\nwithin\n") {
		t.Errorf("text %q", doc.Text)
	}
}

func TestPDFChinese(t *testing.T) {
	cmap := packed("", "1 begincodespacerange <0000> <ffff> endcodespacerange 2 beginbfchar <0001> <5408> <0002> <2f26> endbfchar "+
		"2 beginbfrange <0010> <0012> <0041> <0020> <0021> [<91d1> <989d>] endbfrange")
	doc := mustRead(t, "a.pdf", onePage("", "BT /F2 10 Tf 20 50 Td <00010020002100100012> Tj 50 0 Td <0002> Tj ET",
		"<</Type /Font /Subtype /Type0 /Encoding /Identity-H /ToUnicode 7 0 R /DescendantFonts [8 0 R]>>", cmap,
		"<</Type /Font /Subtype /CIDFontType2 /DW 1000 /W [16 [500 500] 18 30 500]>>"))
	if doc.Text != "合金额AC  子\n" {
		t.Errorf("text %q", doc.Text)
	}
	near(t, doc.Spans[0].Box, kit.Box{X0: 20, Y0: 42, X1: 60, Y1: 52})
	for encoding, shown := range map[string]string{"UniGB-UCS2-H": "<540891d1>", "GBK-EUC-H": "<bacfbdf0>"} {
		doc := mustRead(t, "a.pdf", onePage("", "BT /F2 10 Tf 20 50 Td "+shown+" Tj ET",
			"<</Type /Font /Subtype /Type0 /Encoding /"+encoding+" /DescendantFonts [7 0 R]>>", "<</Subtype /CIDFontType0>>"))
		if doc.Text != "合金\n" {
			t.Errorf("%s: text %q", encoding, doc.Text)
		}
	}
}

func TestPDFPages(t *testing.T) {
	pdf := makePDF("", "<</Type /Catalog /Pages 2 0 R>>", "<</Type /Pages /Kids [3 0 R 4 0 R] /Count 2 /MediaBox [0 0 200 100]>>",
		"<</Type /Page /Parent 2 0 R /Contents [5 0 R 6 0 R]>>", "<</Type /Page /Parent 2 0 R /Contents 6 0 R /MediaBox [0 0 300 90]>>",
		stream("", "BT /F1 10 Tf 20 50"), stream("", "Td (page) Tj ET"))
	doc := mustRead(t, "a.pdf", "Content-Type: application/pdf\r\n\r\n"+pdf+"\n\n<!-- sent by a mailer -->\n")
	if len(doc.Pages) != 2 || doc.Pages[1].Width != 300 || doc.Spans[0].Page != 0 {
		t.Fatalf("pages %+v, spans %+v", doc.Pages, doc.Spans)
	}
	r := Reader{MaxPages: 1}
	if _, _, err := r.Read(context.Background(), "a.pdf", strings.NewReader(pdf)); kit.CodeOf(err) != kit.TooLarge || err.Error() != "read a.pdf: 2 pages, more than 1" {
		t.Errorf("two pages of one: %v", err)
	}
}

func TestPDFIsRefused(t *testing.T) {
	good := onePage("", "BT /F1 10 Tf 20 50 Td (TOTAL) Tj ET")
	refused(t, "scan.pdf", onePage("", "q Q"), kit.Invalid, "no text", "scanned")
	refused(t, "lost.pdf", onePage("", "BT /F2 10 Tf <00010002> Tj ET", "<</Subtype /Type0 /Encoding /Identity-H>>"), kit.Invalid, "no text")
	refused(t, "cut.pdf", good[:len(good)/2], kit.Invalid, "broken")
	refused(t, "head.pdf", "%PDF-1.7", kit.Invalid, "broken")
	refused(t, "none.pdf", "%PDF-1.7\nxref\n0 0\ntrailer\n<</Size 1>>\nstartxref\n9\n%%EOF", kit.Invalid, "broken")
	refused(t, "filter.pdf", strings.Replace(good, "FlateDecode", "FlateDecodX", 1), kit.Invalid, "broken")
	refused(t, "locked.pdf", makePDF("/Encrypt <</Filter /Standard /V 2 /R 3>>", "<<>>"), kit.Invalid, "encrypted", "password")
	refused(t, "hidden.pdf", makePDF("/#45ncr#79pt 2 0 R", "<<>>", "<</Filter /Standard>>"), kit.Invalid, "encrypted")
	refused(t, "size.pdf", strings.Replace(good, "/Size 6", "/Size 66666666666", 1), kit.Invalid, "senseless size")
	refused(t, "start.pdf", strings.Replace(good, "xref\n0 6", "xref\n99999999999 6", 1), kit.Invalid, "senseless size")
	big := strings.Repeat("0 0 m\n", maxContent/6+1)
	refused(t, "big.pdf", onePage("", big), kit.TooLarge, "drawing commands")
}

// TestPDFThatBombs has a stream of half a gigabyte in half a megabyte.
func TestPDFThatBombs(t *testing.T) {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	for range maxInflated>>20 + 1 {
		_, _ = z.Write(make([]byte, 1<<20))
	}
	_ = z.Close()
	refused(t, "bomb.pdf", makePDF("", "<<>>", stream("/Filter /FlateDecode", b.String())), kit.TooLarge, "256 MiB")
}

// crossPDF is a PDF with a table of objects as a stream: entries are type,
// offset or holder, and place.
func crossPDF(body string, at int, entries ...[3]uint32) string {
	var data []byte
	for _, e := range entries {
		data = append(data, byte(e[0]))
		data = binary.BigEndian.AppendUint32(data, e[1])
		data = append(data, byte(e[2]))
	}
	return fmt.Sprintf("%s%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n", body, at,
		stream(fmt.Sprintf("/Type /XRef /Size %d /W [1 4 1] /Root 1 0 R", len(entries)), string(data)), len(body))
}

// TestPDFInCircles holds files that lead the library in circles: every one of
// them has to end, with a refusal.
func TestPDFInCircles(t *testing.T) {
	const head = "%PDF-1.7\n"
	length := head + "2 0 obj\n<</Type /ObjStm /N 1 /First 4 /Length 3 0 R>>\nstream\n1 0 <<>>\nendstream\nendobj\n"
	good := onePage("", "BT /F1 10 Tf 20 50 Td (TOTAL) Tj ET")
	at := strings.Index(good, "xref\n0")
	for name, pdf := range map[string]string{
		"packed in itself": crossPDF(head, 3, [3]uint32{}, [3]uint32{2, 2, 0}, [3]uint32{2, 2, 0}, [3]uint32{1, 9, 0}),
		"length in itself": crossPDF(length, 4, [3]uint32{}, [3]uint32{2, 2, 0}, [3]uint32{1, 9, 0}, [3]uint32{2, 2, 1}, [3]uint32{}),
		"table before":     strings.Replace(good, "/Root", fmt.Sprintf("/Prev %d /Root", at), 1),
		"page tree":        makePDF("", "<</Type /Catalog /Pages 2 0 R>>", "<</Type /Pages /Kids [2 0 R] /Count 1>>"),
		"parents":          makePDF("", "<</Type /Catalog /Pages 2 0 R>>", "<</Type /Pages /Kids [3 0 R] /Count 1 /Parent 3 0 R>>", "<</Type /Page /Parent 2 0 R /Contents 4 0 R>>", stream("", "q")),
	} {
		r := Reader{Timeout: 500 * time.Millisecond}
		start := time.Now()
		_, _, err := r.Read(context.Background(), "circle.pdf", strings.NewReader(pdf))
		if code := kit.CodeOf(err); code != kit.Invalid && code != kit.Unavailable {
			t.Errorf("%s: %v (code %q)", name, err, code)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s: took %v", name, took)
		}
		t.Logf("%s: %v", name, err)
	}
}

func TestGuardEndsLongReading(t *testing.T) {
	g := &guarded{data: []byte("%PDF-"), ctx: context.Background(), left: 10}
	defer func() {
		if p := recover(); p != errCircle {
			t.Errorf("the third read of 5 bytes, of 10 allowed: %v", p)
		}
	}()
	for range 3 {
		if n, err := g.ReadAt(make([]byte, 5), 0); n != 5 || err != nil {
			t.Fatal(n, err)
		}
	}
}
