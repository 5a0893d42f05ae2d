package verify

import (
	"regexp"
	"sort"
	"strings"
)

// reading is a text as a database reads it: its words in lower case and its
// marks, a space between them and none at a dot, without comments, and with
// quoted names bare. A literal is a quote with its word, or with nothing.
type reading struct {
	plain    string
	marks    []mark
	literals []mark
}

// mark is where a piece of the plain text stands in the original; of a literal,
// text is what it holds.
type mark struct {
	plain, at int
	text      string
}

// at is the place in the original of a place in the plain text.
func (r *reading) at(plain int) int {
	i := sort.Search(len(r.marks), func(i int) bool { return r.marks[i].plain > plain })
	if i == 0 {
		return 0
	}
	return r.marks[i-1].at
}

// lexeme is how the next piece of a text looks to the two databases: SQLite
// takes a backslash and a dollar for what they are, and PostgreSQL reads E”
// and $$ as quotes.
type lexeme struct {
	name *regexp.Regexp
	kind byte // ' literal, " name, w word, - comment
}

var (
	common = []lexeme{
		{regexp.MustCompile(`(?s)^(?:--[^\n]*|/\*.*?(?:\*/|$))`), '-'},
		{regexp.MustCompile("^(?:\"((?:[^\"]|\"\")*)\"|`([^`]*)`|\\[(\\w+)\\])"), '"'},
		{regexp.MustCompile(`^[\w\x{80}-\x{10ffff}]+`), 'w'},
	}
	asSQLite   = append([]lexeme{{regexp.MustCompile(`(?s)^'((?:[^']|'')*)(?:'|$)`), '\''}}, common...)
	asPostgres = append([]lexeme{
		{regexp.MustCompile(`(?s)^[eE]?'((?:[^'\\]|''|\\.)*)(?:'|$)`), '\''},
		{regexp.MustCompile(`(?s)^\$\$(.*?)(?:\$\$|$)`), '\''},
		{regexp.MustCompile(`(?s)^\$body\$(.*?)(?:\$body\$|$)`), '\''},
	}, common...)
	oneWord = regexp.MustCompile(`^\w+$`)
)

// readAs takes a text apart.
func readAs(text string, lexemes []lexeme) *reading {
	r := &reading{}
	var b strings.Builder
	for at := 0; at < len(text); {
		if strings.IndexByte(" \t\r\n\f\v", text[at]) >= 0 {
			at++
			continue
		}
		kind, whole, inner := nextLexeme(text[at:], lexemes)
		if kind != '-' {
			r.put(&b, at, kind, whole, inner)
		}
		at += len(whole)
	}
	r.plain = b.String()
	return r
}

// nextLexeme is the piece that a text begins with; any other sign is one by itself.
func nextLexeme(text string, lexemes []lexeme) (kind byte, whole, inner string) {
	for _, t := range lexemes {
		if m := t.name.FindStringSubmatch(text); m != nil {
			return t.kind, m[0], strings.Join(m[1:], "")
		}
	}
	return text[0], text[:1], ""
}

func (r *reading) put(b *strings.Builder, at int, kind byte, whole, inner string) {
	written := b.String()
	if whole != "." && !strings.HasSuffix(written, ".") && written != "" {
		b.WriteByte(' ')
	}
	r.marks = append(r.marks, mark{plain: b.Len(), at: at})
	switch {
	case kind == '\'':
		r.literals = append(r.literals, mark{at: at + strings.Index(whole, inner), text: inner})
		if b.WriteByte('\''); oneWord.MatchString(inner) {
			b.WriteString(strings.ToLower(inner))
		}
	case kind == '"' && oneWord.MatchString(inner):
		b.WriteString(strings.ToLower(inner))
	case kind == '"':
		b.WriteByte('?')
	default:
		b.WriteString(strings.ToLower(whole))
	}
}
