package verify

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// prints are the functions that only read what they are given as an interface.
var prints = []string{"fmt.Print", "fmt.Println", "fmt.Printf", "fmt.Fprint", "fmt.Fprintln", "fmt.Fprintf", "fmt.Sprint", "fmt.Sprintln",
	"fmt.Sprintf", "fmt.Errorf", "fmt.Append", "fmt.Appendf", "fmt.Appendln", "encoding/json.Marshal", "encoding/json.MarshalIndent",
	"encoding/json.Encoder.Encode"}

func onlyPrints(name string) bool {
	return slices.Contains(prints, name) || strings.HasPrefix(name, "log.") || strings.HasPrefix(name, "log/slog.")
}

// checkHidden refuses a pointer to a sealed value that becomes an interface:
// what is behind it can be filled by a decoder or by reflection.
func (l *look) checkHidden(e ast.Expr, to types.Type) {
	from := l.info.TypeOf(e)
	if from == nil || to == nil || !types.IsInterface(to) || types.IsInterface(from) || isTypeParam(to) {
		return
	}
	q := search{names: sealed, taints: l.taints, owner: l.owner(), deep: true, refs: true}
	if !q.in(from) || l.printed() || l.reflected() {
		return
	}
	l.say("conjured", e, "a %s as %s: what takes it can fill it in", l.name(from), l.name(to))
}

func isTypeParam(t types.Type) bool {
	_, ok := types.Unalias(t).(*types.TypeParam)
	return ok
}

// printed reports that the present node is a call that only reads.
func (l *look) printed() bool {
	call, ok := l.present.(*ast.CallExpr)
	return ok && onlyPrints(calleeName(l.info, call))
}

// reflected reports that it is one that checkReflection tells of.
func (l *look) reflected() bool {
	call, ok := l.present.(*ast.CallExpr)
	return ok && strings.HasPrefix(calleeName(l.info, call), "reflect.")
}

// conversions calls do with each value that a node gives a type which it may
// not have itself.
func (l *look) conversions(n ast.Node, do func(e ast.Expr, to types.Type)) {
	l.present = n
	switch n := n.(type) {
	case *ast.CallExpr:
		l.callConversions(n, do)
	case *ast.AssignStmt:
		if n.Tok == token.ASSIGN && len(n.Lhs) == len(n.Rhs) {
			for i, e := range n.Rhs {
				do(e, l.info.TypeOf(n.Lhs[i]))
			}
		}
	case *ast.ValueSpec:
		if n.Type != nil {
			for _, e := range n.Values {
				do(e, l.info.TypeOf(n.Type))
			}
		}
	case *ast.SendStmt:
		if c, ok := coreOf(l.info.TypeOf(n.Chan)).(*types.Chan); ok {
			do(n.Value, c.Elem())
		}
	case *ast.ReturnStmt:
		l.returnConversions(n, do)
	case *ast.CompositeLit:
		l.literalConversions(n, do)
	}
}

func coreOf(t types.Type) types.Type {
	if t == nil {
		return nil
	}
	return t.Underlying()
}

func (l *look) callConversions(n *ast.CallExpr, do func(ast.Expr, types.Type)) {
	fun := l.info.Types[n.Fun]
	if fun.IsType() && len(n.Args) == 1 {
		do(n.Args[0], fun.Type)
		return
	}
	sig, ok := coreOf(fun.Type).(*types.Signature)
	if !ok {
		return
	}
	for i, e := range n.Args {
		switch last := sig.Params().Len() - 1; {
		case sig.Variadic() && i >= last && !n.Ellipsis.IsValid():
			if s, ok := coreOf(sig.Params().At(last).Type()).(*types.Slice); ok {
				do(e, s.Elem())
			}
		case i <= last:
			do(e, sig.Params().At(i).Type())
		}
	}
}

// returnConversions takes the results of the innermost function around.
func (l *look) returnConversions(n *ast.ReturnStmt, do func(ast.Expr, types.Type)) {
	var sig *types.Signature
	for i := len(l.stack) - 1; i >= 0 && sig == nil; i-- {
		switch f := l.stack[i].(type) {
		case *ast.FuncLit:
			sig, _ = l.info.TypeOf(f).(*types.Signature)
		case *ast.FuncDecl:
			if fn, ok := l.info.Defs[f.Name].(*types.Func); ok {
				sig = fn.Signature()
			}
		}
	}
	if sig == nil || sig.Results().Len() != len(n.Results) {
		return
	}
	for i, e := range n.Results {
		do(e, sig.Results().At(i).Type())
	}
}

func (l *look) literalConversions(n *ast.CompositeLit, do func(ast.Expr, types.Type)) {
	var elem types.Type
	t := coreOf(l.info.TypeOf(n))
	switch t := t.(type) {
	case *types.Slice:
		elem = t.Elem()
	case *types.Array:
		elem = t.Elem()
	case *types.Map:
		elem = t.Elem()
	}
	fields, _ := t.(*types.Struct)
	for i, e := range n.Elts {
		kv, keyed := e.(*ast.KeyValueExpr)
		if keyed {
			e = kv.Value
		}
		switch {
		case elem != nil:
			do(e, elem)
		case fields != nil && keyed:
			do(e, l.info.TypeOf(kv.Key))
		case fields != nil && i < fields.NumFields():
			do(e, fields.Field(i).Type())
		}
	}
}
