package verify

import "testing"

// The names of an app's files, and what stands in them, give a terminal no
// commands.
func TestFindingsArePrinted(t *testing.T) {
	s := &session{seen: map[Finding]bool{}, rep: &Report{}}
	s.tell("linkname", place{file: "a\x1b[31m 文件.go", line: 1, column: 2}, "%s", "//go:linkname \x1b]0;title\a \"x\" 名字")
	f := s.rep.Findings[0]
	if got, want := f.Where(), `a\x1b[31m 文件.go:1:2`; got != want {
		t.Errorf("at %q, want %q", got, want)
	}
	if want := `//go:linkname \x1b]0;title\a "x" 名字`; f.Words != want {
		t.Errorf("%q, want %q", f.Words, want)
	}
	if f := (Finding{File: "cases of last year.go"}); f.Where() != "cases of last year.go" {
		t.Errorf("at %q", f.Where())
	}
}
