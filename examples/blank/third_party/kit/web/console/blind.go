package console

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/web/problem"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// blindService is what nobody is told beforehand.
type blindService interface {
	AnswerBlind(ctx context.Context, by auth.User, id string, epoch int64, fields map[string]json.RawMessage) (*review.Review, error)
	Canary(ctx context.Context, by auth.User, reviewID string) (*workflow.CanaryFound, error)
}

// showForm shows a review as far as its reader may see it: to who is to fill
// the fields in first, the source and an empty form.
func (d *desk) showForm(c echo.Context, v *visit, status int, view reviewView) error {
	name := "review"
	if view.Concealed != "" {
		name = "blind"
	}
	var err error
	if view.Talk, err = d.talk(c.Request().Context(), v, view.CaseID, view.Concealed != "", "/reviews/"+view.ID); err != nil {
		return err
	}
	return d.show(c, v, status, name, "review.title", view)
}

// fillIn sends what a person filled in blind. After it they see the draft.
func (d *desk) fillIn(c echo.Context, v *visit) error {
	ctx, id := c.Request().Context(), c.Param("id")
	r, err := d.Service.Review(ctx, v.user, id)
	if err != nil {
		return err
	}
	fields, problems := d.filled(v.tongue, r, c.Request().PostForm)
	if len(problems) > 0 {
		return d.refuseBlind(c, v, kit.Errorf(kit.Invalid, "fill in review %s: a field cannot be what it says", id), problems)
	}
	_, err = d.Service.AnswerBlind(ctx, v.user, id, epochOf(c), fields)
	switch kit.CodeOf(err) {
	case "":
		return see(c, "/reviews/"+id)
	case kit.Invalid:
		return d.refuseBlind(c, v, err, wordsOf(v.tongue, err))
	case kit.LostLease, kit.Decided, kit.Conflict:
		return d.refuseBlind(c, v, err, nil)
	}
	return err
}

// filled reads the whole form: here nothing stands but what the person typed.
func (d *desk) filled(t *tongue, r *review.Review, form url.Values) (map[string]json.RawMessage, map[string]string) {
	typedIn, fields, problems := posted(form), map[string]json.RawMessage{}, map[string]string{}
	for _, spec := range d.specs(r) {
		raw, problem := typed(spec, typedIn.of(spec.Path, ""))
		if problem != "" {
			problems[spec.Path] = t.T(problem)
			continue
		}
		fields[spec.Path] = raw
	}
	return fields, problems
}

// refuseBlind shows the form again, with what the person typed and what
// happened to it.
func (d *desk) refuseBlind(c echo.Context, v *visit, cause error, problems map[string]string) error {
	r, err := d.Service.Review(c.Request().Context(), v.user, c.Param("id"))
	if err != nil {
		return err
	}
	if r.Concealed == "" {
		d.say(c, flash{Key: "flash.filled_before"})
		return see(c, "/reviews/"+r.ID)
	}
	view := d.reviewPage(v, r, posted(c.Request().PostForm), problems)
	view.Notice = v.tongue.T("blind.problem")
	if len(problems) == 0 {
		view.Notice = v.tongue.T("notice." + string(kit.CodeOf(cause)))
		if view.Hint, err = d.whereabouts(c.Request().Context(), v, r); err != nil {
			return err
		}
	}
	return d.showForm(c, v, problem.Status(cause), view)
}

// yoursView is what a person filled in blind, beside the draft.
type yoursView struct {
	Of     int // fields in all
	Differ []yoursRow
}

// yoursRow is a field in which the two differ.
type yoursRow struct {
	ID, Label          string
	Value              string // for the input
	Yours, YoursShown  string
	Drafted, DraftText string
}

// yours compares what the person filled in with the draft, nil when they
// filled in nothing.
func (d *desk) yours(t *tongue, r *review.Review, rows []fieldView) *yoursView {
	s := d.Service.Schema(r.Step)
	if r.BlindAnswer == nil || s == nil {
		return nil
	}
	mine := s.Flatten(r.BlindAnswer.Value)
	view := &yoursView{Of: len(rows)}
	byPath := map[string]fieldView{}
	for _, row := range rows {
		byPath[row.Path] = row
	}
	for _, spec := range d.specs(r) {
		row, value := byPath[spec.Path], written(mine[spec.Path])
		if value != row.Draft {
			view.Differ = append(view.Differ, yoursRow{ID: row.ID, Label: row.Label, Value: value,
				Yours: value, YoursShown: t.read(spec, value), Drafted: row.Draft, DraftText: row.DraftShown})
		}
	}
	return view
}

// canaryView tells a person what was wrong on purpose with what they decided
// on.
type canaryView struct {
	Caught         bool
	Label          string
	Planted, Truth string // for reading
	CaseID, Name   string
	ReviewID       string
	Source         sourceView
}

func (v canaryView) title() string { return visible(v.Name) }

// showCanary tells what was wrong on purpose.
func (d *desk) showCanary(c echo.Context, v *visit) error {
	ctx, id := c.Request().Context(), c.Param("id")
	found, err := d.Service.Canary(ctx, v.user, id)
	if err != nil {
		return err
	}
	r, err := d.Service.Review(ctx, v.user, id)
	if err != nil {
		return err
	}
	view := canaryView{Caught: found.Caught, Label: found.Path, CaseID: r.CaseID, Name: r.CaseName, ReviewID: id,
		Planted: written(found.Planted), Truth: written(found.Truth)}
	for _, spec := range d.specs(r) {
		if spec.Path == found.Path {
			view.Label = labelOf(spec, v.tongue.tag)
			view.Planted, view.Truth = v.tongue.read(spec, view.Planted), v.tongue.read(spec, view.Truth)
		}
	}
	var row []fieldView
	for _, f := range d.rows(v.tongue, r, edits{}, nil) {
		if f.Path == found.Path {
			row = append(row, f)
		}
	}
	view.Source = source(r, row)
	return d.show(c, v, http.StatusOK, "canary", "canary.title", view)
}
