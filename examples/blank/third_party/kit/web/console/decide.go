package console

import (
	"regexp"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/web/problem"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// decide sends a person's decision to the service and goes on to the next
// review. Whatever is refused comes back with what the person typed.
func (d *desk) decide(c echo.Context, v *visit) error {
	r, err := d.Service.Review(c.Request().Context(), v.user, c.Param("id"))
	if err != nil {
		return err
	}
	req, problems := d.request(v.tongue, r, c.Request().PostForm)
	if req.Subject != r.Subject {
		err := kit.Errorf(kit.Stale, "decide review %s: it changed since you saw it", r.ID)
		return d.refuse(c, v, err, nil)
	}
	if len(problems) > 0 {
		return d.refuse(c, v, kit.Errorf(kit.Invalid, "decide review %s: a field cannot be what it says", r.ID), problems)
	}
	out, err := d.send(c, v, r, req)
	switch kit.CodeOf(err) {
	case "":
		return d.goOn(c, v, out)
	case kit.Invalid:
		return d.refuse(c, v, err, wordsOf(v.tongue, err))
	case kit.Stale, kit.LostLease, kit.Decided, kit.Conflict:
		return d.refuse(c, v, err, nil)
	}
	if review.PauseOf(err) != nil {
		return d.refuse(c, v, err, nil)
	}
	return err
}

// send decides. A lease that ran out while nobody else took the review is taken
// again: the subject still binds the decision to what the person saw.
func (d *desk) send(c echo.Context, v *visit, r *review.Review, req review.Request) (workflow.Outcome, error) {
	ctx := c.Request().Context()
	out, err := d.Service.Decide(ctx, v.user, r.ID, req, d.Undo)
	if kit.CodeOf(err) != kit.LostLease || r.State != review.Open || r.Holder != nil && r.Holder.ID != v.user.ID {
		return out, err
	}
	again, claimErr := d.Service.ClaimOne(ctx, v.user, r.ID)
	if claimErr != nil {
		return out, err
	}
	req.Epoch = again.Lease.Epoch
	return d.Service.Decide(ctx, v.user, r.ID, req, d.Undo)
}

// wordsOf are the service's words at each field.
func wordsOf(t *tongue, err error) map[string]string {
	words := map[string]string{}
	for _, f := range kit.FieldsOf(err) {
		words[f.Path] = t.rule(f.Message)
	}
	return words
}

// rules are what a schema says of a value, and the catalogue's keys for it.
var rules = []struct {
	says *regexp.Regexp
	key  string
}{
	{regexp.MustCompile(`^must not be empty`), "field.required"},
	{regexp.MustCompile(`^must be at least (\S+)$`), "rule.least"},
	{regexp.MustCompile(`^must be at most (\S+)$`), "rule.most"},
	{regexp.MustCompile(`^must have at least (\d+) characters`), "rule.short"},
	{regexp.MustCompile(`^must have at most (\d+) characters`), "rule.long"},
	{regexp.MustCompile(`^must be one of: `), "field.choice"},
}

// rule says a schema's words in the person's language. Words of an app's own
// rules are said as they are.
func (t *tongue) rule(words string) string {
	for _, r := range rules {
		if m := r.says.FindStringSubmatch(words); m != nil {
			return t.T(r.key, "N", m[len(m)-1])
		}
	}
	return words
}

// goOn tells what was decided, with the time to take it back, and shows the
// next review.
func (d *desk) goOn(c echo.Context, v *visit, out workflow.Outcome) error {
	if out.Canary != nil {
		return on(c, "/canaries/"+out.Decision.ReviewID)
	}
	f := flash{Key: "flash." + string(out.Decision.Verdict), Name: out.Case.Name}
	if out.UndoUntil != nil {
		f.Decision, f.Until = out.Decision.ID, *out.UndoUntil
	}
	d.say(c, f)
	id, err := d.next(c, v, out.Decision.ReviewID)
	if review.PauseOf(err) != nil { // what was decided is; the inbox tells of the rest
		return on(c, "/inbox")
	}
	if err != nil || id == "" || id == out.Decision.ReviewID {
		return on(c, "/inbox")
	}
	return d.onto(c, v, id)
}

// refuse shows the review as it is now, says what happened to the decision, and
// keeps what the person typed.
func (d *desk) refuse(c echo.Context, v *visit, cause error, problems map[string]string) error {
	return d.refuseAt(c, v, c.Param("id"), cause, problems)
}

// refuseAt is refuse for the page of a certain review.
func (d *desk) refuseAt(c echo.Context, v *visit, id string, cause error, problems map[string]string) error {
	r, err := d.Service.Review(c.Request().Context(), v.user, id)
	if err != nil {
		return err
	}
	form := c.Request().PostForm
	view := d.reviewPage(v, r, posted(form), problems)
	view.Refused, _, _ = strings.Cut(form.Get("verdict"), ":")
	code := kit.CodeOf(cause)
	view.Pause = review.PauseOf(cause)
	if view.Pause == nil {
		view.Notice = v.tongue.T("notice." + string(code))
	}
	switch {
	case code == kit.LostLease || code == kit.Decided:
		if view.Hint, err = d.whereabouts(c.Request().Context(), v, r); err != nil {
			return err
		}
		if view.Refused == "" {
			view.Notice = v.tongue.T("notice.unclaimed")
		}
	case code != kit.Stale && view.Pause == nil && !view.showsAll(problems):
		view.Hint = cause.Error()
	}
	return d.showForm(c, v, problem.Status(cause), view)
}

// showsAll reports whether each problem has a place on the page where it is
// told.
func (v reviewView) showsAll(problems map[string]string) bool {
	told := 0
	for _, row := range v.Rows {
		if problems[row.Path] != "" {
			told++
		}
	}
	if problems["reason"] != "" {
		told++
	}
	return told > 0 && told == len(problems)
}

// undo takes a decision back while its output waits.
func (d *desk) undo(c echo.Context, v *visit) error {
	id, err := d.Service.Undo(c.Request().Context(), v.user, c.Param("id"))
	switch kit.CodeOf(err) {
	case "":
		d.say(c, flash{Key: "flash.undone"})
		return see(c, "/reviews/"+id)
	case kit.Conflict:
		d.say(c, flash{Key: "flash.too_late"})
		return see(c, "/inbox")
	}
	return err
}
