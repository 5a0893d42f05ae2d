package verify

import (
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/packages"
)

// readStray reads the Go files that no package of this build has: a folder of
// which every file is for another system.
func (s *session) readStray(src *source) {
	known := map[string]bool{}
	for _, p := range src.graph {
		for _, file := range append(p.GoFiles, p.IgnoredFiles...) {
			known[s.below(file)] = true
		}
	}
	for dir, names := range s.goFiles {
		if s.outside(dir) {
			continue
		}
		p := &packages.Package{PkgPath: "left out/" + dir, Name: "main", Module: &packages.Module{Main: true}}
		for _, name := range names {
			if file := strings.TrimPrefix(dir+"/"+name, "./"); !known[file] && strings.HasSuffix(name, ".go") {
				p.IgnoredFiles = append(p.IgnoredFiles, filepath.Join(s.root, filepath.FromSlash(file)))
			}
		}
		if len(p.IgnoredFiles) > 0 {
			s.readUnits(src, p)
		}
	}
}

// outside reports that the go command takes no package from a folder, unless
// another imports it by name.
func (s *session) outside(dir string) bool {
	at := ""
	for _, part := range strings.Split(dir, "/") {
		if at = strings.TrimPrefix(at+"/"+part, "/"); part == "testdata" || part != "." && (part[0] == '.' || part[0] == '_') {
			return true
		}
		for _, name := range s.goFiles[at] {
			if name == "go.mod" && at != "." {
				return true
			}
		}
	}
	return false
}
