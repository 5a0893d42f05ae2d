package scaffold

import (
	"cmp"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/module"

	"github.com/tackhammer/tackhammer/kit"
)

// Spec is what a user asks for.
type Spec struct {
	Template string `yaml:"template"` // a template's name
	Name     string `yaml:"name"`     // what people call the app; any language, spaces too
	Module   string `yaml:"module"`   // Go module path. Defaults to example.com/ and the name's slug
	Model    string `yaml:"model"`    // baseline or ollama:NAME. Defaults to baseline
	Lang     string `yaml:"lang"`     // en or zh. Defaults to en
	DB       string `yaml:"db"`       // sqlite or postgres. Defaults to sqlite

	// From says where a template that is not this program's own came from; see
	// Source.Use.
	From string `yaml:"from,omitempty"`

	Answers   map[string]any `yaml:"answers,omitempty"` // to the template's own questions, by their name
	Additions `yaml:",inline"`
}

// Langs and DBs list what a Spec may ask for, the default first.
var (
	Langs = []string{"en", "zh"}
	DBs   = []string{"sqlite", "postgres"}
)

// Slug is the name in lower-case ASCII letters, digits and single dashes, a
// letter first and at most 63 of them: what nail.yaml takes, and the name of
// the program and the container. A name with none of them has the template's;
// app- stands before a digit, before what Windows keeps for a device and
// before v1, v2 …, which end a module path as its major version.
func (s Spec) Slug() string {
	slug := slugify(s.Name)
	if slug == "" {
		slug = cmp.Or(slugify(s.Template), "app")
	}
	if deviceName.MatchString(slug) || versionName.MatchString(slug) || slug[0] >= '0' && slug[0] <= '9' {
		slug = "app-" + slug
	}
	return strings.TrimRight(slug[:min(63, len(slug))], "-")
}

// Program is the name of the file that `go build` writes in the app's folder:
// the last element of the module path but for its major version.
func (s Spec) Program() string {
	prefix, _, _ := module.SplitPathVersion(s.Module)
	return path.Base(prefix)
}

// versionName is what Go reads as the major version of a module.
var versionName = regexp.MustCompile(`^v[0-9]+$`)

func slugify(name string) string {
	var b strings.Builder
	dash := false
	for _, r := range strings.ToLower(name) {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			dash = b.Len() > 0
			continue
		}
		if dash {
			b.WriteByte('-')
			dash = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

// NameFor is the default name of an app in the folder dir: the folder's own.
func NameFor(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", kit.Errorf(kit.Internal, "find the folder %s: %w", dir, err)
	}
	return filepath.Base(abs), nil
}

// filled returns s with its defaults.
func (s Spec) filled() Spec {
	or := func(v *string, def string) {
		if *v == "" {
			*v = def
		}
	}
	or(&s.Name, s.Template)
	or(&s.Module, "example.com/"+s.Slug())
	or(&s.Model, "baseline")
	or(&s.Lang, Langs[0])
	or(&s.DB, DBs[0])
	return s
}

// check tells what is wrong with a filled Spec.
func (s Spec) check() error {
	if err := checkName(s.Name); err != nil {
		return err
	}
	if err := checkModule(s.Module); err != nil {
		return err
	}
	if err := CheckModel(s.Model); err != nil {
		return err
	}
	if err := oneOf("language", s.Lang, Langs); err != nil {
		return err
	}
	if err := oneOf("database", s.DB, DBs); err != nil {
		return err
	}
	return s.Additions.Check()
}

func checkModule(path string) error {
	if err := module.CheckPath(path); err != nil {
		return kit.Errorf(kit.Invalid, "use %q as module path: %w", path, err).
			WithHint("a module path looks like example.com/receipts-desk: a host with a dot, then lower-case words")
	}
	if path == kitModule || strings.HasPrefix(path, kitModule+"/") {
		return kit.Errorf(kit.Invalid, "use %q as module path: the kit has it", path)
	}
	return nil
}

var ollamaModel = regexp.MustCompile(`^ollama:[A-Za-z0-9][A-Za-z0-9._:/-]*$`)

// CheckModel fails with kit.Invalid unless m names a model that a new app can
// draft with: baseline or ollama:NAME. The others of nail.yaml need what it has
// not got yet, labelled cases or the address of a server.
func CheckModel(m string) error {
	switch {
	case m == "baseline" || ollamaModel.MatchString(m):
		return nil
	case m == "learned":
		return kit.Errorf(kit.Invalid, "use %q as model of a new app: there is nothing learned yet", m).
			WithHint("begin with baseline; the app's `train` learns from labelled cases, and model: learned in its nail.yaml then drafts by it")
	case strings.HasPrefix(m, "openai:"):
		return kit.Errorf(kit.Invalid, "use %q as model of a new app: nothing says yet where its server is", m).
			WithHint(`begin with baseline; then write model: %q and openai: {urls: ["http://127.0.0.1:8000/v1"]} into the app's nail.yaml`, m)
	}
	return kit.Errorf(kit.Invalid, "use %q as model: it is neither baseline nor ollama:NAME", m).
		WithHint("for example --model ollama:qwen3:4b; `ollama list` names what is installed")
}

func oneOf(what, got string, known []string) error {
	for _, k := range known {
		if got == k {
			return nil
		}
	}
	err := kit.Errorf(kit.Invalid, "use %q as %s: it is one of %s", got, what, strings.Join(known, ", "))
	if near := kit.Closest(got, known); near != "" {
		return err.WithHint("did you mean %s?", near)
	}
	return err
}

// checkName accepts what fits on a line of a page and in a quoted string.
func checkName(name string) error {
	switch {
	case !utf8.ValidString(name):
		return kit.Errorf(kit.Invalid, "use %q as name: it is not UTF-8", name)
	case strings.TrimSpace(name) != name || name == "":
		return kit.Errorf(kit.Invalid, "use %q as name: it begins or ends with a space, or is empty", name)
	case utf8.RuneCountInString(name) > 80:
		return kit.Errorf(kit.Invalid, "use a name of %d characters: 80 are the most", utf8.RuneCountInString(name))
	case strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return kit.Errorf(kit.Invalid, "use %q as name: it holds characters that do not print", name)
	}
	return nil
}

var deviceName = regexp.MustCompile(`(?i)^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$`)

// portable refuses a file or folder name that Windows cannot hold: a team's
// repository is cloned there sooner or later.
func portable(name string) error {
	bad := func(r rune) bool { return r < 0x20 || strings.ContainsRune(`<>:"/\|?*`, r) }
	switch {
	case deviceName.MatchString(name):
		return kit.Errorf(kit.Invalid, "use the file name %q: Windows keeps it for a device", name)
	case strings.ContainsFunc(name, bad):
		return kit.Errorf(kit.Invalid, `use the file name %q: Windows refuses < > : " | ? * \ and control characters`, name)
	case strings.HasSuffix(name, ".") || strings.HasSuffix(name, " "):
		return kit.Errorf(kit.Invalid, "use the file name %q: Windows drops a dot or space at the end", name)
	case len(name) > 200:
		return kit.Errorf(kit.Invalid, "use a file name of %d bytes: 200 are the most", len(name))
	}
	return nil
}

// ExampleSpec is the app of a template that is committed under examples.
func ExampleSpec(template string) Spec {
	name := template + "-desk"
	return Spec{Template: template, Name: name, Module: "example.com/" + name}
}
