package verify

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"
)

// folding reads what a text will be while the program runs, as far as its source
// says: constants, sums of them, fmt.Sprintf, strings.Join and variables that
// are set once.
type folding struct {
	info *types.Info
	once map[types.Object]ast.Expr // what a variable that is set once is set to
	deep int
}

// newFolding finds the variables of a file that are set once.
func newFolding(info *types.Info, files []*ast.File) *folding {
	f := &folding{info: info, once: map[types.Object]ast.Expr{}}
	times := map[types.Object]int{}
	set := func(id ast.Expr, value ast.Expr) {
		name, ok := id.(*ast.Ident)
		if !ok {
			return
		}
		o := info.ObjectOf(name)
		if times[o]++; o != nil && value != nil {
			f.once[o] = value
		}
	}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for i, l := range n.Lhs {
					set(l, paired(n.Rhs, i, len(n.Lhs)))
				}
			case *ast.ValueSpec:
				for i, l := range n.Names {
					set(l, paired(n.Values, i, len(n.Names)))
				}
			case *ast.UnaryExpr:
				if n.Op == token.AND {
					set(n.X, nil)
				}
			}
			return true
		})
	}
	for o, n := range times {
		if n > 1 {
			delete(f.once, o)
		}
	}
	return f
}

// paired is the value that stands for the i-th of n names, nil when one call
// gives them all or there is none.
func paired(values []ast.Expr, i, n int) ast.Expr {
	if len(values) == n {
		return values[i]
	}
	return nil
}

// text folds an expression. What is not known before the program runs is a gap;
// whole says that there is none. ok is false where it is no text at all.
func (f *folding) text(e ast.Expr) (text string, whole, ok bool) {
	if f.deep > 40 {
		return gap, false, true
	}
	f.deep++
	defer func() { f.deep-- }()
	if v := f.info.Types[e].Value; v != nil {
		if v.Kind() == constant.String {
			return constant.StringVal(v), true, true
		}
		return v.ExactString(), true, false
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.BinaryExpr:
		return f.sum(e)
	case *ast.CallExpr:
		return f.call(e)
	case *ast.Ident:
		if set := f.once[f.info.ObjectOf(e)]; set != nil {
			return f.text(set)
		}
	}
	return gap, false, isText(f.info.TypeOf(e))
}

func isText(t types.Type) bool {
	if t == nil {
		return false
	}
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsString != 0
}

func (f *folding) sum(e *ast.BinaryExpr) (string, bool, bool) {
	if e.Op != token.ADD || !isText(f.info.TypeOf(e)) {
		return gap, false, false
	}
	left, wholeL, _ := f.text(e.X)
	right, wholeR, _ := f.text(e.Y)
	return left + right, wholeL && wholeR, true
}

// call folds the calls that put texts together, and conversions.
func (f *folding) call(e *ast.CallExpr) (string, bool, bool) {
	if f.info.Types[e.Fun].IsType() && len(e.Args) == 1 {
		return f.text(e.Args[0])
	}
	switch name := calleeName(f.info, e); {
	case name == "fmt.Sprintf" && len(e.Args) > 0:
		return f.sprintf(e)
	case name == "fmt.Sprint":
		return f.all(e.Args, "")
	case name == "strings.Join" && len(e.Args) == 2:
		sep, _, _ := f.text(e.Args[1])
		if list, ok := ast.Unparen(e.Args[0]).(*ast.CompositeLit); ok {
			return f.all(list.Elts, sep)
		}
	case name == "strings.ReplaceAll" && len(e.Args) == 3:
		text, whole, _ := f.text(e.Args[0])
		from, _, _ := f.text(e.Args[1])
		to, _, _ := f.text(e.Args[2])
		return strings.ReplaceAll(text, from, to), whole, true
	case (name == "strings.ToUpper" || name == "strings.ToLower" || name == "strings.TrimSpace") && len(e.Args) == 1:
		return f.text(e.Args[0])
	}
	return gap, false, isText(f.info.TypeOf(e))
}

func (f *folding) all(parts []ast.Expr, sep string) (string, bool, bool) {
	var texts []string
	whole := true
	for _, p := range parts {
		text, known, _ := f.text(p)
		texts, whole = append(texts, text), whole && known
	}
	return strings.Join(texts, sep), whole, true
}

// sprintf puts what is known in the place of each verb.
func (f *folding) sprintf(e *ast.CallExpr) (string, bool, bool) {
	format, whole, _ := f.text(e.Args[0])
	var args []any
	for _, a := range e.Args[1:] {
		text, known, _ := f.text(a)
		whole = whole && known
		args = append(args, loose(text))
	}
	return fmt.Sprintf(format, args...), whole, true
}

// loose prints as itself, whatever the verb.
type loose string

// Format writes the text.
func (l loose) Format(s fmt.State, _ rune) { fmt.Fprint(s, string(l)) }

// calleeName is PACKAGE.FUNC of a function called by its name, TYPE.METHOD with
// the package before it for a method, "" for others.
func calleeName(info *types.Info, e *ast.CallExpr) string {
	fn := callee(info, e)
	if fn == nil {
		return ""
	}
	return strings.ReplaceAll(strings.Trim(strings.ReplaceAll(fn.Origin().FullName(), "(*", "("), "("), ")", "")
}

// callee is the function or method that is called by its name.
func callee(info *types.Info, e *ast.CallExpr) *types.Func {
	fun := ast.Unparen(e.Fun)
	switch x := fun.(type) {
	case *ast.IndexExpr:
		fun = x.X
	case *ast.IndexListExpr:
		fun = x.X
	}
	var id *ast.Ident
	switch x := fun.(type) {
	case *ast.Ident:
		id = x
	case *ast.SelectorExpr:
		id = x.Sel
	default:
		return nil
	}
	fn, _ := info.Uses[id].(*types.Func)
	return fn
}
