package console

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// pages are the parsed templates, by language and page.
type pages struct {
	byName map[string]*template.Template // "en/inbox"
}

func loadPages(d *desk) (*pages, error) {
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		return nil, err
	}
	p := &pages{byName: map[string]*template.Template{}}
	for _, tag := range langs {
		for _, name := range names {
			base := strings.TrimSuffix(path.Base(name), ".html")
			if base == "layout" || strings.HasPrefix(base, "parts") {
				continue
			}
			t, err := template.New("layout.html").Funcs(d.words(d.tongues[tag])).
				ParseFS(files, "templates/layout.html", "templates/parts*.html", name)
			if err != nil {
				return nil, err
			}
			p.byName[tag+"/"+base] = t
		}
	}
	return p, nil
}

// words are the functions of templates in one language.
func (d *desk) words(t *tongue) template.FuncMap {
	return template.FuncMap{
		"t":       t.T,
		"asset":   d.assets.url,
		"styles":  d.assets.styles,
		"plain":   visible,
		"rfc3339": func(at time.Time) string { return at.UTC().Format(time.RFC3339) },
		"utc":     func(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05 UTC") },
		"moment":  func(at time.Time) string { return at.UTC().Format("2006-01-02 15:04 UTC") },
		"since":   func(at time.Time) string { return t.span(d.Clock().Sub(at)) },
		"level":   d.levelOf,
		"add":     func(a, b int) int { return a + b },
		"because": because,
		"rate":    rate, "portion": t.percent, "inseconds": rounded, "tenths": short, "counted": func(n any) string { return thousands(fmt.Sprint(n)) }, "drawn": drawn,
		"drafter": t.drafter, "deciders": t.deciders, "target": t.target, "reason": t.reason,
		"managed": func() bool { return d.People != nil },
		"keys":    keysOf,
		"once":    func(words, secret string) onceView { return onceView{words, secret} },
		"done":    func(f fieldView, did string) doneView { return doneView{Did: did, On: f.Did == did} },
		"was":     func(did string) doneView { return doneView{Did: did, On: true} },
		"beside":  beside,
		"versus":  func(row versionRow, take string) versusView { return versusView{Row: row, Take: take} },
	}
}

// frame is what every page shows around its own content.
type frame struct {
	Title   string
	Name    string // of the service
	Lang    string
	Theme   string // "", "light" or "dark"
	Rows    string // "" or "dense"
	Here    string // address of this page, to come back to
	Section string // part of the navigation
	User    *auth.User
	Flash   *flash
	Left    int              // seconds until the flash's decision leaves
	Lots    bool             // whether cases gather in lots, or did
	Stopped *workflow.Budget // the month's, where it is spent and the page says so
	Data    any
}

// sayStopped are the pages that say when a spent budget stops drafting. That of
// a case says it of the case.
var sayStopped = []string{"inbox", "cases", "board", "costs"}

// show writes a page.
func (d *desk) show(c echo.Context, v *visit, status int, name, title string, data any) error {
	f := frame{Title: v.tongue.T(title), Name: d.Name, Lang: v.tongue.tag, Theme: chosen(c, "theme", "light", "dark"), Rows: chosen(c, "rows", "dense"), Section: name,
		Here: here(c.Request()), Data: data}
	if v.user.ID != "" {
		f.Lots, _ = d.Service.HasLots(c.Request().Context()) // a page without the link is still a page
		f.User = &v.user
		if slices.Contains(sayStopped, name) {
			f.Stopped = d.stopped(c.Request().Context())
		}
		if f.Flash = d.said(c.Request().Context(), c.Request().URL.Path); f.Flash != nil {
			f.Left = int(f.Flash.Until.Sub(d.Clock()).Seconds() + 0.5)
		}
	}
	if t, ok := data.(interface{ title() string }); ok {
		f.Title = t.title()
	}
	var out bytes.Buffer
	if err := d.pages.byName[v.tongue.tag+"/"+name].Execute(&out, f); err != nil {
		return err
	}
	return c.HTMLBlob(status, out.Bytes())
}

// here is the page to come back to: the address itself, or for an answer to a
// form the page that held it.
func here(r *http.Request) string {
	if r.Method == http.MethodGet {
		q := r.URL.Query()
		q.Del("lang")
		if len(q) == 0 {
			return r.URL.Path
		}
		return r.URL.Path + "?" + q.Encode()
	}
	if u, err := url.Parse(r.Referer()); err == nil && u.Host == r.Host {
		return local(u.RequestURI())
	}
	return "/"
}

// chosen is what the person chose of a setting; "" for what it is by itself.
func chosen(c echo.Context, setting string, values ...string) string {
	if k, err := c.Cookie(setting); err == nil && slices.Contains(values, k.Value) {
		return k.Value
	}
	return ""
}

// settings keeps the language, the theme or the height of rows that a person
// chose in a cookie.
func (d *desk) settings(c echo.Context, _ *visit) error {
	for name, known := range map[string][]string{"lang": langs, "theme": {"auto", "light", "dark"}, "rows": {"roomy", "dense"}} {
		for _, value := range known {
			if c.FormValue(name) == value {
				c.SetCookie(&http.Cookie{Name: name, Value: value, Path: "/", MaxAge: 365 * 86400,
					Secure: d.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode})
			}
		}
	}
	return see(c, local(c.FormValue("back")))
}

func (d *desk) help(c echo.Context, v *visit) error {
	u, err := d.who(c)
	if err != nil {
		return err
	}
	if u != nil {
		v.user = *u
	}
	return d.show(c, v, http.StatusOK, "help", "help.title", nil)
}
