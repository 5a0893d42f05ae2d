package console_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// together is what the fake service keeps of people who work side by side.
type together struct {
	steps    []string             // further ones that people review
	asked    workflow.InboxFilter // the last
	searched workflow.CaseFilter
	more     string // the next of each page of the inbox; "" for what there is
	counts   workflow.Counts
	pause    *review.Pause // that everybody has
	batches  []string
	settles  map[string]bool // reviews that settle a disagreement
	results  []workflow.BatchItem
	views    []workflow.SavedView
	comments []workflow.Comment
	calls    []workflow.Mention
	seen     []string
}

func (w *world) Counts(context.Context, string) (workflow.Counts, error) {
	n := w.together.counts
	for _, r := range w.reviews {
		if r.State == review.Open {
			n.Waiting++
		}
	}
	return n, w.fail
}

func (w *world) Deciders(context.Context) ([]review.Holder, error) {
	return []review.Holder{{ID: mei.ID, Name: mei.Name}, {ID: omar.ID, Name: omar.Name}}, w.fail
}

func (w *world) Pause(context.Context, auth.User) (*review.Pause, error) {
	return w.together.pause, w.fail
}

// pausing refuses who is to pause.
func (w *world) pausing(act string) error {
	if p := w.together.pause; p != nil {
		return kit.Errorf(kit.Forbidden, "%s: %w", act, *p)
	}
	return nil
}

func (w *world) StepTitle(step, lang string) string {
	return map[string]string{"check en": "Check", "check zh": "审核"}[step+" "+lang]
}

func (w *world) TierTitle(tier, lang string) string {
	return map[string]string{"high en": "High risk", "high zh": "高风险"}[tier+" "+lang]
}

func (w *world) Choices() (steps, tiers []string) {
	return append([]string{"check"}, w.together.steps...), []string{"high"}
}

func (w *world) BatchReturn(_ context.Context, by auth.User, ids []string, reason, key string) ([]workflow.BatchItem, error) {
	w.together.batches = append(w.together.batches, fmt.Sprintf("%s returns %v: %s, %v", by.Name, ids, reason, key != ""))
	return w.together.results, w.fail
}

func (w *world) Assign(_ context.Context, by auth.User, ids []string, userID string) ([]workflow.BatchItem, error) {
	if by.Role != auth.Lead {
		return nil, kit.Errorf(kit.Forbidden, "assign reviews: %s may not", by.Name)
	}
	w.together.batches = append(w.together.batches, fmt.Sprintf("%s assigns %v to %s", by.Name, ids, userID))
	return w.together.results, w.fail
}

func (w *world) Views(_ context.Context, _ auth.User, page string) (views []workflow.SavedView, err error) {
	for _, v := range w.together.views {
		if v.Page == page {
			views = append(views, v)
		}
	}
	return views, w.fail
}

func (w *world) SaveView(_ context.Context, _ auth.User, v workflow.SavedView) (workflow.SavedView, error) {
	v.ID, v.Mine = fmt.Sprintf("v%d", len(w.together.views)), true
	w.together.views = append(w.together.views, v)
	return v, w.fail
}

func (w *world) DropView(_ context.Context, _ auth.User, id string) error {
	for i, v := range w.together.views {
		if v.ID == id {
			w.together.views = append(w.together.views[:i], w.together.views[i+1:]...)
			return nil
		}
	}
	return kit.Errorf(kit.NotFound, "remove view %s: you have no such view", id)
}

func (w *world) Comments(_ context.Context, caseID string) (all []workflow.Comment, err error) {
	for _, c := range w.together.comments {
		if c.CaseID == caseID {
			all = append(all, c)
		}
	}
	return all, w.fail
}

func (w *world) AddComment(_ context.Context, by auth.User, caseID, text, key string) (workflow.Comment, error) {
	c := workflow.Comment{ID: fmt.Sprintf("k%d", len(w.together.comments)), CaseID: caseID, Text: text, CreatedAt: w.now,
		Person: review.Holder{ID: by.ID, Name: by.Name}}
	if strings.Contains(text, "@zed") {
		c.Unknown = []string{"zed"}
	}
	w.together.comments = append(w.together.comments, c)
	return c, w.fail
}

func (w *world) DropComment(_ context.Context, _ auth.User, id string) (string, error) {
	for i, c := range w.together.comments {
		if c.ID == id {
			w.together.comments[i].Text, w.together.comments[i].DeletedAt = "", &w.now
			return c.CaseID, nil
		}
	}
	return "", kit.Errorf(kit.NotFound, "take comment %s back: there is no such comment", id)
}

func (w *world) Mentions(context.Context, auth.User, string, int) (workflow.Page[workflow.Mention], error) {
	return workflow.Page[workflow.Mention]{Items: w.together.calls}, w.fail
}

func (w *world) SeeMentions(_ context.Context, by auth.User, caseID string) error {
	w.together.seen = append(w.together.seen, by.ID+caseID)
	return w.fail
}
