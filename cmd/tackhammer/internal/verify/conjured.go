package verify

import (
	"go/ast"
	"go/types"
	"regexp"
	"slices"
)

// checkReflection refuses reflection on what a review makes or the runner works
// by, and methods of it by their name.
func (l *look) checkReflection(n *ast.CallExpr) {
	fn := callee(l.info, n)
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "reflect" {
		return
	}
	q := search{names: slices.Concat(sealed, works), taints: l.taints, owner: l.owner(), deep: true, funcs: true}
	var args []types.Type
	for _, a := range n.Args {
		args = append(args, l.info.TypeOf(a))
	}
	if id := calleeIdent(n); id != nil {
		for t := range l.info.Instances[id].TypeArgs.Types() {
			args = append(args, t)
		}
	}
	for _, t := range args {
		if t != nil && q.in(t) {
			l.say("conjured", n, "reflect.%s of a %s", fn.Name(), l.name(t))
			return
		}
	}
	if fn.Name() == "MethodByName" && len(n.Args) == 1 {
		if name, whole, _ := l.fold.text(n.Args[0]); whole && (slices.Contains(runnerActs, name) || name == "DecideLot") {
			l.say("conjured", n, "the method %s by its name", name)
		}
	}
}

// checkInstance refuses a generic function that yields a sealed value and is
// given none: it makes it of something else.
func (l *look) checkInstance(n *ast.CallExpr) {
	id := calleeIdent(n)
	if id == nil {
		return
	}
	instance, ok := l.info.Instances[id]
	fn, _ := l.info.Uses[id].(*types.Func)
	if !ok || fn == nil || fn.Pkg() == nil || kitRoom(fn.Pkg().Path()) {
		return
	}
	sig := fn.Origin().Signature()
	for i := range instance.TypeArgs.Len() {
		p := sig.TypeParams().At(i)
		if l.holds(instance.TypeArgs.At(i)) && mentions(sig.Results(), p) && !mentions(sig.Params(), p) {
			l.say("conjured", n, "%s yields a %s of what is none", fn.Name(), l.name(instance.TypeArgs.At(i)))
		}
	}
}

// mentions reports that a type parameter stands in one of the types.
func mentions(all *types.Tuple, p *types.TypeParam) bool {
	q := search{taints: taints{paramKey("", p): true}, deep: true, funcs: true}
	for v := range all.Variables() {
		if q.in(v.Type()) {
			return true
		}
	}
	return false
}

// checkAssert refuses a sealed value that comes out of an interface: nobody can
// see where it was made.
func (l *look) checkAssert(to ast.Expr) {
	if to == nil {
		return
	}
	t := l.info.TypeOf(to)
	if t != nil && (search{names: sealed, taints: l.taints, owner: l.owner(), deep: true}).in(t) {
		l.say("conjured", to, "a %s out of an interface: nobody sees where it was made", l.name(t))
	}
}

func (l *look) checkCase(n *ast.CaseClause) {
	for _, e := range n.List {
		if l.info.Types[e].IsType() {
			l.checkAssert(e)
		}
	}
}

// checkHanded refuses what reflection, or a template, could call once it is
// behind an interface: a function over approvals, a type with such a method, and
// what the kit's commands work by.
func (l *look) checkHanded(e ast.Expr, to types.Type) {
	from := l.info.TypeOf(e)
	if from == nil || to == nil || !types.IsInterface(to) || types.IsInterface(from) || isTypeParam(to) || l.printed() {
		return
	}
	switch {
	case l.overSealed(from) && !l.reflected():
		l.say("conjured", e, "a %s as %s: what takes it can call it with an approval of its own", l.name(from), l.name(to))
	case !l.reflects:
	case l.offers(from):
		l.say("conjured", e, "a %s as %s: its methods can be called with an approval that nobody gave", l.name(from), l.name(to))
	case isWork(from) && isAny(to) && !l.reflected() || l.templated() && (search{names: works, deep: true}).in(from):
		l.say("conjured", e, "a %s as %s: reflection or a template can call what the source does not", l.name(from), l.name(to))
	}
}

// overSealed reports a function that is given, or yields, a sealed value.
func (l *look) overSealed(t types.Type) bool {
	_, ok := t.Underlying().(*types.Signature)
	return ok && search{names: sealed, taints: l.taints, owner: l.owner(), deep: true, funcs: true}.in(t)
}

// offers reports a type outside the kit with an exported method over sealed
// values.
func (l *look) offers(t types.Type) bool {
	if n := namedOf(t); n == nil || kitName(n) != "" {
		return false
	}
	for m := range types.NewMethodSet(t).Methods() {
		if m.Obj().Exported() && l.overSealed(m.Type()) {
			return true
		}
	}
	return false
}

// isWork reports one of the types that the kit's commands work by, or a pointer
// to one.
func isWork(t types.Type) bool {
	n := namedOf(t)
	return n != nil && slices.Contains(works, kitName(n))
}

func isAny(t types.Type) bool {
	i, ok := t.Underlying().(*types.Interface)
	return ok && i.NumMethods() == 0
}

// templated reports that the present node carries out a template, which calls
// the methods of what it is given.
func (l *look) templated() bool {
	call, ok := l.present.(*ast.CallExpr)
	return ok && executes.MatchString(calleeName(l.info, call))
}

var executes = regexp.MustCompile(`^(?:text|html)/template\.Template\.Execute`)

// reflecting reports that the app calls by reflection or by templates somewhere.
func reflecting(units []*unit) bool {
	for _, u := range units {
		for _, file := range u.files {
			for _, i := range file.Imports {
				if slices.Contains([]string{`"reflect"`, `"text/template"`, `"html/template"`}, i.Path.Value) {
					return true
				}
			}
		}
	}
	return false
}

// fills are the names of functions that fill what they are given a pointer to.
var fills = regexp.MustCompile(`(?i)unmarshal|decode|scan|bind`)

// checkFilled refuses an Outgoing that a decoder fills, be it through a generic
// function: what is sent is what the runner gave.
func (l *look) checkFilled(n *ast.CallExpr) {
	fn := callee(l.info, n)
	if fn == nil || fn.Pkg() != nil && kitRoom(fn.Pkg().Path()) {
		return
	}
	generic := false
	for t := range l.info.Instances[calleeIdent(n)].TypeArgs.Types() {
		generic = generic || holdsOutgoing(t)
	}
	if !generic && !fills.MatchString(fn.Name()) && fn.FullName() != "reflect.ValueOf" {
		return
	}
	for _, a := range n.Args {
		if p, ok := types.Unalias(l.info.TypeOf(a)).(*types.Pointer); ok && holdsOutgoing(p) {
			l.say("made-by-hand", a, "a %s that %s fills in", l.name(p.Elem()), fn.Name())
		}
	}
}

// holdsOutgoing reports that a delivery on its way out is, or is inside, what a
// value leads to.
func holdsOutgoing(t types.Type) bool {
	return search{names: []string{"workflow.Outgoing"}, deep: true}.in(t)
}
