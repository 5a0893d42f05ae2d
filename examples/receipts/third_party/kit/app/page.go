package app

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/nail"
)

// pageFiles are the pages that commands write to files: NAME.html defines the
// template "body", and NAME.LANG.yaml has its words.
//
//go:embed pages
var pageFiles embed.FS

// page is a page that stands alone: no script, nothing from elsewhere, light
// and dark, made to be printed on A4.
//
//	err := page{Name: "poc", Lang: n.Lang, Title: n.Title, Data: found}.write(w)
//
// In pages/poc.html, {{define "body"}} has Data as its dot. Its functions are
// say (a message of the page's words: {{say "minutes" "Count" 3}}), share (0.123
// as "12.3 %", in Chinese "12.3%"), gap (what stands between two sentences),
// list (names, with what Chinese or English sets between them), value (a JSON value, short), seconds, bytes, money; what
// plot.figure and bars.figure return is put in as it is.
type page struct {
	Name  string // of its files in pages
	Lang  string // "en" or "zh"
	Title string // what the page is about
	Lead  string // one sentence under it
	Foot  string // where the figures come from
	Data  any
}

// write makes the page. It fails where a word is missing in the page's language.
func (p page) write(w io.Writer) error {
	say, err := words(p.Name, p.Lang)
	if err != nil {
		return err
	}
	t, err := template.New("page").Funcs(template.FuncMap{"say": say.say, "share": say.share, "gap": say.gap, "list": say.list, "value": value,
		"seconds": secondsWords, "bytes": bytesWords, "money": nail.Amount}).
		ParseFS(pageFiles, "pages/page.html", "pages/"+p.Name+".html")
	if err != nil {
		return kit.Errorf(kit.Internal, "make the page %s: %w", p.Name, err)
	}
	var out strings.Builder
	if err := t.ExecuteTemplate(&out, "page", p); err != nil {
		return kit.Errorf(kit.Internal, "make the page %s: %w", p.Name, err)
	}
	_, err = io.WriteString(w, out.String())
	return err
}

// shareWords is a share of 0 to 1 as people read it.
func shareWords(v float64) string { return fmt.Sprintf("%.1f %%", 100*v) }

// share is a share of 0 to 1 with one digit behind the point.
func (b wordbook) share(v float64) string { return b.percent("%.1f", v) }

// whole is a share to the percent.
func (b wordbook) whole(v float64) string { return b.percent("%.0f", v) }

// percent writes a share. Chinese sets nothing before the sign.
func (b wordbook) percent(format string, v float64) string {
	if b.lang == "zh" {
		return fmt.Sprintf(format+"%%", 100*v)
	}
	return fmt.Sprintf(format+" %%", 100*v)
}

// gap is what stands between two sentences, or before what a colon announces:
// nothing after a Chinese mark.
func (b wordbook) gap() string {
	if b.lang == "zh" {
		return ""
	}
	return " "
}

// list names several.
func (b wordbook) list(names []string) string {
	if b.lang == "zh" {
		return strings.Join(names, "、")
	}
	return strings.Join(names, ", ")
}

// pageLangs are the languages that pages are written in.
var pageLangs = map[string]language.Tag{"en": language.English, "zh": language.Chinese}

// wordbook says a page's words in one language.
type wordbook struct {
	loc  *i18n.Localizer
	lang string
}

// words reads the words of a page, and those of all pages.
func words(name, lang string) (wordbook, error) {
	tag, ok := pageLangs[lang]
	if !ok {
		return wordbook{}, kit.Errorf(kit.Invalid, "write a page: no words in the language %q", lang).WithHint("write en or zh")
	}
	bundle := i18n.NewBundle(tag)
	bundle.RegisterUnmarshalFunc("yaml", yaml.Unmarshal)
	for _, file := range []string{"page", name} {
		path := fmt.Sprintf("pages/%s.%s.yaml", file, lang)
		if _, err := fs.Stat(pageFiles, path); err != nil {
			return wordbook{}, kit.Errorf(kit.Internal, "write the page %s: %w", name, err)
		}
		if _, err := bundle.LoadMessageFileFS(pageFiles, path); err != nil {
			return wordbook{}, kit.Errorf(kit.Internal, "read the words %s: %w", path, err)
		}
	}
	return wordbook{i18n.NewLocalizer(bundle, lang), lang}, nil
}

// say is a message. args are names and values in turn; the name Count chooses
// the plural. It fails for a key that there is not.
func (b wordbook) say(key string, args ...any) (string, error) {
	data := map[string]any{}
	for i := 0; i+1 < len(args); i += 2 {
		data[fmt.Sprint(args[i])] = args[i+1]
	}
	return b.loc.Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: data, PluralCount: data["Count"]})
}
