package merge

import (
	"bytes"
	"slices"
	"strings"

	"golang.org/x/mod/module"
)

// Sum is the union of two go.sum files, in the order in which go writes them.
// A hash too many costs nothing: go reads those of the modules it needs.
func Sum(ours, theirs []byte) []byte {
	hashes := map[module.Version][]string{}
	for line := range strings.Lines(string(ours) + "\n" + string(theirs)) {
		f := strings.Fields(line)
		if len(f) != 3 {
			continue // blank
		}
		m := module.Version{Path: f[0], Version: f[1]}
		if !slices.Contains(hashes[m], f[2]) {
			hashes[m] = append(hashes[m], f[2])
		}
	}
	modules := make([]module.Version, 0, len(hashes))
	for m := range hashes {
		modules = append(modules, m)
	}
	module.Sort(modules)
	var out bytes.Buffer
	for _, m := range modules {
		slices.Sort(hashes[m])
		for _, h := range hashes[m] {
			out.WriteString(m.Path + " " + m.Version + " " + h + "\n")
		}
	}
	if endsOf(ours) == crlf {
		return bytes.ReplaceAll(out.Bytes(), []byte("\n"), []byte("\r\n"))
	}
	return out.Bytes()
}
