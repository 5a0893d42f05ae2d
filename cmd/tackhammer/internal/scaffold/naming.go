package scaffold

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/tackhammer/tackhammer/kit/nail"
)

// The methods here say what an addition is called in code and in words. They
// are for template files: <% range .Fields %><% .Line %><% end %>.

// GoName is the name of the struct field: TaxAmount of tax_amount.
func (f Field) GoName() string { return camel(f.Name) }

// GoType is its type: a pointer, as a source may not say it.
func (f Field) GoType() string {
	switch f.Type {
	case "number", "money":
		return "*json.Number"
	case "yes-no":
		return "*bool"
	}
	return "*string"
}

// InWords is the label in English.
func (f Field) InWords() string { return cmp.Or(f.Label, words(f.Name)) }

// Told is what the model is told of the field, in a sentence without its end.
func (f Field) Told() string {
	said := cmp.Or(f.Description, f.InWords())
	switch f.Type {
	case "date":
		return said + ", as YYYY-MM-DD"
	case "number":
		return said + ", as a plain number"
	case "money":
		return said + ", an amount as a plain number"
	case "yes-no":
		return said + ": true or false"
	case "choice":
		return said + ": one of " + strings.Join(f.Values, ", ")
	}
	return said
}

// Tag is the struct tag with its back quotes: the name in JSON, the labels and
// the schema.
func (f Field) Tag() string {
	tag := fmt.Sprintf("json:%q label:%s", f.Name, strconv.Quote(f.InWords()))
	if f.LabelZh != "" {
		tag += " label_zh:" + strconv.Quote(f.LabelZh)
	}
	return "`" + tag + " jsonschema:" + strconv.Quote(strings.Join(append(f.bounds(), "description="+inTag(f.Told())), ",")) + "`"
}

// bounds are the parts of the schema that a type has. Texts are bounded, so
// that no draft is endless.
func (f Field) bounds() (parts []string) {
	switch f.Type {
	case "text":
		return []string{"minLength=1", "maxLength=200"}
	case "date":
		return []string{"format=date"}
	case "money":
		return []string{"minimum=0"}
	case "choice":
		for _, v := range f.Values {
			parts = append(parts, "enum="+inTag(v))
		}
	}
	return parts
}

// inTag keeps a comma in a part of the tag: it parts them.
func inTag(text string) string { return strings.ReplaceAll(text, ",", `\,`) }

// Line is the field in its struct.
func (f Field) Line() string { return f.GoName() + " " + f.GoType() + " " + f.Tag() }

// BarText is the bar as nail.yaml has it: 0.9.
func (f Field) BarText() string { return strconv.FormatFloat(f.Bar, 'f', -1, 64) }

// GoName is the step's part of names in code: TaxCode of tax-code.
func (s Step) GoName() string { return camel(s.Name) }

// Var is GoName as a name that is the package's own: taxCode.
func (s Step) Var() string {
	first, rest, more := strings.Cut(s.Name, "-")
	if !more {
		return first
	}
	return first + camel(rest)
}

// Key is the JSON key of what a draft step drafts: tax_code.
func (s Step) Key() string { return strings.ReplaceAll(s.Name, "-", "_") }

// InWords is what people read in place of the name, in English.
func (s Step) InWords() string { return cmp.Or(s.Title, words(s.Name)) }

// InChinese is the same in Chinese.
func (s Step) InChinese() string { return cmp.Or(s.TitleZh, s.InWords()) }

// GoName is the importer's part of names in code.
func (i Importer) GoName() string { return camel(i.Name) }

// GoName is the target's part of names in code.
func (t Target) GoName() string { return camel(t.Name) }

// SecretName is the variable that holds the secret by which a webhook's
// deliveries are signed.
func (t Target) SecretName() string { return cmp.Or(t.SecretEnv, "WEBHOOK_SECRET") }

// Webhook is the target that nail.yaml sets up, nil where there is none.
func (a Additions) Webhook() *Target {
	for _, t := range a.Targets {
		if t.Kind == "webhook" {
			return &t
		}
	}
	return nil
}

// CodeTargets are the targets that are functions of the app's own.
func (a Additions) CodeTargets() (all []Target) {
	for _, t := range a.Targets {
		if t.Kind == "code" {
			all = append(all, t)
		}
	}
	return all
}

// Envs lists the variables that the additions read, each once, in their order.
func (a Additions) Envs() (names []string) {
	if hook := a.Webhook(); hook != nil {
		names = append(names, hook.SecretName())
	}
	for _, c := range a.Channels {
		for _, name := range []string{c.URLEnv, c.SecretEnv} {
			if name != "" && unique("", append(names, name)) == nil {
				names = append(names, name)
			}
		}
	}
	return names
}

// OllamaModels lists the models that an Ollama server has to have, by their
// names there.
func (s Spec) OllamaModels() (names []string) {
	for _, m := range append([]string{s.Model}, s.Models...) {
		if name, ok := strings.CutPrefix(m, "ollama:"); ok && unique("", append(names, name)) == nil {
			names = append(names, name)
		}
	}
	return names
}

// Tokens is how long an answer may be: base, and room for each field added.
func (a Additions) Tokens(base int) int { return base + 60*len(a.Fields) }

// camel puts the words of a name together: TaxID of tax_id and tax-id.
func camel(name string) string {
	var b strings.Builder
	for _, part := range strings.FieldsFunc(name, func(r rune) bool { return r == '_' || r == '-' }) {
		if part == "id" || part == "url" {
			b.WriteString(strings.ToUpper(part))
			continue
		}
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}

// words are a name for people: Tax amount of tax_amount.
func words(name string) string {
	name = strings.NewReplacer("_", " ", "-", " ").Replace(name)
	return strings.ToUpper(name[:1]) + name[1:]
}

// Settings are the channel's keys in nail.yaml, but for its kind.
func (c Channel) Settings() string {
	if c.Kind == nail.Email {
		return "smtp_env: " + c.URLEnv + ", from: " + strconv.Quote(cmp.Or(c.From, "desk@example.com"))
	}
	if c.SecretEnv != "" {
		return "url_env: " + c.URLEnv + ", secret_env: " + c.SecretEnv
	}
	return "url_env: " + c.URLEnv
}
