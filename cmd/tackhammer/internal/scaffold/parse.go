package scaffold

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/nail"
)

// extension is the ending of a file's name, and envName a variable's.
var (
	extension = regexp.MustCompile(`^\.[a-z0-9][a-z0-9_-]{0,14}$`)
	envName   = regexp.MustCompile(`^[A-Z_][A-Z0-9_]*$`)
)

// ParseField reads NAME:TYPE or, of the type choice, NAME:choice:VALUE,VALUE…:
// the form of --field.
func ParseField(text string) (Field, error) {
	name, rest, ok := strings.Cut(text, ":")
	kind, values, hasValues := strings.Cut(rest, ":")
	f := Field{Name: name, Type: kind}
	if !ok || name == "" || kind == "" {
		return f, kit.Errorf(kit.Invalid, "add field %q: it is not NAME:TYPE", text).
			WithHint("such as discount:money or category:choice:food,travel; the types are %s", strings.Join(FieldTypes, ", "))
	}
	if hasValues {
		f.Values = splitList(values)
	}
	return f, f.Check()
}

// Check fails with kit.Invalid when a field of that name, type and values cannot
// be.
func (f Field) Check() error {
	if !snakeName.MatchString(f.Name) || len(f.Name) > 40 {
		return badName("field", f.Name, kit.Errorf(kit.Invalid, "lower case with underscores, such as tax_amount; 40 letters are the most"))
	}
	if err := oneOfKinds("field", f.Name, "type", f.Type, FieldTypes); err != nil {
		return err
	}
	switch {
	case f.Type == "choice" && len(f.Values) < 2:
		return kit.Errorf(kit.Invalid, "add field %s: a choice has two values or more", f.Name).
			WithHint("--field %s:choice:VALUE,VALUE", f.Name)
	case f.Type != "choice" && len(f.Values) > 0:
		return kit.Errorf(kit.Invalid, "add field %s: only a choice has values, and its type is %s", f.Name, f.Type).
			WithHint("--field %s:choice:%s", f.Name, strings.Join(f.Values, ","))
	case !(f.Bar >= 0 && f.Bar <= 1):
		return kit.Errorf(kit.Invalid, "add field %s: a bar of %v is no share from 0 to 1", f.Name, f.Bar)
	}
	return cmp.Or(f.checkWords(), unique("the value", f.Values))
}

// ParseStep reads NAME:KIND, the form of --step.
func ParseStep(text string) (Step, error) {
	name, kind, ok := strings.Cut(text, ":")
	s := Step{Name: name, Kind: kind}
	if !ok || name == "" || kind == "" {
		return s, kit.Errorf(kit.Invalid, "add step %q: it is not NAME:KIND", text).
			WithHint("such as category:draft, which brings its own review, or round:code")
	}
	return s, s.Check()
}

// Check fails with kit.Invalid when a step of that name and kind cannot be.
func (s Step) Check() error {
	if !kebabName.MatchString(s.Name) || len(s.Name) > 40 {
		return badName("step", s.Name, kit.Errorf(kit.Invalid, "lower case with dashes, such as second-look; 40 letters are the most"))
	}
	return cmp.Or(oneOfKinds("step", s.Name, "kind", s.Kind, StepKinds), s.checkName())
}

// ParseImporter reads NAME:.EXT, the form of --importer.
func ParseImporter(text string) (Importer, error) {
	name, ext, ok := strings.Cut(text, ":")
	i := Importer{Name: name, Ext: ext}
	if !ok || name == "" || ext == "" {
		return i, kit.Errorf(kit.Invalid, "add importer %q: it is not NAME:.EXT", text).WithHint("such as mail:.eml")
	}
	return i, i.Check()
}

// Check fails with kit.Invalid when an importer of that name and ending cannot
// be.
func (i Importer) Check() error {
	if !kebabName.MatchString(i.Name) || len(i.Name) > 40 {
		return badName("importer", i.Name, kit.Errorf(kit.Invalid, "lower case with dashes, such as mail; 40 letters are the most"))
	}
	if !extension.MatchString(i.Ext) {
		return kit.Errorf(kit.Invalid, "add importer %s: %q is not the ending of a file's name", i.Name, i.Ext).
			WithHint("with its dot and in lower case, such as .eml")
	}
	if slices.Contains(ownEndings, i.Ext) {
		return kit.Errorf(kit.Invalid, "add importer %s: %s files are read already", i.Name, i.Ext)
	}
	return checkFile("importer", i.Name, i.File())
}

// ParseTarget reads NAME:KIND or NAME:webhook:URL, the form of --target.
func ParseTarget(text string) (Target, error) {
	name, rest, ok := strings.Cut(text, ":")
	kind, url, _ := strings.Cut(rest, ":")
	t := Target{Name: name, Kind: kind, URL: url}
	if !ok || name == "" || kind == "" {
		return t, kit.Errorf(kit.Invalid, "add target %q: it is not NAME:KIND", text).
			WithHint("such as books:webhook:https://books.example/receipts or ledger:code")
	}
	return t, t.Check()
}

