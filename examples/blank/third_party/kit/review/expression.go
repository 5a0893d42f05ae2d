package review

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/types"
	"github.com/expr-lang/expr/vm"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
)

// The bounds of an expression: what it is made of, and what it may take.
const (
	mostNodes  = 200
	mostMemory = 10_000
)

// calls are the functions of the library that end at once, however long the
// draft is: none loops by the expression, tells the time or draws a number.
var calls = []string{"len", "lower", "upper", "trim", "abs", "ceil", "floor", "round", "int", "float", "string"}

// ours are the names that stand for something else than a field.
var ours = types.Map{
	"name":          types.String,
	"confidence":    types.Float64,
	"gave_up":       types.Bool,
	"confidence_of": types.TypeOf(func(string) float64 { return 0 }),
	"marked":        types.TypeOf(func(string, string) bool { return false }),
}

var marks = []string{string(kit.MarkRepaired), string(kit.MarkRetried), string(kit.MarkNotFound), string(kit.MarkInvalid),
	string(kit.MarkMissing), string(kit.MarkByHand), string(kit.MarkSet)}

// condition is an expression of a tier, compiled against a schema.
type condition struct {
	program *vm.Program
	reads   []string // what it reads, as it is written there
	paths   []string // the fields among it
	guarded []string // fields for which it says itself what an empty one means
}

// compile makes a condition of an expression, or says what is wrong and where,
// in characters from the expression's start.
func compile(when string, schema *model.Schema) (*condition, *Fault) {
	seen := &reader{schema: schema}
	options := []expr.Option{expr.Env(environment(schema)), expr.AsBool(), expr.WarnOnAny(), expr.MaxNodes(mostNodes),
		expr.DisableAllBuiltins(), expr.Patch(seen)}
	for _, call := range calls {
		options = append(options, expr.EnableBuiltin(call))
	}
	program, err := expr.Compile(when, options...)
	if len(seen.faults) > 0 {
		return nil, &seen.faults[0]
	}
	if err != nil {
		return nil, mistake(err, schema)
	}
	return &condition{program, seen.reads, seen.paths, seen.guarded}, nil
}

// environment is the names that an expression may use, and their types.
func environment(schema *model.Schema) types.Map {
	env, fields := types.Map{}, types.Map{}
	for _, f := range schema.Fields() {
		place(fields, strings.Split(f.Path, "."), typeOf(f.Kind))
	}
	for name, t := range fields {
		env[name] = t
	}
	for name, t := range ours {
		env[name] = t
	}
	env["draft"] = fields
	return env
}

// place puts a type at a path.
func place(at types.Map, path []string, t types.Type) {
	if len(path) == 1 {
		at[path[0]] = t
		return
	}
	inner, ok := at[path[0]].(types.Map)
	if !ok {
		inner = types.Map{}
		at[path[0]] = inner
	}
	place(inner, path[1:], t)
}

func typeOf(k model.Kind) types.Type {
	switch k {
	case model.Number, model.Integer:
		return types.Float64
	case model.Bool:
		return types.Bool
	case model.JSON:
		return types.Any
	}
	return types.String
}

var unknownName = regexp.MustCompile(`^unknown (?:name|field) (\w+)`)

// mistake tells an error of the compiler in our words.
func mistake(err error, schema *model.Schema) *Fault {
	var e *file.Error
	if !errors.As(err, &e) {
		return &Fault{Key: "when", Words: err.Error() + "; write a condition, such as total > 1000 || confidence < 0.8"}
	}
	f := &Fault{Key: "when", Offset: e.From, Words: e.Message}
	name := unknownName.FindStringSubmatch(e.Message)
	if name == nil {
		f.Words += "; numbers go with numbers and texts with texts in quotes, such as total > 1000 && company == \"ACME\""
		return f
	}
	known := append(slices.Sorted(keysOf(environment(schema))), calls...)
	for _, field := range schema.Fields() {
		known = append(known, last(field.Path))
	}
	if near := kit.Closest(name[1], known); near != "" {
		f.Words += fmt.Sprintf("; did you mean %s?", near)
	} else {
		f.Words += "; known are " + strings.Join(slices.Sorted(keysOf(environment(schema))), ", ")
	}
	return f
}

func keysOf(m types.Map) func(func(string) bool) {
	return func(yield func(string) bool) {
		for name := range m {
			if !yield(name) {
				return
			}
		}
	}
}

