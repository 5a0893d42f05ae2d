package nail

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// lines are a YAML text by its lines, each with its end.
type lines struct {
	all []string
	end string // what ends a line
}

// entry is a key and what stands behind it: the lines from first up to last,
// without the blanks and comments that follow.
type entry struct {
	key         string
	first, last int
	indent      int
	value       int // where in the first line the key's colon ends
}

func newLines(text string) *lines {
	t := &lines{all: strings.SplitAfter(text, "\n"), end: "\n"}
	if strings.Contains(text, "\r\n") {
		t.end = "\r\n"
	}
	if last := len(t.all) - 1; t.all[last] == "" {
		t.all = t.all[:last]
	} else {
		t.all[last] += t.end
	}
	return t
}

// String is the text.
func (t *lines) String() string { return strings.Join(t.all, "") }

// keyShape matches a line that begins with a key.
var keyShape = regexp.MustCompile(`^( *)("[^"\\]*"|'[^']*'|[^\s#:"'\[\]{}&*!|>%@,-][^:#"'{}\[\],]*):(?:[ \t\r\n]|$)`)

// entries lists the keys of the group that the lines from first up to last
// hold.
func (t *lines) entries(first, last int) []entry {
	var all []entry
	for i := first; i < last; i++ {
		m := keyShape.FindStringSubmatchIndex(t.all[i])
		if m == nil {
			continue
		}
		e := entry{key: strings.Trim(t.all[i][m[4]:m[5]], `"'`), first: i, indent: m[3], value: m[5] + 1}
		if len(all) > 0 && e.indent != all[0].indent {
			continue // a key of a group below, or a line of a text
		}
		all = append(all, e)
	}
	for i := range all {
		end := last
		if i+1 < len(all) {
			end = all[i+1].first
		}
		for end > all[i].first+1 && t.beside(end-1, all[i].indent) {
			end--
		}
		all[i].last = end
	}
	return all
}

// beside reports whether the line belongs to no entry of that indentation: it
// is blank, or a comment no further in.
func (t *lines) beside(i, indent int) bool {
	body := strings.TrimSpace(t.all[i])
	in := len(t.all[i]) - len(strings.TrimLeft(t.all[i], " "))
	return body == "" || body[0] == '#' && in <= indent
}

// cut takes an entry away.
func (t *lines) cut(e entry) { t.all = slices.Delete(t.all, e.first, e.last) }

// insert puts lines before line i.
func (t *lines) insert(i int, indent string, add ...string) {
	for j := range add {
		add[j] = indent + add[j] + t.end
	}
	t.all = slices.Insert(t.all, i, add...)
}

// text is an entry as it stands, without the end of its last line.
func (t *lines) text(e entry) string {
	return strings.TrimRight(strings.Join(t.all[e.first:e.last], ""), "\r\n")
}

// replace puts text in place of an entry.
func (t *lines) replace(e entry, text string) {
	t.all = slices.Replace(t.all, e.first, e.last, strings.SplitAfter(text+t.end, "\n")[:strings.Count(text, "\n")+1]...)
}

// isFlow reports whether the entry is a group in braces.
func (t *lines) isFlow(e entry) bool {
	return strings.HasPrefix(strings.TrimLeft(t.all[e.first][e.value:], " \t"), "{")
}

// put gives an entry another value. A comment behind it stays, where it stood
// if it can.
func (t *lines) put(e entry, value string) {
	text := t.text(e)
	start, end := valueSpan(text, e.value)
	head, old, rest := text[:start], text[start:end], text[end:]
	if comment, _, _ := strings.Cut(text[e.value:], "\n"); strings.Contains(old, "\n") && strings.Contains(comment, " #") {
		_, comment, _ = strings.Cut(comment, " #") // of the line on which a text or a group begins
		rest = "  #" + strings.TrimRight(comment, "\r")
	}
	if start == e.value {
		head += " "
	}
	if !strings.Contains(old, "\n") {
		rest = shift(rest, utf8.RuneCountInString(value)-utf8.RuneCountInString(old))
	}
	t.replace(e, head+value+rest)
}

// shift moves a comment to where it stood before the value grew by so many
// letters.
func shift(rest string, by int) string {
	comment := strings.TrimLeft(rest, " ")
	room := len(rest) - len(comment)
	if comment == "" || comment[0] != '#' {
		return rest
	}
	return strings.Repeat(" ", max(min(2, room), room-by)) + comment
}

// valueSpan tells where in an entry's text the value stands that begins behind
// the colon at from.
func valueSpan(text string, from int) (start, end int) {
	start = from
	for start < len(text) && (text[start] == ' ' || text[start] == '\t') {
		start++
	}
	if start == len(text) || strings.ContainsRune("\r\n#|>", rune(text[start])) { // it stands in the lines below
		if line, _, more := strings.Cut(text[from:], "\n"); !more && strings.HasPrefix(strings.TrimSpace(line), "#") {
			return from, from // nothing but a comment
		}
		return from, len(text)
	}
	switch text[start] {
	case '{', '[', '"', '\'':
		return start, start + closes(text[start:])
	}
	if strings.Contains(text[start:], "\n") {
		return start, len(text)
	}
	return start, start + bareLength(text[start:])
}

// bareLength is the length of the text without quotes that s begins with.
func bareLength(s string) int {
	s, _, _ = strings.Cut(s, "\n")
	if i := strings.Index(s, " #"); i >= 0 {
		s = s[:i]
	}
	return len(strings.TrimRight(s, " \t\r"))
}

// closes is the length of the group, list or quoted text that s begins with.
func closes(s string) int {
	var open []byte
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case len(open) == 0 && i > 0:
			return i
		case c == '"' || c == '\'':
			i += quotedLength(s[i:]) - 1
			if len(open) == 0 {
				return min(i+1, len(s))
			}
		case c == '{' || c == '[':
			open = append(open, c)
		case c == '}' || c == ']':
			open = open[:len(open)-1]
		case c == '#' && i > 0 && strings.ContainsRune(" \t\n", rune(s[i-1])):
			n := strings.IndexByte(s[i:], '\n')
			if n < 0 {
				return len(s)
			}
			i += n
		}
	}
	return len(s)
}

// quotedLength is the length of the quoted text that s begins with.
func quotedLength(s string) int {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && s[0] == '"':
			i++
		case s[i] == s[0] && s[0] == '\'' && i+1 < len(s) && s[i+1] == '\'':
			i++
		case s[i] == s[0]:
			return i + 1
		}
	}
	return len(s)
}
