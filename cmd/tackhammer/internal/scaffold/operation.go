package scaffold

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/dirhash"

	"github.com/tackhammer/tackhammer/kit"
)

// Operation is a Change as a dry run shows it and as a plan file keeps it: with
// hashes in the place of contents. The kit's files are one Operation, the path
// of which is their folder.
type Operation struct {
	Path   string `json:"path" yaml:"path"`
	Kind   Kind   `json:"kind" yaml:"kind"`
	Why    string `json:"why,omitempty" yaml:"why,omitempty"`
	Files  int    `json:"files,omitempty" yaml:"files,omitempty"` // of the kit; 0 for one file
	Mode   string `json:"mode,omitempty" yaml:"mode,omitempty"`   // permission bits in octal, 0644
	Before string `json:"before,omitempty" yaml:"before,omitempty"`
	SHA256 string `json:"sha256,omitempty" yaml:"sha256,omitempty"`
	Bytes  int    `json:"bytes" yaml:"bytes"` // of the new content
	Diff   string `json:"diff,omitempty" yaml:"diff,omitempty"`
}

// Operations are changes in their order, with the kit's files, but for those
// that somebody has to look at, as the last one. With all, every file stands for
// itself, and the lock shows its diff, too.
//
// Before and SHA256 are hex SHA-256 of the old and the new content, "" for none;
// the kit's are as in lock.json, over the files that change.
func Operations(changes []Change, all bool) ([]Operation, error) {
	var ops []Operation
	var folded []Change
	for _, c := range changes {
		if !all && strings.HasPrefix(c.Path, kitDir+"/") && (c.Kind == Make || c.Kind == Replace || c.Kind == Delete) {
			folded = append(folded, c)
			continue
		}
		op := operation(c)
		if !all && c.Path == marksDir+"/lock.json" {
			op.Diff = ""
		}
		ops = append(ops, op)
	}
	if len(folded) == 0 {
		return ops, nil
	}
	whole, err := foldKit(folded)
	return append(ops, whole), err
}

func operation(c Change) Operation {
	op := Operation{Path: c.Path, Kind: c.Kind, Why: c.Why, Bytes: len(c.New), Diff: c.Diff()}
	if c.Old != nil {
		op.Before = sum(c.Old)
	}
	if c.New != nil {
		op.SHA256, op.Mode = sum(c.New), fmt.Sprintf("%04o", c.Mode)
	}
	return op
}

// foldKit is one operation in the place of many.
func foldKit(changes []Change) (Operation, error) {
	op := Operation{Path: kitDir, Kind: changes[0].Kind, Files: len(changes)}
	old, now, count := map[string][]byte{}, map[string][]byte{}, map[Kind]int{}
	for _, c := range changes {
		name := strings.TrimPrefix(c.Path, kitDir+"/")
		if c.Old != nil {
			old[name] = c.Old
		}
		if c.New != nil {
			now[name] = c.New
		}
		count[c.Kind]++
		op.Bytes += len(c.New)
	}
	if len(count) > 1 {
		op.Kind = Replace
		op.Why = fmt.Sprintf("files made %d, replaced %d, deleted %d", count[Make], count[Replace], count[Delete])
	}
	var err error
	if len(old) > 0 {
		op.Before, err = folderHash(old)
	}
	if err == nil && len(now) > 0 {
		op.SHA256, err = folderHash(now)
	}
	return op, err
}

// folderHash is dirhash.Hash1 of files by their name.
func folderHash(files map[string][]byte) (string, error) {
	h, err := dirhash.Hash1(slices.Collect(maps.Keys(files)), func(name string) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(files[name])), nil
	})
	if err != nil {
		return "", kit.Errorf(kit.Internal, "hash the files: %w", err)
	}
	return h, nil
}

// Changes are what Apply does: every file is made.
func (p *Plan) Changes() []Change {
	var all []Change
	for _, op := range p.Ops {
		data := op.Data
		if data == nil {
			data = []byte{} // an empty file is no missing one
		}
		all = append(all, Change{Path: op.Path, Kind: Make, New: data, Mode: uint32(op.Mode)})
	}
	return all
}
