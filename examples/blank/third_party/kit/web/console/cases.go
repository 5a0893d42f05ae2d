package console

import (
	"bytes"
	"context"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// casesView is the list of cases.
type casesView struct {
	Items  []workflow.CaseRow
	State  kit.State
	States []kit.State
	Counts map[kit.State]int64
	Query  string
	Saved  savedView
	More   string
}

// Of is the address of the cases in a state that have the same words.
func (v casesView) Of(state kit.State) string {
	q := url.Values{"state": {string(state)}}
	if v.Query != "" {
		q.Set("q", v.Query)
	}
	return "/cases?" + q.Encode()
}

// filters are those of the list's address.
func (v casesView) filters() url.Values {
	q := url.Values{}
	if v.State != "" {
		q.Set("state", string(v.State))
	}
	if v.Query != "" {
		q.Set("q", v.Query)
	}
	return q
}

// Search is the list's search box.
func (v casesView) Search() searchView {
	view := searchView{Action: "/cases", Words: v.Query}
	if v.State != "" {
		view.Keep = []field{{"state", string(v.State)}}
	}
	return view
}

// All is how many cases there are.
func (v casesView) All() (n int64) {
	for _, k := range v.Counts {
		n += k
	}
	return n
}

func (d *desk) cases(c echo.Context, v *visit) error {
	ctx := c.Request().Context()
	view := casesView{State: kit.State(c.QueryParam("state")), States: kit.States, Query: c.QueryParam("q")}
	if view.State != "" && !slices.Contains(kit.States, view.State) {
		return kit.Errorf(kit.Invalid, "list cases: %q is not a state of a case", view.State)
	}
	page, err := d.Service.Cases(ctx, workflow.CaseFilter{State: view.State, Query: view.Query, After: c.QueryParam("after"), Limit: pageSize})
	if err != nil {
		return err
	}
	status, err := d.Service.Status(ctx)
	if err != nil {
		return err
	}
	if view.Saved, err = d.saved(c, v, "cases", view.filters().Encode()); err != nil {
		return err
	}
	view.Items, view.Counts, view.More = page.Items, status.Cases, more(c, page.Next)
	return d.show(c, v, http.StatusOK, "cases", "cases.title", view)
}

// caseView is all of a case.
type caseView struct {
	*workflow.Case
	Source   sourceView
	Fields   []valueView
	Others   *versionsView // what those decided who disagreed, with whose stood
	Deciders string        // who came to the decision
	History  []happening
	Talk     talkView
	May      bool // retry
	Live     bool // changes by itself soon
	Past     bool // History is not the newest
}

func (v caseView) title() string { return visible(v.Name) }

// Mine are the fields that its reader changed, while others are still to decide.
func (v caseView) Mine() []valueView {
	return slices.DeleteFunc(slices.Clone(v.Fields), func(f valueView) bool { return !f.Mine })
}

// valueView is a field as it was drafted and as it was decided.
type valueView struct {
	Label string
	Draft string
	Final string

	DraftShown, FinalShown string // for reading
	Diff                   []part // the words between them
	Level                  level
	Marks                  []string
	Change                 bool   // it was decided to be other than drafted
	Mine                   bool   // no more than its reader says so
	Did                    string // what the person did with it: changed, cleared, confirmed or nothing
	Set                    bool   // a person settled it before the draft was made
	SetBy                  string // who; "" where it was approved in an earlier step
}

func (d *desk) showCase(c echo.Context, v *visit) error {
	k, err := d.Service.Case(c.Request().Context(), v.user, c.Param("id"))
	if err != nil {
		return err
	}
	earlier := c.QueryParam("earlier")
	if earlier != "" {
		p, err := d.Service.History(c.Request().Context(), v.user, k.ID, earlier, 0)
		if err != nil {
			return err
		}
		slices.Reverse(p.Items)
		before := *k
		before.History, before.Earlier = p.Items, p.Next
		k = &before
	}
	view := caseView{Case: k, Past: earlier != "", Source: sourceOf(k.ID, k.Name, k.Input), Fields: d.values(c.Request().Context(), v, k),
		History: d.history(c.Request().Context(), v.tongue, k), May: v.user.MayDecide(),
		Live: k.State == kit.Drafting || k.State == kit.Delivering}
	if k.Concealed != "" {
		view.Fields = nil
	}
	if k.Decision != nil {
		view.Deciders = k.Decision.Person.Name
	}
	if k.Decision != nil && k.Delivery != nil && k.Delivery.Receipt.Decision.ID == k.Decision.ID {
		view.Deciders = v.tongue.deciders(k.Delivery.Receipt)
	}
	if view.Talk, err = d.talk(c.Request().Context(), v, k.ID, k.Concealed != "", "/cases/"+k.ID); err != nil {
		return err
	}
	if view.Others, err = d.settled(c.Request().Context(), v, k); err != nil {
		return err
	}
	return d.show(c, v, http.StatusOK, "case", "case.title", view)
}

// values are the latest draft's fields beside the values that were decided.
func (d *desk) values(ctx context.Context, v *visit, k *workflow.Case) []valueView {
	if k.Draft == nil {
		return nil
	}
	r := d.reviewOf(ctx, v.user, k)
	finals := map[string]string{}
	if schema := d.Service.Schema(r.Step); schema != nil && k.Decision != nil && k.Decision.Verdict.Releases() {
		for path, raw := range schema.Flatten(k.Decision.Value) {
			finals[path] = written(raw)
		}
	}
	specs := map[string]model.FieldSpec{}
	for _, s := range d.specs(r) {
		specs[s.Path] = s
	}
	rows := inOrder(d.rows(v.tongue, r, edits{}, nil))
	var out []valueView
	for _, row := range rows {
		final, decided := finals[row.Path]
		value := valueView{Label: row.Label, Draft: row.Draft, Final: final, DraftShown: row.DraftShown, FinalShown: v.tongue.read(specs[row.Path], final),
			Level: row.Level, Marks: row.Marks, Set: row.Set, SetBy: row.SetBy}
		changed := decided && final != row.Draft
		value.Change, value.Mine = changed && k.Undecided == nil, changed && k.Undecided != nil
		if k.Decision != nil && k.Undecided == nil {
			value.Did = k.Decision.Fields[row.Path]
		}
		if changed {
			value.Diff = diff(value.DraftShown, value.FinalShown)
		}
		out = append(out, value)
	}
	return out
}

// inOrder is rows in the order of their schema, whatever needs a look.
func inOrder(rows []fieldView) []fieldView {
	return slices.SortedFunc(slices.Values(rows), func(a, b fieldView) int { return strings.Compare(pad(a.ID), pad(b.ID)) })
}

// pad makes the IDs f2 and f10 sort as numbers.
func pad(id string) string { return fmt.Sprintf("%8s", id) }

// original serves the file that a case was made of. It is a stranger's file:
// it opens only as a kind that browsers show without running it, and sandboxed.
func (d *desk) original(c echo.Context, v *visit) error {
	ctx, id := c.Request().Context(), c.Param("id")
	k, err := d.Service.Case(ctx, v.user, id)
	if err != nil {
		return err
	}
	media, data, err := d.Service.Original(ctx, id)
	if err != nil {
		return err
	}
	kind, disposition := shown(media)
	c.Response().Header().Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": fileName(k.Name)}))
	doc, _, _ := document(k.Input)
	return serveFile(c, kind, doc.Blob, data)
}

// pageOf serves a picture of one page, counted from 1, of the PDF that a case
// was made of.
func (d *desk) pageOf(c echo.Context, v *visit) error {
	ctx, id := c.Request().Context(), c.Param("id")
	n, err := strconv.Atoi(c.Param("page"))
	if err != nil {
		return kit.Errorf(kit.NotFound, "page %q of case %s: there is no such page", c.Param("page"), id)
	}
	k, err := d.Service.Case(ctx, v.user, id)
	if err != nil {
		return err
	}
	doc, _, _ := document(k.Input)
	tag := fmt.Sprintf("%s-%d", doc.Blob, n)
	if c.Request().Header.Get("If-None-Match") == `"`+tag+`"` {
		return serveFile(c, "image/png", tag, nil) // drawn before
	}
	picture, err := d.Service.Page(ctx, id, n-1)
	if err != nil {
		return err
	}
	return serveFile(c, "image/png", tag, picture)
}

// serveFile sends a stranger's file. tag names its content; "" for no name.
func serveFile(c echo.Context, kind, tag string, data []byte) error {
	h := c.Response().Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Security-Policy", sandbox(kind))
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "private, no-cache") // kept, but asked for again: a scan goes with its session
	if tag != "" {
		h.Set("ETag", `"`+tag+`"`)
	}
	http.ServeContent(c.Response(), c.Request(), "", time.Time{}, bytes.NewReader(data))
	return nil
}

