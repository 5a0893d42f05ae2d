package nail

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/tackhammer/tackhammer/kit"
)

// kind is what may stand behind a key.
type kind string

const (
	group    kind = "a group of keys"
	text     kind = "text"
	number   kind = "a number"
	whole    kind = "a whole number"
	duration kind = "a duration"
	boolean  kind = "true or false"
	words    kind = "a list of words"
	groups   kind = "a list of groups of keys"
	goal     kind = "a number, or a group of keys"
)

// keys lists every key of nail.yaml by its path, but for those of a goal. A
// star stands for any name, [] for any place in a list.
var keys = withTerms(map[string]kind{
	"name": text, "title": text, "lang": text, "buyer": text, "job": text,
	"today": group, "today.minutes": number, "today.wage": number,
	"volume": whole, "price": number, "currency": text, "gpu_hour": number,
	"bar": group, "bar.*": goal,
	"scenario": text, "data": group, "data.cases": text, "data.answers": text, "data.source": text,
	"reviewer": group, "reviewer.wage": number, "budget": group, "budget.month": number,
	"openai": group, "openai.urls": words, "openai.key_env": text,
	"picked": group, "picked.model": text, "picked.digest": text, "picked.at": text,
	"picked.cases": whole, "picked.candidates": whole, "picked.figures": words,
	"model": text, "candidates": words, "slots": whole, "database": text,
	"review": group, "review.undo": duration,
	"review.tiers": groups, "review.tiers[].name": text, "review.tiers[].when": text,
	"review.tiers[].title": group, "review.tiers[].title.en": text, "review.tiers[].title.zh": text,
	"deliver": group, "deliver.folder": text,
	"deliver.webhook": group, "deliver.webhook.url": text, "deliver.webhook.secret_env": text,
	"limits": group, "limits.file_mb": whole,
	"signin": group, "signin.password": boolean, "signin.oidc": group, "signin.oidc.name": text, "signin.oidc.issuer": text,
	"signin.oidc.client_id": text, "signin.oidc.secret_env": text, "signin.oidc.domains": words, "signin.oidc.role": text,
	"retain": group, "retain.trail": text,
	"notify": group, "notify.every": duration, "notify.url": text,
	"notify.channels": groups, "notify.channels[].kind": text, "notify.channels[].lang": text,
	"notify.channels[].url_env": text, "notify.channels[].secret_env": text,
	"notify.channels[].smtp_env": text, "notify.channels[].from": text,
}, "review.", "review.tiers[].")

// terms lists the keys of Terms.
var terms = map[string]kind{
	"lease": duration, "escalate_after": duration, "due": duration,
	"quorum": whole, "four_eyes": boolean, "roles": words, "priority": whole, "escalation": words, "hourly_cap": whole,
	"second_look": number, "blind": number, "double_blind": number, "canaries": number,
	"lots": group, "lots.size": whole, "lots.after": duration, "lots.error": number, "lots.confidence": number,
}

// withTerms adds those below each of the paths.
func withTerms(keys map[string]kind, below ...string) map[string]kind {
	for _, up := range below {
		for name, k := range terms {
			keys[up+name] = k
		}
	}
	return keys
}

// place is a line and a column, both from 1.
type place struct{ line, column int }

// reading is a file while it is read: where each key's value stands, what the
// texts say, and what is wrong so far.
type reading struct {
	name     string
	places   map[string]place
	texts    map[string]string
	problems []problem
}

// problem is one mistake and where it stands.
type problem struct {
	at    place
	path  string
	words string
}

// Parse reads a nail from data; name is what errors call the file. It fails
// with kit.Invalid: the message has a line "name:line:column: what; mend" for
// each mistake, and Fields has the same by key.
func Parse(name string, data []byte) (Nail, error) {
	r := &reading{name: name, places: map[string]place{}, texts: map[string]string{}}
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return Nail{}, r.syntax(err)
	}
	r.walkFile(file)
	if len(r.problems) > 0 {
		return Nail{}, r.err()
	}
	n := defaults()
	if err := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict(), yaml.CustomUnmarshaler(decodeDuration), yaml.CustomUnmarshaler(decodeGoal)).Decode(&n); err != nil {
		return Nail{}, r.syntax(err)
	}
	for path, g := range n.Bar {
		n.Bar[path] = g.fill()
	}
	if n.Reviewer.Wage == 0 {
		n.Reviewer.Wage = n.Today.Wage
	}
	if n.Title == "" {
		n.Title = n.Name
	}
	if n.Deliver.Folder == "" && n.Deliver.Webhook.URL == "" {
		n.Deliver.Folder = "deliveries"
	}
	r.check(n)
	n.Review.Terms = n.Review.fill()
	for i, t := range n.Review.Tiers {
		n.Review.Tiers[i].Lots = t.Lots.fill()
	}
	n.Signin.OIDC = n.Signin.OIDC.fill()
	n.From = Source{name, string(data), r.places, r.texts}
	return n, r.err()
}

