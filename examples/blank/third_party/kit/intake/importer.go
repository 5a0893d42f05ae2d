package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tackhammer/tackhammer/kit"
)

// Importer reads a kind of file that the kit does not: a function of the
// team's own, chosen by the ending of the file's name.
type Importer struct {
	// Name is what `check` and refusals call it: small letters, digits and
	// hyphens.
	Name string

	// Endings are those of the file names, each with its dot and in small
	// letters: ".eml". They cannot be endings that the kit reads itself.
	Endings []string

	// Read makes the document of one file's bytes, which are its own to change.
	// The kit cleans the text as the package promises, and sets Name, MediaType
	// and Blob. Spans, where a layout is known, must be of a text that is clean
	// already. An error refuses the file, in the words and with the code that it
	// has; so does a panic, and a reading that outlasts Reader.Timeout.
	Read func(ctx context.Context, name string, data []byte) (kit.Document, error)
}

// ownType is the media type of a file that an importer read. Nothing shows it
// as what it claims to be: it is kept and handed out as bytes.
const ownType = "application/octet-stream"

// kitEndings are those that the kit reads itself, or knows how to refuse.
var kitEndings = []string{".txt", ".text", ".csv", ".pdf", ".jpg", ".jpeg", ".png"}

var (
	importerName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)
	ending       = regexp.MustCompile(`^\.[a-z0-9][a-z0-9_-]{0,14}$`)
)

// Check refuses importers that cannot work: without a name, an ending or a
// function, two for one ending, or one for an ending that the kit reads itself.
func (r *Reader) Check() error {
	taken := map[string]string{}
	for _, m := range r.Importers {
		switch {
		case !importerName.MatchString(m.Name):
			return unfit(m, "its name is not of small letters, digits and hyphens")
		case m.Read == nil:
			return unfit(m, "it has no function Read")
		case len(m.Endings) == 0:
			return unfit(m, "it has no ending of a file name, such as .eml")
		}
		for _, e := range m.Endings {
			if err := m.take(e, taken); err != nil {
				return err
			}
		}
	}
	return nil
}

// take gives the importer an ending that nobody has taken.
func (m Importer) take(e string, taken map[string]string) error {
	switch {
	case !ending.MatchString(e):
		return unfit(m, "%q is no ending of a file name: a dot and small letters or digits, such as .eml", e)
	case slices.Contains(kitEndings, e):
		return unfit(m, "%s files are read by the kit itself; give them another ending, or read them behind it", e)
	case taken[e] != "":
		return unfit(m, "%s files are read by the importer %s already", e, taken[e])
	}
	taken[e] = m.Name
	return nil
}

func unfit(m Importer, why string, args ...any) error {
	return kit.Errorf(kit.Invalid, "set up the importer %q: %s", m.Name, fmt.Sprintf(why, args...))
}

// own is the importer of a file's ending.
func (f *file) own() (Importer, bool) {
	ext := strings.ToLower(filepath.Ext(f.name))
	i := slices.IndexFunc(f.Importers, func(m Importer) bool { return slices.Contains(m.Endings, ext) })
	if i < 0 {
		return Importer{}, false
	}
	return f.Importers[i], true
}

// readable tells what can be read here.
func (f *file) readable() string {
	words := readable
	for _, m := range f.Importers {
		words += ", also " + strings.Join(m.Endings, ", ")
	}
	return words
}

// importBy reads the file with the team's own function, in a goroutine of its
// own: one that computes on without a look at its context is left behind.
func (f *file) importBy(ctx context.Context, m Importer) (kit.Document, error) {
	ctx, cancel := context.WithTimeout(ctx, f.Timeout)
	defer cancel()
	type result struct {
		doc kit.Document
		err error
	}
	done := make(chan result, 1)
	go func() {
		doc, err := m.guarded(ctx, f.name, bytes.Clone(f.data))
		done <- result{doc, err}
	}()
	var got result
	select {
	case got = <-done:
	case <-ctx.Done():
		return kit.Document{}, f.late(ctx)
	}
	if got.err != nil && ctx.Err() != nil {
		return kit.Document{}, f.late(ctx)
	}
	doc, err := got.doc, got.err
	if err == nil {
		doc, err = f.checked(doc)
	}
	if err != nil {
		return kit.Document{}, f.unread(m, err)
	}
	return doc, nil
}

// unread is the refusal of a file that its importer could not read.
func (f *file) unread(m Importer, err error) error {
	code := kit.CodeOf(err)
	switch code {
	case kit.TooLarge, kit.Unsupported, kit.Unavailable:
	default:
		code = kit.Invalid
	}
	refusal := f.errorf(code, "the importer %s cannot read it: %s", m.Name, clip(cleanRun(err.Error()), 300)).WithHint("%s", kit.HintOf(err))
	refusal.Err = err
	return refusal
}

// guarded calls the function; a panic is an error.
func (m Importer) guarded(ctx context.Context, name string, data []byte) (doc kit.Document, err error) {
	defer func() {
		if p := recover(); p != nil {
			doc, err = kit.Document{}, fmt.Errorf("it panicked: %v", p)
		}
	}()
	return m.Read(ctx, name, data)
}

// checked is the document that an importer made, as the package promises it.
func (f *file) checked(doc kit.Document) (kit.Document, error) {
	if len(doc.Text) > utf8.UTFMax*f.MaxRunes {
		return doc, kit.Errorf(kit.TooLarge, "it made more than %d characters of text", f.MaxRunes)
	}
	if len(doc.Pages) > f.MaxPages {
		return doc, kit.Errorf(kit.TooLarge, "it made %d pages, more than %d", len(doc.Pages), f.MaxPages)
	}
	if !utf8.ValidString(doc.Text) {
		return doc, errors.New("it made text that is not UTF-8")
	}
	text := clean(doc.Text)
	if len(doc.Spans) > 0 && text != doc.Text {
		return doc, errors.New("it made spans of a text with control characters, carriage returns or letters in parts")
	}
	doc.Text = text
	return doc, checkSpans(doc)
}

// checkSpans refuses spans that lead out of the text or off the pages, cut a
// character, or are out of order.
func checkSpans(doc kit.Document) error {
	last := 0
	for i, s := range doc.Spans {
		if s.Start < last || s.End < s.Start || s.End > len(doc.Text) || !border(doc.Text, s.Start) || !border(doc.Text, s.End) {
			return fmt.Errorf("it made a span %d that does not fit the text: from %d to %d", i, s.Start, s.End)
		}
		if s.Page < 0 || s.Page >= len(doc.Pages) {
			return fmt.Errorf("it made a span %d on page %d, and there are %d pages", i, s.Page, len(doc.Pages))
		}
		last = s.Start
	}
	return nil
}

// border reports whether a character of the text begins or ends at i.
func border(text string, i int) bool { return i == len(text) || utf8.RuneStart(text[i]) }