func last(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

// reader notes what an expression reads, and refuses what the compiler does
// not know to be wrong.
type reader struct {
	schema                *model.Schema
	reads, paths, guarded []string
	faults                []Fault
}

// Visit is called for each node, the inner ones first.
func (r *reader) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		r.identifier(n)
	case *ast.MemberNode:
		r.read(pathOf(n), n.String())
	case *ast.CallNode:
		r.call(n)
	case *ast.BuiltinNode:
		if !slices.Contains(calls, n.Name) {
			r.refuse(n, "%s cannot be used: it runs as long as its list is; use one of %s", n.Name, strings.Join(calls, ", "))
		}
	case *ast.BinaryNode:
		r.guard(n)
	}
}

func (r *reader) identifier(n *ast.IdentifierNode) {
	_, own := ours[n.Value]
	switch {
	case own && r.isField(n.Value):
		r.refuse(n, "%s could be the field or what the kit calls so; write draft.%s for the field", n.Value, n.Value)
	case n.Value == "name" || n.Value == "confidence" || n.Value == "gave_up":
		r.reads = append(r.reads, n.Value)
	default:
		r.read(n.Value, n.Value)
	}
}

// read notes a field.
func (r *reader) read(path, written string) {
	path = strings.TrimPrefix(path, "draft.")
	if r.isField(path) && !slices.Contains(r.paths, path) {
		r.paths, r.reads = append(r.paths, path), append(r.reads, written)
	}
}

func (r *reader) isField(path string) bool {
	return slices.ContainsFunc(r.schema.Fields(), func(f model.FieldSpec) bool { return f.Path == path })
}

// call holds the words that our functions are given against what there is.
func (r *reader) call(n *ast.CallNode) {
	known := [][]string{nil, marks}
	for _, f := range r.schema.Fields() {
		known[0] = append(known[0], f.Path)
	}
	for i, arg := range n.Arguments {
		word, ok := arg.(*ast.StringNode)
		if !ok || i >= len(known) {
			r.refuse(arg, "%s is asked with words in quotes, such as %s", n.Callee, "confidence_of(\"total\") or marked(\"total\", \"not_found\")")
			return
		}
		if slices.Contains(known[i], word.Value) {
			continue
		}
		if near := kit.Closest(word.Value, known[i]); near != "" {
			r.refuse(arg, "%s knows no %q; did you mean %q?", n.Callee, word.Value, near)
			return
		}
		r.refuse(arg, "%s knows no %q; known are %s", n.Callee, word.Value, strings.Join(known[i], ", "))
		return
	}
	r.reads = append(r.reads, n.String())
}

// guard notes the fields of which the expression says what an empty one means.
func (r *reader) guard(n *ast.BinaryNode) {
	_, left := n.Left.(*ast.NilNode)
	_, right := n.Right.(*ast.NilNode)
	if n.Operator == "??" || left || right {
		r.guarded = append(r.guarded, strings.TrimPrefix(pathOf(n.Left), "draft."), strings.TrimPrefix(pathOf(n.Right), "draft."))
	}
}

func (r *reader) refuse(at ast.Node, format string, args ...any) {
	r.faults = append(r.faults, Fault{Key: "when", Offset: at.Location().From, Words: fmt.Sprintf(format, args...)})
}

// pathOf is a node as the path of a field, "" where it is none.
func pathOf(node ast.Node) string {
	switch n := node.(type) {
	case *ast.IdentifierNode:
		return n.Value
	case *ast.ChainNode:
		return pathOf(n.Node)
	case *ast.MemberNode:
		if name, ok := n.Property.(*ast.StringNode); ok {
			return pathOf(n.Node) + "." + name.Value
		}
	}
	return ""
}

// values is what the names of an expression stand for in a draft.
func values(f Facts) map[string]any {
	env, fields := map[string]any{}, map[string]any{}
	flat := f.Schema.Flatten(f.Value)
	for _, spec := range f.Schema.Fields() {
		put(fields, strings.Split(spec.Path, "."), valueOf(flat[spec.Path]))
	}
	for name, v := range fields {
		env[name] = v
	}
	env["draft"] = fields
	env["name"] = f.Name
	env["gave_up"] = f.GaveUp != ""
	env["confidence"] = f.Confidence()
	env["confidence_of"] = f.confidenceOf
	env["marked"] = f.marked
	return env
}

func put(at map[string]any, path []string, v any) {
	if len(path) == 1 {
		at[path[0]] = v
		return
	}
	inner, ok := at[path[0]].(map[string]any)
	if !ok {
		inner = map[string]any{}
		at[path[0]] = inner
	}
	put(inner, path[1:], v)
}

// valueOf reads a field's JSON; nil is an empty field.
func valueOf(raw json.RawMessage) (v any) {
	if json.Unmarshal(raw, &v) != nil {
		return nil
	}
	return v
}