// defaults is what an empty file would mean.
func defaults() Nail {
	return Nail{
		Lang:     "en",
		Currency: "USD",
		Model:    "baseline",
		Data:     Data{Cases: "golden/cases", Answers: "golden/answers"},
		Slots:    4,
		Database: "sqlite",
		Review:   Review{Undo: 10 * time.Second, Terms: Terms{Lease: 10 * time.Minute, EscalateAfter: 72 * time.Hour, Quorum: 1}},
		Limits:   Limits{FileMB: 20},
		Signin:   Signin{Password: true, OIDC: OIDC{Role: "reviewer"}},
		Retain:   Retain{Trail: "365d"},
		Notify:   Notify{Every: 15 * time.Minute},
	}
}

// walkFile checks the keys of a file that holds one document.
func (r *reading) walkFile(file *ast.File) {
	switch {
	case len(file.Docs) > 1 && file.Docs[1].Body != nil:
		r.add(where(file.Docs[1].Body), "", "a second document; keep one document in the file")
	case len(file.Docs) == 0 || file.Docs[0].Body == nil:
		r.add(place{1, 1}, "", "the file is empty; start with a line such as name: my-service")
	case file.Docs[0].Body.Type() == ast.CommentType:
		r.add(place{1, 1}, "", "the file holds comments alone; start with a line such as name: my-service")
	default:
		r.walkGroup(file.Docs[0].Body, "")
	}
}

// walkGroup checks the keys of the group that stands at path.
func (r *reading) walkGroup(node ast.Node, path string) {
	entries, ok := node.(ast.MapNode)
	if !ok {
		r.wrongKind(node, path, group)
		return
	}
	for it := entries.MapRange(); it.Next(); {
		key := keyOf(it.Key())
		r.walkKey(it.Key(), it.Value(), join(path, key), key)
	}
}

// keyOf is a key's name.
func keyOf(key ast.MapKeyNode) string {
	if k, ok := key.(*ast.StringNode); ok {
		return k.Value
	}
	return key.String()
}

// walkKey checks one key and what stands behind it.
func (r *reading) walkKey(key, value ast.Node, path, name string) {
	k, known := kindOf(path)
	if !known {
		r.add(where(key), path, unknown(path, name))
		return
	}
	r.walkKnown(key, value, path, k)
}

// walkKnown checks what stands behind a key of a kind.
func (r *reading) walkKnown(key, value ast.Node, path string, k kind) {
	r.places[path] = where(value)
	if value.Type() == ast.NullType {
		r.places[path] = where(key)
		r.add(where(key), path, fmt.Sprintf("%s: no value; %s or leave the key out", path, mend(value, path, k)))
		return
	}
	r.walkValue(value, path, k)
}

// walkValue checks what stands behind a key, or in a list.
func (r *reading) walkValue(value ast.Node, path string, k kind) {
	switch k {
	case group:
		r.walkGroup(value, path)
	case words:
		r.walkList(value, path, k, text)
	case groups:
		r.walkList(value, path, k, group)
	case goal:
		r.walkGoal(value, path)
	default:
		if !k.accepts(value) {
			r.wrongKind(value, path, k)
		} else if k == text {
			r.texts[path] = textOf(value)
		}
	}
}

// walkList checks a list whose members are of one kind.
func (r *reading) walkList(node ast.Node, path string, k, member kind) {
	list, ok := node.(*ast.SequenceNode)
	if !ok {
		r.wrongKind(node, path, k)
		return
	}
	if len(list.Values) == 0 {
		r.add(where(node), path, fmt.Sprintf("%s: an empty list; %s or leave the key out", path, mend(node, path, k)))
	}
	for i, value := range list.Values {
		at := fmt.Sprintf("%s[%d]", path, i)
		r.places[at] = first(value)
		r.walkValue(value, at, member)
	}
}

