package verify

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// checkLiteral looks at a value written down: a sealed one, what holds one that
// is not given, a row with something in it, a person.
func (l *look) checkLiteral(n *ast.CompositeLit) {
	t := l.info.TypeOf(n)
	if t == nil {
		return
	}
	if p, ok := types.Unalias(t).Underlying().(*types.Pointer); ok { // elided in a list of pointers
		t = p.Elem()
	}
	switch {
	case isSealed(t):
		l.say("made-by-hand", n, "a %s is written down", l.name(t))
	case isRow(t) && len(n.Elts) > 0:
		l.say("made-by-hand", n, "a %s is written down", l.name(t))
	case kitName(t) == "auth.User" && len(n.Elts) > 0:
		l.say("mints-person", n, "an auth.User is written down")
	case l.lacks(n, t):
		l.say("made-by-hand", n, "%s holds an approval or stage that nobody gave", l.name(t))
	}
}

// lacks reports that a struct or array literal leaves a sealed value inside at
// its zero.
func (l *look) lacks(n *ast.CompositeLit, t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Array:
		return l.holds(t) && int64(len(n.Elts)) < t.Len()
	case *types.Struct:
		if len(n.Elts) == t.NumFields() && t.NumFields() > 0 {
			return false
		}
		given := map[string]bool{}
		for _, e := range n.Elts {
			if kv, ok := e.(*ast.KeyValueExpr); ok {
				if id, ok := kv.Key.(*ast.Ident); ok {
					given[id.Name] = true
				}
			}
		}
		for f := range t.Fields() {
			if !given[f.Name()] && l.holds(f.Type()) {
				return true
			}
		}
	}
	return false
}

// name is a type as people write it.
func (l *look) name(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string { return p.Name() })
}

// checkVar looks at a variable of a sealed type without a value.
func (l *look) checkVar(n *ast.ValueSpec) {
	if n.Type == nil || len(n.Values) > 0 {
		return
	}
	if t := l.info.TypeOf(n.Type); t != nil && l.holds(t) {
		l.say("made-by-hand", n, "a %s that comes from no review", l.name(t))
	}
}

// checkCall looks at conversions, new, make, reflection, senders, generic
// functions that yield what they were not given, and databases.
func (l *look) checkCall(n *ast.CallExpr) {
	fun := l.info.Types[n.Fun]
	switch {
	case fun.IsType() && len(n.Args) == 1:
		l.checkConversion(n, fun.Type, l.info.TypeOf(n.Args[0]))
		return
	case fun.IsBuiltin():
		l.checkBuiltin(n)
		return
	}
	l.checkReflection(n)
	l.checkSend(n, fun.Type)
	l.checkInstance(n)
	l.checkFilled(n)
	l.checkDatabase(n)
}

// checkConversion refuses a sealed value or row made of another type.
func (l *look) checkConversion(n *ast.CallExpr, to, from types.Type) {
	target := to
	if p, ok := types.Unalias(to).Underlying().(*types.Pointer); ok {
		target = p.Elem()
	}
	if from == nil || !isSealed(target) && !isRow(target) && kitName(target) != "auth.User" || types.Identical(to, from) {
		return
	}
	if b, ok := from.(*types.Basic); ok && b.Kind() == types.UntypedNil {
		return
	}
	l.say("made-by-hand", n, "a %s is turned into a %s", l.name(from), l.name(to))
}

func (l *look) checkBuiltin(n *ast.CallExpr) {
	id, ok := ast.Unparen(n.Fun).(*ast.Ident)
	if !ok || len(n.Args) == 0 {
		return
	}
	t := l.info.TypeOf(n.Args[0])
	if s, ok := coreOf(t).(*types.Slice); ok && id.Name == "clear" && l.holds(s.Elem()) {
		l.say("made-by-hand", n, "clear makes each %s one that nobody gave", l.name(s.Elem()))
	}
	switch {
	case t == nil || !l.info.Types[n.Args[0]].IsType():
	case id.Name == "new" && (l.holds(t) || isRow(t)):
		l.say("made-by-hand", n, "new(%s)", l.name(t))
	case id.Name == "make" && len(n.Args) > 1 && search{names: sealed, taints: l.taints, owner: l.owner(), deep: true}.in(t):
		if v := l.info.Types[n.Args[1]].Value; v == nil || constant.Sign(v) != 0 {
			l.say("made-by-hand", n, "make(%s) is filled with approvals or stages that nobody gave", l.name(t))
		}
	}
}