// shown is the media type under which a file is sent, and whether it opens in
// the browser.
func shown(media string) (kind, disposition string) {
	base, _, _ := mime.ParseMediaType(media)
	switch {
	case base == "application/pdf", base == "image/png", base == "image/jpeg":
		return base, "inline"
	case strings.HasPrefix(base, "text/"):
		return "text/plain; charset=utf-8", "inline"
	}
	return "application/octet-stream", "attachment"
}

// sandbox is the policy of a file. A browser's PDF viewer does not start in a
// sandbox, and keeps scripts in one of its own.
func sandbox(kind string) string {
	if kind == "application/pdf" {
		return "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'"
	}
	return "sandbox; default-src 'none'; frame-ancestors 'self'"
}

// fileName is a name that is safe to save a file under.
func fileName(name string) string {
	name = strings.Map(func(r rune) rune {
		if unseen(r) || strings.ContainsRune(`/\:*?"<>|`, r) || r == '\n' || r == '\t' {
			return '_'
		}
		return r
	}, name)
	return firstOf(strings.Trim(name, ". "), "original")
}

// receipt serves the signed receipt of a case's delivery, to be checked
// elsewhere.
func (d *desk) receipt(c echo.Context, v *visit) error {
	k, err := d.Service.Case(c.Request().Context(), v.user, c.Param("id"))
	if err != nil {
		return err
	}
	if k.Delivery == nil {
		return kit.Errorf(kit.NotFound, "case %s: nothing was delivered, so there is no receipt", k.ID)
	}
	c.Response().Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": "receipt-" + k.Delivery.ID + ".json"}))
	return c.JSONPretty(http.StatusOK, k.Delivery.Receipt, "  ")
}

