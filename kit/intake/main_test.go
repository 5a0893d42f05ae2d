package intake

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/internal/need"
)

// read reads content under name with the zero Reader.
func read(name, content string) (kit.Document, error) {
	doc, _, err := new(Reader).Read(context.Background(), name, strings.NewReader(content))
	return doc, err
}

// mustRead is read where nothing may go wrong.
func mustRead(t *testing.T, name, content string) kit.Document {
	t.Helper()
	doc, err := read(name, content)
	if err != nil {
		t.Fatal(err)
	}
	sound(t, doc)
	return doc
}

// refused checks that content is refused with code, by a message that names the
// file and holds every one of the words.
func refused(t *testing.T, name, content string, code kit.Code, words ...string) {
	t.Helper()
	doc, err := read(name, content)
	if kit.CodeOf(err) != code {
		t.Fatalf("read %s: %v (code %q), text %q; want code %q", name, err, kit.CodeOf(err), clip(doc.Text, 80), code)
	}
	for _, w := range append(words, name) {
		if !strings.Contains(err.Error()+" "+kit.HintOf(err), w) {
			t.Errorf("error %q, hint %q: does not say %q", err, kit.HintOf(err), w)
		}
	}
}

// sound checks what every document promises.
func sound(t testing.TB, doc kit.Document) {
	t.Helper()
	if !utf8.ValidString(doc.Text) || strings.TrimSpace(doc.Text) == "" {
		t.Fatalf("text is not valid or blank: %q", clip(doc.Text, 80))
	}
	if i := strings.IndexFunc(doc.Text, func(r rune) bool { return visible(r) < 0 }); i >= 0 {
		t.Fatalf("text holds a control character at %d", i)
	}
	end := 0
	for i, s := range doc.Spans {
		switch {
		case s.Start < end || s.End <= s.Start || s.End > len(doc.Text):
			t.Fatalf("span %d is %+v after %d in a text of %d", i, s, end, len(doc.Text))
		case !utf8.RuneStart(doc.Text[s.Start]) || s.End < len(doc.Text) && !utf8.RuneStart(doc.Text[s.End]):
			t.Fatalf("span %d %+v cuts a character", i, s)
		case s.Page < 0 || s.Page >= len(doc.Pages):
			t.Fatalf("span %d %+v is on none of %d pages", i, s, len(doc.Pages))
		case !(s.Box.X0 <= s.Box.X1) || !(s.Box.Y0 <= s.Box.Y1):
			t.Fatalf("span %d has the box %+v", i, s.Box)
		case strings.ContainsAny(doc.Text[s.Start:s.End], "\n"):
			t.Fatalf("span %d crosses a line: %q", i, doc.Text[s.Start:s.End])
		}
		end = s.End
	}
}

func TestReceipts(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(need.Shared(t), "data", "receipts", "box", "*.csv"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no receipts: %v", err)
	}
	runs, lines := 0, 0
	for _, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		doc, _, err := new(Reader).ReadFile(context.Background(), p)
		if err != nil {
			t.Fatal(err)
		}
		sound(t, doc)
		if n := strings.Count(strings.TrimSpace(string(data)), "\n") + 1; len(doc.Spans) != n {
			t.Errorf("%s: %d spans of %d rows", p, len(doc.Spans), n)
		}
		runs, lines = runs+len(doc.Spans), lines+strings.Count(doc.Text, "\n")
	}
	t.Logf("%d files, %d runs in %d lines", len(paths), runs, lines)
	if lines >= runs || lines < runs/3 {
		t.Errorf("%d runs in %d lines: rows are not merged as they stand", runs, lines)
	}
}
