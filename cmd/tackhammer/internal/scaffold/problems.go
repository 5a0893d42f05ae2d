package scaffold

import (
	"slices"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
)

// spot is a line and a column, both from 1; the zero spot is nowhere.
type spot struct{ line, column int }

// problem is one mistake, where it stands and what it is about.
type problem struct {
	at    spot
	path  string
	words *kit.Error
}

// problems are all the mistakes of one thing, so that they can be told at once.
type problems []problem

func (p *problems) add(at spot, path, format string, args ...any) {
	*p = append(*p, problem{at, path, kit.Errorf(kit.Invalid, format, args...)})
}

// err is one kit.Invalid error of all problems in the order of their places,
// one a line, or nil. A problem with a place has file:line:column before it.
func (p problems) err(file string) error {
	if len(p) == 0 {
		return nil
	}
	slices.SortStableFunc(p, func(a, b problem) int {
		if a.at.line != b.at.line {
			return a.at.line - b.at.line
		}
		return a.at.column - b.at.column
	})
	var lines []string // their formats, so that they can be told in another language
	var args []any
	var fields []kit.FieldError
	for _, one := range p {
		line := "%v"
		if one.at.line > 0 {
			line, args = "%s:%d:%d: %v", append(args, file, one.at.line, one.at.column)
		}
		lines, args = append(lines, line), append(args, one.words)
		fields = append(fields, kit.FieldError{Path: one.path, Message: one.words.Message})
	}
	all := kit.Errorf(kit.Invalid, strings.Join(lines, "\n"), args...)
	all.Fields = fields
	return all
}
