package console

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// versionsView is what several people decided on one draft, side by side.
type versionsView struct {
	People []personView
	Differ []versionRow
	Agree  []versionRow
}

// personView is the head of one version.
type personView struct {
	Name    string
	Verdict kit.Verdict
	Reason  string
	Stood   bool // whoever settled the disagreement agreed with it
}

// versionRow is one field in every version.
type versionRow struct {
	ID, Path, Label string
	Draft           string // for reading
	Cells           []versionCell
}

// Common is what all versions say that say something of the field, against the
// draft.
func (r versionRow) Common() []part {
	for _, c := range r.Cells {
		if c.Has {
			return c.Parts
		}
	}
	return nil
}

// versionCell is a field's value in one version.
type versionCell struct {
	N     int    // of the version, from 1
	Name  string // of its person
	Has   bool   // the version says something of the field
	Value string // what an input would hold
	Parts []part // against the draft
	Did   string // what that person did with the field
}

// besideView are versions as a page shows them. Take is where a value is taken
// from them; "" when this person may not.
type besideView struct {
	Versions *versionsView
	Take     string
}

func beside(v *versionsView, take bool, review string) besideView {
	if !take {
		return besideView{Versions: v}
	}
	return besideView{Versions: v, Take: "/reviews/" + review + "/take"}
}

// versusView is one row of them.
type versusView struct {
	Row  versionRow
	Take string
}

// doneView says whether a person did this with a field.
type doneView struct {
	Did string
	On  bool
}

// versions lays the versions of a review side by side, those fields first on
// which they differ. It is nil where nobody disagreed.
func (d *desk) versions(t *tongue, r *review.Review, rows []fieldView) *versionsView {
	if len(r.Versions) == 0 {
		return nil
	}
	specs := map[string]model.FieldSpec{}
	for _, s := range d.specs(r) {
		specs[s.Path] = s
	}
	view := &versionsView{}
	var values []map[string]string
	for _, version := range r.Versions {
		view.People = append(view.People, personView{Name: visible(version.Person.Name), Verdict: version.Verdict, Reason: visible(version.Reason)})
		values = append(values, d.versionOf(r.Step, version))
	}
	for _, row := range inOrder(rows) {
		line := versionRow{ID: row.ID, Path: row.Path, Label: row.Label, Draft: visible(row.DraftShown)}
		for i, version := range r.Versions {
			line.Cells = append(line.Cells, cell(t, specs[row.Path], row, i+1, version, values[i]))
		}
		if differs(line.Cells) {
			view.Differ = append(view.Differ, line)
		} else {
			view.Agree = append(view.Agree, line)
		}
	}
	return view
}

// versionOf are a version's values by path, as inputs would hold them; empty for one
// that releases nothing.
func (d *desk) versionOf(step string, version review.Version) map[string]string {
	values := map[string]string{}
	if schema := d.Service.Schema(step); schema != nil && version.Verdict.Releases() {
		for path, raw := range schema.Flatten(version.Value) {
			values[path] = written(raw)
		}
	}
	return values
}

func cell(t *tongue, spec model.FieldSpec, row fieldView, n int, version review.Version, values map[string]string) versionCell {
	c := versionCell{N: n, Name: visible(version.Person.Name), Did: version.Fields[row.Path]}
	c.Value, c.Has = values[row.Path]
	c.Parts = diff(row.DraftShown, t.read(spec, c.Value))
	return c
}

// differs reports whether the versions that say something say different things.
func differs(cells []versionCell) bool {
	var first *versionCell
	for i := range cells {
		switch c := &cells[i]; {
		case !c.Has:
		case first == nil:
			first = c
		case c.Value != first.Value:
			return true
		}
	}
	return false
}

// stood marks the versions that the decision let stand.
func (v *versionsView) stood(r *review.Review, decisions []string) *versionsView {
	if v == nil {
		return nil
	}
	for i, version := range r.Versions {
		v.People[i].Stood = slices.Contains(decisions, version.Decision)
	}
	return v
}

// settled are the versions of a case that somebody decided between, with whose
// stood; nil where nobody disagreed.
func (d *desk) settled(ctx context.Context, v *visit, k *workflow.Case) (*versionsView, error) {
	if k.Decision == nil {
		return nil, nil
	}
	r, err := d.Service.Review(ctx, v.user, k.Decision.ReviewID)
	if err != nil || len(r.Versions) == 0 {
		return nil, err
	}
	return d.versions(v.tongue, r, d.rows(v.tongue, r, edits{}, nil)).stood(r, k.Decision.Stood), nil
}

// takeVersion puts one version's value into a field of the form, for people
// without scripts. It changes nothing but the page.
func (d *desk) takeVersion(c echo.Context, v *visit) error {
	r, err := d.Service.Review(c.Request().Context(), v.user, c.Param("id"))
	if err != nil {
		return err
	}
	e := posted(c.Request().PostForm)
	path, n, _ := cutLast(c.FormValue("take"), ":")
	if at, err := strconv.Atoi(n); err == nil && at >= 1 && at <= len(r.Versions) {
		if value, ok := d.versionOf(r.Step, r.Versions[at-1])[path]; ok {
			e.take(path, value, written(d.drafted(r)[path]))
		}
	}
	return d.showForm(c, v, http.StatusOK, d.reviewPage(v, r, e, nil))
}

// take sets a field to a value: to the draft's own by confirming it.
func (e edits) take(path, value, draft string) {
	delete(e.changed, path)
	if value == draft {
		e.confirmed[path] = true
		return
	}
	e.changed[path] = value
}

// cutLast cuts s at the last sep.
func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}
