package console

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// inboxFilter is what the address of the inbox asks for. "me" stands for
// whoever looks, so that an address can be sent to a colleague.
type inboxFilter struct {
	Held      string // free, me or a person's ID
	Assigned  string // me or a person's ID
	Overdue   bool
	Escalated bool
	Tier      string
	Step      string
	Below     string // a confidence in percent
	Query     string
	now       time.Time
}

// belows are the confidences, in percent, that people may ask for less than.
var belows = []string{"50", "70", "85", "95"}

func (d *desk) inboxFilter(c echo.Context) inboxFilter {
	f := inboxFilter{Held: c.QueryParam("held"), Assigned: c.QueryParam("assigned"), Overdue: c.QueryParam("overdue") == "1",
		Escalated: c.QueryParam("escalated") == "1", Tier: c.QueryParam("tier"), Step: c.QueryParam("step"),
		Below: c.QueryParam("below"), Query: c.QueryParam("q"), now: d.Clock()}
	if c.QueryParam("mine") == "1" {
		f.Held = "me"
	}
	return f
}

// asked is the filter as the service takes it.
func (f inboxFilter) asked(by auth.User, after string) workflow.InboxFilter {
	person := func(id string) string {
		if id == "me" {
			return by.ID
		}
		return id
	}
	percent, _ := strconv.ParseFloat(f.Below, 64) // what is no number asks for nothing
	w := workflow.InboxFilter{By: by, Assigned: person(f.Assigned), Overdue: f.Overdue, Escalated: f.Escalated, Tier: f.Tier, Step: f.Step,
		Below: max(0, min(percent/100, 1)), Query: f.Query, Free: f.Held == "free", After: after, Limit: pageSize}
	if !w.Free {
		w.Mine = person(f.Held)
	}
	return w
}

// query is the filter as an address has it.
func (f inboxFilter) query() url.Values {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	if f.Held == "me" {
		q.Set("mine", "1")
	} else {
		set("held", f.Held)
	}
	set("assigned", f.Assigned)
	if f.Overdue {
		q.Set("overdue", "1")
	}
	if f.Escalated {
		q.Set("escalated", "1")
	}
	set("tier", f.Tier)
	set("step", f.Step)
	set("below", f.Below)
	set("q", f.Query)
	return q
}

// fields are the filter's hidden fields, without one.
func (f inboxFilter) fields(without string) []field { return fieldsOf(f.query(), without) }

// fieldsOf are hidden fields of an address, without some.
func fieldsOf(q url.Values, without ...string) (all []field) {
	for _, name := range slices.Sorted(maps.Keys(q)) {
		if !slices.Contains(without, name) {
			all = append(all, field{name, q.Get(name)})
		}
	}
	return all
}

// Rest are the filters that the box of further filters does not set.
func (f inboxFilter) Rest() []field {
	return fieldsOf(f.query(), "held", "mine", "tier", "step", "below", "assigned")
}

// Any reports whether the list is narrowed down at all.
func (f inboxFilter) Any() bool { return len(f.query()) > 0 }

// Further reports whether a filter of the box of further filters is set.
func (f inboxFilter) Further() bool {
	return f.Tier != "" || f.Step != "" || f.Below != "" || f.Held != "" && f.Held != "me" || f.Assigned != "" && f.Assigned != "me"
}

// Belows are the confidences that the box offers.
func (f inboxFilter) Belows() []string {
	if f.Below != "" && !slices.Contains(belows, f.Below) {
		return append([]string{f.Below}, belows...)
	}
	return belows
}
