package verify

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Severity says whether a Finding speaks against the proof.
type Severity string

// An Error breaks the proof; a Warning is for a person to look at.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Finding is one thing that speaks against the promise.
type Finding struct {
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"`
	File     string   `json:"file,omitempty"` // below the app, with slashes; "" for the app as a whole
	Line     int      `json:"line,omitempty"` // from 1; 0 for the file as a whole
	Column   int      `json:"column,omitempty"`
	Words    string   `json:"words"`
	Mend     string   `json:"mend"`
}

// Where is FILE:LINE:COLUMN, as far as it is known.
func (f Finding) Where() string {
	switch {
	case f.File == "":
		return "the app"
	case f.Line == 0:
		return printed(f.File)
	}
	return fmt.Sprintf("%s:%d:%d", printed(f.File), f.Line, f.Column)
}

// printed is a text of the app as a terminal may have it: what does not print,
// such as the start of a command to the terminal, is written out.
func printed(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return text
	}
	quoted := strconv.Quote(text)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}

// place is where a finding stands.
type place struct {
	file         string // below the app, with slashes
	line, column int
}

// tell adds a finding of a rule, once.
func (s *session) tell(rule string, at place, format string, args ...any) {
	r := ruleOf(rule)
	s.add(Finding{Rule: r.ID, Severity: r.Severity, File: at.file, Line: at.line, Column: at.column,
		Words: s.sentence(format, args...), Mend: s.word(r.Mend)})
}

// warn is tell for what is less than the rule's own severity.
func (s *session) warn(rule string, at place, format string, args ...any) {
	r := ruleOf(rule)
	s.add(Finding{Rule: r.ID, Severity: Warning, File: at.file, Line: at.line, Column: at.column,
		Words: s.sentence(format, args...), Mend: s.word(r.Mend)})
}

// word is a text in the language of the report.
func (s *session) word(english string) string {
	if s.Say == nil {
		return english
	}
	return s.Say(english)
}

func (s *session) sentence(format string, args ...any) string {
	return fmt.Sprintf(s.word(format), args...)
}

func (s *session) add(f Finding) {
	f.Words = printed(f.Words)
	if !s.seen[f] {
		s.seen[f] = true
		s.rep.Findings = append(s.rep.Findings, f)
	}
}

// below is a path as findings name it: below the app with slashes, or as it is
// when it lies elsewhere.
func (s *session) below(path string) string {
	rel, err := filepath.Rel(s.root, path)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return filepath.ToSlash(path)
	}
	return filepath.ToSlash(rel)
}

// sortFindings puts errors first, then the order of files and lines.
func sortFindings(all []Finding) {
	slices.SortFunc(all, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Words, b.Words))
	})
}
