package merge_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/merge"
)

var names = merge.Names{Ours: "ours", Base: "base", Theirs: "theirs"}

// shape is a kind of random text and of the edits that are made of it.
type shape struct {
	name    string
	lines   int // at most
	letters int // how many different lines there are
	edits   int // at most, on each side
	end     string
	loose   bool // the last line may have no end
}

var shapes = []shape{
	{name: "two lines only", lines: 12, letters: 2, edits: 4, end: "\n"},
	{name: "few lines", lines: 30, letters: 4, edits: 5, end: "\n", loose: true},
	{name: "a program with braces", lines: 60, letters: 12, edits: 6, end: "\n"},
	{name: "all lines different", lines: 50, letters: 100000, edits: 6, end: "\n", loose: true},
	{name: "CRLF", lines: 25, letters: 6, edits: 4, end: "\r\n", loose: true},
	{name: "tiny", lines: 3, letters: 3, edits: 2, end: "\n", loose: true},
	{name: "long and repeating", lines: 400, letters: 30, edits: 40, end: "\n"},
	{name: "much rewritten", lines: 80, letters: 10, edits: 40, end: "\n", loose: true},
}

// text has up to s.lines lines.
func (s shape) text(r *rand.Rand) []string {
	lines := make([]string, r.IntN(s.lines+1))
	for i := range lines {
		lines[i] = s.line(r)
	}
	return lines
}

func (s shape) line(r *rand.Rand) string { return fmt.Sprintf("line %d", r.IntN(s.letters)) }

// edit changes, removes, inserts, doubles and moves lines, at the ends more
// often than elsewhere.
func (s shape) edit(r *rand.Rand, lines []string) []string {
	lines = append([]string{}, lines...)
	for range r.IntN(s.edits + 1) {
		at := r.IntN(len(lines) + 1)
		switch r.IntN(8) {
		case 0:
			at = 0
		case 1:
			at = len(lines)
		}
		end := min(len(lines), at+r.IntN(3))
		var put []string
		switch r.IntN(5) {
		case 0: // remove
		case 1:
			put = append(put, s.line(r))
		case 2:
			put = append(put, s.line(r), s.line(r))
			end = at
		case 3:
			put = append(append(put, lines[at:end]...), lines[at:end]...)
		case 4:
			put = append(put, s.line(r))
			end = min(len(lines), at+1)
		}
		lines = append(lines[:at:at], append(put, lines[end:]...)...)
	}
	return lines
}

func (s shape) bytes(r *rand.Rand, lines []string) []byte {
	text := strings.Join(lines, s.end)
	if len(lines) > 0 && (!s.loose || r.IntN(4) > 0) {
		text += s.end
	}
	return []byte(text)
}

// gitMerge merges with the program that is the measure.
func gitMerge(t *testing.T, dir string, base, ours, theirs []byte) ([]byte, int) {
	t.Helper()
	var paths []string
	for i, text := range [][]byte{ours, base, theirs} {
		p := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(p, text, 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, p)
	}
	args := append([]string{"merge-file", "--diff3", "-L", "ours", "-L", "base", "-L", "theirs", "-p"}, paths...)
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
	out, err := cmd.Output()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return out, 0
	case errors.As(err, &exit) && exit.ExitCode() < 128:
		return out, exit.ExitCode()
	}
	t.Fatal(err)
	return nil, 0
}

func TestLinesMergesAsGitDoes(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		if os.Getenv("TACKHAMMER_REQUIRE") != "" {
			t.Fatal("required here: the program git")
		}
		t.Skip("the program git is not installed")
	}
	const each = 250 // 2,000 in all
	var agreed, conflicts, clean atomic.Int64
	t.Run("shapes", func(t *testing.T) {
		for i, s := range shapes {
			t.Run(s.name, func(t *testing.T) {
				t.Parallel()
				r, dir := rand.New(rand.NewPCG(20261129, uint64(i))), t.TempDir()
				for range each {
					n, ok := agrees(t, dir, s, r)
					conflicts.Add(int64(n))
					clean.Add(one(n == 0))
					agreed.Add(one(ok))
				}
			})
		}
	})
	t.Logf("%d of %d merges agree with git; %d were clean, the others had %d conflicts", agreed.Load(), each*len(shapes), clean.Load(), conflicts.Load())
}

func one(is bool) int64 {
	if is {
		return 1
	}
	return 0
}

// agrees compares one random merge with git's, and returns git's conflicts.
func agrees(t *testing.T, dir string, s shape, r *rand.Rand) (conflicts int, ok bool) {
	t.Helper()
	b := s.text(r)
	base, ours, theirs := s.bytes(r, b), s.bytes(r, s.edit(r, b)), s.bytes(r, s.edit(r, b))
	want, conflicts := gitMerge(t, dir, base, ours, theirs)
	got, n := merge.Lines(base, ours, theirs, names)
	if ok = bytes.Equal(got, want) && n == conflicts; !ok {
		t.Errorf("%d conflicts, git has %d\nbase:\n%s\nours:\n%s\ntheirs:\n%s\ngot:\n%s\ngit:\n%s",
			n, conflicts, base, ours, theirs, got, want)
	}
	return conflicts, ok
}
