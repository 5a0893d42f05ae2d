package intake

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
)

// mail reads letters of one header and a text behind a blank line.
func mail(_ context.Context, name string, data []byte) (kit.Document, error) {
	_, text, ok := strings.Cut(string(data), "\n\n")
	if !ok {
		return kit.Document{}, kit.Errorf(kit.Unsupported, "no blank line").WithHint("save it as .eml")
	}
	clear(data) // they are its own
	return kit.Document{Name: "../" + name, MediaType: "text/html", Blob: "none", Text: text}, nil
}

// readBy reads content with the importer alone.
func readBy(t *testing.T, name, content string, read func(context.Context, string, []byte) (kit.Document, error)) (kit.Document, []byte, error) {
	t.Helper()
	r := &Reader{MaxRunes: 100, MaxPages: 2, Timeout: time.Minute, Importers: []Importer{{Name: "mail", Endings: []string{".eml", ".msg"}, Read: read}}}
	if err := r.Check(); err != nil {
		t.Fatal(err)
	}
	return r.Read(t.Context(), name, strings.NewReader(content))
}

func TestAnImportersTextIsCleanedAsAnyOther(t *testing.T) {
	content := "From: a\n\nTotal\u202e 9.00\r\ne\u0301\x07\v"
	for _, name := range []string{"in/a.eml", "A.EML", "b.msg"} {
		doc, data, err := readBy(t, name, content, mail)
		if err != nil {
			t.Fatal(err)
		}
		sound(t, doc)
		if doc.Text != "Total 9.00\n\u00e9\n" || doc.Name != baseName(name) || doc.MediaType != ownType || doc.Blob != kit.Hash([]byte(content)) || string(data) != content {
			t.Errorf("%+v, %q", doc, data)
		}
	}
}

func TestAnImporterReadsWhatTheKitWouldRefuse(t *testing.T) {
	doc, _, err := readBy(t, "a.eml", "PK\x03\x04\x00\x00\n\nText", mail)
	if err != nil || doc.Text != "Text" {
		t.Errorf("%+v, %v", doc, err)
	}
	if _, _, err := readBy(t, "a.xyz", "text", mail); kit.CodeOf(err) != kit.Unsupported || !strings.Contains(kit.HintOf(err), ".png, also .eml, .msg") {
		t.Errorf("%v, %s", err, kit.HintOf(err))
	}
}

