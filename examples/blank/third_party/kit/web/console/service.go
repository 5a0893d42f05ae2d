package console

import (
	"context"
	"io"

	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// Service is what the console stands on; *workflow.Runner is one. Its errors
// carry kit codes, from which the console decides what a person sees. Each part
// stands with the pages that need it.
type Service interface {
	caseService
	queueService
	deskService
	blindService
	lotService
	figureService
	costService
	togetherService
}

// caseService is the cases, and what left of them.
type caseService interface {
	Import(ctx context.Context, by auth.User, name string, r io.Reader, key string, unique bool) (workflow.Submitted, error)
	Retry(ctx context.Context, by auth.User, caseID string) error
	Case(ctx context.Context, by auth.User, id string) (*workflow.Case, error)
	History(ctx context.Context, by auth.User, caseID, after string, limit int) (workflow.Page[workflow.Event], error)
	Cases(ctx context.Context, f workflow.CaseFilter) (workflow.Page[workflow.CaseRow], error)
	Original(ctx context.Context, caseID string) (mediaType string, data []byte, err error)
	Page(ctx context.Context, caseID string, page int) (png []byte, err error)
	Deliveries(ctx context.Context, after string, limit int) (workflow.Page[workflow.Delivery], error)
	Status(ctx context.Context) (workflow.Status, error)
}

// queueService is what waits for people, and their holding it.
type queueService interface {
	Inbox(ctx context.Context, f workflow.InboxFilter) (workflow.Page[workflow.Waiting], error)
	Review(ctx context.Context, by auth.User, id string) (*review.Review, error)
	Claim(ctx context.Context, by auth.User) (*review.Review, error)
	ClaimOne(ctx context.Context, by auth.User, id string) (*review.Review, error)
	ClaimSeat(ctx context.Context, by auth.User, id string) (*review.Review, error)
	Renew(ctx context.Context, by auth.User, id string, epoch int64) (review.Lease, error)
	Release(ctx context.Context, by auth.User, id string, epoch int64) error
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
