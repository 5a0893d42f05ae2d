package verify

import (
	"context"
	"go/ast"
	"go/types"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"
)

// look is one file under the rules.
type look struct {
	*session
	*unit
	file     *ast.File
	taints   taints
	fold     *folding
	present  ast.Node // the node at hand
	tabled   bool     // the package names a table of the kit
	reflects bool     // the app uses reflection or templates
	stack    []ast.Node
}

// checkSource reads the app's Go.
func (s *session) checkSource(ctx context.Context) error {
	src, err := s.load(ctx)
	if err != nil {
		s.tell("does-not-compile", place{}, "the go command cannot list the packages: %s", firstLine(err.Error()))
		return nil
	}
	s.checkGraphOfPackages(src)
	s.read(src)
	s.readStray(src)
	taints, reflects, files := findTaints(src.units), reflecting(src.units), 0
	for _, u := range src.units {
		tabled := u.namesTable()
		fold := newFolding(u.info, u.files)
		for _, file := range u.files {
			files++
			l := &look{session: s, unit: u, file: file, taints: taints, fold: fold, tabled: tabled, reflects: reflects}
			l.run()
		}
	}
	s.checkProgram(src)
	s.units = src.units
	if s.rep.Count(Error) == 0 {
		s.proof("nothing in the %d Go files of the app goes round a review", files)
		if src.left > 0 {
			s.proof("among them are %d that only other systems or tags build", src.left)
		}
	}
	return nil
}

// checkGraphOfPackages looks at what the build is made of: the kit's packages
// have to lie in the app, and no package of the app may bring machine code.
func (s *session) checkGraphOfPackages(src *source) {
	harmless := !s.runsStatements(src)
	for _, p := range sortedPackages(src.graph) {
		dir := ""
		if len(p.GoFiles) > 0 {
			dir = s.below(filepath.Dir(p.GoFiles[0]))
		}
		if kitRoom(p.PkgPath) && dir != "" && dir != kitDir && !strings.HasPrefix(dir, kitDir+"/") {
			s.tell("kit-replaced", place{file: "go.mod"}, "%s is built from %s", p.PkgPath, dir)
		}
		if s.isOwn(p) {
			s.checkOthers(p, harmless)
		}
	}
}

// runsStatements reports that the app's own code works with a database.
func (s *session) runsStatements(src *source) bool {
	for _, p := range src.graph {
		if !s.isOwn(p) {
			continue
		}
		for path := range p.Imports {
			if isDatabase(path) {
				return true
			}
		}
	}
	return false
}

// checkOthers looks at the files of a package that are no Go. A statement in an
// embedded one is harmless where nothing runs any.
func (s *session) checkOthers(p *packages.Package, harmless bool) {
	for _, file := range append(p.OtherFiles, p.IgnoredFiles...) {
		if isMachine(file) && !isApart(p) {
			s.tell("assembly", place{file: s.below(file)}, "package %s is linked with it", p.PkgPath)
		}
	}
	for _, file := range p.EmbedFiles {
		if name := s.below(file); !strings.HasSuffix(name, ".sql") && !filepath.IsAbs(name) {
			s.checkText(name, harmless)
		}
	}
}

// run puts every rule to the file.
func (l *look) run() {
	l.checkImports()
	l.checkComments()
	ast.PreorderStack(l.file, nil, func(n ast.Node, stack []ast.Node) bool {
		l.stack = stack
		l.node(n)
		return true
	})
	l.checkTexts()
}

// node puts the rules of one node.
func (l *look) node(n ast.Node) {
	switch n := n.(type) {
	case *ast.CompositeLit:
		l.checkLiteral(n)
	case *ast.CallExpr:
		l.checkCall(n)
	case *ast.Ident:
		l.checkUse(n)
	case *ast.ValueSpec:
		l.checkVar(n)
	case *ast.AssignStmt:
		l.checkAssign(n)
	case *ast.UnaryExpr:
		l.checkAddress(n)
		l.checkReceive(n)
	case *ast.IndexExpr:
		l.checkIndex(n)
	case *ast.SliceExpr:
		l.checkSlice(n)
	case *ast.FuncLit:
		l.checkResults(n.Type, n.Body)
	case *ast.TypeAssertExpr:
		l.checkAssert(n.Type)
	case *ast.CaseClause:
		l.checkCase(n)
	case *ast.InterfaceType:
		l.checkInterface(n)
	case *ast.StructType:
		l.checkTags(n)
	case *ast.FuncDecl:
		l.checkTableName(n)
		l.stack = append(slices.Clip(l.stack), n) // whose parameters its results may name
		l.checkResults(n.Type, n.Body)
	}
	l.conversions(n, l.checkHidden)
	l.conversions(n, l.checkHanded)
}

