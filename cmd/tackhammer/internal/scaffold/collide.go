package scaffold

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
)

// appNames are the names that the Go files of an app declare: what an addition
// may not be called.
type appNames struct {
	where map[string]string   // of the package: the file of each
	keys  map[string][]string // of a struct: the JSON keys of its fields
	steps []string            // of the workflow
}

// collide fails where the app of spec would have two things of one name: it
// would not compile, or, with two keys of one name in a struct, would lose both.
func collide(m Manifest, spec Spec, ops []Op) error {
	if spec.Additions.None() {
		return nil
	}
	names := appNames{where: map[string]string{}, keys: map[string][]string{}}
	for _, op := range ops {
		if path.Ext(op.Path) != ".go" || strings.Contains(op.Path, "/") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), op.Path, op.Data, parser.SkipObjectResolution)
		if err != nil {
			return kit.Errorf(kit.Invalid, "render %s: it is no Go: %w", op.Path, err)
		}
		if err := names.read(op.Path, file); err != nil {
			return err
		}
	}
	return names.check(m, spec)
}

// check holds the keys and the steps of the app against each other.
func (n appNames) check(m Manifest, spec Spec) error {
	own := n.keys[m.Adds.Output]
	for i, key := range own {
		if slices.Contains(own[:i], key) {
			return kit.Errorf(kit.Conflict, "add field %s: %s has one of that name", key, m.Adds.Output).
				WithHint("choose another name; `tackhammer remove field` knows only what was added")
		}
	}
	for _, s := range spec.Steps {
		if s.Kind == "draft" && slices.Contains(own, s.Key()) {
			return kit.Errorf(kit.Conflict, "add step %s: what it drafts is called as a field of %s", s.Name, m.Adds.Output).
				WithHint("choose another name, such as %s-again", s.Name)
		}
	}
	for i, s := range n.steps {
		if slices.Contains(n.steps[:i], s) {
			return kit.Errorf(kit.Conflict, "add step %s: the workflow has one of that name", s).WithHint("choose another name")
		}
	}
	return nil
}

// read notes what a file declares. It fails where another declares it, too.
func (n *appNames) read(name string, file *ast.File) error {
	for _, decl := range file.Decls {
		for _, id := range declared(decl) {
			other, taken := n.where[id]
			if taken && id != "_" && id != "init" {
				return kit.Errorf(kit.Conflict, "add to the app: %s and %s would both declare %s", other, name, id).
					WithHint("choose another name for what you add")
			}
			n.where[id] = name
		}
	}
	ast.Inspect(file, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.TypeSpec:
			if s, ok := node.Type.(*ast.StructType); ok {
				n.keys[node.Name.Name] = jsonKeys(s)
			}
		case *ast.CallExpr:
			n.steps = append(n.steps, stepOf(node)...)
		}
		return true
	})
	return nil
}

// declared are the names that a declaration gives the package. A method is its
// type's.
func declared(decl ast.Decl) (names []string) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			names = append(names, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				names = append(names, s.Name.Name)
			case *ast.ValueSpec:
				for _, id := range s.Names {
					names = append(names, id.Name)
				}
			}
		}
	}
	return names
}

func jsonKeys(s *ast.StructType) (keys []string) {
	for _, f := range s.Fields.List {
		if f.Tag == nil {
			continue
		}
		tag, err := strconv.Unquote(f.Tag.Value)
		if key, _, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ","); err == nil && key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

// stepOf is the name of the step that a call adds to a workflow.
func stepOf(call *ast.CallExpr) []string {
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || len(call.Args) < 3 || !slices.Contains([]string{"Draft", "Review", "Then", "Deliver"}, f.Sel.Name) {
		return nil
	}
	if lit, ok := call.Args[1].(*ast.BasicLit); ok && lit.Kind == token.STRING {
		if name, err := strconv.Unquote(lit.Value); err == nil {
			return []string{name}
		}
	}
	return nil
}
