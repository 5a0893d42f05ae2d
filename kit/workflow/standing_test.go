package workflow_test

import (
	"context"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

func TestWhoIsDisabledMeanwhileDecidesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		s.submit("Blue chairs")
		v := s.claim(s.ann)
		if _, err := (auth.Accounts{DB: db}).Disable(t.Context(), s.ann.Email); err != nil {
			t.Fatal(err)
		}
		_, err := s.decide(s.ann, v, kit.Approve, "")
		wantCode(t, err, kit.Forbidden)
	})
}

// What a person may do is what the database says when it is done, not when
// their request came in.
func TestWhoIsOutMeanwhileDoesNothingAnyMore(t *testing.T) {
	bar := review.Bar{Step: "extract", Threshold: 0.9, Error: 0.05, Confidence: 0.95, Labels: 60, Model: kit.ModelInfo{Digest: "d"}, Schema: "s"}
	one := func(s *service, act func(ids []string) error) error { return act([]string{s.first("").ID}) }
	acts := map[string]func(ctx context.Context, s *service, lea auth.User, decision, bar string) error{
		"claim": func(ctx context.Context, s *service, lea auth.User, _, _ string) error {
			_, err := s.Claim(ctx, lea)
			return err
		},
		"claim one": func(ctx context.Context, s *service, lea auth.User, _, _ string) error {
			return one(s, func(ids []string) error { _, err := s.ClaimOne(ctx, lea, ids[0]); return err })
		},
		"claim a seat": func(ctx context.Context, s *service, lea auth.User, _, _ string) error {
			return one(s, func(ids []string) error { _, err := s.ClaimSeat(ctx, lea, ids[0]); return err })
		},
		"undo": func(ctx context.Context, s *service, lea auth.User, decision, _ string) error {
			_, err := s.Undo(ctx, lea, decision)
			return err
		},
		"return": func(ctx context.Context, s *service, lea auth.User, _, _ string) error {
			return one(s, func(ids []string) error {
				return ofBatch(s.BatchReturn(ctx, lea, ids, "again", kit.NewID()))
			})
		},
		"assign": func(ctx context.Context, s *service, lea auth.User, _, _ string) error {
			return one(s, func(ids []string) error { return ofBatch(s.Assign(ctx, lea, ids, s.bob.ID)) })
		},
		"comment": func(ctx context.Context, s *service, lea auth.User, _, _ string) error {
			return one(s, func([]string) error {
				_, err := s.AddComment(ctx, lea, s.first("").CaseID, "Right?", kit.NewID())
				return err
			})
		},
		"answer blind": func(ctx context.Context, s *service, lea auth.User, _, _ string) error {
			return one(s, func(ids []string) error { _, err := s.AnswerBlind(ctx, lea, ids[0], 1, nil); return err })
		},
		"renew": func(ctx context.Context, s *service, lea auth.User, _, _ string) error {
			return one(s, func(ids []string) error { _, err := s.Renew(ctx, lea, ids[0], 1); return err })
		},
		"submit": func(ctx context.Context, s *service, lea auth.User, _, _ string) error {
			_, err := s.Submit(ctx, lea, workflow.Submission{Input: []byte(`{"text":"Three"}`)})
			return err
		},
		"share a view": func(ctx context.Context, s *service, lea auth.User, _, _ string) error {
			_, err := s.SaveView(ctx, lea, workflow.SavedView{Page: "inbox", Name: "all", Shared: true})
			return err
		},
		"certify": func(ctx context.Context, s *service, lea auth.User, _, _ string) error {
			_, err := s.Certify(ctx, lea, bar)
			return err
		},
		"void": func(ctx context.Context, s *service, lea auth.User, _, bar string) error {
			return s.VoidBar(ctx, lea, bar, "why not")
		},
	}
	for _, out := range []string{`UPDATE users SET disabled_at = 1 WHERE id = ?`, `UPDATE users SET role = 'viewer' WHERE id = ?`} {
		storetest.Each(t, func(t *testing.T, db *store.DB) {
			s := idle(t, db)
			lea := s.member("Lea", "lea@example.com", auth.Lead)
			certified, err := s.Certify(t.Context(), lea, bar)
			if err != nil {
				t.Fatal(err)
			}
			s.waiting("One")
			v := s.claim(lea)
			d, err := s.Decide(t.Context(), lea, v.ID, review.Request{Verdict: kit.Approve, Subject: v.Subject, Epoch: v.Lease.Epoch, Key: "k"}, time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			s.waiting("Two")
			set(t, db, out, lea.ID)
			for name, act := range acts {
				if err := act(t.Context(), s, lea, d.Decision.ID, certified.ID); kit.CodeOf(err) != kit.Forbidden {
					t.Errorf("%s after %s: %v", name, out, err)
				}
			}
			if bars, err := s.Bars(t.Context()); err != nil || len(bars) != 1 || bars[0].ID != certified.ID {
				t.Errorf("the bars are %+v, %v", bars, err)
			}
		})
	}
}

// ofBatch is what came of the one item of a batch.
func ofBatch(items []workflow.BatchItem, err error) error {
	if err != nil || items[0].Code == "" {
		return err
	}
	return kit.Errorf(items[0].Code, "%s", items[0].Message)
}

func TestNobodyIsGivenWorkWhoIsOutMeanwhile(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := idle(t, db)
		lea := s.member("Lea", "lea@example.com", auth.Lead)
		id := s.reaches(s.waiting("One"), kit.InReview).ReviewID
		set(t, db, `UPDATE users SET role = 'viewer' WHERE id = ?`, s.bob.ID)
		if err := s.AssignNow(t.Context(), lea, id, s.bob); kit.CodeOf(err) != kit.Forbidden {
			t.Errorf("assigned to who may not decide: %v", err)
		}
	})
}
