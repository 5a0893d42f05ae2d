package scaffold

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/tackhammer/tackhammer/kit"
)

// Limits of a spec that somebody wrote: no app needs more, and what is made to
// exhaust a reader does.
const (
	specLimit   = 64 << 10 // bytes; the YAML reader takes a second for as many at worst
	specDeepest = 20       // brackets within each other
	specFurther = 80       // blanks and dashes at the beginning of a line
	specTold    = 20       // mistakes
)

// ReadSpec reads a spec from raw, YAML with the keys of .tackhammer/spec.yaml;
// name is what errors call the file. It fails with kit.Invalid: the message has
// a line "name:line:column: what" for each mistake, unknown keys with the nearest
// known one. Defaults are not filled in, and whether there is such a template is
// for Plan to say.
func ReadSpec(name string, raw []byte) (Spec, error) {
	var spec Spec
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	if err := readable(name, raw); err != nil {
		return spec, err
	}
	r := &specReading{places: map[string]spot{}}
	r.read(raw, &spec)
	if len(r.wrong) == 0 {
		r.values(spec)
	}
	return spec, r.told().err(name)
}

// read fills in a struct from raw, which has to be readable.
func (r *specReading) read(raw []byte, into any) {
	body := r.parse(raw)
	if len(r.wrong) == 0 {
		r.walk(body, reflect.TypeOf(into).Elem(), "")
	}
	if len(r.wrong) == 0 {
		if err := yaml.NewDecoder(bytes.NewReader(raw), yaml.Strict()).Decode(into); err != nil {
			r.refuse(err)
		}
	}
}

// readable refuses what is no text that a person wrote.
func readable(name string, raw []byte) error {
	switch {
	case len(raw) > specLimit:
		return kit.Errorf(kit.Invalid, "read %s: it is over %d bytes", name, specLimit).WithHint("a spec is a page; see .tackhammer/spec.yaml of an app")
	case !utf8.Valid(raw):
		return kit.Errorf(kit.Invalid, "read %s: it is not UTF-8", name).WithHint("save it as UTF-8")
	case bytes.IndexByte(raw, 0) >= 0:
		return kit.Errorf(kit.Invalid, "read %s: it is no text", name)
	}
	for line := range bytes.Lines(raw) {
		if len(line)-len(bytes.TrimLeft(line, " -?\t")) > specFurther {
			return kit.Errorf(kit.Invalid, "read %s: it is nested too deep", name)
		}
	}
	return nil
}

// specReading collects what is wrong with a spec, and where its values stand.
type specReading struct {
	wrong  problems
	places map[string]spot
}

// parse returns the one document in raw. Anchors, which can make a page of a
// line again and again, and tags are refused before it is built.
func (r *specReading) parse(raw []byte) ast.Node {
	depth := 0
	for _, t := range lexer.Tokenize(string(raw)) {
		switch t.Type {
		case token.AnchorType, token.AliasType, token.MergeKeyType:
			r.wrong.add(placeOf(t), "", "anchors and aliases are not read here; write the value out")
			return nil
		case token.TagType, token.DirectiveType:
			r.wrong.add(placeOf(t), "", "tags and directives are not read here")
			return nil
		case token.MappingStartType, token.SequenceStartType:
			if depth++; depth > specDeepest {
				r.wrong.add(placeOf(t), "", "it is nested too deep")
				return nil
			}
		case token.MappingEndType, token.SequenceEndType:
			depth = max(0, depth-1)
		}
	}
	file, err := parser.ParseBytes(raw, 0)
	if err != nil {
		r.refuse(err)
		return nil
	}
	return r.one(file)
}

// one is the only document of a file.
func (r *specReading) one(file *ast.File) ast.Node {
	var body ast.Node
	for _, doc := range file.Docs {
		if doc.Body == nil || doc.Body.Type() == ast.CommentType || doc.Body.Type() == ast.NullType {
			continue
		}
		if body != nil {
			r.wrong.add(nodePlace(doc.Body), "", "a second document begins here; a spec is one")
			return nil
		}
		body = doc.Body
	}
	if body == nil {
		r.wrong.add(spot{1, 1}, "", "it says nothing; a spec says at least template: NAME")
	}
	return body
}

// walk holds a node to a type, and notes where values stand.
func (r *specReading) walk(node ast.Node, t reflect.Type, path string) {
	r.places[path] = nodePlace(node)
	if node.Type() == ast.NullType {
		return // as if the key were not there
	}
	switch t.Kind() {
	case reflect.Struct:
		r.walkStruct(node, t, path)
	case reflect.Slice:
		list, ok := node.(*ast.SequenceNode)
		if !ok {
			r.wrongKind(node, path, "a list")
			return
		}
		for i, v := range list.Values {
			r.walk(v, t.Elem(), fmt.Sprintf("%s[%d]", path, i))
		}
	case reflect.Map:
		r.walkMap(node, path)
	case reflect.String:
		if _, ok := node.(*ast.StringNode); !ok && node.Type() != ast.LiteralType {
			r.wrongKind(node, path, "text")
		}
	case reflect.Float64, reflect.Int:
		if node.Type() != ast.FloatType && node.Type() != ast.IntegerType {
			r.wrongKind(node, path, "a number")
		}
	}
}

func (r *specReading) walkStruct(node ast.Node, t reflect.Type, path string) {
	entries, ok := node.(ast.MapNode)
	if !ok {
		r.wrongKind(node, path, "a group of keys")
		return
	}
	known := yamlKeys(t)
	for it := entries.MapRange(); it.Next(); {
		key := it.Key().GetToken().Value
		field, ok := known[key]
		if !ok {
			r.unknownKey(it.Key(), under(path, key), key, known)
			continue
		}
		r.walk(it.Value(), field, under(path, key))
	}
}

// walkMap takes answers: one value for each name.
func (r *specReading) walkMap(node ast.Node, path string) {
	entries, ok := node.(ast.MapNode)
	if !ok {
		r.wrongKind(node, path, "a group of NAME: VALUE")
		return
	}
	for it := entries.MapRange(); it.Next(); {
		name, v := under(path, it.Key().GetToken().Value), it.Value()
		r.places[name] = nodePlace(v)
		if _, ok := v.(ast.ScalarNode); !ok {
			r.wrongKind(v, name, "one value")
		}
	}
}

// yamlKeys are the keys of a struct, with the types of their values.
func yamlKeys(t reflect.Type) map[string]reflect.Type {
	keys := map[string]reflect.Type{}
	for f := range t.Fields() {
		name, rest, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case rest == "inline":
			for k, v := range yamlKeys(f.Type) {
				keys[k] = v
			}
		case name != "-" && name != "":
			keys[name] = f.Type
		}
	}
	return keys
}

func under(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