// Check fails with kit.Invalid when a target of that name and kind cannot be.
func (t Target) Check() error {
	if !kebabName.MatchString(t.Name) || len(t.Name) > 40 {
		return badName("target", t.Name, kit.Errorf(kit.Invalid, "lower case with dashes, such as books; 40 letters are the most"))
	}
	if err := oneOfKinds("target", t.Name, "kind", t.Kind, TargetKinds); err != nil {
		return err
	}
	if t.SecretEnv != "" && !envName.MatchString(t.SecretEnv) {
		return kit.Errorf(kit.Invalid, "add target %s: %q is not the name of an environment variable", t.Name, t.SecretEnv)
	}
	if t.Kind != "webhook" {
		if t.URL != "" || t.SecretEnv != "" {
			return kit.Errorf(kit.Invalid, "add target %s: only a webhook has an address and a secret", t.Name)
		}
		if t.Name == "folder" || t.Name == "webhook" {
			return badName("target", t.Name, kit.Errorf(kit.Invalid, "nail.yaml has a target of that name"))
		}
		return checkFile("target", t.Name, t.File())
	}
	if !nail.SafeURL(t.URL) || strings.ContainsFunc(t.URL, unquotable) {
		return kit.Errorf(kit.Invalid, "add target %s: %q is no address that outputs may be posted to", t.Name, t.URL).
			WithHint("an https address such as https://books.example/receipts, or http on this machine or a private network")
	}
	return nil
}

// ParseChannel reads KIND:ENV, the form of --channel: ENV names the environment
// variable that holds the address.
func ParseChannel(text string) (Channel, error) {
	kind, env, _ := strings.Cut(text, ":")
	c := Channel{Kind: kind, URLEnv: env}
	return c, c.Check()
}

// Check fails with kit.Invalid when a channel of that kind and variable cannot
// be.
func (c Channel) Check() error {
	if c.Kind == "" {
		return kit.Errorf(kit.Invalid, "add channel: no kind is named").
			WithHint("KIND:ENV, such as slack:SLACK_URL; the kinds are %s", strings.Join(nail.ChannelKinds, ", "))
	}
	if err := oneOfKinds("channel", c.Kind, "kind", c.Kind, nail.ChannelKinds); err != nil {
		return err
	}
	if !envName.MatchString(c.URLEnv) {
		return kit.Errorf(kit.Invalid, "add channel %s: %q is not the name of an environment variable", c.Kind, c.URLEnv).
			WithHint("%s:%s_URL; the variable holds the address, which is a secret", c.Kind, strings.ToUpper(c.Kind))
	}
	return c.checkRest()
}

// ParseCandidate reads the name of a model that `pick` is to try, the form of
// --candidate.
func ParseCandidate(text string) (string, error) {
	if !ollamaModel.MatchString(text) {
		return text, kit.Errorf(kit.Invalid, "add model %q: it is not ollama:NAME", text).
			WithHint("for example ollama:qwen3:4b; `ollama list` names what is installed")
	}
	return text, nil
}

// ParseAnswer reads NAME=VALUE, the form of --set: an answer to a template's own
// question, in words.
func ParseAnswer(text string) (name, value string, err error) {
	name, value, ok := strings.Cut(text, "=")
	if name = strings.TrimSpace(name); !ok || name == "" {
		return "", "", kit.Errorf(kit.Invalid, "set %q: it is not NAME=VALUE", text).
			WithHint("NAME is one of the template's questions")
	}
	return name, value, nil
}

// Check fails with kit.Invalid when one of a cannot be, and with kit.Conflict
// when two of a kind have one name.
func (a Additions) Check() error {
	for _, each := range [][]error{
		checked(a.Fields, Field.Check), checked(a.Steps, Step.Check), checked(a.Importers, Importer.Check),
		checked(a.Targets, Target.Check), checked(a.Channels, Channel.Check),
		checked(a.Models, func(m string) error { _, err := ParseCandidate(m); return err }),
	} {
		if len(each) > 0 {
			return each[0]
		}
	}
	return cmp.Or(
		unique("field", namesOf(a.Fields, fieldName)),
		unique("step", namesOf(a.Steps, stepName)),
		unique("importer", namesOf(a.Importers, importerName)),
		unique("importer of", namesOf(a.Importers, func(i Importer) string { return i.Ext })),
		unique("target", namesOf(a.Targets, targetName)),
		unique("channel", namesOf(a.Channels, channelKind)),
		unique("model", a.Models), a.checkTogether())
}

func checked[T any](all []T, check func(T) error) (wrong []error) {
	for _, v := range all {
		if err := check(v); err != nil {
			wrong = append(wrong, err)
		}
	}
	return wrong
}

func namesOf[T any](all []T, name func(T) string) []string {
	var list []string
	for _, v := range all {
		list = append(list, name(v))
	}
	return list
}

// splitList parts a list at its commas, of either language.
func splitList(text string) []string {
	var all []string
	for _, v := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",，、", r) }) {
		if v = strings.TrimSpace(v); v != "" {
			all = append(all, v)
		}
	}
	return all
}

func badName(what, name string, how error) error {
	return kit.Errorf(kit.Invalid, "add %s %q: code cannot have that name", what, name).WithHint("%v", how)
}

// oneOfKinds fails, with the nearest, unless got is one of known.
func oneOfKinds(what, name, key, got string, known []string) error {
	if slices.Contains(known, got) {
		return nil
	}
	err := kit.Errorf(kit.Invalid, "add %s %s: %q is no %s; there are %s", what, name, got, key, strings.Join(known, ", "))
	if near := kit.Closest(got, known); near != "" {
		return err.WithHint("did you mean %s?", near)
	}
	return err
}
