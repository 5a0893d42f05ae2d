package model

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"path"
	"slices"
	"strings"
	"sync"
	"text/template"

	"github.com/goccy/go-yaml"

	"github.com/tackhammer/tackhammer/kit"
)

// Rendered is a prompt ready to be sent.
type Rendered struct {
	System  string
	User    string
	Options Options
	Hash    string // hex SHA-256 of the prompt file's bytes
}

// Prompts are the prompt files of an app, one a draft step. It is safe for
// many goroutines.
type Prompts struct {
	// Dev reads a file again whenever it changed; one that is broken or gone
	// leaves the last good prompt in force. Set it before the first Render.
	// Defaults to false: what was checked at the start stays.
	Dev bool

	// Log takes what is wrong with a file that Dev read again, once for each
	// fault. Defaults to slog.Default().
	Log *slog.Logger

	fsys   fs.FS
	dir    string
	mu     sync.Mutex // guards what follows
	byID   map[string]*prompt
	faults map[string]string // by task: what was last told to be wrong
}

// prompt is one parsed file.
type prompt struct {
	raw     []byte
	hash    string
	options Options
	body    *template.Template
}

// LoadPrompts reads every file TASK.md in dir. A file is YAML front matter
// (see Options; an unknown key is refused) between lines of "---", then a
// text/template with
//
//	{{.Source}}   the document's text, quoted as data
//	{{.Input}}    the step's input as JSON, quoted as data
//	{{.Schema}}   the JSON Schema of the answer
//	{{.Comment}}  a person's words when they returned the last draft, quoted
//	{{.Earlier}}  earlier answers that did not validate: {{range .Earlier}}{{range .Problems}}{{.Path}} {{.Message}}{{end}}{{end}}
//
// What a request carries and the template leaves out is added at the end, so
// that no prompt forgets the schema or a person's words. Each file is tried on
// a sample: a misnamed field is a kit.Invalid error that names file and line.
func LoadPrompts(fsys fs.FS, dir string) (*Prompts, error) {
	files, err := fs.Glob(fsys, path.Join(dir, "*.md"))
	if err != nil || len(files) == 0 {
		return nil, kit.Errorf(kit.NotFound, "load prompts: no file %s", path.Join(dir, "*.md"))
	}
	ps := &Prompts{fsys: fsys, dir: dir, byID: make(map[string]*prompt), faults: make(map[string]string)}
	for _, file := range files {
		if _, err := ps.load(strings.TrimSuffix(path.Base(file), ".md")); err != nil {
			return nil, err
		}
	}
	return ps, nil
}

// Tasks lists the tasks that have a prompt, sorted.
func (ps *Prompts) Tasks() []string {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	var out []string
	for task := range ps.byID {
		out = append(out, task)
	}
	slices.Sort(out)
	return out
}

// Hash returns the hex SHA-256 of the whole file of task, "" when there is none.
func (ps *Prompts) Hash(task string) string {
	p, err := ps.get(task)
	if err != nil {
		return ""
	}
	return p.hash
}

// Render fills the prompt of task for req. A task without a file is
// kit.NotFound.
func (ps *Prompts) Render(task string, req Request) (Rendered, error) {
	p, err := ps.get(task)
	if err != nil {
		return Rendered{}, err
	}
	return p.render(req)
}

// get returns the prompt of task, fresh from its file with Dev.
func (ps *Prompts) get(task string) (*prompt, error) {
	if ps.Dev {
		return ps.fresh(task)
	}
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if p, ok := ps.byID[task]; ok {
		return p, nil
	}
	return nil, kit.Errorf(kit.NotFound, "find the prompt of %q: no such file", task).WithHint("write %s", ps.file(task))
}

// fresh reads the file of task again. One that was good and is not, as when an
// editor is half-way through saving it, must not fail cases.
func (ps *Prompts) fresh(task string) (*prompt, error) {
	p, err := ps.load(task)
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if err == nil {
		delete(ps.faults, task)
		return p, nil
	}
	good := ps.byID[task]
	if good == nil {
		return nil, err
	}
	if ps.faults[task] != err.Error() {
		ps.faults[task] = err.Error()
		ps.logger().Warn("the prompt is broken, the last good one stays in force", "task", task, "error", err, "hint", kit.HintOf(err))
	}
	return good, nil
}

func (ps *Prompts) logger() *slog.Logger {
	if ps.Log != nil {
		return ps.Log
	}
	return slog.Default()
}

func (ps *Prompts) file(task string) string { return path.Join(ps.dir, task+".md") }

