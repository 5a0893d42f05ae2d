package scaffold

import (
	"go/build"
	"io"
	"net/mail"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/nail"
)

// keptNames stand for something else than a field in an expression of a tier,
// in YAML, or in the form of a decision.
var keptNames = []string{"confidence", "confidence_of", "gave_up", "marked", "true", "false", "null"}

// ownEndings are those of the files that the kit reads, or refuses, itself.
var ownEndings = []string{".txt", ".text", ".csv", ".pdf", ".jpg", ".jpeg", ".png"}

// unquotable reports what breaks out of a struct tag, a line of YAML or a
// prompt.
func unquotable(r rune) bool {
	return !unicode.IsPrint(r) || strings.ContainsRune("`\"\\{}", r)
}

// checkWords refuses names that mean something else, and words that do not fit
// where they stand.
func (f Field) checkWords() error {
	if slices.Contains(keptNames, f.Name) {
		return badName("field", f.Name, kit.Errorf(kit.Invalid, "it stands for something else in the terms of a review"))
	}
	for _, text := range append([]string{f.Label, f.LabelZh, f.Description}, f.Values...) {
		if err := plainWords("field", f.Name, text, 200); err != nil {
			return err
		}
	}
	for _, v := range f.Values {
		if v == "" || strings.ContainsAny(v, ",=") {
			return kit.Errorf(kit.Invalid, "add field %s: %q is no value of a choice; it has no comma and no =", f.Name, v)
		}
	}
	return nil
}

func plainWords(what, name, text string, most int) error {
	switch n := utf8.RuneCountInString(text); {
	case n > most:
		return kit.Errorf(kit.Invalid, "add %s %s: a text of %d characters; %d are the most", what, name, n, most)
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unquotable):
		return kit.Errorf(kit.Invalid, "add %s %s: %q does not fit on a line; leave out breaks, quotes, backslashes and braces", what, name, text)
	case strings.TrimSpace(text) != text:
		return kit.Errorf(kit.Invalid, "add %s %s: %q begins or ends with a space", what, name, text)
	}
	return nil
}

// checkName refuses a name that is too long with what goes behind it, titles
// that do not fit, and a file that Go does not compile everywhere.
func (s Step) checkName() error {
	if s.Kind == "draft" && len(s.Name) > len("-check")+28 {
		return badName("step", s.Name, kit.Errorf(kit.Invalid, "34 letters are the most for a draft, whose review is called NAME-check"))
	}
	for _, title := range []string{s.Title, s.TitleZh} {
		if err := plainWords("step", s.Name, title, 60); err != nil {
			return err
		}
	}
	return checkFile("step", s.Name, s.File())
}

// checkFile refuses a name by which Go takes the file for one of a test, or of
// some system alone: step_linux.go.
func checkFile(what, name, file string) error {
	nowhere := build.Context{GOOS: "nowhere", GOARCH: "none", Compiler: "gc", OpenFile: func(string) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader("package main\n")), nil
	}}
	if ok, err := nowhere.MatchFile(".", file+".go"); err != nil || !ok || strings.HasSuffix(file, "_test") {
		return badName(what, name, kit.Errorf(kit.Invalid, "Go takes a file %s.go for a test, or for one system's alone; choose another word for its end", file))
	}
	return nil
}

// checkRest refuses what does not go with the kind of the channel.
func (c Channel) checkRest() error {
	signs := c.Kind == nail.Feishu || c.Kind == nail.DingTalk
	switch _, err := mail.ParseAddress(c.From); {
	case c.SecretEnv != "" && (!signs || !envName.MatchString(c.SecretEnv)):
		return kit.Errorf(kit.Invalid, "add channel %s: %q is no variable with a secret for it", c.Kind, c.SecretEnv).
			WithHint("only feishu and dingtalk sign messages, by the secret in a variable such as %s_SECRET", strings.ToUpper(c.Kind))
	case c.From != "" && (c.Kind != nail.Email || err != nil || strings.ContainsFunc(c.From, unquotable)):
		return kit.Errorf(kit.Invalid, "add channel %s: %q is no sender for it", c.Kind, c.From).
			WithHint("e-mail alone has one, such as desk@example.com")
	}
	return nil
}

// checkTogether refuses additions that are good one by one, and not together.
func (a Additions) checkTogether() error {
	var hooks []string
	for _, t := range a.Targets {
		if t.Kind == "webhook" {
			hooks = append(hooks, t.Name)
		}
	}
	if len(hooks) > 1 {
		return kit.Errorf(kit.Invalid, "add target %s: %s is a webhook already, and nail.yaml has room for one", hooks[1], hooks[0]).
			WithHint("a target of the kind code can post anywhere")
	}
	keys := namesOf(a.Fields, fieldName)
	for _, s := range a.Steps {
		if s.Kind == "draft" {
			keys = append(keys, s.Key())
		}
	}
	return unique("what is drafted as", keys)
}
