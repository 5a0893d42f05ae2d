package workflow

import (
	"context"
	"encoding/json"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
)

// sampled reports whether a case is in a sample of a share of the cases. The
// seed is drawn when the first share asks for it.
func (r *Runner) sampled(ctx context.Context, tx bun.Tx, what, caseID string, share float64) (bool, error) {
	if share <= 0 {
		return false, nil
	}
	seed, err := review.Seed(ctx, tx, r.Clock())
	return err == nil && review.Sampled(seed, what, caseID, share), err
}

// blindfold draws whether the people of a round fill the fields in before they
// see the draft, and whether there are two of them for it.
func (r *Runner) blindfold(ctx context.Context, tx bun.Tx, o *opening) error {
	double, err := r.sampled(ctx, tx, "double_blind", o.c.ID, o.terms.DoubleBlind)
	if err != nil {
		return err
	}
	if double {
		o.blind, o.terms.Quorum = true, max(2, o.terms.Quorum)
		return nil
	}
	o.blind, err = r.sampled(ctx, tx, "blind", o.c.ID, o.terms.Blind)
	return err
}

// AnswerBlind keeps what the holder of a blind review filled in by the source
// alone, and returns the review with its draft, which they see from now on.
// fields are values by path, as Request.Fields; what is left out is empty. Its
// errors are those of review.AnswerBlind.
func (r *Runner) AnswerBlind(ctx context.Context, by auth.User, reviewID string, epoch int64, fields map[string]json.RawMessage) (*review.Review, error) {
	err := r.changeBy(ctx, by, func(ctx context.Context, tx bun.Tx, by auth.User) error {
		c, s, err := r.underReview(ctx, tx, reviewID)
		if err != nil {
			return err
		}
		a, repeated, err := review.AnswerBlind(ctx, r.DB, tx, s.schema, by, reviewID, epoch, fields, r.Clock())
		if err != nil || repeated {
			return err
		}
		seed, err := review.Seed(ctx, tx, a.CreatedAt)
		if err != nil {
			return err
		}
		return r.note(ctx, tx, by.ID, "blind.answered", c.ID, map[string]string{"review": reviewID,
			"seal": sealAnswer(seed, reviewID, by.ID, a.Value)})
	})
	if err != nil {
		return nil, err
	}
	return r.Review(ctx, by, reviewID)
}

// sealAnswer is what the trail notes of a blind answer: the others of its round
// are not to try out what it is of.
func sealAnswer(seed, reviewID, userID string, value json.RawMessage) string {
	return review.Seal(seed, "blind answer", reviewID, userID, string(value))
}

// conceal takes from a case what its reader may not see yet.
func (v *Case) conceal(ctx context.Context, db bun.IDB, by auth.User) error {
	hidden, err := review.IsConcealed(ctx, db, by, v.ID)
	if err != nil || !hidden {
		return err
	}
	v.Concealed = review.Concealed
	if v.Draft != nil {
		bare := v.Draft.Conceal()
		v.Draft = &bare
	}
	if v.Decision != nil {
		d := *v.Decision
		d.Value, d.Changed, d.Fields, d.Redraft, d.Reason, d.Subject = nil, nil, nil, nil, "", ""
		v.Decision = &d
	}
	return nil
}
