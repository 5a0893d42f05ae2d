package merge

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/tackhammer/tackhammer/kit"
)

// yamlDoc is a YAML text: what it means, and where its keys stand.
type yamlDoc struct {
	lines   []string
	value   any // map[string]any
	entries []*yamlEntry
}

// yamlEntry is a key with its value. Its lines are lines[first:last]; the blank
// lines and comments that belong to it are those from head on.
type yamlEntry struct {
	key               string
	value             any
	lines             []string
	head, first, last int
	indent            int
	flow              bool         // a group in braces
	below             []*yamlEntry // of a group
}

// yamlGroup is the entries of one group, and what an entry more is indented by.
type yamlGroup struct {
	entries []*yamlEntry
	indent  int
}

func (d *yamlDoc) group() yamlGroup { return yamlGroup{entries: d.entries} }

func (e *yamlEntry) group() yamlGroup {
	if e == nil || len(e.below) == 0 {
		return yamlGroup{}
	}
	return yamlGroup{e.below, e.below[0].indent}
}

// find is the entry of that key, nil where there is none.
func (g yamlGroup) find(key string) *yamlEntry {
	if i := slices.IndexFunc(g.entries, func(e *yamlEntry) bool { return e.key == key }); i >= 0 {
		return g.entries[i]
	}
	return nil
}

func (e *yamlEntry) valueOr() any {
	if e == nil {
		return absent{}
	}
	return e.value
}

// readYAML reads a text whose lines end in \n and that holds one group of keys,
// or nothing.
func readYAML(text []byte) (*yamlDoc, error) {
	d := &yamlDoc{lines: splitLines(text), value: map[string]any{}}
	if n := len(d.lines); n > 0 && !strings.HasSuffix(d.lines[n-1], "\n") {
		d.lines[n-1] += "\n"
	}
	group := map[string]any{}
	if err := yaml.Unmarshal(text, &group); err != nil {
		return nil, kit.Errorf(kit.Invalid, "merge YAML: %w", err)
	}
	d.value = group
	file, err := parser.ParseBytes(text, 0)
	if err != nil || len(file.Docs) > 1 {
		return nil, kit.Errorf(kit.Invalid, "merge YAML: it is not one document")
	}
	if len(file.Docs) == 0 {
		return d, nil
	}
	if root, ok := file.Docs[0].Body.(ast.MapNode); ok {
		d.entries = d.read(root, group, 0, len(d.lines))
	}
	return d, nil
}

// read lists the entries of a group that stands in lines[from:end].
func (d *yamlDoc) read(node ast.MapNode, values map[string]any, from, end int) []*yamlEntry {
	var all []*yamlEntry
	var nodes []ast.Node
	for it := node.MapRange(); it.Next(); {
		at := it.Key().GetToken().Position
		e := &yamlEntry{key: keyName(it.Key()), lines: d.lines, first: at.Line - 1, indent: at.Column - 1}
		e.value = values[e.key]
		all, nodes = append(all, e), append(nodes, it.Value())
	}
	for i, e := range all {
		e.last = end
		if i+1 < len(all) {
			e.last = all[i+1].first
		}
		for e.last > e.first+1 && e.beside(e.last-1) {
			e.last--
		}
		e.head = d.headOf(e, from)
		from = e.last
		d.readBelow(e, nodes[i])
	}
	return all
}

// readBelow lists the entries of the group that an entry holds, if it does.
func (d *yamlDoc) readBelow(e *yamlEntry, node ast.Node) {
	values, isGroup := e.value.(map[string]any)
	below, isMap := node.(ast.MapNode)
	if !isGroup || !isMap {
		return
	}
	if m, ok := node.(*ast.MappingNode); ok && m.IsFlowStyle {
		e.flow = true
		for it := m.MapRange(); it.Next(); {
			key := keyName(it.Key())
			line := it.Key().String() + ": " + it.Value().String() + "\n"
			e.below = append(e.below, &yamlEntry{key: key, value: values[key], lines: []string{line}, last: 1})
		}
		return
	}
	e.below = d.read(below, values, e.first+1, e.last)
}

func keyName(key ast.MapKeyNode) string {
	if k, ok := key.(*ast.StringNode); ok {
		return k.Value
	}
	return key.String()
}

// beside reports whether line i does not belong to the entry before it: it is
// blank, or a comment no further in.
func (e *yamlEntry) beside(i int) bool {
	body := strings.TrimSpace(e.lines[i])
	in := len(e.lines[i]) - len(strings.TrimLeft(e.lines[i], " "))
	return body == "" || body[0] == '#' && in <= e.indent
}

// headOf is the first of the comments right above the entry, and of the blank
// lines above these.
func (d *yamlDoc) headOf(e *yamlEntry, from int) int {
	at := e.first
	for at > from && strings.HasPrefix(strings.TrimSpace(d.lines[at-1]), "#") {
		at--
	}
	for at > from && strings.TrimSpace(d.lines[at-1]) == "" {
		at--
	}
	return at
}

// comments are the entry's comments, without the blank lines.
func (e *yamlEntry) comments() string {
	if e == nil {
		return ""
	}
	return strings.TrimSpace(strings.Join(e.lines[e.head:e.first], ""))
}

// body is the entry's lines, indented anew.
func (e *yamlEntry) body(indent int) []string {
	if e == nil {
		return nil
	}
	return indented(e.lines[e.first:e.last], e.indent, indent)
}

func indented(lines []string, from, to int) []string {
	out := slices.Clone(lines)
	for i, l := range out {
		if strings.TrimSpace(l) != "" {
			l = strings.TrimPrefix(l, strings.Repeat(" ", from))
			out[i] = strings.Repeat(" ", to) + l
		}
	}
	return out
}
