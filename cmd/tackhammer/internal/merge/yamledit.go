package merge

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// yamlMerge gathers what is to be done to ours' lines.
type yamlMerge struct {
	names Names
	edits []yamlEdit
}

// yamlEdit puts lines in place of ours' lines from at up to end. marked are
// these with the marks of a conflict, nil where there is none.
type yamlEdit struct {
	at, end int
	lines   []string
	marked  []string
}

// group merges the entries of a group and returns what it then means.
func (m *yamlMerge) group(base, ours, theirs yamlGroup) map[string]any {
	want := map[string]any{}
	for _, key := range keysOf(theirs, ours) {
		b, o, t := base.find(key), ours.find(key), theirs.find(key)
		switch choose(b.valueOr(), o.valueOr(), t.valueOr()) {
		case keep:
			set(want, key, o)
		case take:
			m.take(b, o, t, place(ours, theirs, key), ours.indent)
			set(want, key, t)
		case split:
			want[key] = m.split(b, o, t)
		case dispute:
			m.clash(b, o, t, place(ours, theirs, key), ours.indent)
			set(want, key, o)
		}
	}
	return want
}

func set(group map[string]any, key string, e *yamlEntry) {
	if e != nil {
		group[key] = e.value
	}
}

// keysOf are all keys, those of the first group first.
func keysOf(groups ...yamlGroup) []string {
	var keys []string
	for _, g := range groups {
		for _, e := range g.entries {
			if !slices.Contains(keys, e.key) {
				keys = append(keys, e.key)
			}
		}
	}
	return keys
}

// place is the line of ours before which an entry of theirs belongs: behind
// the one that precedes it there.
func place(ours, theirs yamlGroup, key string) int {
	i := slices.IndexFunc(theirs.entries, func(e *yamlEntry) bool { return e.key == key })
	for i--; i >= 0; i-- {
		if o := ours.find(theirs.entries[i].key); o != nil {
			return o.last
		}
	}
	if len(ours.entries) == 0 {
		return 0
	}
	return ours.entries[0].head
}

// take makes of ours' entry what theirs is.
func (m *yamlMerge) take(base, ours, theirs *yamlEntry, at, indent int) {
	known := ours != nil && ours.comments() == base.comments() // nobody of the team wrote them
	switch {
	case ours == nil:
		m.put(at, at, append(indented(theirs.lines[theirs.head:theirs.first], theirs.indent, indent), theirs.body(indent)...))
	case theirs == nil && known:
		m.put(ours.head, ours.last, nil)
	case theirs == nil:
		m.put(ours.first, ours.last, nil)
	default:
		if known && ours.comments() != theirs.comments() {
			m.put(ours.head, ours.first, indented(theirs.lines[theirs.head:theirs.first], theirs.indent, ours.indent))
		}
		m.put(ours.first, ours.last, remarked(base.body(ours.indent), ours.body(ours.indent), theirs.body(ours.indent)))
	}
}

func (m *yamlMerge) put(at, end int, lines []string) {
	m.edits = append(m.edits, yamlEdit{at: at, end: end, lines: lines})
}

// clash puts marks around the entry, which stays ours.
func (m *yamlMerge) clash(base, ours, theirs *yamlEntry, at, indent int) {
	end := at
	if ours != nil {
		at, end, indent = ours.first, ours.last, ours.indent
	}
	kept := ours.body(indent)
	m.edits = append(m.edits, yamlEdit{at, end, kept, conflict(base.body(indent), kept, theirs.body(indent), m.names)})
}

// split merges two groups of one key. One in braces is written anew.
func (m *yamlMerge) split(base, ours, theirs *yamlEntry) any {
	if !ours.flow && len(ours.below) > 0 {
		return m.group(base.group(), ours.group(), theirs.group())
	}
	pairs, want, ok := braces(base.group(), ours.group(), theirs.group())
	if text := strings.Join(ours.lines[ours.first:ours.last], ""); !ok || strings.Contains(text, "#") && ours.last > ours.first+1 {
		m.clash(base, ours, theirs, 0, 0)
		return ours.value
	}
	line, comment := cutComment(ours.body(ours.indent)[0])
	head, _, _ := strings.Cut(line, "{")
	m.put(ours.first, ours.last, []string{head + "{" + strings.Join(pairs, ", ") + "}" + comment + "\n"})
	return want
}

// braces merges a group in braces into its pairs; ok is false where a pair
// cannot be merged whole, or not be written on a line.
func braces(base, ours, theirs yamlGroup) (pairs []string, want map[string]any, ok bool) {
	want = map[string]any{}
	for _, key := range keysOf(ours, theirs) {
		e := ours.find(key)
		switch choose(base.find(key).valueOr(), e.valueOr(), theirs.find(key).valueOr()) {
		case take:
			e = theirs.find(key)
		case split, dispute:
			return nil, nil, false
		}
		if e == nil {
			continue
		}
		text, comment := cutComment(strings.Join(e.body(0), ""))
		if strings.Contains(text, "\n") || comment != "" {
			return nil, nil, false
		}
		pairs, want[key] = append(pairs, strings.TrimSpace(text)), e.value
	}
	return pairs, want, len(pairs) > 0
}

// remarked is theirs' lines with the comment that the team put behind the
// value of ours.
func remarked(base, ours, theirs []string) []string {
	if len(ours) != 1 || len(theirs) != 1 {
		return theirs
	}
	_, comment := cutComment(ours[0])
	if len(base) == 1 {
		if _, old := cutComment(base[0]); old == comment {
			return theirs
		}
	}
	if comment == "" {
		return theirs
	}
	text, _ := cutComment(theirs[0])
	return []string{text + comment + "\n"}
}

// cutComment parts a line into what stands before a comment, and the comment
// with the blanks before it.
func cutComment(line string) (text, comment string) {
	line = strings.TrimRight(line, "\n")
	quote := byte(0)
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case quote != 0 && c == '\\' && quote == '"':
			i++
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\'') && opens(line, i):
			quote = c
		case quote == 0 && c == '#' && i > 0 && (line[i-1] == ' ' || line[i-1] == '\t'):
			text = strings.TrimRight(line[:i], " \t")
			return text, line[len(text):]
		}
	}
	return line, ""
}

// opens reports whether a quote at i begins a text, rather than standing in a
// word.
func opens(line string, i int) bool {
	return i == 0 || strings.ContainsRune(" \t[{,:", rune(line[i-1]))
}

// text is ours' lines with all that is to be done, with or without marks.
func (m *yamlMerge) text(lines []string, marks bool) []byte {
	slices.SortStableFunc(m.edits, func(a, b yamlEdit) int { return cmp.Or(a.at-b.at, min(1, a.end-a.at)-min(1, b.end-b.at)) })
	var out strings.Builder
	next := 0
	for _, e := range m.edits {
		put := e.lines
		if marks && e.marked != nil {
			put = e.marked
		}
		out.WriteString(strings.Join(lines[min(next, e.at):e.at], "") + strings.Join(put, ""))
		next = max(next, e.end)
	}
	out.WriteString(strings.Join(lines[next:], ""))
	return []byte(out.String())
}

// means reports whether the text, without marks, says what it is to say.
func (m *yamlMerge) means(lines []string, want map[string]any) bool {
	var got map[string]any
	err := yaml.Unmarshal(m.text(lines, false), &got)
	return err == nil && (reflect.DeepEqual(got, want) || len(got)+len(want) == 0)
}

func (m *yamlMerge) conflicts() int {
	n := 0
	for _, e := range m.edits {
		if e.marked != nil {
			n++
		}
	}
	return n
}
