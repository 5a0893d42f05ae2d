package command

import (
	"fmt"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
)

// commandLine is what to paste into a shell for the same app again. Where flags
// cannot say all that spec says, spec stands in the lines below.
func (r *request) commandLine(spec scaffold.Spec) string {
	words := []string{self(), "new", shellQuote(dirWord(r.dir))}
	flags, ok := r.flags(spec)
	if !ok {
		return strings.Join(words, " ") + " --spec - " + hereDocument(spec)
	}
	return wrapCommand(append(words, flags...))
}

// dirWord is a folder that no parser takes for a flag.
func dirWord(dir string) string {
	if dir = filepath.Clean(dir); strings.HasPrefix(dir, "-") {
		return "." + string(filepath.Separator) + dir
	}
	return dir
}

// flags are those that make spec, each with its value as one word; not ok where
// they cannot.
func (r *request) flags(spec scaffold.Spec) (all []string, ok bool) {
	add := func(flag, value string) { all = append(all, "--"+flag+" "+shellQuote(value)) }
	template := spec.Template
	if spec.From != "" {
		template = spec.From
	}
	add("template", template)
	plain, err := scaffold.NameFor(r.dir)
	for _, f := range []struct{ flag, value, usual string }{
		{"name", spec.Name, plain},
		{"module", spec.Module, "example.com/" + spec.Slug()},
		{"model", spec.Model, "baseline"},
		{"lang", spec.Lang, scaffold.Langs[0]},
		{"db", spec.DB, scaffold.DBs[0]},
	} {
		if f.value != f.usual {
			add(f.flag, f.value)
		}
	}
	answers, answered := r.answerFlags(spec)
	additions, added := additionFlags(spec.Additions)
	for _, f := range append(answers, additions...) {
		add(f[0], f[1])
	}
	return all, err == nil && answered && added
}

// answerFlags are those of the answers that are not the usual ones.
func (r *request) answerFlags(spec scaffold.Spec) (all [][2]string, ok bool) {
	m, err := r.src.Manifest(spec.Template)
	if err != nil {
		return nil, false
	}
	for _, q := range m.Questions {
		answer, given := spec.Answers[q.Name]
		if !given || reflect.DeepEqual(answer, q.Default) {
			continue
		}
		text := q.Typed(answer)
		if again, err := q.Parse(text); err != nil || !reflect.DeepEqual(again, answer) {
			return nil, false
		}
		all = append(all, [2]string{"set", q.Name + "=" + text})
	}
	return all, true
}

// additionFlags are the flags and values that add a. Not ok where one of them
// would be read as something else.
func additionFlags(a scaffold.Additions) (all [][2]string, ok bool) {
	ok = true
	for _, f := range a.Fields {
		text := f.Name + ":" + f.Type
		if len(f.Values) > 0 {
			text += ":" + strings.Join(f.Values, ",")
		}
		ok = ok && readsAs(text, f, scaffold.ParseField)
		all = append(all, [2]string{"field", text})
	}
	for _, s := range a.Steps {
		ok = ok && readsAs(s.Name+":"+s.Kind, s, scaffold.ParseStep)
		all = append(all, [2]string{"step", s.Name + ":" + s.Kind})
	}
	for _, i := range a.Importers {
		ok = ok && readsAs(i.Name+":"+i.Ext, i, scaffold.ParseImporter)
		all = append(all, [2]string{"importer", i.Name + ":" + i.Ext})
	}
	for _, t := range a.Targets {
		text := t.Name + ":" + t.Kind
		if t.URL != "" {
			text += ":" + t.URL
		}
		ok = ok && readsAs(text, t, scaffold.ParseTarget)
		all = append(all, [2]string{"target", text})
	}
	for _, c := range a.Channels {
		ok = ok && readsAs(c.Kind+":"+c.URLEnv, c, scaffold.ParseChannel)
		all = append(all, [2]string{"channel", c.Kind + ":" + c.URLEnv})
	}
	for _, m := range a.Models {
		all = append(all, [2]string{"candidate", m})
	}
	return all, ok
}

// readsAs reports whether text is read as v, with all that v says.
func readsAs[T any](text string, v T, parse func(string) (T, error)) bool {
	got, err := parse(text)
	return err == nil && reflect.DeepEqual(got, v)
}

// wrapCommand breaks a long command line where a shell goes on reading.
func wrapCommand(words []string) string {
	const columns = 78 // and a blank and a backslash
	var lines []string
	now := ""
	for _, w := range words {
		if now != "" && len(now)+1+len(w) > columns {
			lines = append(lines, now+` \`)
			now = "   "
		}
		if now != "" {
			now += " "
		}
		now += w
	}
	return strings.Join(append(lines, now), "\n")
}

// hereDocument hands spec to a command's standard input.
func hereDocument(spec scaffold.Spec) string {
	raw, err := yaml.Marshal(spec)
	if err != nil {
		panic(err) // Plan has written it already
	}
	end := "SPEC"
	for strings.Contains(string(raw), end) {
		end += "_"
	}
	return fmt.Sprintf("<<'%s'\n%s%s", end, raw, end)
}
