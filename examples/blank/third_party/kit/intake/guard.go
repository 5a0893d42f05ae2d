package intake

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"io"
	"reflect"
	"regexp"
	"runtime"

	"github.com/ledongthuc/pdf"

	"github.com/tackhammer/tackhammer/kit"
)

// The limits of a PDF's inside. Real files stay far below them.
const (
	maxInflated = 256 << 20 // bytes of one stream, unpacked
	maxContent  = 16 << 20  // bytes of one page's drawing commands, unpacked
	maxFrames   = 2_000     // calls within calls in the library
	maxRead     = 16 << 30  // bytes that the library reads, again and again, of one file
)

// Traits of files made to exhaust the reader: table sizes of eight digits and
// more, and lone numbers that could be such a size, which the library would
// allocate or count to without a look. The name of the encryption entry can be
// spelled with escapes.
var (
	hugeTable = regexp.MustCompile(`/(?:Size|Columns|N|Colors|W\s*\[[^\]]*|Index\s*\[[^\]]*)\s*\d{8,}|xref\s+\d{8,}|\n\d{8,}\s+\d+\s+\d|\sobj\s+\d{9,}`)
	locked    = regexp.MustCompile(`/(?:E|#45)(?:n|#6[eE])(?:c|#63)(?:r|#72)(?:y|#79)(?:p|#70)(?:t|#74)[\s<]`)
)

// guard checks what can be checked before the library looks at the file.
func (f *file) guard() (*guarded, error) {
	data := trimPDF(f.data)
	switch {
	case locked.Match(data):
		return nil, f.encrypted()
	case hugeTable.Match(data):
		return nil, f.broken("a table of senseless size")
	case bomb(data):
		return nil, f.errorf(kit.TooLarge, "a part of the PDF unpacks to more than %s", size(maxInflated))
	}
	return &guarded{data: data, left: maxRead}, nil
}

// bomb reports whether a compressed stream unpacks beyond all measure.
func bomb(data []byte) bool {
	for rest := data; ; {
		at := bytes.Index(rest, []byte("stream"))
		if at < 0 {
			return false
		}
		rest = rest[at+len("stream"):]
		z, err := zlib.NewReader(bytes.NewReader(bytes.TrimLeft(rest[:min(len(rest), 4)], "\r\n")))
		if err != nil {
			continue
		}
		z.Close()
		if z, err = zlib.NewReader(bytes.NewReader(bytes.TrimLeft(rest, "\r\n"))); err != nil {
			continue
		}
		if n, _ := io.Copy(io.Discard, io.LimitReader(z, maxInflated+1)); n > maxInflated {
			return true
		}
	}
}

// guarded is the file as the library reads it. Each read checks the clock, the
// sum of all reads, and how deep the library has called itself: a file whose
// objects lead in circles ends in a panic that is caught, not in a stack
// overflow, which cannot be.
type guarded struct {
	data []byte
	ctx  context.Context
	left int64 // bytes that may still be read
}

var errCircle = errors.New("its objects lead in circles")

// ReadAt implements io.ReaderAt.
func (g *guarded) ReadAt(p []byte, off int64) (int, error) {
	if err := g.ctx.Err(); err != nil {
		panic(err)
	}
	var frame [1]uintptr
	if runtime.Callers(maxFrames, frame[:]) > 0 {
		panic(errCircle)
	}
	if off < 0 || off >= int64(len(g.data)) {
		return 0, io.EOF
	}
	n := copy(p, g.data[off:])
	if g.left -= int64(n); g.left < 0 {
		panic(errCircle)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// circular reports whether an object stream is said to be packed in an object
// stream, which the format forbids and the library follows for ever without a
// read that the guard could stop. The table is private, so it is read by
// reflection; a library that keeps it otherwise counts as circular, and the
// tests say so.
func circular(r *pdf.Reader) bool {
	table := reflect.ValueOf(r).Elem().FieldByName("xref")
	if table.Kind() != reflect.Slice {
		return true
	}
	packed := func(i int) bool { return table.Index(i).FieldByName("inStream").Bool() }
	for i := range table.Len() {
		if !packed(i) {
			continue
		}
		if id := table.Index(i).FieldByName("stream").FieldByName("id").Uint(); id < uint64(table.Len()) && packed(int(id)) {
			return true
		}
	}
	return false
}