// calleeIdent is the name that a call is made by.
func calleeIdent(n *ast.CallExpr) *ast.Ident {
	fun := ast.Unparen(n.Fun)
	switch x := fun.(type) {
	case *ast.IndexExpr:
		fun = x.X
	case *ast.IndexListExpr:
		fun = x.X
	}
	switch x := fun.(type) {
	case *ast.Ident:
		return x
	case *ast.SelectorExpr:
		return x.Sel
	}
	return nil
}

// checkSend refuses to send a delivery, unless it is the one that the runner
// gave: a target may hand it on.
func (l *look) checkSend(n *ast.CallExpr, t types.Type) {
	sig, ok := t.(*types.Signature)
	if !ok || !takesOutgoing(sig) || len(n.Args) == 0 {
		return
	}
	if id, ok := ast.Unparen(n.Args[len(n.Args)-1]).(*ast.Ident); ok && l.isParam(l.info.Uses[id]) {
		return
	}
	l.say("sends", n, "a workflow.Outgoing is sent that the runner did not give")
}

// isParam reports that o is a parameter of a function around the present node.
func (l *look) isParam(o types.Object) bool {
	for _, n := range l.stack {
		var params *ast.FieldList
		switch n := n.(type) {
		case *ast.FuncDecl:
			params = n.Type.Params
		case *ast.FuncLit:
			params = n.Type.Params
		default:
			continue
		}
		for _, f := range params.List {
			for _, name := range f.Names {
				if o != nil && l.info.Defs[name] == o {
					return true
				}
			}
		}
	}
	return false
}

// checkAssign refuses to change a row: out.Output = …
func (l *look) checkAssign(n *ast.AssignStmt) {
	if n.Tok == token.DEFINE {
		return
	}
	for _, left := range n.Lhs {
		l.checkField(left, n)
	}
}

// checkAddress refuses the address of a row's field: whoever has it can change
// it.
func (l *look) checkAddress(n *ast.UnaryExpr) {
	if n.Op == token.AND {
		l.checkField(n.X, n)
	}
}

// checkField walks from a place that is written to the row that it is in.
func (l *look) checkField(e ast.Expr, at ast.Node) {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.SelectorExpr:
			if t := l.info.TypeOf(x.X); t != nil {
				if n := namedOf(t); n != nil && isRow(n) {
					l.say("altered", at, "the field %s of a %s", x.Sel.Name, strings.TrimPrefix(l.name(n), "*"))
					return
				}
			}
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		default:
			return
		}
	}
}

// checkInterface refuses an interface by which a forbidden method of the kit
// could be called under another name: one with the same method.
func (l *look) checkInterface(n *ast.InterfaceType) {
	for _, m := range n.Methods.List {
		for _, name := range m.Names {
			fn, ok := l.info.Defs[name].(*types.Func)
			if !ok || !namesKit(fn.Signature()) {
				continue
			}
			switch {
			case slices.Contains(runnerActs, name.Name):
				l.say("acts-as-person", name, "an interface with the method %s of workflow.Runner", name.Name)
			case slices.Contains(accountsMints, name.Name):
				l.say("mints-person", name, "an interface with the method %s of auth.Accounts", name.Name)
			}
		}
	}
}

// namesKit reports that a signature takes or yields something of auth, review
// or workflow.
func namesKit(sig *types.Signature) bool {
	for _, all := range []*types.Tuple{sig.Params(), sig.Results()} {
		for v := range all.Variables() {
			if n := namedOf(v.Type()); n != nil {
				switch room, _, _ := strings.Cut(kitName(n), "."); room {
				case "auth", "review", "workflow":
					return true
				}
			}
		}
	}
	return false
}
