package console

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// reviewView is the review page.
type reviewView struct {
	*review.Review
	Rows      []fieldView
	Source    sourceView
	Talk      talkView
	Others    *versionsView // what others decided, where it differs
	Yours     *yoursView    // what the person filled in blind, beside the draft
	Look      int           // rows that ask for a look
	Settled   int           // rows that a person has said something of
	Back      time.Time     // when the edits on the page were kept; zero when they were not
	Earlier   bool          // they were typed on another draft
	Stand     string        // mine, free, held, kept, decided or viewer: what this person may do here
	Renew     int           // seconds after which a script renews the lease
	Key       string
	StepTitle string        // of the review, where the workflow has several
	Pause     *review.Pause // the person is to pause; nil otherwise
	Notice    string        // what happened to the work, after a refused decision
	Hint      string
	Problems  map[string]string
	Words     map[string]string // of reasons, kept
	Refused   string            // verdict that was not taken
}

// title is the case's name: people know it by that.
func (v reviewView) title() string { return visible(v.CaseName) }

// becauseView is the box in which a person says why.
type becauseView struct {
	Verdict string
	Key     string
	Codes   []string
	Words   string
	Rows    []fieldView // that the model can be asked for again
	Rules   bool        // the draft is made by rules, which read no words
	Problem string
}

// because makes the box of a verdict that needs a reason.
func because(verdict, key string, v reviewView) becauseView {
	b := becauseView{Verdict: verdict, Key: key, Codes: reasons[verdict], Words: v.Words[verdict]}
	if v.Refused == verdict {
		b.Problem = v.Problems["reason"]
	}
	if verdict == string(kit.Return) {
		b.Rows, b.Rules = v.Rows, byRules(v.Draft.Model.Name)
	}
	return b
}

// reviewPage makes the page of a review for this person. e are their edits that
// the page is to keep.
func (d *desk) reviewPage(v *visit, r *review.Review, e edits, problems map[string]string) reviewView {
	view := reviewView{Review: r, Rows: d.rows(v.tongue, r, e, problems), Problems: problems, Key: kit.NewID(),
		Stand: d.standing(v, r), Back: e.savedAt, Words: e.words, StepTitle: d.stepAmong(v.tongue, r.Step)}
	view.Earlier = e.subject != "" && e.subject != r.Subject
	view.Source = source(r, view.Rows)
	view.Others = d.versions(v.tongue, r, view.Rows)
	view.Yours = d.yours(v.tongue, r, view.Rows)
	for i, row := range view.Rows {
		view.Rows[i].Still = view.Stand != "mine"
		if row.Look {
			view.Look++
		}
		if row.Settled() {
			view.Settled++
		}
	}
	view.Renew = max(1, int(r.Lease.ExpiresAt.Sub(d.Clock()).Seconds()/3))
	return view
}

// stepAmong is a review's title where the workflow has several, of which a case
// goes through one after the other; "" where there is but one.
func (d *desk) stepAmong(t *tongue, step string) string {
	if steps, _ := d.Service.Choices(); len(steps) < 2 {
		return ""
	}
	return d.Service.StepTitle(step, t.tag)
}

// standing is what this person may do with the review.
func (d *desk) standing(v *visit, r *review.Review) string {
	switch {
	case r.State == review.Decided:
		return "decided"
	case !v.user.MayDecide():
		return "viewer"
	case r.Holder != nil && r.Holder.ID == v.user.ID:
		return "mine"
	case r.Cause != "":
		return "kept"
	case r.Holder == nil:
		return "free"
	}
	return "held"
}

func (d *desk) showReview(c echo.Context, v *visit) error {
	r, err := d.Service.Review(c.Request().Context(), v.user, c.Param("id"))
	if err != nil {
		return err
	}
	var e edits
	if d.standing(v, r) == "mine" {
		kept, err := d.Service.Edits(c.Request().Context(), v.user, r.ID)
		if err != nil {
			return err
		}
		e = found(kept, r)
	}
	view := d.reviewPage(v, r, e, nil)
	if view.Others != nil && r.State == review.Decided {
		k, err := d.Service.Case(c.Request().Context(), v.user, r.CaseID)
		if err != nil {
			return err
		}
		if k.Decision != nil && k.Decision.ReviewID == r.ID {
			view.Others.stood(r, k.Decision.Stood)
		}
	}
	return d.showForm(c, v, http.StatusOK, view)
}

// claimNext goes to the next review: one that the person holds already, or the
// first that nobody does. The form's "not" is the one that they come from.
func (d *desk) claimNext(c echo.Context, v *visit) error {
	from := c.FormValue("not")
	id, err := d.next(c, v, from)
	if review.PauseOf(err) != nil && from != "" {
		return d.refuseAt(c, v, from, err, nil)
	}
	if err != nil {
		return err
	}
	if id == "" {
		d.say(c, flash{Key: "flash.nothing"})
		return on(c, "/inbox")
	}
	return d.onto(c, v, id)
}

