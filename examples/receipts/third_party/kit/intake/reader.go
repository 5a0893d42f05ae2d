package intake

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tackhammer/tackhammer/kit"
)

// Reader reads documents. The zero value is ready; a Reader may be used by
// several goroutines at once as long as its fields are left alone.
type Reader struct {
	// MaxBytes is the size of the largest file that is read. Defaults to 20 MiB.
	MaxBytes int64
	// MaxPages is the number of pages of the longest PDF that is read. Defaults to 200.
	MaxPages int
	// MaxRunes is the number of characters of the longest text. Defaults to 1,000,000.
	MaxRunes int
	// MaxPixels is width times height of the largest picture. Defaults to 40,000,000.
	MaxPixels int64
	// Tesseract is the program, a name or a path, that reads pictures. Defaults to tesseract on the PATH.
	Tesseract string
	// Languages are the languages of pictures as tesseract names them ("eng+chi_sim"). Defaults to eng.
	Languages string
	// Timeout bounds the reading of one PDF or picture. Defaults to 2 minutes.
	Timeout time.Duration
	// Importers read further kinds of files, by their names' endings; see Check. Defaults to none.
	Importers []Importer
}

// Media types of documents.
const (
	textType = "text/plain"
	csvType  = "text/csv"
	pdfType  = "application/pdf"
	jpegType = "image/jpeg"
	pngType  = "image/png"
)

// readable ends every refusal of an unknown kind of file.
const readable = "can be read: .txt, .csv of an OCR run, .pdf with text, .jpg and .png"

// Read reads one file from src to its end and returns its document together
// with the original bytes, whose SHA-256 is Document.Blob. Two files with the
// same Blob are the same file. The name may be a path; its last element, made
// harmless, becomes Document.Name.
//
// Errors name the file and carry kit.Invalid (empty, broken, no text),
// kit.TooLarge, kit.Unsupported (a kind that nothing here reads, or a missing
// program) or kit.Unavailable (the time ran out).
func (r *Reader) Read(ctx context.Context, name string, src io.Reader) (kit.Document, []byte, error) {
	cfg := r.filled()
	f := file{Reader: cfg, name: baseName(name)}
	var err error
	if f.data, err = cfg.slurp(f.name, src); err != nil {
		return kit.Document{}, nil, err
	}
	if err := ctx.Err(); err != nil {
		return kit.Document{}, nil, f.errorf(kit.Unavailable, "stopped: %w", err)
	}
	doc, kind, err := f.document(ctx)
	if err != nil {
		return kit.Document{}, nil, err
	}
	if err := f.checkText(doc.Text); err != nil {
		return kit.Document{}, nil, err
	}
	doc.Name, doc.MediaType, doc.Blob = f.name, kind, kit.Hash(f.data)
	return doc, f.data, nil
}

// ReadFile reads the file at path; see Read. A path that leads to no regular
// file is kit.NotFound or kit.Unsupported.
func (r *Reader) ReadFile(ctx context.Context, path string) (kit.Document, []byte, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return kit.Document{}, nil, kit.Errorf(kit.Unsupported, "read %s: not a regular file", shown(path))
	}
	var f *os.File
	if err == nil {
		f, err = os.Open(path)
	}
	if err != nil {
		return kit.Document{}, nil, pathError(path, err)
	}
	defer f.Close()
	return r.Read(ctx, path, f)
}

// filled returns a copy of r with the defaults in place of what is unset.
func (r *Reader) filled() *Reader {
	var c Reader
	if r != nil {
		c = *r
	}
	fill(&c.MaxBytes, 20<<20)
	fill(&c.MaxPages, 200)
	fill(&c.MaxRunes, 1_000_000)
	fill(&c.MaxPixels, 40_000_000)
	fill(&c.Timeout, 2*time.Minute)
	if c.Tesseract == "" {
		c.Tesseract = "tesseract"
	}
	if c.Languages == "" {
		c.Languages = "eng"
	}
	return &c
}

// fill sets an unset or senseless limit.
func fill[N ~int | ~int64](field *N, value N) {
	if *field <= 0 {
		*field = value
	}
}

// slurp reads src to its end, or to one byte over the limit.
func (r *Reader) slurp(name string, src io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(src, r.MaxBytes+1))
	switch {
	case err != nil:
		return nil, kit.Errorf(kit.Internal, "read %s: %w", name, err)
	case int64(len(data)) > r.MaxBytes:
		return nil, kit.Errorf(kit.TooLarge, "read %s: larger than %s", name, size(r.MaxBytes)).
			WithHint("split the file, save it smaller, or raise the limit")
	case len(data) == 0:
		return nil, kit.Errorf(kit.Invalid, "read %s: the file is empty", name)
	}
	return data, nil
}

// file is one reading under way.
type file struct {
	*Reader
	name string
	data []byte
}

// errorf makes an error that names the file.
func (f *file) errorf(c kit.Code, format string, args ...any) *kit.Error {
	return kit.Errorf(c, "read "+strings.ReplaceAll(f.name, "%", "%%")+": "+format, args...)
}

// document reads the bytes by whoever knows their kind, and names it.
func (f *file) document(ctx context.Context) (doc kit.Document, kind string, err error) {
	if m, ok := f.own(); ok {
		doc, err = f.importBy(ctx, m)
		return doc, ownType, err
	}
	if kind, err = f.sniff(); err != nil {
		return doc, "", err
	}
	doc, err = f.parse(ctx, kind)
	return doc, kind, err
}

// parse reads the bytes as what sniff found them to be.
func (f *file) parse(ctx context.Context, kind string) (kit.Document, error) {
	switch kind {
	case csvType:
		return f.ocrTable()
	case pdfType:
		return f.pdf(ctx)
	case jpegType, pngType:
		return f.picture(ctx, kind)
	}
	text, err := f.decode()
	return kit.Document{Text: clean(text)}, err
}

// checkText refuses a text that is blank or over the limit.
func (f *file) checkText(text string) error {
	if strings.TrimSpace(text) == "" {
		return f.errorf(kit.Invalid, "there is no text in it")
	}
	if len(text) > f.MaxRunes && utf8.RuneCountInString(text) > f.MaxRunes {
		return f.errorf(kit.TooLarge, "more than %d characters of text", f.MaxRunes).
			WithHint("split the file, or raise the limit")
	}
	return nil
}

// size says a number of bytes in words.
func size(n int64) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 1<<10 && n%(1<<10) == 0:
		return fmt.Sprintf("%d KiB", n>>10)
	case n == 1:
		return "1 byte"
	}
	return fmt.Sprintf("%d bytes", n)
}

// hasAny reports whether data starts with one of the signatures.
func hasAny(data []byte, signatures ...string) bool {
	for _, s := range signatures {
		if bytes.HasPrefix(data, []byte(s)) {
			return true
		}
	}
	return false
}
