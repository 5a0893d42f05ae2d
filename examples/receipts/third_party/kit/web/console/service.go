package console

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// Service is what the console stands on; *workflow.Runner is one. Its errors
// carry kit codes, from which the console decides what a person sees.
type Service interface {
	LotService
	Together

	Import(ctx context.Context, by auth.User, name string, r io.Reader, key string, unique bool) (workflow.Submitted, error)
	Retry(ctx context.Context, by auth.User, caseID string) error
	Case(ctx context.Context, by auth.User, id string) (*workflow.Case, error)
	Cases(ctx context.Context, f workflow.CaseFilter) (workflow.Page[workflow.CaseRow], error)
	Original(ctx context.Context, caseID string) (mediaType string, data []byte, err error)
	Page(ctx context.Context, caseID string, page int) (png []byte, err error)
	Deliveries(ctx context.Context, after string, limit int) (workflow.Page[workflow.Delivery], error)
	Status(ctx context.Context) (workflow.Status, error)
	Schema(step string) *model.Schema
	FirstSchema() *model.Schema
	Board(ctx context.Context, days int) (workflow.Board, error)

	Inbox(ctx context.Context, f workflow.InboxFilter) (workflow.Page[workflow.Waiting], error)
	Review(ctx context.Context, by auth.User, id string) (*review.Review, error)
	Claim(ctx context.Context, by auth.User) (*review.Review, error)
	ClaimOne(ctx context.Context, by auth.User, id string) (*review.Review, error)
	Renew(ctx context.Context, by auth.User, id string, epoch int64) (review.Lease, error)
	Release(ctx context.Context, by auth.User, id string, epoch int64) error
	Edits(ctx context.Context, by auth.User, id string) (*review.Edits, error)
	SaveEdits(ctx context.Context, by auth.User, id string, epoch int64, e review.Edits) error
	DropEdits(ctx context.Context, by auth.User, id string) error
	AnswerBlind(ctx context.Context, by auth.User, id string, epoch int64, fields map[string]json.RawMessage) (*review.Review, error)
	Canary(ctx context.Context, by auth.User, reviewID string) (*workflow.CanaryFound, error)
	Figures(ctx context.Context, by auth.User, from, to time.Time) ([]review.Figures, error)
	Decide(ctx context.Context, by auth.User, id string, req review.Request, undo time.Duration) (workflow.Outcome, error)
	Undo(ctx context.Context, by auth.User, decisionID string) (reviewID string, err error)
}

// Accounts knows who people are; *auth.Accounts is one.
type Accounts interface {
	// Authenticate tells whose access token this is.
	Authenticate(ctx context.Context, token string) (auth.User, error)
	// Peek tells whom a sign-in code is for, without using it up.
	Peek(ctx context.Context, code string) (auth.User, error)
	// Redeem uses a sign-in code up.
	Redeem(ctx context.Context, code string) (auth.User, error)
	// Get finds a user who may sign in; it fails for a disabled one.
	Get(ctx context.Context, id string) (auth.User, error)
}
