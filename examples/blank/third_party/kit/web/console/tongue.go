package console

import (
	"fmt"
	"io/fs"
	"net/http"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// langs are the languages of the console; the first is the catalogue's own.
var langs = []string{"en", "zh"}

var (
	langTags = []language.Tag{language.English, language.Chinese}
	matcher  = language.NewMatcher(langTags)
)

// tongue says the console's words in one language.
type tongue struct {
	tag string
	loc *i18n.Localizer
	all map[string]*tongue // every language's
}

func loadTongues() (map[string]*tongue, error) {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("yaml", yaml.Unmarshal)
	all := map[string]*tongue{}
	for _, tag := range langs {
		if err := loadCatalogues(bundle, tag); err != nil {
			return nil, err
		}
		all[tag] = &tongue{tag: tag, loc: i18n.NewLocalizer(bundle, tag), all: all}
	}
	return all, nil
}

// loadCatalogues reads a language's words: a file for the pages at large and
// one for each part that has its own, as in "review.en.yaml".
func loadCatalogues(bundle *i18n.Bundle, tag string) error {
	names, err := fs.Glob(files, "locales/*"+tag+".yaml")
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, err := bundle.LoadMessageFileFS(files, name); err != nil {
			return fmt.Errorf("read the catalogue %s: %w", name, err)
		}
	}
	return nil
}

// T says a message of the catalogue. args are names and values in turn; the
// name Count chooses the plural. A key that no catalogue has is said as it is.
func (t *tongue) T(key string, args ...any) string {
	said, ok := t.has(key, args...)
	if !ok {
		return key
	}
	return said
}

// has is T that tells whether the catalogue knows the key.
func (t *tongue) has(key string, args ...any) (string, bool) {
	cfg := &i18n.LocalizeConfig{MessageID: key}
	if len(args) > 0 {
		data := map[string]any{}
		for i := 0; i+1 < len(args); i += 2 {
			data[fmt.Sprint(args[i])] = args[i+1]
		}
		cfg.TemplateData, cfg.PluralCount = data, data["Count"]
	}
	said, err := t.loc.Localize(cfg)
	return said, err == nil
}

// span says a length of time in its largest unit.
func (t *tongue) span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return t.T("span.seconds", "N", max(0, int(d.Seconds())))
	case d < time.Hour:
		return t.T("span.minutes", "N", int(d.Minutes()))
	case d < 48*time.Hour:
		return t.T("span.hours", "N", int(d.Hours()))
	}
	return t.T("span.days", "N", int(d.Hours()/24))
}

// tongueOf chooses the language of an answer: the address asks for one, the
// person chose one before, the browser prefers one, or the config's.
func (d *desk) tongueOf(r *http.Request) *tongue {
	if t, ok := d.tongues[r.URL.Query().Get("lang")]; ok {
		return t
	}
	if c, err := r.Cookie("lang"); err == nil {
		if t, ok := d.tongues[c.Value]; ok {
			return t
		}
	}
	tags, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err == nil {
		if _, i, sure := matcher.Match(tags...); sure != language.No {
			return d.tongues[langs[i]]
		}
	}
	return d.tongues[d.Lang]
}
