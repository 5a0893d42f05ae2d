package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/ledongthuc/pdf"

	"github.com/tackhammer/tackhammer/kit"
)

// convertHint is the way out for a PDF that is pictures all through.
const convertHint = "a scanned PDF holds pictures only: save its pages as .jpg or .png and send those"

// pdf reads the text of a PDF with the place of every run. The library below
// panics on broken files and can be led in circles, so it works in a goroutine
// of its own, behind a guard that stops it at its next read when the time is
// out; should it compute on without reading, it is left behind.
func (f *file) pdf(ctx context.Context) (kit.Document, error) {
	src, err := f.guard()
	if err != nil {
		return kit.Document{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, f.Timeout)
	defer cancel()
	src.ctx = ctx
	type result struct {
		doc kit.Document
		err error
	}
	done := make(chan result, 1)
	go func() {
		doc, err := f.pdfPages(src)
		done <- result{doc, err}
	}()
	select {
	case got := <-done:
		if got.err != nil && ctx.Err() != nil {
			return kit.Document{}, f.late(ctx)
		}
		return got.doc, got.err
	case <-ctx.Done():
		return kit.Document{}, f.late(ctx)
	}
}

// late is the error of a reading that was stopped or took too long.
func (f *file) late(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return f.errorf(kit.Unavailable, "not read within %v", f.Timeout).WithHint("send fewer pages at once, or raise the time limit")
	}
	return f.errorf(kit.Unavailable, "stopped: %w", ctx.Err())
}

// pdfPages reads page after page and composes the document.
func (f *file) pdfPages(src *guarded) (doc kit.Document, err error) {
	defer func() {
		if p := recover(); p != nil {
			doc, err = kit.Document{}, f.broken(p)
		}
	}()
	r, err := pdf.NewReader(src, int64(len(src.data)))
	switch {
	case errors.Is(err, pdf.ErrInvalidPassword):
		return doc, f.encrypted()
	case err != nil:
		return doc, f.broken(err)
	case circular(r):
		return doc, f.broken("its objects hold each other")
	}
	n := r.NumPage()
	if n > f.MaxPages {
		return doc, f.errorf(kit.TooLarge, "%d pages, more than %d", n, f.MaxPages).WithHint("split the file, or raise the limit")
	}
	var runs []run
	var pages []kit.Page
	known := fontCache{}
	for i := range n {
		page := r.Page(i + 1)
		if page.V.IsNull() {
			continue
		}
		frame := frameOf(page)
		glyphs, err := f.glyphs(page, frame, known)
		if err != nil {
			return doc, err
		}
		runs = append(runs, join(glyphs, len(pages))...)
		pages = append(pages, frame.size)
	}
	if len(runs) == 0 {
		return doc, f.errorf(kit.Invalid, "the PDF holds no text that can be read").WithHint(convertHint)
	}
	rows := rowsOf(runs)
	for _, w := range rows {
		w.runs = slices.CompactFunc(w.runs, overprinted)
	}
	return write(rows, pages, wordSpace), nil
}

// overprinted reports whether two runs are one text printed twice, a hair
// apart: the poor man's bold.
func overprinted(a, b run) bool {
	return a.text == b.text && math.Abs(b.box.X0-a.box.X0) < (a.box.Y1-a.box.Y0)/4
}

func (f *file) broken(why any) error {
	return f.errorf(kit.Invalid, "the PDF is broken: %s", clip(cleanRun(fmt.Sprint(why)), 200)).
		WithHint("open it in a viewer and save it again as PDF")
}

func (f *file) encrypted() error {
	return f.errorf(kit.Invalid, "the PDF is encrypted").WithHint("open it with its password and print it to a new PDF")
}

// frame maps a page's own coordinates (origin at the bottom left, in points)
// to the ones of a document (origin at the top left of what a viewer shows).
type frame struct {
	size kit.Page
	to   matrix
}

// frameOf reads the visible part of the page and its rotation.
func frameOf(page pdf.Page) frame {
	box := rectangle(inherited(page.V, "CropBox"))
	if box == (kit.Box{}) {
		box = rectangle(inherited(page.V, "MediaBox"))
	}
	if box == (kit.Box{}) {
		box = kit.Box{X1: 612, Y1: 792} // US Letter, what viewers fall back to
	}
	w, h := box.X1-box.X0, box.Y1-box.Y0
	move := matrix{1, 0, 0, 1, -box.X0, -box.Y0}
	switch ((inherited(page.V, "Rotate").Int64()%360 + 360) % 360) / 90 {
	case 1:
		return frame{kit.Page{Width: h, Height: w}, move.then(matrix{0, 1, 1, 0, 0, 0})}
	case 2:
		return frame{kit.Page{Width: w, Height: h}, move.then(matrix{-1, 0, 0, 1, w, 0})}
	case 3:
		return frame{kit.Page{Width: h, Height: w}, move.then(matrix{0, -1, -1, 0, h, w})}
	}
	return frame{kit.Page{Width: w, Height: h}, move.then(matrix{1, 0, 0, -1, 0, h})}
}

// rectangle reads four numbers; anything senseless is the zero Box.
func rectangle(v pdf.Value) kit.Box {
	if v.Kind() != pdf.Array || v.Len() != 4 {
		return kit.Box{}
	}
	var n [4]float64
	for i := range n {
		if n[i] = number(v.Index(i)); math.Abs(n[i]) > maxCoordinate {
			return kit.Box{}
		}
	}
	b := kit.Box{X0: min(n[0], n[2]), Y0: min(n[1], n[3]), X1: max(n[0], n[2]), Y1: max(n[1], n[3])}
	if b.X1-b.X0 < 1 || b.Y1-b.Y0 < 1 {
		return kit.Box{}
	}
	return b
}

// inherited looks key up in v and the nodes above it; a page tree is no deeper
// than this in any file that means well.
func inherited(v pdf.Value, key string) pdf.Value {
	for range 64 {
		if v.IsNull() {
			break
		}
		if got := v.Key(key); !got.IsNull() {
			return got
		}
		v = v.Key("Parent")
	}
	return pdf.Value{}
}

// number is a value as a finite number, 0 when it is none.
func number(v pdf.Value) float64 {
	switch v.Kind() {
	case pdf.Integer:
		return float64(v.Int64())
	case pdf.Real:
		if n := v.Float64(); !math.IsNaN(n) && !math.IsInf(n, 0) {
			return n
		}
	}
	return 0
}

// trimPDF cuts off what stands before the header and after the end, which
// mailers add, and writes the header in the one form that the library takes.
func trimPDF(data []byte) []byte {
	data = data[bytes.Index(data, []byte("%PDF-")):]
	if end := bytes.LastIndex(data, []byte("%%EOF")); end >= 0 {
		data = data[:end+len("%%EOF")]
	}
	data = bytes.Clone(data)
	copy(data, "%PDF-1.7\n")
	return data
}
