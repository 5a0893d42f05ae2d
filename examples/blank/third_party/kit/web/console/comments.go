package console

import (
	"context"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// talkView is what people say of a case.
type talkView struct {
	CaseID string
	Items  []workflow.Comment
	Hidden bool // until the reader filled the fields in
	Me     string
	May    bool // say something
	Key    string
	Back   string
}

// Count is how many comments are to be read.
func (v talkView) Count() (n int) {
	for _, c := range v.Items {
		if c.DeletedAt == nil {
			n++
		}
	}
	return n
}

// talk reads a case's comments for a page to show. Words of colleagues can tell
// what the draft says: while it is concealed, so are they.
func (d *desk) talk(ctx context.Context, v *visit, caseID string, concealed bool, back string) (talkView, error) {
	view := talkView{CaseID: caseID, Hidden: concealed, Me: v.user.ID, May: v.user.MayDecide(), Key: kit.NewID(), Back: back}
	if concealed {
		return view, nil
	}
	var err error
	view.Items, err = d.Service.Comments(ctx, caseID)
	return view, err
}

// comment adds a comment, and says whom it could not find.
func (d *desk) comment(c echo.Context, v *visit) error {
	form := c.Request().PostForm
	added, err := d.Service.AddComment(c.Request().Context(), v.user, c.Param("id"), lines.Replace(form.Get("comment")), form.Get("key"))
	if err != nil {
		return err
	}
	if len(added.Unknown) > 0 {
		d.say(c, flash{Key: "flash.unknown_names", Name: "@" + strings.Join(added.Unknown, ", @")})
	}
	return see(c, local(form.Get("back"))+"#comments")
}

// dropComment takes the person's own comment back.
func (d *desk) dropComment(c echo.Context, v *visit) error {
	caseID, err := d.Service.DropComment(c.Request().Context(), v.user, c.Param("id"))
	if err != nil {
		return err
	}
	back := local(c.FormValue("back"))
	if back == "/" {
		back = "/cases/" + caseID
	}
	return see(c, back+"#comments")
}

// mentionsView is the list of comments that call a person.
type mentionsView struct {
	Items []workflow.Mention
	More  string
	New   bool // one at least was not seen
}

func (d *desk) mentions(c echo.Context, v *visit) error {
	page, err := d.Service.Mentions(c.Request().Context(), v.user, c.QueryParam("after"), pageSize)
	if err != nil {
		return err
	}
	view := mentionsView{Items: page.Items, More: more(c, page.Next)}
	for _, m := range page.Items {
		view.New = view.New || m.SeenAt == nil
	}
	return d.show(c, v, http.StatusOK, "mentions", "mentions.title", view)
}

// seeMentions notes that the person saw what calls them: all, or in one case.
func (d *desk) seeMentions(c echo.Context, v *visit) error {
	id := c.FormValue("case")
	if err := d.Service.SeeMentions(c.Request().Context(), v.user, id); err != nil {
		return err
	}
	if id != "" {
		return see(c, "/cases/"+id+"#comments")
	}
	return see(c, "/mentions")
}
