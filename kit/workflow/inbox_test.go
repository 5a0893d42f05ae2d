package workflow_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// TestAPageOfTheInboxGoesOnAcrossPriorities reads a queue of several
// priorities in pages of each size: together they are the queue.
func TestAPageOfTheInboxGoesOnAcrossPriorities(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		for range 8 {
			s.submit("One")
		}
		s.eventually("all drafts", func() bool {
			st, err := s.Status(t.Context())
			return err == nil && st.Cases[kit.InReview] == 8
		})
		whole := s.pages(workflow.InboxFilter{})
		for i, p := range []int{2, 0, 1, 1, 0, 2, 0, 0} {
			err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
				_, err := tx.NewRaw(`UPDATE reviews SET priority = ? WHERE id = ?`, p, whole[i]).Exec(ctx)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		var want []string
		for _, i := range []int{0, 5, 2, 3, 1, 4, 6, 7} {
			want = append(want, whole[i])
		}
		for limit := range 9 {
			if got := s.pages(workflow.InboxFilter{Limit: limit}); !slices.Equal(got, want) {
				t.Errorf("in pages of %d the queue is %v, want %v", limit, got, want)
			}
		}
		v := s.claim(s.ann)
		if got := s.pages(workflow.InboxFilter{Limit: 1, Mine: s.ann.ID}); !slices.Equal(got, []string{v.ID}) {
			t.Errorf("what Ann holds is %v, want %s", got, v.ID)
		}
	})
}

// pages reads the inbox to its end.
func (s *service) pages(f workflow.InboxFilter) (ids []string) {
	s.t.Helper()
	for {
		p, err := s.Inbox(s.t.Context(), f)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, w := range p.Items {
			ids = append(ids, w.ID)
		}
		if f.After = p.Next; f.After == "" {
			return ids
		}
	}
}

// silent is a model whose server takes the question and says nothing.
type silent struct{ model.Provider }

func (silent) Info(ctx context.Context) (kit.ModelInfo, error) {
	<-ctx.Done()
	return kit.ModelInfo{}, ctx.Err()
}

func TestStatusDoesNotWaitForASilentModel(t *testing.T) {
	s := idle(t, storetest.SQLite(t), func(c *workflow.Config) { c.Model = silent{} })
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if st, err := s.Status(ctx); err != nil || ctx.Err() != nil || st.Workflow != "notes" {
		t.Errorf("%+v, %v", st, err)
	}
}