func (d *desk) retry(c echo.Context, v *visit) error {
	id := c.Param("id")
	if err := d.Service.Retry(c.Request().Context(), v.user, id); err != nil {
		return err
	}
	d.say(c, flash{Key: "flash.retried"})
	return see(c, "/cases/"+id)
}

// deliveriesView is the list of what left.
type deliveriesView struct {
	Items []workflow.Delivery
	More  string
}

func (d *desk) deliveries(c echo.Context, v *visit) error {
	page, err := d.Service.Deliveries(c.Request().Context(), c.QueryParam("after"), pageSize)
	if err != nil {
		return err
	}
	return d.show(c, v, http.StatusOK, "deliveries", "deliveries.title", deliveriesView{Items: page.Items, More: more(c, page.Next)})
}

// deciders names all whose decisions a delivery rests on, each once, in the
// order of time.
func (t *tongue) deciders(r audit.Receipt) string {
	var all []audit.ReceiptDecision
	for _, step := range r.Earlier {
		all = append(all, step.Decisions...)
	}
	var names []string
	known := map[string]bool{}
	for _, d := range append(append(all, r.Others...), r.Decision) {
		if !known[d.Person.ID] {
			names = append(names, d.Person.Name)
		}
		known[d.Person.ID] = true
	}
	return strings.Join(names, t.T("names.and"))
}

// nameOf says who did something: a person by name, the service by its own.
func (d *desk) nameOf(ctx context.Context, t *tongue, actor string) string {
	u, err := d.Accounts.Get(ctx, actor)
	if err != nil {
		return t.T("history.service")
	}
	if !u.Person() && u.Name == "import" {
		return t.T("history.import")
	}
	return u.Name
}
