package scaffold

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/tackhammer/tackhammer/kit"
)

// reader reads a YAML file by its syntax tree, so that every mistake is told
// with its place and one mistake does not hide another. It knows no anchors,
// aliases and tags: what a file says stands in it once.
type reader struct {
	places map[string]spot // where the value at a path stands
	problems
}

// value reads what stands behind a key at path.
type value func(node ast.Node, path string)

const (
	longestManifest = 32 << 10 // bytes; the YAML reader's time grows with the square
	deepestManifest = 32       // brackets within each other
)

// file reads a file of one document, a group of keys.
func (r *reader) file(raw []byte, keys map[string]value) {
	if len(raw) > longestManifest {
		r.add(spot{1, 1}, "", "the file has %d bytes; %d are the most", len(raw), longestManifest)
		return
	}
	if brackets(raw) > deepestManifest {
		r.add(spot{1, 1}, "", "brackets stand in brackets more than %d deep", deepestManifest)
		return
	}
	doc, err := parser.ParseBytes(raw, 0)
	switch {
	case err != nil:
		r.syntax(err)
	case len(doc.Docs) > 1 && doc.Docs[1].Body != nil:
		r.add(nodePlace(doc.Docs[1].Body), "", "a second document; keep one document in the file")
	case len(doc.Docs) == 0 || doc.Docs[0].Body == nil || doc.Docs[0].Body.Type() == ast.CommentType:
		r.add(spot{1, 1}, "", "the file is empty; begin with a line such as name: my-template")
	default:
		r.group(keys)(doc.Docs[0].Body, "")
	}
}

// brackets is how deep brackets stand in each other, at most.
func brackets(raw []byte) (deepest int) {
	depth := 0
	for _, c := range raw {
		switch c {
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		}
		deepest = max(deepest, depth)
	}
	return deepest
}

func (r *reader) syntax(err error) {
	at, words := spot{1, 1}, err.Error()
	var e yaml.Error
	if errors.As(err, &e) {
		words = e.GetMessage()
		at = placeOf(e.GetToken())
	}
	r.add(at, "", "%s", words)
}

// group reads keys that are known, each by its own reader.
func (r *reader) group(keys map[string]value) value {
	return func(node ast.Node, path string) {
		entries, ok := node.(ast.MapNode)
		if !ok {
			r.kind(node, path, "a group of keys")
			return
		}
		for it := entries.MapRange(); it.Next(); {
			name := keyName(it.Key())
			at := under(path, name)
			read, known := keys[name]
			switch {
			case !known:
				r.add(placeOf(it.Key().GetToken()), at, "%s", unknownKey(at, path, name, keys))
			case it.Value().Type() == ast.NullType:
				r.add(placeOf(it.Key().GetToken()), at, "%s: no value; write one or leave the key out", at)
			default:
				r.places[at] = nodePlace(it.Value())
				read(it.Value(), at)
			}
		}
	}
}

func unknownKey(at, path, name string, keys map[string]value) string {
	var known []string
	for k := range keys {
		known = append(known, k)
	}
	slices.Sort(known)
	if near := kit.Closest(name, known); near != "" {
		return fmt.Sprintf("unknown key %q; did you mean %q?", at, under(path, near))
	}
	return fmt.Sprintf("unknown key %q; known here: %s", at, strings.Join(known, ", "))
}

// each reads a list by the reader of its members.
func (r *reader) each(member value) value {
	return func(node ast.Node, path string) {
		list, ok := node.(*ast.SequenceNode)
		if !ok {
			r.kind(node, path, "a list")
			return
		}
		if len(list.Values) == 0 {
			r.add(nodePlace(node), path, "%s: an empty list; fill it or leave the key out", path)
		}
		for i, v := range list.Values {
			at := fmt.Sprintf("%s[%d]", path, i)
			r.places[at] = nodePlace(v)
			member(v, at)
		}
	}
}

// text reads words into to.
func (r *reader) text(to *string) value {
	return func(node ast.Node, path string) {
		s, ok := textOf(node)
		if !ok || strings.TrimSpace(s) == "" {
			r.kind(node, path, "text")
			return
		}
		*to = strings.TrimSpace(s)
	}
}

// texts reads a list of words into to.
func (r *reader) texts(to *[]string) value {
	return r.each(func(node ast.Node, path string) {
		var s string
		r.text(&s)(node, path)
		*to = append(*to, s)
	})
}

// both reads a sentence in each language into to.
func (r *reader) both(to *Description) value {
	return r.group(map[string]value{"en": r.text(&to.En), "zh": r.text(&to.Zh)})
}

// scalar reads a text, a number, or true or false into to.
func (r *reader) scalar(to *any) value {
	return func(node ast.Node, path string) {
		switch n := node.(type) {
		case *ast.BoolNode:
			*to = n.Value
		case *ast.IntegerNode:
			*to = n.Value
		case *ast.FloatNode:
			*to = n.Value
		default:
			s, ok := textOf(node)
			if !ok {
				r.kind(node, path, "text, a number, yes or no")
				return
			}
			*to = s
		}
	}
}

// number reads a number into to.
func (r *reader) number(to **float64) value {
	return func(node ast.Node, path string) {
		var v any
		r.scalar(&v)(node, path)
		n, ok := float(v)
		if !ok {
			r.kind(node, path, "a number")
			return
		}
		*to = &n
	}
}

// kind says that a value is of the wrong kind.
func (r *reader) kind(node ast.Node, path, want string) {
	if path == "" {
		path = "the file"
	}
	r.add(nodePlace(node), path, "%s: %s is not %s", path, shortOf(node), want)
}

// at is the place of the first of paths that has one: a value that is missing
// is told at the group that lacks it.
func (r *reader) at(paths ...string) spot {
	for _, p := range paths {
		if s, ok := r.places[p]; ok {
			return s
		}
	}
	return spot{1, 1}
}

func textOf(node ast.Node) (string, bool) {
	if n, ok := node.(*ast.LiteralNode); ok {
		return n.Value.Value, true
	}
	if n, ok := node.(*ast.StringNode); ok {
		return n.Value, true
	}
	return "", false
}

func keyName(key ast.MapKeyNode) string {
	if k, ok := key.(*ast.StringNode); ok {
		return k.Value
	}
	return key.String()
}

// shortOf is a node as it stands in the file, cut where it is long.
func shortOf(node ast.Node) string {
	s, _, more := strings.Cut(strings.TrimSpace(node.String()), "\n")
	if r := []rune(s); len(r) > 40 {
		s, more = string(r[:40]), true
	}
	if more {
		s += "…"
	}
	if s == "" {
		return strconv.Quote(s)
	}
	return s
}
