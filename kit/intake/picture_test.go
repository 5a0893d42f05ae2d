package intake

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/internal/need"
)

// blank is a white picture.
func blank(w, h int) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = 0xff
	}
	return img
}

func asPNG(t testing.TB, img image.Image) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// asJPEG writes a JPEG with a note of how the camera was held.
func asJPEG(t testing.TB, img image.Image, orientation byte) string {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	exif := "Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00" + string(orientation) + "\x00\x00\x00\x00\x00\x00\x00"
	return b.String()[:2] + "\xff\xe1" + string(binary.BigEndian.AppendUint16(nil, uint16(len(exif)+2))) + exif + b.String()[2:]
}

// program writes a shell script that stands in for tesseract.
func program(t *testing.T, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tesseract")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// scans are a few of the shared receipts' pictures.
func scans(t *testing.T) []string {
	need.Program(t, "tesseract")
	paths, err := filepath.Glob(filepath.Join(need.Shared(t), "data", "receipts", "img", "*.jpg"))
	if err != nil || len(paths) < 3 {
		t.Fatalf("scans: %v, %v", paths, err)
	}
	return paths[:3]
}

func TestScans(t *testing.T) {
	for _, path := range scans(t) {
		doc, _, err := new(Reader).ReadFile(context.Background(), path)
		if err != nil {
			t.Fatal(err)
		}
		sound(t, doc)
		if len(doc.Spans) < 40 || doc.MediaType != "image/jpeg" || !strings.Contains(doc.Text, "SDN BHD") && !strings.Contains(doc.Text, "TOTAL") {
			t.Errorf("%s (%s): %d words:\n%s", path, doc.MediaType, len(doc.Spans), doc.Text)
		}
		for _, s := range doc.Spans {
			if s.Box.X1 > doc.Pages[0].Width || s.Box.Y1 > doc.Pages[0].Height {
				t.Errorf("%s: %+v is off the page %+v", path, s, doc.Pages[0])
			}
		}
	}
}

// TestScanHeldAskew reads a receipt photographed sideways: it has to come out
// as the upright one does.
func TestScanHeldAskew(t *testing.T) {
	f, err := os.Open(scans(t)[0])
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := jpeg.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	b := img.Bounds()
	side := image.NewRGBA(image.Rect(0, 0, b.Dy(), b.Dx()))
	for y := range b.Dy() {
		for x := range b.Dx() {
			side.Set(y, b.Dx()-1-x, img.At(x, y))
		}
	}
	doc := mustRead(t, "a.jpg", asJPEG(t, side, 6))
	if doc.Pages[0] != (kit.Page{Width: float64(b.Dx()), Height: float64(b.Dy())}) {
		t.Errorf("page %+v of a picture %v", doc.Pages[0], b)
	}
	if !strings.Contains(doc.Text, "CASH BILL") {
		t.Errorf("text:\n%s", doc.Text)
	}
}

// TestTurned checks the eight ways against the corner that each moves.
func TestTurned(t *testing.T) {
	corner := map[int]image.Point{1: {0, 0}, 2: {2, 0}, 3: {2, 1}, 4: {0, 1}, 5: {0, 0}, 6: {1, 0}, 7: {1, 2}, 8: {0, 2}}
	for o, want := range corner {
		img := blank(3, 2)
		img.SetGray(0, 0, color.Gray{})
		if got := orientation([]byte(asJPEG(t, img, byte(o)))); got != o {
			t.Errorf("orientation %d is read as %d", o, got)
		}
		data, _, err := turn(img, o)
		if err != nil {
			t.Fatal(err)
		}
		out, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if r, _, _, _ := out.At(want.X, want.Y).RGBA(); r != 0 {
			t.Errorf("%d: the corner is not at %v of %v", o, want, out.Bounds())
		}
	}
	for _, odd := range []string{"", "\xff\xd8", "\xff\xd8\xff\xe1\x00\x0aExif\x00\x00II", "\xff\xd8\xff\xe1\xff\xffExif", "\xff\xd8\xff\xe1\x00\x10Exif\x00\x00II*\x00\xff\xff\xff\xff"} {
		if o := orientation([]byte(odd)); o != 1 {
			t.Errorf("%q: orientation %d", odd, o)
		}
	}
}

func TestPicturesAreRefused(t *testing.T) {
	need.Program(t, "tesseract")
	noise := image.NewGray(image.Rect(0, 0, 64, 64))
	for i := range noise.Pix {
		noise.Pix[i] = byte(i * i)
	}
	whole := asJPEG(t, noise, 1)
	refused(t, "cut.jpg", whole[:len(whole)/2], kit.Invalid, "broken")
	refused(t, "head.jpg", "\xff\xd8\xff\xe0", kit.Invalid, "broken")
	refused(t, "cut.png", asPNG(t, noise)[:80], kit.Invalid, "broken")
	refused(t, "white.png", asPNG(t, blank(200, 100)), kit.Invalid, "no text")
	refused(t, "bomb.png", pngHeader(60_000, 60_000), kit.TooLarge, "60000 by 60000", "40000000 pixels")
}

// pngHeader is the beginning of a PNG of that size and nothing more.
func pngHeader(w, h uint32) string {
	chunk := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("IHDR"), w), h)
	chunk = append(chunk, 8, 0, 0, 0, 0)
	out := binary.BigEndian.AppendUint32([]byte("\x89PNG\r\n\x1a\n"), uint32(len(chunk)-4))
	return string(binary.BigEndian.AppendUint32(append(out, chunk...), crc32.ChecksumIEEE(chunk)))
}

