package merge_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/merge"
)

func Example() {
	base := "one\ntwo\nthree\n"
	ours := "one\nzwei\nthree\n"
	theirs := "one\ndeux\nthree\nfour\n"
	merged, conflicts := merge.File("notes.txt", []byte(base), []byte(ours), []byte(theirs),
		merge.Names{Ours: "yours", Base: "tackhammer 0.1.0", Theirs: "tackhammer 0.2.0"})
	fmt.Printf("%s%d conflict\n", merged, conflicts)
	// Output:
	// one
	// <<<<<<< yours
	// zwei
	// ||||||| tackhammer 0.1.0
	// two
	// =======
	// deux
	// >>>>>>> tackhammer 0.2.0
	// three
	// four
	// 1 conflict
}

func TestAChangeOfLineEndsAloneIsNoConflict(t *testing.T) {
	const base, theirs = "a\nb\nc\nd\ne\n", "a\nb\nc\nd\nE\n"
	for name, c := range map[string]struct{ ours, want string }{
		"all lines":        {"a\r\nb\r\nc\r\nd\r\ne\r\n", "a\r\nb\r\nc\r\nd\r\nE\r\n"},
		"and a change":     {"A\r\nb\r\nc\r\nd\r\ne\r\n", "A\r\nb\r\nc\r\nd\r\nE\r\n"},
		"a mark":           {"\ufeffa\nb\nc\nd\ne\n", "\ufeffa\nb\nc\nd\nE\n"},
		"a mark and lines": {"\ufeffa\r\nb\r\nc\r\nd\r\ne\r\n", "\ufeffa\r\nb\r\nc\r\nd\r\nE\r\n"},
	} {
		got, n := merge.Lines([]byte(base), []byte(c.ours), []byte(theirs), names)
		if n != 0 || string(got) != c.want {
			t.Errorf("%s: %d conflicts, %q", name, n, got)
		}
	}
	got, n := merge.Lines([]byte(base), []byte("a\r\nb\r\nc\r\nd\r\nX\r\n"), []byte(theirs), names)
	if n != 1 || strings.Count(string(got), "\r\n") != strings.Count(string(got), "\n") {
		t.Errorf("%d conflicts, %q", n, got)
	}
}

func TestWhatIsNoTextIsNotMerged(t *testing.T) {
	for name, c := range map[string]struct {
		base, ours, theirs, want string
		conflicts                int
	}{
		"both changed":   {"\x00a", "\x00b", "\x00c", "\x00b", 1},
		"ours changed":   {"\x00a", "\x00b", "\x00a", "\x00b", 0},
		"theirs changed": {"\x00a", "\x00a", "\x00c", "\x00c", 0},
		"the same":       {"\x00a", "\x00c", "\x00c", "\x00c", 0},
		"broken UTF-8":   {"a\n", "b\xff\n", "c\n", "b\xff\n", 1},
		"both added":     {"", "a\n", "b\n", "<<<<<<< ours\na\n||||||| base\n=======\nb\n>>>>>>> theirs\n", 1},
	} {
		if got, n := merge.File("x", []byte(c.base), []byte(c.ours), []byte(c.theirs), names); string(got) != c.want || n != c.conflicts {
			t.Errorf("%s: %d conflicts, %q", name, n, got)
		}
	}
}

func TestFileChoosesByName(t *testing.T) {
	sum := func(v string) []byte { return []byte("example.com/a v1." + v + ".0 h1:x=\n") }
	if got, n := merge.File("deep/go.sum", sum("0"), sum("1"), sum("2"), names); n != 0 || !bytes.Equal(got, append(sum("1"), sum("2")...)) {
		t.Errorf("go.sum: %d, %q", n, got)
	}
	yaml := func(a, b string) []byte { return []byte("a: " + a + "\nb: " + b + "\n") }
	if got, n := merge.File("nail.yaml", yaml("1", "1"), yaml("2", "1"), yaml("1", "2"), names); n != 0 || !bytes.Equal(got, yaml("2", "2")) {
		t.Errorf("nail.yaml: %d, %q", n, got)
	}
	if _, n := merge.File("other.yaml", yaml("1", "1"), yaml("2", "1"), yaml("1", "2"), names); n != 1 {
		t.Errorf("other.yaml is merged by line, with %d conflicts", n)
	}
}

func TestLongTextsAreMergedInTime(t *testing.T) {
	lines := func(format string) []byte {
		var b bytes.Buffer
		for i := range 50_000 {
			fmt.Fprintf(&b, format+"\n", i%97, i)
		}
		return b.Bytes()
	}
	if _, n := merge.Lines(lines("%d %d"), lines("%d"), lines("b%d"), names); n == 0 {
		t.Error("two rewritten files are no conflict")
	}
}

func FuzzLines(f *testing.F) {
	for _, s := range [][3]string{{"a\nb\n", "a\nc\n", "b\n"}, {"", "x", "y\r\n"}, {"\ufeffa\n", "a\r\n", "a"}, {"a\nb\na\nb", "b\na\nb\na\n", "a\na\nb"}} {
		f.Add([]byte(s[0]), []byte(s[1]), []byte(s[2]))
	}
	f.Fuzz(func(t *testing.T, base, ours, theirs []byte) {
		for _, c := range [][4][]byte{{base, ours, base, ours}, {base, base, theirs, theirs}, {base, ours, ours, ours}} {
			if got, n := merge.Lines(c[0], c[1], c[2], names); n != 0 || !bytes.Equal(got, c[3]) {
				t.Errorf("%q, %q and %q make %q, with %d conflicts", c[0], c[1], c[2], got, n)
			}
		}
		for _, name := range []string{"go.mod", "go.sum", "nail.yaml"} {
			merge.File(name, base, ours, theirs, names)
		}
	})
}
