package scaffold

import (
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tackhammer/tackhammer/kit"
)

// safeName refuses a path that cannot be, or does harm, on a disk that an app
// or a template is written to: one that leaves its folder, that a system
// refuses, or that git reads as its own.
func safeName(file string) error {
	if !utf8.ValidString(file) {
		return kit.Errorf(kit.Invalid, "use the file name %q: it is not UTF-8", file)
	}
	if !fs.ValidPath(file) || file == "." {
		return kit.Errorf(kit.Invalid, "use the path %q: it leaves its folder; a path is relative, with slashes, without ..", file)
	}
	for _, name := range strings.Split(file, "/") {
		if err := portable(name); err != nil {
			return err
		}
		if isGit(name) {
			return kit.Errorf(kit.Invalid, "use the path %q: git keeps %s for itself", file, name)
		}
	}
	return nil
}

// safeTarget refuses where no file of a template may go: besides what safeName
// refuses, what tackhammer and the Go command keep for themselves.
func safeTarget(to string) error {
	if err := safeName(to); err != nil {
		return err
	}
	low := strings.ToLower(to)
	for _, own := range []string{marksDir, kitDir, "vendor"} {
		if low == own || strings.HasPrefix(low, own+"/") || strings.HasPrefix(own, low+"/") {
			return kit.Errorf(kit.Invalid, "write %s: %s is not a template's", to, own)
		}
	}
	if slices.Contains([]string{"go.work", "go.work.sum", ".gitmodules"}, low) {
		return kit.Errorf(kit.Invalid, "write %s: it changes what is compiled or fetched; a template has no say in that", to)
	}
	return nil
}

// isGit reports what git's own folder is called on some disk: in capitals, as a
// short name of Windows, or with letters that macOS does not see.
func isGit(name string) bool {
	unseen := func(r rune) rune {
		if r >= 0x200c && r <= 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x206a && r <= 0x206f || r == 0xfeff {
			return -1
		}
		return r
	}
	switch strings.ToLower(strings.Map(unseen, name)) {
	case ".git", "git~1":
		return true
	}
	return false
}
