package console

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// pageSize is how many rows a list shows.
const pageSize = 50

// inboxView is the list of reviews that wait.
type inboxView struct {
	Items   []workflow.Waiting
	Filter  inboxFilter
	Chips   []chip
	Saved   savedView
	Counts  workflow.Counts
	Pause   *review.Pause // the person decided as many as one may; nil otherwise
	Status  workflow.Status
	People  []review.Holder // to whom work can be given, and who may hold some
	Steps   []string
	Tiers   []string
	More    string // address of the next page; "" at the end
	Me      string
	May     bool   // decide
	Assign  bool   // say who decides
	Submit  bool   // may upload
	Kinds   string // that are read beside the kit's own, in words
	Key     string
	Here    string
	Reasons []string
	words   titles
}

// titles says what people read in place of the names of steps and tiers.
type titles struct {
	of  togetherService
	tag string
}

// Step is what people read in place of a step's name.
func (v inboxView) Step(name string) string { return v.words.of.StepTitle(name, v.words.tag) }

// Tier is Step for the name of a tier.
func (v inboxView) Tier(name string) string { return v.words.of.TierTitle(name, v.words.tag) }

// Mine reports whether the list shows only what the person holds.
func (v inboxView) Mine() bool { return v.Filter.Held == v.Me || v.Filter.Held == "me" }

// Overdue reports whether a review is past its due time.
func (v inboxView) Overdue(w workflow.Waiting) bool { return w.DueAt.Before(v.Filter.now) }

// Held reports whether somebody else holds the review.
func (v inboxView) Held(w workflow.Waiting) bool { return w.Holder != nil && w.Holder.ID != v.Me }

// Kept is why the person may not have the review now, by the end of the key
// of its words; "" when they may.
func (v inboxView) Kept(w workflow.Waiting) string {
	switch {
	case w.Holder == nil:
		return string(w.Cause)
	case v.Held(w):
		return "held"
	}
	return ""
}

// Fixed reports whether nothing of the bar of acts can be done to the review
// by the person: leads assign what they may not decide.
func (v inboxView) Fixed(w workflow.Waiting) bool { return !v.Assign && v.Kept(w) != "" }

// For names the other person to whom the review was assigned, "" for nobody.
func (v inboxView) For(w workflow.Waiting) string {
	if w.AssignedTo == nil || w.AssignedTo.ID == v.Me {
		return ""
	}
	return w.AssignedTo.Name
}

// Search is the list's search box.
func (v inboxView) Search() searchView {
	return searchView{Action: "/inbox", Words: v.Filter.Query, Keep: v.Filter.fields("q")}
}

// searchView is a search box. Keep are the filters that stay.
type searchView struct {
	Action string
	Words  string
	Keep   []field
}

// field is a form's hidden field.
type field struct{ Name, Value string }

// chip is a filter that one click sets.
type chip struct {
	Name  string
	Href  string
	On    bool
	Count string // "" for none
	Calls bool   // asks for a look
}

// upTo writes a count that ends at workflow.CountsEnd.
func upTo(n int) string {
	switch {
	case n == 0:
		return ""
	case n >= workflow.CountsEnd:
		return fmt.Sprintf("%d+", workflow.CountsEnd-1)
	}
	return strconv.Itoa(n)
}

func (d *desk) inbox(c echo.Context, v *visit) error {
	ctx := c.Request().Context()
	view := inboxView{Filter: d.inboxFilter(c), Me: v.user.ID, May: v.user.MayDecide(), Submit: v.user.MaySubmit(), Kinds: strings.Join(d.Kinds, v.tongue.T("names.and")),
		Assign: v.user.MayLead(), Key: kit.NewID(), Here: here(c.Request()), Reasons: reasons["return"]}
	page, err := d.Service.Inbox(ctx, view.Filter.asked(v.user, c.QueryParam("after")))
	if err != nil {
		return err
	}
	if view.Status, err = d.Service.Status(ctx); err != nil {
		return err
	}
	if view.Counts, err = d.Service.Counts(ctx, v.user.ID); err != nil {
		return err
	}
	if view.Pause, err = d.Service.Pause(ctx, v.user); err != nil {
		return err
	}
	if view.People, err = d.Service.Deciders(ctx); err != nil {
		return err
	}
	if view.Saved, err = d.saved(c, v, "inbox", view.Filter.query().Encode()); err != nil {
		return err
	}
	view.Steps, view.Tiers = d.Service.Choices()
	view.words = titles{d.Service, v.tongue.tag}
	view.Items, view.More = page.Items, more(c, page.Next)
	view.Chips = view.chips(v.tongue)
	return d.show(c, v, http.StatusOK, "inbox", "inbox.title", view)
}

// chips are the filters that people need most, with their counts.
func (v inboxView) chips(t *tongue) []chip {
	one := func(key, name, value string, count int) chip {
		return chip{Name: t.T(key), Href: "/inbox?" + name + "=" + value, Count: upTo(count),
			On: v.Filter.query().Encode() == name+"="+value}
	}
	all := []chip{{Name: t.T("inbox.all"), Href: "/inbox", On: len(v.Filter.query()) == 0}}
	if v.May {
		all = append(all, one("inbox.mine", "mine", "1", v.Counts.Mine), one("inbox.assigned", "assigned", "me", v.Counts.Assigned))
	}
	all = append(all, one("inbox.overdue", "overdue", "1", v.Counts.Overdue), one("inbox.raised", "escalated", "1", v.Counts.Escalated))
	if v.Counts.Mentions > 0 {
		all = append(all, chip{Name: t.T("mentions.title"), Href: "/mentions", Count: upTo(v.Counts.Mentions), Calls: true})
	}
	return all
}

// more is the address of the page after this one, with the same filters.
func more(c echo.Context, next string) string {
	if next == "" {
		return ""
	}
	q := url.Values{}
	for k, v := range c.QueryParams() {
		q[k] = v
	}
	q.Set("after", next)
	return c.Request().URL.Path + "?" + q.Encode()
}

// batch returns or assigns the reviews that were ticked, and tells what came
// of them.
func (d *desk) batch(c echo.Context, v *visit) error {
	ctx, form := c.Request().Context(), c.Request().PostForm
	ids, back := form["review"], local(form.Get("back"))
	act := form.Get("act")
	if len(ids) == 0 || act != "return" && act != "assign" {
		d.say(c, flash{Key: "flash.batch", Name: v.tongue.T("batch.none")})
		return see(c, back)
	}
	var items []workflow.BatchItem
	var err error
	if act == "assign" {
		items, err = d.Service.Assign(ctx, v.user, ids, form.Get("to"))
	} else {
		reason := d.reason(v.tongue, "return", form.Get("why"), form.Get("words"))
		if reason == "" {
			d.say(c, flash{Key: "flash.batch", Name: v.tongue.T("reason.needed")})
			return see(c, back)
		}
		items, err = d.Service.BatchReturn(ctx, v.user, ids, reason, form.Get("key"))
	}
	if err != nil {
		return err
	}
	d.say(c, flash{Key: "flash.batch", Name: summed(v.tongue, act, items), Until: d.Clock().Add(20 * time.Second)})
	return see(c, back)
}
