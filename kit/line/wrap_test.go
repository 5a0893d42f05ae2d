package line_test

import (
	"strings"
	"testing"

	"github.com/mattn/go-runewidth"

	"github.com/tackhammer/tackhammer/kit/line"
)

func TestWrapKeepsLinesWithinTheColumns(t *testing.T) {
	long := strings.Repeat("word ", 30)
	for _, c := range []struct {
		name, text string
		indent     int
		lines      int
	}{
		{"short", "one line", 18, 1},
		{"empty", "", 18, 1},
		{"long", long, 18, 3},
		{"two lines", long + "\n  " + long, 18, 6},
		{"wide letters", strings.Repeat("字字字字字 ", 12), 10, 2},
	} {
		got := strings.Split(line.Wrap(c.text, c.indent), "\n")
		if len(got) != c.lines {
			t.Errorf("%s: %d lines, want %d: %q", c.name, len(got), c.lines, got)
		}
		for i, one := range got {
			first := 0
			if i == 0 {
				first = c.indent
			}
			if first+runewidth.StringWidth(one) > 80 {
				t.Errorf("%s: too long: %q", c.name, one)
			}
		}
		if squeeze(strings.Join(got, " ")) != squeeze(c.text) {
			t.Errorf("%s: words were lost: %q", c.name, got)
		}
	}
}

func TestWrapIndentsWhatFollows(t *testing.T) {
	address := "https://" + strings.Repeat("a", 90)
	got := line.Wrap("  see "+address+" now", 4)
	if want := "  see\n      " + address + "\n      now"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// Chinese has no blanks: a line ends between two letters, never before a mark
// that closes, nor behind one that opens.
func TestWrapBreaksChinese(t *testing.T) {
	text := strings.Repeat("文件夹会新建，（或须是空的）。用 `tackhammer new app` 写入“草稿”；", 12)
	for indent := range 30 {
		wrapped := line.Wrap(text, indent)
		for i, one := range strings.Split(wrapped, "\n") {
			at := runewidth.StringWidth(one)
			if i == 0 {
				at += indent
			}
			if at > 80 || at < 66 && i < strings.Count(wrapped, "\n") {
				t.Errorf("indent %d: %d cells: %q", indent, at, one)
			}
			body := strings.TrimLeft(one, " ")
			if strings.ContainsAny(body[:3], "，。）”；") || strings.HasSuffix(body, "（") || strings.HasSuffix(body, "“") {
				t.Errorf("indent %d: breaks at a mark: %q", indent, one)
			}
		}
		if squeeze(wrapped) != squeeze(text) {
			t.Errorf("indent %d: letters were lost: %q", indent, wrapped)
		}
	}
}

func squeeze(text string) string { return strings.Join(strings.Fields(text), "") }
