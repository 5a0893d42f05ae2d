package verify

import (
	"context"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// unit is one package of the app, read from source, with the files that this
// system's build leaves out.
type unit struct {
	pkg   *packages.Package
	types *types.Package
	info  *types.Info
	files []*ast.File
	fset  *token.FileSet
	apart bool // see isApart
}

// source is all that is read of the app's Go.
type source struct {
	fset    *token.FileSet
	graph   map[string]*packages.Package // every package of the build, by path
	units   []*unit
	imports types.Importer // one for all, so that a type is the same everywhere
	left    int            // files that this system's build leaves out
}

const listed = packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedDeps | packages.NeedModule |
	packages.NeedEmbedFiles | packages.NeedExportFile

// load lists the app's packages with all that they import. The go command
// compiles what it has not compiled yet: types come from what it wrote.
func (s *session) load(ctx context.Context) (*source, error) {
	roots, err := packages.Load(&packages.Config{Context: ctx, Mode: listed, Dir: s.root, Env: goEnv()}, "./...")
	if err != nil {
		return nil, err
	}
	src := &source{fset: token.NewFileSet(), graph: map[string]*packages.Package{}}
	src.imports = imports(src)
	packages.Visit(roots, nil, func(p *packages.Package) { src.graph[p.PkgPath] = p })
	return src, nil
}

// isOwn reports that a package is read like the app's own code: it is the app's,
// or of a module that go.mod takes from a folder, it imports the kit from
// wherever it comes, or it is a room of the kit that was edited and keeps no
// promise.
func (s *session) isOwn(p *packages.Package) bool {
	if kitRoom(p.PkgPath) {
		for _, file := range p.GoFiles {
			if s.edited[s.below(file)] {
				return !slices.Contains(promiseRooms, topRoom(p.PkgPath))
			}
		}
		return false
	}
	if p.Module == nil {
		return false // of the standard library
	}
	if p.Module.Main {
		return true
	}
	if r := p.Module.Replace; r != nil && r.Version == "" {
		return true
	}
	return usesKit(p)
}

// isApart reports a package of a module beside the app's that has nothing of the
// kit behind it: its statements count, and what it does in its own memory does
// not.
func isApart(p *packages.Package) bool {
	if p.Module == nil || p.Module.Main {
		return false
	}
	known := false
	packages.Visit([]*packages.Package{p}, func(p *packages.Package) bool {
		known = known || kitRoom(p.PkgPath)
		return !known
	}, nil)
	return !known
}

func usesKit(p *packages.Package) bool {
	for path := range p.Imports {
		if kitRoom(path) {
			return true
		}
	}
	return false
}

// kitRoom reports that a package is of the kit.
func kitRoom(path string) bool { return path == kitPath || strings.HasPrefix(path, kitPath+"/") }

// topRoom is the first element below the kit, "" for the kit itself.
func topRoom(path string) string {
	room, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(path, kitPath), "/"), "/")
	return room
}

// imports reads types of what the go command compiled.
func imports(src *source) types.Importer {
	return importer.ForCompiler(src.fset, "gc", func(path string) (io.ReadCloser, error) {
		if p := src.graph[path]; p != nil && p.ExportFile != "" {
			return os.Open(p.ExportFile)
		}
		return nil, os.ErrNotExist
	})
}

// read parses the own packages and gives each its types.
func (s *session) read(src *source) {
	for _, p := range sortedPackages(src.graph) {
		if !s.isOwn(p) {
			continue
		}
		for _, e := range p.Errors {
			s.tellBroken(e)
		}
		s.readUnits(src, p)
	}
}

func sortedPackages(graph map[string]*packages.Package) []*packages.Package {
	var all []*packages.Package
	for _, p := range graph {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *packages.Package) int { return strings.Compare(a.PkgPath, b.PkgPath) })
	return all
}

// readUnits reads a package as it is built here, and once more with each file
// that is left out here: another system, tag or C compiler would build it.
func (s *session) readUnits(src *source, p *packages.Package) {
	built := s.parse(src, p.GoFiles)
	if len(built) > 0 {
		src.units = append(src.units, s.typed(src, p, built, built))
	}
	var others []string
	for _, file := range p.IgnoredFiles {
		if strings.HasSuffix(file, ".go") && !strings.HasSuffix(file, "_test.go") {
			others = append(others, file)
		}
	}
	for _, file := range s.parse(src, others) {
		src.left++
		all := []*ast.File{file}
		if len(built) > 0 && built[0].Name.Name == file.Name.Name {
			all = append(all, built...)
		}
		src.units = append(src.units, s.typed(src, p, all, []*ast.File{file}))
	}
}

// parse reads files; one that cannot be read cannot be proven.
func (s *session) parse(src *source, names []string) (files []*ast.File) {
	for _, name := range names {
		file, err := parser.ParseFile(src.fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			s.tell("does-not-compile", place{file: s.below(name)}, "%s", firstLine(err.Error()))
		}
		if file != nil {
			files = append(files, file)
		}
	}
	return files
}

// typed gives all files their types and keeps those to look at. What does not
// fit is told by the build where it is a part of it: a file that is left out
// here names what there is only elsewhere.
func (s *session) typed(src *source, p *packages.Package, all, look []*ast.File) *unit {
	u := &unit{pkg: p, files: look, fset: src.fset, apart: isApart(p), info: &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}, Instances: map[*ast.Ident]types.Instance{}, Implicits: map[ast.Node]types.Object{},
	}}
	conf := types.Config{Importer: src.imports, FakeImportC: true, Error: func(err error) {
		if bad, ok := err.(types.Error); ok && len(look) == len(all) && len(p.Errors) == 0 {
			s.tell("does-not-compile", s.at(src.fset, bad.Pos), "%s", bad.Msg)
		}
	}}
	u.types, _ = conf.Check(p.PkgPath, src.fset, all, u.info) // each error was told
	return u
}

// at is where a position is.
func (s *session) at(fset *token.FileSet, pos token.Pos) place {
	// A line directive could name any other file.
	p := fset.PositionFor(pos, false)
	return place{file: s.below(p.Filename), line: p.Line, column: p.Column}
}

// tellBroken tells an error of the go command.
func (s *session) tellBroken(e packages.Error) {
	at := place{}
	if file, rest, ok := strings.Cut(e.Pos, ".go:"); ok {
		at.file = file + ".go"
		if filepath.IsAbs(at.file) {
			at.file = s.below(at.file)
		}
		at.file = filepath.ToSlash(filepath.Clean(at.file))
		at.line, at.column = lineOf(rest)
	}
	words := firstLine(e.Msg)
	if strings.Contains(e.Msg, "GOPROXY=off") || strings.Contains(e.Msg, "module lookup disabled") {
		words += "; verify asks no network: `go mod download` first"
	}
	s.tell("does-not-compile", at, "%s", words)
}

// lineOf reads LINE:COLUMN.
func lineOf(s string) (line, column int) {
	var at [2]int
	for i, part := range strings.SplitN(s, ":", 3) {
		for _, c := range part {
			if i < 2 && '0' <= c && c <= '9' && at[i] < 1e8 {
				at[i] = at[i]*10 + int(c-'0')
			}
		}
	}
	return at[0], at[1]
}

// firstLine is what an error of a compiler begins with.
func firstLine(text string) string {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			return line
		}
	}
	return strings.TrimSpace(text)
}
