package console

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// deskService is a person's work on one review.
type deskService interface {
	Schema(step string) *model.Schema
	Edits(ctx context.Context, by auth.User, id string) (*review.Edits, error)
	SaveEdits(ctx context.Context, by auth.User, id string, epoch int64, e review.Edits) error
	DropEdits(ctx context.Context, by auth.User, id string) error
	Decide(ctx context.Context, by auth.User, id string, req review.Request, undo time.Duration) (workflow.Outcome, error)
	Undo(ctx context.Context, by auth.User, decisionID string) (reviewID string, err error)
}

// edits is what a person did with the fields of a review and has not sent, by
// path.
type edits struct {
	changed   map[string]string // what the inputs hold, where it is not the draft
	base      map[string]string // what they held when the page was made, where it is known
	confirmed map[string]bool
	words     map[string]string // of reasons, by verdict
	redraft   []string          // paths that the model is to be asked for again
	chose     bool              // those paths were the person's choice
	subject   string            // of the draft that the person saw; "" when nothing was typed
	savedAt   time.Time         // when they were kept; zero for what a form posts
}

// of returns what the input of a field is to hold. A field that the person left
// alone follows the draft, also when the draft is another one by now.
func (e edits) of(path, draft string) string {
	if now, ok := e.changed[path]; ok {
		return now
	}
	return draft
}

// sure reports whether the person confirmed the field as it is now drafted.
func (e edits) sure(path, draft string) bool {
	if _, ok := e.changed[path]; ok {
		return false
	}
	saw, known := e.base[path]
	return e.confirmed[path] && (!known || saw == draft)
}

// any reports whether the person did something.
func (e edits) any() bool { return len(e.changed) > 0 || len(e.confirmed) > 0 }

// asSaved is what is kept of the edits until they are sent.
func (e edits) asSaved() review.Edits {
	return review.Edits{Subject: e.subject, Fields: e.changed, Confirmed: slices.Sorted(maps.Keys(e.confirmed)), Words: e.words}
}

// found makes edits of what was kept. What was confirmed on another draft is
// not confirmed on this one.
func found(kept *review.Edits, r *review.Review) edits {
	if kept == nil {
		return edits{}
	}
	e := edits{changed: kept.Fields, confirmed: map[string]bool{}, words: kept.Words, subject: kept.Subject, savedAt: kept.SavedAt}
	for _, path := range kept.Confirmed {
		e.confirmed[path] = kept.Subject == r.Subject
	}
	return e
}

// saveEdits keeps what the person types, for a script that sends it now and
// then; or, with "drop", forgets it.
func (d *desk) saveEdits(c echo.Context, v *visit) error {
	ctx, id := c.Request().Context(), c.Param("id")
	if c.FormValue("drop") != "" {
		if err := d.Service.DropEdits(ctx, v.user, id); err != nil {
			return err
		}
		return see(c, "/reviews/"+id)
	}
	err := d.Service.SaveEdits(ctx, v.user, id, epochOf(c), posted(c.Request().PostForm).asSaved())
	if code := kit.CodeOf(err); code == kit.LostLease || code == kit.Decided {
		return d.sayLost(c, v)
	}
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]string{"saved_at": d.Clock().UTC().Format(time.RFC3339)})
}
