package merge_test

import (
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/merge"
)

const modBase = `module desk

go 1.26.0

require example.com/kit v0.0.0

require (
	example.com/a v1.0.0 // indirect
	example.com/b v1.0.0 // indirect
	example.com/c v1.0.0 // indirect
)

replace example.com/kit => ./third_party/kit
`

func TestModMergesByModule(t *testing.T) {
	for _, c := range []struct {
		name         string
		ours, theirs [2]string // replaced in modBase, old and new
		has, hasNot  []string
		conflicts    int
	}{
		{name: "both raise one module", ours: [2]string{"a v1.0.0", "a v1.10.0"}, theirs: [2]string{"a v1.0.0", "a v1.9.0"}, has: []string{"a v1.10.0 // indirect"}, hasNot: []string{"v1.9.0"}},
		{name: "neighbours", ours: [2]string{"a v1.0.0", "a v1.1.0"}, theirs: [2]string{"b v1.0.0", "b v2.0.0+incompatible"}, has: []string{"a v1.1.0", "b v2.0.0+incompatible"}},
		{name: "the team's module and comment stay", ours: [2]string{"\texample.com/b v1.0.0 // indirect\n", "\texample.com/b v1.0.0 // indirect; pinned, see the wiki\n\texample.com/own v0.1.0\n"},
			theirs: [2]string{"example.com/b v1.0.0", "example.com/b v1.2.0"}, has: []string{"example.com/own v0.1.0", "b v1.2.0", "pinned, see the wiki", "kit => ./third_party/kit"}},
		{name: "dropped by theirs", ours: [2]string{"a v1.0.0", "a v1.1.0"}, theirs: [2]string{"\texample.com/b v1.0.0 // indirect\n", ""}, has: []string{"a v1.1.0"}, hasNot: []string{"example.com/b"}},
		{name: "dropped by theirs, raised by the team", ours: [2]string{"b v1.0.0", "b v1.1.0"}, theirs: [2]string{"\texample.com/b v1.0.0 // indirect\n", ""}, has: []string{"b v1.1.0"}},
		{name: "dropped by the team, needed by theirs", ours: [2]string{"\texample.com/b v1.0.0 // indirect\n", ""}, theirs: [2]string{"b v1.0.0", "b v1.3.0"}, has: []string{"b v1.3.0 // indirect"}},
		{name: "go and toolchain", ours: [2]string{"go 1.26.0\n", "go 1.27.1\n\ntoolchain go1.27.1\n"}, theirs: [2]string{"go 1.26.0", "go 1.26.2"}, has: []string{"go 1.27.1\n", "toolchain go1.27.1"}},
		{name: "go, theirs higher", ours: [2]string{"go 1.26.0\n", "go 1.26.9\n"}, theirs: [2]string{"go 1.26.0", "go 1.26.10"}, has: []string{"go 1.26.10\n"}},
		{name: "direct by the team", ours: [2]string{"a v1.0.0 // indirect", "a v1.0.0"}, theirs: [2]string{"a v1.0.0", "a v1.5.0"}, has: []string{"a v1.5.0\n"}, hasNot: []string{"a v1.5.0 // indirect"}},
		{name: "tools, excludes and retractions", ours: [2]string{"module desk\n", "module desk\n\ntool example.com/a/cmd/x\n\nexclude example.com/a v1.3.0\n"},
			theirs: [2]string{"module desk\n", "module desk\n\ntool example.com/b/cmd/y\n\ngodebug panicnil=1\n"}, has: []string{"example.com/a/cmd/x", "example.com/b/cmd/y", "exclude example.com/a v1.3.0", "godebug panicnil=1"}},
		{name: "the kit replaced elsewhere by the team", ours: [2]string{"./third_party/kit", "../kit"}, theirs: [2]string{"a v1.0.0", "a v1.1.0"}, has: []string{"kit => ../kit", "a v1.1.0"}},
		{name: "two replacements", ours: [2]string{"./third_party/kit", "../kit"}, theirs: [2]string{"./third_party/kit", "./kit"}, conflicts: 1,
			has: []string{"<<<<<<< ours\nreplace example.com/kit => ../kit\n||||||| base\nreplace example.com/kit => ./third_party/kit\n=======\nreplace example.com/kit => ./kit\n>>>>>>> theirs\n"}},
	} {
		for _, end := range []string{"\n", "\r\n"} {
			ours, theirs := strings.Replace(modBase, c.ours[0], c.ours[1], 1), strings.Replace(modBase, c.theirs[0], c.theirs[1], 1)
			got, n, err := merge.Mod([]byte(modBase), []byte(strings.ReplaceAll(ours, "\n", end)), []byte(theirs), names)
			if err != nil || n != c.conflicts {
				t.Errorf("%s: %d conflicts, %v\n%s", c.name, n, err, got)
				continue
			}
			for _, want := range c.has {
				if !strings.Contains(string(got), strings.ReplaceAll(want, "\n", end)) {
					t.Errorf("%s: no %q in\n%s", c.name, want, got)
				}
			}
			for _, not := range c.hasNot {
				if strings.Contains(string(got), not) {
					t.Errorf("%s: %q in\n%s", c.name, not, got)
				}
			}
		}
	}
}

func TestModLeavesAFileOfTheTeamAsItIs(t *testing.T) {
	odd := strings.Replace(modBase, "example.com/kit v0.0.0", "example.com/kit   v0.0.0 // ours", 1)
	theirs := strings.Replace(modBase, "module desk", "// a comment\nmodule desk", 1)
	if got, n, err := merge.Mod([]byte(modBase), []byte(odd), []byte(theirs), names); err != nil || n != 0 || string(got) != odd {
		t.Errorf("%d, %v\n%s", n, err, got)
	}
}

func TestAGoModThatCannotBeReadIsMergedByLine(t *testing.T) {
	broken := "<<<<<<< ours\n" + modBase
	if _, _, err := merge.Mod([]byte(modBase), []byte(broken), []byte(modBase+"\n// end\n"), names); err == nil {
		t.Error("a file with marks was read")
	}
	got, n := merge.File("third_party/kit/go.mod", []byte(modBase), []byte(broken), []byte(modBase+"\n// end\n"), names)
	if n != 0 || string(got) != broken+"\n// end\n" {
		t.Errorf("%d conflicts\n%s", n, got)
	}
}

func TestSumIsTheUnion(t *testing.T) {
	ours := "example.com/b v1.10.0 h1:x=\nexample.com/b v1.9.0/go.mod h1:y=\nexample.com/a v1.0.0 h1:z=\n"
	theirs := "example.com/b v1.9.0 h1:w=\nexample.com/a v1.0.0 h1:z=\n\nexample.com/b v1.9.0/go.mod h1:y=\n"
	const want = "example.com/a v1.0.0 h1:z=\nexample.com/b v1.9.0 h1:w=\nexample.com/b v1.9.0/go.mod h1:y=\nexample.com/b v1.10.0 h1:x=\n"
	if got := string(merge.Sum([]byte(ours), []byte(theirs))); got != want {
		t.Errorf("%s", got)
	}
	if got := string(merge.Sum([]byte(want), []byte(strings.ReplaceAll(want, "\n", "\r\n")))); got != want {
		t.Errorf("CRLF: %s", got)
	}
	if got := string(merge.Sum([]byte(strings.ReplaceAll(ours, "\n", "\r\n")), []byte(theirs))); got != strings.ReplaceAll(want, "\n", "\r\n") {
		t.Errorf("ours with CRLF: %q", got)
	}
}
