package workflow

import (
	"context"
	"database/sql"
	"errors"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/review"
)

// ReviewStep is a step in which people decide, as the workflow states it.
type ReviewStep struct {
	Name   string
	Policy review.Policy // what it leaves out is the service's
	Schema *model.Schema // of the drafts
}

// Reviews lists the review steps in the order of the path.
func (w *Workflow) Reviews() []ReviewStep {
	var all []ReviewStep
	for _, s := range w.path() {
		if s.kind == reviewStep {
			all = append(all, ReviewStep{Name: s.name, Policy: s.policy, Schema: s.schema})
		}
	}
	return all
}

// Facts reads the latest draft of a case as a policy sees it, and the review
// step that it comes to. It is for those who run the service: no blind review
// hides anything from them. It fails with kit.NotFound without such a case, and
// with kit.Conflict while there is no draft.
func (r *Runner) Facts(ctx context.Context, caseID string) (ReviewStep, review.Facts, error) {
	db := r.DB.Read()
	var c struct {
		Name  string         `bun:"name"`
		Draft sql.NullString `bun:"draft"`
		Step  sql.NullString `bun:"step"`
	}
	err := db.NewRaw(`SELECT c.name, d.id AS draft, d.step FROM cases c LEFT JOIN drafts d ON d.case_id = c.id AND NOT d.canary
		WHERE c.id = ? ORDER BY d.id DESC LIMIT 1`, caseID).Scan(ctx, &c)
	if errors.Is(err, sql.ErrNoRows) {
		return ReviewStep{}, review.Facts{}, kit.Errorf(kit.NotFound, "case %s: there is no such case", caseID)
	}
	if err != nil {
		return ReviewStep{}, review.Facts{}, err
	}
	s := r.Workflow.step(c.Step.String)
	if s != nil {
		s = r.Workflow.after(s)
	}
	if s == nil || s.kind != reviewStep {
		return ReviewStep{}, review.Facts{}, kit.Errorf(kit.Conflict, "case %s: there is no draft of it yet that people review", caseID)
	}
	f, err := factsOf(ctx, db, c.Name, s, c.Draft.String)
	return ReviewStep{Name: s.name, Policy: s.policy, Schema: s.schema}, f, err
}