func TestWhatAnImporterMakesIsChecked(t *testing.T) {
	page := []kit.Page{{Width: 100, Height: 100}}
	giving := func(doc kit.Document, err error) func(context.Context, string, []byte) (kit.Document, error) {
		return func(context.Context, string, []byte) (kit.Document, error) { return doc, err }
	}
	spans := func(text string, all ...kit.Span) func(context.Context, string, []byte) (kit.Document, error) {
		return giving(kit.Document{Text: text, Spans: all, Pages: page}, nil)
	}
	for name, c := range map[string]struct {
		read  func(context.Context, string, []byte) (kit.Document, error)
		code  kit.Code
		words string
	}{
		"an error":                        {giving(kit.Document{}, errors.New("no\nheader")), kit.Invalid, "the importer mail cannot read it: no header"},
		"an error with a code":            {mail, kit.Unsupported, "no blank line"},
		"a code that is none of a file's": {giving(kit.Document{}, kit.Errorf(kit.Decided, "odd")), kit.Invalid, "odd"},
		"a panic":                         {func(context.Context, string, []byte) (kit.Document, error) { panic("nil map") }, kit.Invalid, "it panicked: nil map"},
		"no text":                         {giving(kit.Document{Text: " \x00\n"}, nil), kit.Invalid, "there is no text in it"},
		"too much text":                   {giving(kit.Document{Text: strings.Repeat("長", 101)}, nil), kit.TooLarge, "100 characters"},
		"far too much":                    {giving(kit.Document{Text: strings.Repeat("x", 1000)}, nil), kit.TooLarge, "100 characters"},
		"too many pages":                  {giving(kit.Document{Text: "x", Pages: slices.Repeat(page, 3)}, nil), kit.TooLarge, "3 pages, more than 2"},
		"no UTF-8":                        {giving(kit.Document{Text: "a\xff"}, nil), kit.Invalid, "not UTF-8"},
		"spans of raw text":               {spans("a\r\nb", kit.Span{End: 1}), kit.Invalid, "carriage returns"},
		"a span too far":                  {spans("ab", kit.Span{End: 3}), kit.Invalid, "does not fit"},
		"a negative span":                 {spans("ab", kit.Span{Start: -1, End: 1}), kit.Invalid, "does not fit"},
		"half a character":                {spans("é", kit.Span{End: 1}), kit.Invalid, "does not fit"},
		"spans out of order":              {spans("abc", kit.Span{Start: 2, End: 3}, kit.Span{End: 1}), kit.Invalid, "does not fit"},
		"a page that is not":              {spans("abc", kit.Span{End: 1, Page: 1}), kit.Invalid, "on page 1"},
	} {
		_, _, err := readBy(t, "a.eml", "no blank line", c.read)
		if kit.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.words) || !strings.HasPrefix(err.Error(), "read a.eml: ") {
			t.Errorf("%s: %v (%s)", name, err, kit.CodeOf(err))
		}
	}
	doc, _, err := readBy(t, "a.eml", "x", spans("é b", kit.Span{Start: 0, End: 2}, kit.Span{Start: 3, End: 4}))
	if err != nil || len(doc.Spans) != 2 {
		t.Errorf("%+v, %v", doc, err)
	}
}

func TestAnImporterThatDoesNotComeBackIsLeft(t *testing.T) {
	stuck := make(chan struct{})
	defer close(stuck)
	r := &Reader{Timeout: 10 * time.Millisecond, Importers: []Importer{
		{Name: "stuck", Endings: []string{".a"}, Read: func(context.Context, string, []byte) (kit.Document, error) { <-stuck; return kit.Document{}, nil }},
		{Name: "obeys", Endings: []string{".b"}, Read: func(ctx context.Context, _ string, _ []byte) (kit.Document, error) {
			<-ctx.Done()
			return kit.Document{}, ctx.Err()
		}}}}
	for _, name := range []string{"x.a", "x.b"} {
		if _, _, err := r.Read(t.Context(), name, strings.NewReader("x")); kit.CodeOf(err) != kit.Unavailable || !strings.Contains(err.Error(), "not read within 10ms") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestImportersThatCannotWorkAreRefused(t *testing.T) {
	ok := Importer{Name: "mail", Endings: []string{".eml"}, Read: mail}
	with := func(change func(*Importer)) []Importer {
		m := ok
		change(&m)
		return []Importer{ok, m}
	}
	for words, all := range map[string][]Importer{
		"small letters":                                    with(func(m *Importer) { m.Name = "My mail" }),
		"no function":                                      with(func(m *Importer) { m.Read = nil }),
		"no ending of a file name,":                        with(func(m *Importer) { m.Endings = nil }),
		`"eml" is no ending`:                               with(func(m *Importer) { m.Endings = []string{"eml"} }),
		`".EML" is no ending`:                              with(func(m *Importer) { m.Endings = []string{".EML"} }),
		`".tar.gz" is no ending`:                           with(func(m *Importer) { m.Endings = []string{".tar.gz"} }),
		".pdf files are read by the kit":                   with(func(m *Importer) { m.Endings = []string{".xls", ".pdf"} }),
		".eml files are read by the importer mail already": with(func(*Importer) {}),
	} {
		if err := (&Reader{Importers: all}).Check(); kit.CodeOf(err) != kit.Invalid || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", words, err)
		}
	}
	if err := (&Reader{Importers: with(func(m *Importer) { m.Endings = []string{".msg"} })}).Check(); err != nil {
		t.Error(err)
	}
}
