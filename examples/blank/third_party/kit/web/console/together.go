package console

import (
	"context"

	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// togetherService is what people need who work side by side.
type togetherService interface {
	Counts(ctx context.Context, userID string) (workflow.Counts, error)
	Deciders(ctx context.Context) ([]review.Holder, error)
	Pause(ctx context.Context, by auth.User) (*review.Pause, error)
	Choices() (steps, tiers []string)
	StepTitle(step, lang string) string
	TierTitle(tier, lang string) string
	BatchReturn(ctx context.Context, by auth.User, ids []string, reason, key string) ([]workflow.BatchItem, error)
	Assign(ctx context.Context, by auth.User, ids []string, userID string) ([]workflow.BatchItem, error)

	Views(ctx context.Context, by auth.User, page string) ([]workflow.SavedView, error)
	SaveView(ctx context.Context, by auth.User, v workflow.SavedView) (workflow.SavedView, error)
	DropView(ctx context.Context, by auth.User, id string) error

	Comments(ctx context.Context, caseID string) ([]workflow.Comment, error)
	AddComment(ctx context.Context, by auth.User, caseID, text, key string) (workflow.Comment, error)
	DropComment(ctx context.Context, by auth.User, id string) (caseID string, err error)
	Mentions(ctx context.Context, by auth.User, after string, limit int) (workflow.Page[workflow.Mention], error)
	SeeMentions(ctx context.Context, by auth.User, caseID string) error
}

// togetherRoutes names the pages of people who work side by side.
func (d *desk) togetherRoutes(e *echo.Echo) {
	d.page(e, "POST", "/inbox/batch", d.batch)
	d.page(e, "POST", "/views", d.saveView)
	d.page(e, "POST", "/views/:id/drop", d.dropView)
	d.page(e, "POST", "/cases/:id/comments", d.comment)
	d.page(e, "POST", "/comments/:id/drop", d.dropComment)
	d.page(e, "GET", "/mentions", d.mentions)
	d.page(e, "POST", "/mentions/seen", d.seeMentions)
	// What answered a form is come back to after signing in again.
	for path, to := range map[string]string{"/inbox/batch": "/inbox", "/views": "/inbox", "/views/:id/drop": "/inbox",
		"/comments/:id/drop": "/cases", "/mentions/seen": "/mentions"} {
		d.page(e, "GET", path, func(c echo.Context, _ *visit) error { return see(c, to) })
	}
	d.page(e, "GET", "/cases/:id/comments", func(c echo.Context, _ *visit) error {
		return see(c, "/cases/"+c.Param("id")+"#comments")
	})
}
