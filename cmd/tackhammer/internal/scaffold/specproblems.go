package scaffold

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"github.com/tackhammer/tackhammer/kit"
)

// told are the mistakes that a person reads at once.
func (r *specReading) told() problems {
	for i := range r.wrong {
		if words := []rune(r.wrong[i].words.Message); len(words) > 400 {
			r.wrong[i].words = kit.Errorf(kit.Invalid, "%s", string(words[:400])+"…")
		}
	}
	if len(r.wrong) <= specTold {
		return r.wrong
	}
	first := r.wrong[:specTold]
	first[specTold-1].words = kit.Errorf(kit.Invalid, "%v; and %d more", first[specTold-1].words, len(r.wrong)-specTold)
	return first
}

func (r *specReading) unknownKey(node ast.Node, path, key string, known map[string]reflect.Type) {
	names := slices.Sorted(maps.Keys(known))
	if near := kit.Closest(key, names); near != "" {
		r.wrong.add(nodePlace(node), path, "unknown key %q; did you mean %q?", path, strings.TrimSuffix(path, key)+near)
		return
	}
	r.wrong.add(nodePlace(node), path, "unknown key %q; known here: %s", path, strings.Join(names, ", "))
}

func (r *specReading) wrongKind(node ast.Node, path, want string) {
	what := strings.TrimSpace(node.String())
	if first, _, more := strings.Cut(what, "\n"); more || len([]rune(what)) > 40 {
		runes := []rune(first)
		what = string(runes[:min(40, len(runes))]) + "…"
	}
	if path == "" {
		r.wrong.add(nodePlace(node), path, "%s is not %s, such as template: receipts", what, want)
		return
	}
	mend := ""
	if want == "text" {
		mend = fmt.Sprintf("; write %q", what)
	}
	r.wrong.add(nodePlace(node), path, "%s: %s is not %s%s", path, what, want, mend)
}

// refuse takes over what the YAML reader refuses.
func (r *specReading) refuse(err error) {
	at, words := spot{1, 1}, err.Error()
	var e yaml.Error
	if errors.As(err, &e) {
		words = e.GetMessage()
		if t := e.GetToken(); t != nil {
			at = placeOf(t)
		}
	}
	r.wrong.add(at, "", "%s", words)
}

// values holds what spec says to what an app can be, so that each mistake is
// told with its place.
func (r *specReading) values(spec Spec) {
	tell := func(path string, err error) {
		if err == nil {
			return
		}
		if hint := kit.HintOf(err); hint != "" {
			r.wrong.add(r.places[path], path, "%v; %s", err, hint)
			return
		}
		r.wrong.add(r.places[path], path, "%v", err)
	}
	given := spec.filled()
	if spec.Template == "" && spec.Name == "" {
		given.Name = "app" // neither has come yet
	}
	tell("name", checkName(given.Name))
	tell("module", checkModule(given.Module))
	tell("model", CheckModel(given.Model))
	tell("lang", oneOf("language", given.Lang, Langs))
	tell("db", oneOf("database", given.DB, DBs))
	for i, f := range spec.Fields {
		tell(fmt.Sprintf("fields[%d]", i), f.Check())
	}
	for i, s := range spec.Steps {
		tell(fmt.Sprintf("steps[%d]", i), s.Check())
	}
	for i, m := range spec.Importers {
		tell(fmt.Sprintf("importers[%d]", i), m.Check())
	}
	for i, t := range spec.Targets {
		tell(fmt.Sprintf("targets[%d]", i), t.Check())
	}
	for i, c := range spec.Channels {
		tell(fmt.Sprintf("channels[%d]", i), c.Check())
	}
	for i, m := range spec.Models {
		_, err := ParseCandidate(m)
		tell(fmt.Sprintf("models[%d]", i), err)
	}
}

// nodePlace is where a node's first character stands: a group's token is the
// colon behind its first key.
func nodePlace(node ast.Node) spot {
	if entries, ok := node.(ast.MapNode); ok {
		if it := entries.MapRange(); it.Next() {
			return placeOf(it.Key().GetToken())
		}
	}
	return placeOf(node.GetToken())
}

func placeOf(t *token.Token) spot {
	if t == nil || t.Position == nil {
		return spot{1, 1}
	}
	return spot{t.Position.Line, t.Position.Column}
}
