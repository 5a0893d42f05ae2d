package verify

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// The types that only a review may make, and what may be done with others, by
// their name below the kit.
var (
	// sealed types say that a person decided, or is going to.
	sealed = []string{"workflow.Approved", "workflow.Stage"}
	// rows are what the kit makes of a decision.
	rows = []string{"workflow.Outgoing", "workflow.Delivery", "review.Decision", "audit.Receipt", "audit.ReceiptDecision", "audit.ReceiptPerson"}
	// works are what the kit's own commands work by.
	works = []string{"workflow.Runner", "auth.Accounts", "store.DB", "app.Service", "audit.Signer"}
)

// kitName is a type's name below the kit, as "workflow.Approved"; "" for others.
func kitName(t types.Type) string {
	if n, ok := types.Unalias(t).(*types.Named); ok && n.Obj().Pkg() != nil && kitRoom(n.Obj().Pkg().Path()) {
		return strings.TrimPrefix(n.Obj().Pkg().Path(), kitPath+"/") + "." + n.Obj().Name()
	}
	return ""
}

func isSealed(t types.Type) bool { return slices.Contains(sealed, kitName(t)) }

func isRow(t types.Type) bool { return slices.Contains(rows, kitName(t)) }

// taints are the type parameters that stand for a sealed type somewhere, by
// function and number. The same function is another object in each package
// that calls it, so a name stands for it.
type taints map[string]bool

// search looks through a type for a sealed one.
type search struct {
	names  []string
	taints taints
	owner  string // the function whose body it is, for its type parameters
	refs   bool   // only where a pointer leads to it: a copy cannot be filled
	funcs  bool   // also in what a function takes and returns
	deep   bool   // also behind pointers
	seen   map[step]bool
}

// step is a type on the way, and whether a pointer led there.
type step struct {
	t     types.Type
	byRef bool
}

// mostSteps ends the way through a type that instantiates itself without end.
const mostSteps = 2000

// in reports whether t is, or holds, what is looked for.
func (q search) in(t types.Type) bool {
	q.seen = map[step]bool{}
	return q.walk(t, false)
}

func (q search) walk(t types.Type, byRef bool) bool {
	at := step{t, byRef}
	if t == nil || q.seen[at] || len(q.seen) > mostSteps {
		return false
	}
	q.seen[at] = true
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		return q.named(t, byRef)
	case *types.TypeParam:
		return q.taints[paramKey(q.owner, t)] && (byRef || !q.refs)
	case *types.Pointer:
		return q.deep && q.walk(t.Elem(), true)
	case *types.Slice:
		return q.deep && q.walk(t.Elem(), true)
	case *types.Chan:
		return q.deep && q.walk(t.Elem(), true)
	case *types.Map:
		return q.deep && (q.walk(t.Key(), true) || q.walk(t.Elem(), true))
	case *types.Array:
		return q.walk(t.Elem(), byRef)
	case *types.Struct:
		return q.fields(t, byRef)
	case *types.Signature:
		return q.funcs && (q.tuple(t.Params()) || q.tuple(t.Results()))
	}
	return false
}

// named looks at a named type. What the kit's own types hold inside is the
// kit's.
func (q search) named(t *types.Named, byRef bool) bool {
	name := kitName(t)
	if slices.Contains(q.names, name) {
		return byRef || !q.refs
	}
	if name != "" {
		return false
	}
	return q.walk(t.Underlying(), byRef)
}

func (q search) fields(t *types.Struct, byRef bool) bool {
	for f := range t.Fields() {
		if q.walk(f.Type(), byRef) {
			return true
		}
	}
	return false
}

func (q search) tuple(t *types.Tuple) bool {
	for v := range t.Variables() {
		if q.walk(v.Type(), true) {
			return true
		}
	}
	return false
}

// paramKey names a type parameter across packages.
func paramKey(owner string, p *types.TypeParam) string { return owner + "#" + p.Obj().Name() }

// funcKey names a function across packages; methods by their type, whose
// parameters they share.
func funcKey(fn *types.Func) string {
	fn = fn.Origin()
	if recv := fn.Signature().Recv(); recv != nil {
		if n := namedOf(recv.Type()); n != nil {
			return typeKey(n.Obj())
		}
	}
	return fn.FullName()
}

func typeKey(o *types.TypeName) string {
	if o.Pkg() == nil {
		return o.Name()
	}
	return "type " + o.Pkg().Path() + "." + o.Name()
}

// namedOf is the named type that t is or points to.
func namedOf(t types.Type) *types.Named {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, _ := types.Unalias(t).(*types.Named)
	return n
}

// findTaints follows sealed types through the instances of generic functions and
// types, until no more are found.
func findTaints(units []*unit) taints {
	found := taints{}
	for grew := true; grew; {
		grew = false
		for _, u := range units {
			for _, file := range u.files {
				if u.spread(file, found) {
					grew = true
				}
			}
		}
	}
	return found
}

// spread marks the parameters of each instance in a file that is given a sealed
// type.
func (u *unit) spread(file *ast.File, found taints) (grew bool) {
	owner := ""
	ast.Inspect(file, func(n ast.Node) bool {
		if d, ok := n.(*ast.FuncDecl); ok {
			owner = u.owner(d)
		}
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		instance, ok := u.info.Instances[id]
		if !ok {
			return true
		}
		key, params := u.generic(id)
		for i := range instance.TypeArgs.Len() {
			q := search{names: sealed, taints: found, owner: owner, deep: true, funcs: true}
			if i < params.Len() && q.in(instance.TypeArgs.At(i)) {
				if at := paramKey(key, params.At(i)); !found[at] {
					found[at], grew = true, true
				}
			}
		}
		return true
	})
	return grew
}

// owner names the function that d declares.
func (u *unit) owner(d *ast.FuncDecl) string {
	if fn, ok := u.info.Defs[d.Name].(*types.Func); ok {
		return funcKey(fn)
	}
	return ""
}

// generic is the key and the parameters of what an instance is of. The receiver
// of a method may call them otherwise; there the type's own names count.
func (u *unit) generic(id *ast.Ident) (string, *types.TypeParamList) {
	switch o := u.info.Uses[id].(type) {
	case *types.Func:
		return funcKey(o), o.Origin().Signature().TypeParams()
	case *types.TypeName:
		if n, ok := types.Unalias(o.Type()).(*types.Named); ok {
			return typeKey(n.Obj()), n.Origin().TypeParams()
		}
	}
	return "", nil
}