// load reads the file of task and parses it when it changed.
func (ps *Prompts) load(task string) (*prompt, error) {
	file := ps.file(task)
	raw, err := fs.ReadFile(ps.fsys, file)
	if err != nil {
		return nil, kit.Errorf(kit.NotFound, "read the prompt of %q: %w", task, err).WithHint("write %s", file)
	}
	ps.mu.Lock()
	old := ps.byID[task]
	ps.mu.Unlock()
	if old != nil && bytes.Equal(old.raw, raw) {
		return old, nil
	}
	p, err := parsePrompt(file, raw)
	if err != nil {
		return nil, err
	}
	ps.mu.Lock()
	ps.byID[task] = p
	ps.mu.Unlock()
	return p, nil
}

// parsePrompt reads one file and tries it on a sample.
func parsePrompt(file string, raw []byte) (*prompt, error) {
	p := &prompt{raw: raw, hash: kit.Hash(raw)}
	text := strings.ReplaceAll(string(raw), "\r\n", "\n")
	if strings.TrimSpace(text) == "" {
		return nil, kit.Errorf(kit.Invalid, "read prompt %s: the file is empty", file)
	}
	front, body, lines, closed := splitFront(text)
	if !closed {
		return nil, kit.Errorf(kit.Invalid, "read prompt %s: the front matter does not end", file).WithHint("close it with a line ---")
	}
	if err := readFront(file, front, &p.options); err != nil {
		return nil, err
	}
	// The body keeps its line numbers: errors of the template name them.
	tmpl, err := template.New(file).Option("missingkey=error").Parse(strings.Repeat("\n", lines) + body)
	if err != nil {
		return nil, promptError(file, err)
	}
	p.body = tmpl
	if p.options.System != "" && tmpl.Lookup("system") != nil {
		return nil, kit.Errorf(kit.Invalid, "read prompt %s: system stands in the front matter and in the body; keep one", file)
	}
	if _, err := p.render(sample()); err != nil {
		return nil, err
	}
	return p, nil
}

// splitFront parts the front matter from the body; lines is how many lines
// stand before the body. Front matter that is opened must be closed.
func splitFront(text string) (front, body string, lines int, closed bool) {
	rest, ok := strings.CutPrefix(text, "---\n")
	if !ok {
		return "", text, 0, true
	}
	front, body, closed = strings.Cut("\n"+rest+"\n", "\n---\n")
	return strings.TrimPrefix(front, "\n"), strings.TrimSuffix(body, "\n"), 2 + strings.Count(front, "\n"), closed
}

// readFront decodes the front matter strictly.
func readFront(file, front string, into *Options) error {
	if strings.TrimSpace(front) != "" {
		// The empty first line stands for "---": positions are the file's.
		dec := yaml.NewDecoder(strings.NewReader("\n"+front), yaml.Strict())
		if err := dec.Decode(into); err != nil {
			return frontError(file, err)
		}
	}
	if err := into.fill(); err != nil {
		return kit.Errorf(kit.Invalid, "read prompt %s: %w", file, err)
	}
	return nil
}

func frontError(file string, err error) error {
	var at yaml.Error
	if errors.As(err, &at) && at.GetToken() != nil {
		pos := at.GetToken().Position
		return kit.Errorf(kit.Invalid, "read prompt %s:%d:%d: %s", file, pos.Line, pos.Column, at.GetMessage()).
			WithHint("front matter knows system, temperature, seed, max_tokens, num_ctx, tries, samples and borderline")
	}
	return kit.Errorf(kit.Invalid, "read prompt %s: %w", file, err)
}

func promptError(file string, err error) error {
	return kit.Errorf(kit.Invalid, "read prompt %s", strings.TrimPrefix(err.Error(), "template: ")).
		WithHint("the body may use .Source, .Input, .Schema, .Comment and .Earlier; see %s", file)
}

// Options returns the front matter of task, defaults filled in.
func (ps *Prompts) Options(task string) (Options, error) {
	p, err := ps.get(task)
	if err != nil {
		return Options{}, err
	}
	return p.options, nil
}

// Tries is how many answers the prompt of task asks for until one validates; 1
// for a task without a prompt, of which the asking itself tells the error.
func (ps *Prompts) Tries(task string) int {
	o, err := ps.Options(task)
	if err != nil {
		return 1
	}
	return o.Tries
}

// Samples is what the front matter of task says: see Sampler.
func (ps *Prompts) Samples(task string) (n int, borderline float64) {
	o, err := ps.Options(task)
	if err != nil {
		return 0, 0 // Render tells the error
	}
	return o.Samples, o.Borderline
}
