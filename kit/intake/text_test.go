package intake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/tackhammer/tackhammer/kit"
)

func TestTextIsCleaned(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"as it is":       {"Total 9.00\nThank you\n", "Total 9.00\nThank you\n"},
		"one byte":       {"7", "7"},
		"byte order":     {"\xef\xbb\xbfTotal", "Total"},
		"Windows":        {"a\r\nb\r\n\r\nc", "a\nb\n\nc"},
		"old Mac, page":  {"a\rb\fc", "a\nb\nc"},
		"controls":       {"To\x00tal\x1b[31m: 9 and some more words\t1", "Total[31m: 9 and some more words\t1"},
		"reordering":     {"pay \u202e00.1\u202c now", "pay 00.1 now"},
		"composed":       {"Cafe\u0301", "Caf\u00e9"},
		"markup is data": {"<script>alert(1)</script>", "<script>alert(1)</script>"},
		"Chinese":        {"合计：￥12.50\n", "合计：￥12.50\n"},
		"UTF-16 LE":      {"\xff\xfeT\x00\xc9\x00\r\x00\n\x00", "TÉ\n"},
		"UTF-16 BE":      {"\xfe\xffN\x2d\xd8\x3d\xde\x00", "中\U0001F600"},
		"GBK":            {"\xba\xcf\xbc\xc6\xa3\xba12.50\xd4\xaa\n", "合计：12.50元\n"},
		"Windows-1252":   {"Caf\xe9 M\xfcller \x93GmbH\x94, 5 \x80", "Café Müller “GmbH”, 5 €"},
	} {
		if doc := mustRead(t, "a.txt", c.in); doc.Text != c.want || doc.MediaType != "text/plain" || doc.Spans != nil {
			t.Errorf("%s: read %q as %q (%s)", name, c.in, doc.Text, doc.MediaType)
		}
	}
}

func TestTextIsRefused(t *testing.T) {
	refused(t, "empty.txt", "", kit.Invalid, "empty")
	refused(t, "blank.txt", " \r\n\t\n", kit.Invalid, "no text")
	refused(t, "nul.txt", "\x00", kit.Invalid, "control characters")
	refused(t, "utf16.txt", "T\x00o\x00t\x00a\x00l\x00", kit.Invalid, "control characters", "UTF-8")
	refused(t, "half.txt", "\xff\xfea\x00\n\x00b", kit.Invalid, "line 2", "half a UTF-16")
	refused(t, "lone.txt", "\xff\xfea\x00\n\x00\x00\xd8b\x00", kit.Invalid, "line 2", "half a UTF-16")
	refused(t, "cut.txt", "a\r\n合计金额\r\n合计\xe9", kit.Invalid, "line 3", "0xE9", "UTF-8")
	refused(t, "mixed.txt", "a\n\x81\xff\x8d", kit.Invalid, "line 2", "0x81")
}

func TestLimitsAreSaidInWords(t *testing.T) {
	r := Reader{MaxBytes: 2048, MaxRunes: 10}
	_, _, err := r.Read(context.Background(), "big.txt", strings.NewReader(strings.Repeat("x", 2049)))
	if kit.CodeOf(err) != kit.TooLarge || err.Error() != "read big.txt: larger than 2 KiB" {
		t.Errorf("too many bytes: %v", err)
	}
	if _, _, err = r.Read(context.Background(), "long.txt", strings.NewReader("合计合计合计合计合计")); err != nil {
		t.Errorf("as many characters as may be: %v", err)
	}
	_, _, err = r.Read(context.Background(), "long.txt", strings.NewReader("合计合计合计合计合计!"))
	if kit.CodeOf(err) != kit.TooLarge || !strings.Contains(err.Error(), "more than 10 characters") {
		t.Errorf("too many characters: %v", err)
	}
	for n, want := range map[int64]string{20 << 20: "20 MiB", 1: "1 byte", 1000: "1000 bytes"} {
		if got := size(n); got != want {
			t.Errorf("size(%d) = %q", n, got)
		}
	}
}

func TestHugeLine(t *testing.T) {
	line := strings.Repeat("合", 900_000)
	if doc := mustRead(t, "a.txt", line); doc.Text != line {
		t.Errorf("a line of %d bytes came out with %d", len(line), len(doc.Text))
	}
}

func TestKindIsDecidedByContent(t *testing.T) {
	row := "1,1,9,1,9,9,1,9,TOTAL"
	for name, want := range map[string]string{"a.csv": csvType, "a.txt": csvType, "a": csvType, "": csvType} {
		if doc := mustRead(t, name, row); doc.MediaType != want || doc.Text != "TOTAL\n" {
			t.Errorf("%q: %s %q", name, doc.MediaType, doc.Text)
		}
	}
	if doc := mustRead(t, "note.txt", "MZ and BM and %PDF-1.4 are only words"); doc.MediaType != textType {
		t.Errorf("a text that mentions PDF is %s", doc.MediaType)
	}
	refused(t, "a.pdf", "no PDF at all", kit.Invalid, "the name says pdf")
	refused(t, "a.jpg", "no picture", kit.Invalid, "the name says jpg")
	refused(t, "a.docx", "PK\x03\x04\x00\x00", kit.Unsupported, "Office", ".pdf with text")
	refused(t, "a.txt", "PK\x03\x04\x00\x00", kit.Unsupported, "Office")
	refused(t, "a.gif", "GIF89a", kit.Unsupported, "GIF", "PNG")
	refused(t, "a.heic", "\x00\x00\x00\x20ftypheic\x00\x00", kit.Unsupported, "HEIC", "JPEG")
	refused(t, "a.exe", "MZ\x90\x00", kit.Unsupported, "a program")
	refused(t, "a.html", "<p>hi</p>", kit.Unsupported, ".html files", "can be read: .txt, .csv")
	refused(t, "100%d.html", "<p>hi</p>", kit.Unsupported)
}

func TestBlobIsTheHashOfTheBytes(t *testing.T) {
	in := "a\r\n合计"
	doc, data, err := new(Reader).Read(context.Background(), "/x/../a.txt", strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(in))
	if !bytes.Equal(data, []byte(in)) || doc.Blob != hex.EncodeToString(sum[:]) || doc.Name != "a.txt" {
		t.Errorf("bytes %q, blob %s, name %q", data, doc.Blob, doc.Name)
	}
}

func TestReadStops(t *testing.T) {
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := new(Reader).Read(gone, "a.txt", strings.NewReader("a")); kit.CodeOf(err) != kit.Unavailable || !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled read: %v", err)
	}
	torn := io.MultiReader(strings.NewReader("a"), iotest.ErrReader(io.ErrUnexpectedEOF))
	if _, _, err := new(Reader).Read(context.Background(), "a.txt", torn); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a torn read: %v", err)
	}
}