func TestProgramOfPictures(t *testing.T) {
	words := "level\\n4\\t1\\t1\\t1\\t1\\t0\\t5\\t5\\t90\\t20\\t-1\\t\\n5\\t1\\t1\\t1\\t1\\t1\\t5\\t7\\t30\\t10\\t90\\tTOTAL:\\n5\\t1\\t1\\t1\\t1\\t2\\t40\\t20\\t5\\t5\\t90\\t9,0\\n5\\t1\\t1\\t1\\t1\\t3\\t80\\t7\\t5\\t5\\t90\\tRM\\n5\\tbad\\n"
	for name, c := range map[string]struct {
		reader Reader
		code   kit.Code
		want   string
	}{
		"words":    {Reader{Tesseract: program(t, `cat >/dev/null; printf '`+words+`'`)}, "", "TOTAL: 9,0  RM\n"},
		"missing":  {Reader{Tesseract: "no-such-program"}, kit.Unsupported, "apt install tesseract-ocr"},
		"language": {Reader{Tesseract: program(t, "cat >/dev/null; echo 'Failed loading language xx' >&2; exit 1"), Languages: "xx"}, kit.Unsupported, "lacks the language xx"},
		"failure":  {Reader{Tesseract: program(t, "cat >/dev/null; echo 'Error: bad day' >&2; exit 3")}, kit.Invalid, "bad day"},
		"slow":     {Reader{Tesseract: program(t, "exec sleep 30"), Timeout: 100 * time.Millisecond}, kit.Unavailable, "not read within 100ms"},
		"argument": {Reader{Tesseract: program(t, `cat >/dev/null; echo "$@" >&2; exit 1`), Languages: "eng;$(id)"}, kit.Invalid, "stdin stdout -l eng;$(id) tsv"},
	} {
		doc, _, err := c.reader.Read(context.Background(), "a.png", strings.NewReader(asPNG(t, blank(100, 50))))
		if said := doc.Text + kit.HintOf(err); kit.CodeOf(err) != c.code || !strings.Contains(said, c.want) && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %q %v, hint %q; want %q with %q", name, doc.Text, err, kit.HintOf(err), c.code, c.want)
		}
	}
}