// say tells a finding at a node of the file.
func (l *look) say(rule string, n ast.Node, format string, args ...any) {
	l.tell(rule, l.at(l.fset, n.Pos()), format, args...)
}

// owner is the function that the present node stands in, for its type
// parameters.
func (l *look) owner() string {
	for i := len(l.stack) - 1; i >= 0; i-- {
		if d, ok := l.stack[i].(*ast.FuncDecl); ok {
			return l.unit.owner(d)
		}
	}
	return ""
}

// holds reports that a value of type t is, or has inside, a sealed one.
func (l *look) holds(t types.Type) bool {
	return search{names: sealed, taints: l.taints, owner: l.owner()}.in(t)
}

func (l *look) checkImports() {
	for _, i := range l.file.Imports {
		switch path, _ := strconv.Unquote(i.Path.Value); {
		case path == "C" && !l.apart:
			l.say("cgo", i, `import "C"`)
		case path == "plugin" && !l.apart:
			l.say("plugin", i, `import "plugin"`)
		case path == kitPath+"/kittest":
			l.say("acts-as-person", i, "kittest is for tests: it decides as a person")
		}
	}
}

func (l *look) checkComments() {
	for _, group := range l.file.Comments {
		for _, c := range group.List {
			if strings.HasPrefix(c.Text, "//go:linkname ") || strings.HasPrefix(c.Text, "//go:linkname\t") {
				if l.apart && !strings.Contains(c.Text, kitPath) {
					continue
				}
				l.say("linkname", c, "%s", c.Text)
			}
		}
	}
}

// pointers are the functions of reflect that lead past the types.
var pointers = []string{"reflect.NewAt", "(reflect.Value).UnsafePointer", "(reflect.Value).UnsafeAddr"}

// binds reports that the types keep a promise at the present node: not in a
// module beside the app's that has none of the kit's, unless a generic function
// of it is given some.
func (l *look) binds() bool {
	if !l.apart {
		return true
	}
	for t := range l.taints {
		if strings.HasPrefix(t, l.owner()+"#") {
			return true
		}
	}
	return false
}

// checkUse looks at each mention of a function of the kit, and of unsafe.
func (l *look) checkUse(id *ast.Ident) {
	switch o := l.info.Uses[id].(type) {
	case *types.Func:
		if rule, words := forbidden(o); rule != "" {
			l.say(rule, id, "%s", words)
		}
		if slices.Contains(pointers, o.FullName()) && l.binds() {
			l.say("unsafe", id, "%s", o.FullName())
		}
	case *types.TypeName:
		if o.Pkg() == types.Unsafe && l.binds() {
			l.say("unsafe", id, "unsafe.%s", o.Name())
		}
	case *types.Builtin:
		if o.Pkg() == types.Unsafe && l.binds() && o.Name() != "Sizeof" && o.Name() != "Alignof" && o.Name() != "Offsetof" {
			l.say("unsafe", id, "unsafe.%s", o.Name())
		}
	case *types.Var:
		l.checkArgs(id, o)
	}
}

// checkArgs looks for a program that reads its command line before the kit.
func (l *look) checkArgs(id *ast.Ident, o *types.Var) {
	if o.Pkg() != nil && o.Pkg().Path() == "os" && o.Name() == "Args" && l.file.Name.Name == "main" && l.builtHere() {
		l.say("reads-arguments", id, "os.Args")
	}
}

// builtHere reports that the unit is the program in the app's own folder.
func (l *look) builtHere() bool {
	return l.below(filepath.Dir(l.fset.PositionFor(l.file.Package, false).Filename)) == "."
}

// checkProgram wants the app's own folder to be a program that the kit runs.
func (s *session) checkProgram(src *source) {
	for _, u := range src.units {
		for _, file := range u.files {
			l := &look{session: s, unit: u, file: file}
			if file.Name.Name == "main" && l.builtHere() && u.runsKit() {
				return
			}
		}
	}
	s.tell("other-program", place{}, "no main function in the app's own folder calls app.Main")
}

// runsKit reports that the kit's command line is called.
func (u *unit) runsKit() bool {
	for _, o := range u.info.Uses {
		if fn, ok := o.(*types.Func); ok && fn.Pkg() != nil && fn.Pkg().Path() == kitPath+"/app" {
			if fn.Name() == "Main" || fn.Name() == "Run" {
				return true
			}
		}
	}
	return false
}
