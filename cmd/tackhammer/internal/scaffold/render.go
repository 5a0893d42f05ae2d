package scaffold

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"

	"github.com/tackhammer/tackhammer/kit"
)

// The delimiters of what is filled in.
const leftDelim, rightDelim = "<%", "%>"

// What the template files of one app may make and do. A template is data, also
// one that was made to fill a disk or to run for ever.
const (
	mostRendered  = 64 << 20 // bytes, of all files and of what functions return
	mostOfOneFile = 10 << 20 // bytes
	mostSteps     = 1 << 17  // turns of a range, and templates called by others
)

// stepFunc counts a step. No file can name it.
const stepFunc = "_step"

// renderer runs the .tmpl files of one app and keeps count.
type renderer struct{ bytes, steps int }

// render runs a .tmpl file with data; other files pass unchanged. It fails with
// the file's name and line.
func (r *renderer) render(file string, text []byte, data any) ([]byte, error) {
	if !strings.HasSuffix(file, ".tmpl") {
		return text, nil
	}
	if len(text) > longestText {
		return nil, kit.Errorf(kit.Invalid, "parse template file: %s has %d bytes; %d are the most for one that is filled in", file, len(text), longestText)
	}
	if bytes.Contains(text, []byte(stepFunc)) {
		return nil, kit.Errorf(kit.Invalid, "parse template file: %s: %s is not for a file to name", file, stepFunc)
	}
	w := &bounded{left: mostOfOneFile, all: r, name: file}
	t, err := template.New(file).Delims(leftDelim, rightDelim).Funcs(w.funcs()).Option("missingkey=error").Parse(string(text))
	if err != nil {
		return nil, kit.Errorf(kit.Invalid, "parse template file: %w", err)
	}
	for _, each := range t.Templates() {
		countSteps(each.Root)
	}
	if err := t.Execute(w, data); err != nil {
		if w.stopped != nil {
			err = w.stopped
		}
		return nil, kit.Errorf(kit.Invalid, "render template file: %w", err)
	}
	return w.made.Bytes(), nil
}

// bounded takes what one file makes.
type bounded struct {
	made    bytes.Buffer
	left    int
	all     *renderer
	name    string
	line    int // of the latest step
	stopped error
}

var _ io.Writer = (*bounded)(nil)

func (w *bounded) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, w.stop("makes more than %d MB", mostOfOneFile>>20)
	}
	if err := w.spend(len(p)); err != nil {
		return 0, err
	}
	return w.made.Write(p)
}

// spend counts bytes that were made.
func (w *bounded) spend(n int) error {
	if w.all.bytes += n; w.all.bytes > mostRendered {
		return w.stop("and what stands before it make more than %d MB", mostRendered>>20)
	}
	return nil
}

// stop ends the run of the file, and says where.
func (w *bounded) stop(format string, args ...any) error {
	at := w.name
	if w.line > 0 {
		at = fmt.Sprintf("%s:%d", w.name, w.line)
	}
	if w.stopped == nil {
		w.stopped = fmt.Errorf("%s "+format, append([]any{at}, args...)...)
	}
	return w.stopped
}

// step is called for each turn of a range and each template that another calls.
func (w *bounded) step(line int) (string, error) {
	w.line = line
	if w.all.steps++; w.all.steps > mostSteps {
		return "", w.stop("does not come to an end: it takes more than %d steps", mostSteps)
	}
	return "", nil
}

// funcs are what a template file can call besides text/template's own; those
// that make text take the place of its own, and are held to the limits.
func (w *bounded) funcs() template.FuncMap {
	return template.FuncMap{
		stepFunc: w.step,
		// quote makes a string literal that Go, YAML and JSON all read alike:
		// names are printable, so only quotes and backslashes are escaped.
		"quote":    func(v string) (string, error) { return w.text(quote, v) },
		"print":    func(v ...any) (string, error) { return w.text(fmt.Sprint, v...) },
		"println":  func(v ...any) (string, error) { return w.text(fmt.Sprintln, v...) },
		"html":     func(v ...any) (string, error) { return w.text(template.HTMLEscaper, v...) },
		"js":       func(v ...any) (string, error) { return w.text(template.JSEscaper, v...) },
		"urlquery": func(v ...any) (string, error) { return w.text(template.URLQueryEscaper, v...) },
		"printf":   w.printf,
	}
}

func quote(v ...any) string { return strconv.Quote(v[0].(string)) }

// longestText is the most that a function is given, in bytes: what it returns
// is of the same order.
const longestText = 1 << 20

func (w *bounded) text(make func(...any) string, v ...any) (string, error) {
	given := 0
	for _, one := range v {
		given += sizeOf(one)
	}
	if given > longestText {
		return "", w.stop("calls a function with more than %d MB", longestText>>20)
	}
	s := make(v...)
	return s, w.spend(len(s))
}

// printf is fmt.Sprintf without what makes much of little: a width or precision
// above 99, or one that is an argument.
func (w *bounded) printf(format string, v ...any) (string, error) {
	most := 100
	for _, one := range v {
		most = max(most, sizeOf(one))
	}
	for i, digits := 0, 0; i < len(format); i++ {
		if format[i] < '0' || format[i] > '9' {
			digits = 0
		} else if digits++; digits > 2 {
			return "", w.stop("calls printf with a number of three digits in its format")
		}
	}
	if strings.Contains(format, "*") || most*(1+strings.Count(format, "%")) > longestText {
		return "", w.stop("calls printf with a format that makes more than %d MB, or has a star", longestText>>20)
	}
	return w.text(func(v ...any) string { return fmt.Sprintf(format, v...) }, v...)
}

func sizeOf(v any) int {
	if s, ok := v.(string); ok {
		return len(s)
	}
	return len(fmt.Sprint(v))
}

// countSteps puts a call of stepFunc into each range and before each call of a
// template below list.
func countSteps(list *parse.ListNode) {
	if list == nil {
		return
	}
	nodes := make([]parse.Node, 0, len(list.Nodes))
	for _, n := range list.Nodes {
		switch n := n.(type) {
		case *parse.RangeNode:
			countSteps(n.List)
			n.List.Nodes = append([]parse.Node{stepAt(n.Line)}, n.List.Nodes...)
			countSteps(n.ElseList)
		case *parse.IfNode:
			countSteps(n.List)
			countSteps(n.ElseList)
		case *parse.WithNode:
			countSteps(n.List)
			countSteps(n.ElseList)
		case *parse.TemplateNode:
			nodes = append(nodes, stepAt(n.Line))
		}
		nodes = append(nodes, n)
	}
	list.Nodes = nodes
}

// stepAt is the call of stepFunc for a line.
func stepAt(line int) parse.Node {
	t, err := parse.Parse("", fmt.Sprintf("{{%s %d}}", stepFunc, line), "", "", map[string]any{stepFunc: 0})
	if err != nil {
		panic(err) // the text is always the same but for a number
	}
	return t[""].Root.Nodes[0]
}