// textOf is what a text says.
func textOf(node ast.Node) string {
	if n, ok := node.(*ast.LiteralNode); ok {
		node = n.Value
	}
	if n, ok := node.(*ast.StringNode); ok {
		return n.Value
	}
	return ""
}

// accepts reports whether a value of kind k may be written as node.
func (k kind) accepts(node ast.Node) bool {
	switch n := node.(type) {
	case *ast.StringNode:
		return k == text || k == duration && isDuration(n.Value)
	case *ast.LiteralNode:
		return k == text
	case *ast.IntegerNode:
		return k == number || k == whole
	case *ast.FloatNode:
		return k == number
	case *ast.BoolNode:
		return k == boolean
	}
	return false
}

// anyPlace is a place in a list, as a path names it.
var anyPlace = regexp.MustCompile(`\[\d+\]`)

// kindOf finds the kind of the key at path.
func kindOf(path string) (kind, bool) {
	path = anyPlace.ReplaceAllString(path, "[]")
	if k, ok := keys[path]; ok {
		return k, true
	}
	if strings.HasPrefix(path, "bar.") { // a field's path has dots of its own
		return goal, true
	}
	return "", false
}

// unknown says that nothing knows the key, and which one may have been meant.
func unknown(path, name string) string {
	up, _, _ := cutLast(path)
	var siblings []string
	for _, p := range slices.Sorted(maps.Keys(keys)) {
		if u, last, _ := cutLast(p); u == anyPlace.ReplaceAllString(up, "[]") {
			siblings = append(siblings, last)
		}
	}
	if best := kit.Closest(name, siblings); best != "" {
		return fmt.Sprintf("unknown key %q; did you mean %q?", path, join(up, best))
	}
	return fmt.Sprintf("unknown key %q; known here: %s", path, strings.Join(siblings, ", "))
}

func (r *reading) wrongKind(node ast.Node, path string, k kind) {
	what := path + ": "
	if path == "" {
		what = "the file: "
	}
	r.add(where(node), path, fmt.Sprintf("%s%s is not %s; %s", what, short(node), k, mend(node, path, k)))
}

func (r *reading) add(at place, path, words string) {
	r.problems = append(r.problems, problem{at, path, words})
}

// syntax turns an error of the YAML reader into one of ours.
func (r *reading) syntax(err error) error {
	at, words := place{1, 1}, err.Error()
	var e yaml.Error
	if errors.As(err, &e) {
		words = e.GetMessage()
		if t := e.GetToken(); t != nil && t.Position != nil {
			at = place{t.Position.Line, t.Position.Column}
		}
	}
	r.add(at, "", plain(words, at.line))
	return r.err()
}

// err joins the problems in the order of the file, or returns nil.
func (r *reading) err() error {
	if len(r.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(r.problems, func(a, b problem) int {
		if a.at.line != b.at.line {
			return a.at.line - b.at.line
		}
		return a.at.column - b.at.column
	})
	var lines []string
	var fields []kit.FieldError
	for _, p := range r.problems {
		lines = append(lines, fmt.Sprintf("%s:%d:%d: %s", r.name, p.at.line, p.at.column, p.words))
		fields = append(fields, kit.FieldError{Path: p.path, Message: p.words})
	}
	return &kit.Error{Code: kit.Invalid, Message: strings.Join(lines, "\n"), Fields: fields}
}

// where tells the place of a node's first character.
func where(node ast.Node) place {
	if t := node.GetToken(); t != nil && t.Position != nil {
		return place{t.Position.Line, t.Position.Column}
	}
	return place{1, 1}
}

// first tells the place where a member of a list begins: a group's token is
// the colon behind its first key.
func first(node ast.Node) place {
	if entries, ok := node.(ast.MapNode); ok {
		if it := entries.MapRange(); it.Next() {
			return where(it.Key())
		}
	}
	return where(node)
}

// short is a node as it stands in the file, cut where it is long.
func short(node ast.Node) string {
	s, _, more := strings.Cut(strings.TrimSpace(node.String()), "\n")
	if r := []rune(s); len(r) > 40 {
		s, more = string(r[:40]), true
	}
	if more {
		s += "…"
	}
	return s
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func cutLast(path string) (up, last string, ok bool) {
	i := strings.LastIndexByte(path, '.')
	if i < 0 {
		return "", path, false
	}
	return path[:i], path[i+1:], true
}
