package verify

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A sealed value that nobody gave comes of nothing, too: of a result that is
// returned without a value, a key that a map has not got, a channel that is
// closed, a slice that is made longer. Nobody reviewed it.

// checkResults refuses a function that can return a sealed value and never had
// one: its results have names, or a deferred call may end a panic.
func (l *look) checkResults(t *ast.FuncType, body *ast.BlockStmt) {
	if t.Results == nil || body == nil {
		return
	}
	for _, f := range t.Results.List {
		of := l.info.TypeOf(f.Type)
		if of == nil || !l.holds(of) {
			continue
		}
		switch {
		case len(f.Names) > 0:
			l.say("made-by-hand", f, "a result of the type %s with a name: it is returned although nothing was given to it", l.name(of))
		case defers(body):
			l.say("made-by-hand", f, "a %s is returned where a deferred call ends a panic: nobody gave it", l.name(of))
		}
	}
}

// defers reports a defer statement of the function itself.
func defers(body *ast.BlockStmt) (found bool) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.DeferStmt:
			found = true
		case *ast.FuncLit:
			return false
		}
		return !found
	})
	return found
}

// checkIndex refuses a sealed value out of a map: for a key that is not there it
// is one that nobody gave.
func (l *look) checkIndex(n *ast.IndexExpr) {
	m, ok := coreOf(l.info.TypeOf(n.X)).(*types.Map)
	if !ok || !l.holds(m.Elem()) || l.assigned(n) {
		return
	}
	l.say("made-by-hand", n, "a %s out of a map: for a key that is not there nobody gave it", l.name(m.Elem()))
}

// assigned reports that a node of the present statement is written to.
func (l *look) assigned(n ast.Expr) bool {
	if len(l.stack) == 0 {
		return false
	}
	a, ok := l.stack[len(l.stack)-1].(*ast.AssignStmt)
	if !ok {
		return false
	}
	for _, left := range a.Lhs {
		if left == n {
			return true
		}
	}
	return false
}

// checkReceive refuses one out of a channel, which may be closed. A range over
// it ends there.
func (l *look) checkReceive(n *ast.UnaryExpr) {
	if n.Op != token.ARROW {
		return
	}
	if c, ok := coreOf(l.info.TypeOf(n.X)).(*types.Chan); ok && l.holds(c.Elem()) {
		l.say("made-by-hand", n, "a %s out of a channel: once that is closed nobody gave it; range over the channel", l.name(c.Elem()))
	}
}

// checkSlice refuses a slice of sealed values up to a given end: it may lie
// behind the last of them.
func (l *look) checkSlice(n *ast.SliceExpr) {
	if n.High == nil {
		return
	}
	if s, ok := coreOf(l.info.TypeOf(n.X)).(*types.Slice); ok && l.holds(s.Elem()) {
		l.say("made-by-hand", n, "a slice of %s up to an end that may lie behind the last one", l.name(s.Elem()))
	}
}