// on goes on to another page: a script that asked for it is told where.
func on(c echo.Context, path string) error {
	if !scripted(c) {
		return see(c, path)
	}
	return c.JSON(http.StatusOK, map[string]any{"next": path})
}

// onto goes on to a review. A script is told whether its page can take the
// place of the one that it has, which a form to be filled in blind cannot.
func (d *desk) onto(c echo.Context, v *visit, id string) error {
	if !scripted(c) {
		return see(c, "/reviews/"+id)
	}
	r, err := d.Service.Review(c.Request().Context(), v.user, id)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]any{"next": "/reviews/" + id, "turn": r.Concealed == ""})
}

// scripted reports whether a script of the page asks, and takes JSON.
func scripted(c echo.Context) bool {
	return strings.Contains(c.Request().Header.Get("Accept"), "application/json")
}

// next finds the review that the person is to see after another one; "" when
// none waits.
func (d *desk) next(c echo.Context, v *visit, not string) (string, error) {
	ctx := c.Request().Context()
	held, err := d.Service.Inbox(ctx, workflow.InboxFilter{By: v.user, Mine: v.user.ID, Limit: 10})
	if err != nil {
		return "", err
	}
	for _, w := range held.Items {
		if w.ID != not {
			return w.ID, nil
		}
	}
	r, err := d.Service.Claim(ctx, v.user)
	if err != nil {
		return "", err
	}
	if r != nil {
		return r.ID, nil
	}
	if len(held.Items) > 0 { // nothing but the one that they come from
		return held.Items[0].ID, nil
	}
	return "", nil
}

// claimOne claims a certain review, or another seat of its round. Sent from
// the decision form it keeps what the person typed, and claims no other.
func (d *desk) claimOne(c echo.Context, v *visit) error {
	ctx, id := c.Request().Context(), c.Param("id")
	kept := posted(c.Request().PostForm)
	claim := d.Service.ClaimSeat
	if kept.any() {
		claim = d.Service.ClaimOne
	}
	r, err := claim(ctx, v.user, id)
	switch code := kit.CodeOf(err); {
	case err == nil && !kept.any():
		return see(c, "/reviews/"+r.ID)
	case err == nil:
		return d.showForm(c, v, http.StatusOK, d.reviewPage(v, r, kept, nil))
	case code == kit.LostLease || code == kit.Decided || review.PauseOf(err) != nil && kept.any():
		return d.refuse(c, v, err, nil)
	case review.CauseOf(err) != "" && v.user.MayDecide():
		d.say(c, flash{Key: "flash.for_others", Name: v.tongue.T("cause." + string(review.CauseOf(err)))})
		return see(c, "/inbox")
	}
	return err
}

// release gives the review back without a decision.
func (d *desk) release(c echo.Context, v *visit) error {
	ctx, id := c.Request().Context(), c.Param("id")
	r, err := d.Service.Review(ctx, v.user, id)
	if err != nil {
		return err
	}
	if err := d.Service.Release(ctx, v.user, id, epochOf(c)); err != nil && kit.CodeOf(err) != kit.LostLease {
		return err
	}
	d.say(c, flash{Key: "flash.released", Name: r.CaseName, Page: "/inbox"})
	return see(c, "/inbox")
}

// renew answers a script that keeps the lease while the page is looked at.
func (d *desk) renew(c echo.Context, v *visit) error {
	ctx, id := c.Request().Context(), c.Param("id")
	lease, err := d.Service.Renew(ctx, v.user, id, epochOf(c))
	if code := kit.CodeOf(err); code == kit.LostLease || code == kit.Decided {
		return d.sayLost(c, v)
	}
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]string{"expires_at": lease.ExpiresAt.UTC().Format(time.RFC3339)})
}

// sayLost tells a script what became of the review.
func (d *desk) sayLost(c echo.Context, v *visit) error {
	ctx := c.Request().Context()
	r, err := d.Service.Review(ctx, v.user, c.Param("id"))
	if err != nil {
		return err
	}
	words, err := d.whereabouts(ctx, v, r)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusConflict, map[string]string{"message": words})
}

// whereabouts says what became of a review that the person holds no more: who
// decided it, who holds it, or that nobody does.
func (d *desk) whereabouts(ctx context.Context, v *visit, r *review.Review) (string, error) {
	if r.State != review.Decided {
		if r.Holder != nil {
			return v.tongue.T("lost.held", "Name", visible(r.Holder.Name)), nil
		}
		return v.tongue.T("lost.free"), nil
	}
	k, err := d.Service.Case(ctx, v.user, r.CaseID)
	if err != nil || k.Decision == nil || k.Decision.ReviewID != r.ID {
		return v.tongue.T("lost.decided"), err
	}
	return v.tongue.T("lost.decided_by", "Name", visible(k.Decision.Person.Name), "Verdict", v.tongue.T("verdict."+string(k.Decision.Verdict))), nil
}

// epochOf reads the lease that a form was made under; a lease that never was is
// refused as lost by the service.
func epochOf(c echo.Context) int64 {
	epoch, _ := strconv.ParseInt(c.FormValue("epoch"), 10, 64)
	return epoch
}
