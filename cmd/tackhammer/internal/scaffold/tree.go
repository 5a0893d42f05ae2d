package scaffold

import (
	"io/fs"
)

// File is the content of one file of an app.
type File struct {
	Mode fs.FileMode // permission bits
	Data []byte
}

// Tree is an app's files by path, with slashes, in memory.
type Tree map[string]File

// Tree returns what the plan writes, without what .tackhammer holds.
func (p *Plan) Tree() Tree {
	t := Tree{}
	for _, op := range p.Ops {
		if !isMark(op.Path) {
			t[op.Path] = File{Mode: op.Mode, Data: op.Data}
		}
	}
	return t
}
