package verify

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tackhammer/tackhammer/kit"
)

// mostText is how much of a file is read for statements, in bytes.
const mostText = 4 << 20

// skipped are folders that hold no source of the program. The kit and vendor
// are looked at by themselves.
func skipped(dir string) bool {
	return dir == kitDir || dir == "vendor" || dir == ".git" || dir == ".tackhammer" || path.Base(dir) == "node_modules"
}

// checkFiles walks the app for what is no Go: statements in .sql files, machine
// code, build flags, copies of the kit.
func (s *session) checkFiles(context.Context) error {
	goFiles := map[string][]string{}
	s.goFiles = goFiles
	err := filepath.WalkDir(s.root, func(file string, d fs.DirEntry, err error) error {
		name := s.below(file)
		switch {
		case err != nil:
			return err
		case d.IsDir() && skipped(name):
			return fs.SkipDir
		case d.IsDir() || !d.Type().IsRegular():
			return nil
		}
		if strings.HasSuffix(name, ".go") {
			goFiles[path.Dir(name)] = append(goFiles[path.Dir(name)], path.Base(name))
		}
		if path.Base(name) == "go.mod" && name != "go.mod" {
			goFiles[path.Dir(name)] = append(goFiles[path.Dir(name)], "go.mod")
		}
		s.checkFile(name)
		return nil
	})
	if err != nil {
		return kit.Errorf(kit.Internal, "verify %s: %w", s.Dir, err)
	}
	for dir, names := range goFiles {
		s.checkCopy(dir, names)
	}
	return nil
}

func (s *session) checkFile(name string) {
	switch ext := strings.ToLower(path.Ext(name)); {
	case ext == ".sql":
		s.checkText(name, false)
	case isBuildFile(name):
		s.checkBuildFile(name)
		s.checkStatements(name, unquote.Replace(string(s.text(name))), true)
	}
}

// text reads a file that may hold statements, nil where it holds no text.
func (s *session) text(name string) []byte {
	full := filepath.Join(s.root, filepath.FromSlash(name))
	info, err := os.Stat(full)
	if err != nil {
		s.tell("not-read", place{file: name}, "%v", err)
		return nil
	}
	if info.Size() > mostText {
		s.tell("not-read", place{file: name}, "it has %d bytes; %d are the most that is read for statements", info.Size(), mostText)
		return nil
	}
	raw, err := os.ReadFile(full)
	if err != nil {
		s.tell("not-read", place{file: name}, "%v", err)
		return nil
	}
	if !utf8.Valid(raw) || bytes.IndexByte(raw, 0) >= 0 {
		return nil
	}
	return raw
}

// checkText looks for statements in a file of text. What may be anything is only
// warned of: mild.
func (s *session) checkText(name string, mild bool) {
	s.checkStatements(name, string(s.text(name)), mild)
}

// unquote takes the quotes of a shell away, in which a statement for another
// program stands.
var unquote = strings.NewReplacer(`"`, " ", "'", " ")

func (s *session) checkStatements(name, text string, mild bool) {
	for _, hit := range statements(text) {
		line := 1 + strings.Count(text[:hit.at], "\n")
		tell := s.tell
		if mild || hit.mild {
			tell = s.warn
		}
		tell("raw-sql", place{file: name, line: line, column: 1}, "%s", hit.words)
	}
}

var (
	buildNames = regexp.MustCompile(`^(?:.*/)?(?:Makefile|makefile|GNUmakefile|Dockerfile[^/]*|[^/]*\.mk|[^/]*\.sh|Taskfile\.ya?ml|\.goreleaser\.ya?ml)$|^\.github/.*\.ya?ml$|^\.gitlab-ci\.yml$`)
	buildFlags = regexp.MustCompile(`-(?:overlay|modfile|toolexec|tags)\b[= ]`)
)

func isBuildFile(name string) bool { return buildNames.MatchString(name) }

// checkBuildFile warns of flags by which a build compiles other files than a
// plain `go build`.
func (s *session) checkBuildFile(name string) {
	for i, line := range strings.Split(string(s.text(name)), "\n") {
		if at := buildFlags.FindStringIndex(line); at != nil && strings.Contains(line, "go") {
			s.tell("build-flags", place{file: name, line: i + 1, column: at[0] + 1}, "%s", strings.TrimRight(line[at[0]:at[1]], "= "))
		}
	}
}

// machine are the endings of files that the go command compiles or links beside
// Go.
var machine = []string{".s", ".S", ".syso", ".c", ".cc", ".cpp", ".cxx", ".m", ".f", ".F", ".for", ".f90", ".swig", ".swigcxx"}

func isMachine(name string) bool { return slices.Contains(machine, path.Ext(name)) }
