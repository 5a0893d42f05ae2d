package intake

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"io"
	"sync"
	"time"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/tackhammer/tackhammer/kit"
)

const (
	printMemory = 256 << 20 // bytes that drawing a page may use
	memoryPage  = 64 << 10  // bytes of WebAssembly's unit of memory
)

// Printer draws pages of PDF files as pictures. PDFium does it, as WebAssembly:
// a hostile file can use up its own memory and time, and reaches neither files
// nor the network. The first picture takes seconds, the next ones milliseconds.
// The zero value is ready; its methods may be called from many goroutines, and
// draw one page at a time.
type Printer struct {
	// Width of a picture in pixels; its height follows from the page, up to
	// four times the width. Defaults to 1240, 150 to the inch of an A4 page.
	Width int

	// Timeout bounds one picture. Defaults to 20 seconds.
	Timeout time.Duration

	turn  sync.Mutex
	pool  pdfium.Pool
	stop  context.CancelFunc // ends what the pool computes
	cache wazero.CompilationCache
}

// Page draws one page, counted from 0, as a PNG. It fails with kit.NotFound
// for a page that is not there, kit.Invalid for a file that is broken or
// encrypted and kit.Unavailable when the time is out.
func (p *Printer) Page(ctx context.Context, file []byte, page int) ([]byte, error) {
	p.turn.Lock()
	defer p.turn.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, kit.Errorf(kit.Unavailable, "draw page %d: %w", page+1, err)
	}
	if err := p.open(); err != nil {
		return nil, kit.Errorf(kit.Internal, "draw page %d: start PDFium: %w", page+1, err)
	}
	type drawn struct {
		picture []byte
		err     error
	}
	done := make(chan drawn, 1)
	pool := p.pool
	go func() {
		picture, err := p.draw(pool, file, page)
		done <- drawn{picture, err}
	}()
	late := time.NewTimer(p.timeout())
	defer late.Stop()
	select {
	case d := <-done:
		if kit.CodeOf(d.err) == kit.Internal {
			p.drop() // its memory may be in disorder
		}
		return d.picture, d.err
	case <-late.C:
	case <-ctx.Done():
	}
	p.drop()
	return nil, kit.Errorf(kit.Unavailable, "draw page %d: not drawn within %v", page+1, p.timeout())
}

func (p *Printer) timeout() time.Duration {
	if p.Timeout > 0 {
		return p.Timeout
	}
	return 20 * time.Second
}

func (p *Printer) width() int {
	if p.Width > 0 {
		return p.Width
	}
	return 1240
}

// open starts PDFium with no files to see. What was compiled once is kept.
func (p *Printer) open() (err error) {
	if p.pool != nil {
		return nil
	}
	if p.cache == nil {
		p.cache = wazero.NewCompilationCache()
	}
	ctx, stop := context.WithCancel(context.Background())
	p.pool, err = webassembly.Init(webassembly.Config{
		Context: ctx, MinIdle: 0, MaxIdle: 1, MaxTotal: 1, FSConfig: wazero.NewFSConfig(), Stdout: io.Discard, Stderr: io.Discard,
		RuntimeConfig: wazero.NewRuntimeConfig().WithCompilationCache(p.cache).WithCloseOnContextDone(true).
			WithMemoryLimitPages(printMemory / memoryPage).
			WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling),
	})
	p.stop = stop
	if err != nil {
		stop()
		p.pool = nil
	}
	return err
}

// drop ends PDFium; the next picture starts it anew.
func (p *Printer) drop() {
	p.stop()
	p.pool = nil
}

// draw has one page drawn. A defect of the library is an error, too.
func (p *Printer) draw(pool pdfium.Pool, file []byte, page int) (picture []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = kit.Errorf(kit.Internal, "draw page %d: %v", page+1, r)
		}
	}()
	hand, err := pool.GetInstance(p.timeout())
	if err != nil {
		return nil, kit.Errorf(kit.Internal, "draw page %d: %w", page+1, err)
	}
	defer hand.Close()
	doc, err := hand.OpenDocument(&requests.OpenDocument{File: &file})
	if err != nil {
		return nil, kit.Errorf(kit.Invalid, "draw page %d: PDFium cannot open the file: %w", page+1, err)
	}
	count, err := hand.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: doc.Document})
	if err != nil {
		return nil, kit.Errorf(kit.Internal, "draw page %d: %w", page+1, err)
	}
	if page < 0 || page >= count.PageCount {
		return nil, kit.Errorf(kit.NotFound, "draw page %d: the file has %d", page+1, count.PageCount)
	}
	at := requests.Page{ByIndex: &requests.PageByIndex{Document: doc.Document, Index: page}}
	out, err := hand.RenderPageInPixels(&requests.RenderPageInPixels{Page: at, Width: p.width(), Height: 4 * p.width()})
	if err != nil {
		return nil, kit.Errorf(kit.Internal, "draw page %d: %w", page+1, err)
	}
	defer out.Cleanup()
	return encode(out.Result.RenderedImage)
}

// encode writes a picture as a PNG, quickly rather than small.
func encode(picture image.Image) ([]byte, error) {
	var out bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, picture)
	return out.Bytes(), err
}
