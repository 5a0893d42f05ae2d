package workflow_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// search lists the cases that a search finds, in pages of a size.
func (s *service) search(f workflow.CaseFilter) (ids []string) {
	s.t.Helper()
	for {
		p, err := s.Cases(s.t.Context(), f)
		if err != nil {
			s.t.Fatalf("%+v: %v", f, err)
		}
		for _, c := range p.Items {
			ids = append(ids, c.ID)
		}
		if f.After = p.Next; f.After == "" {
			return ids
		}
	}
}

func TestACaseIsFoundByItsTextAndByWhatWasDecided(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		chairs, chinese := s.submit("Blue chairs\nfour of them"), s.submit("北京市增值税专用发票")
		for q, want := range map[string][]string{"chair": {chairs}, "note": {chinese, chairs}, "增值税": {chinese}, "四": nil, `"' OR *`: nil} {
			if got := s.search(workflow.CaseFilter{Query: q, Limit: 1}); !slices.Equal(got, want) {
				t.Errorf("%q finds %v, want %v", q, got, want)
			}
		}
		v := s.claim(s.ann)
		s.mustDecide(s.ann, v, kit.Edit, `{"title": "Sofas"}`)
		s.reaches(v.CaseID, kit.Delivered)
		if got := s.search(workflow.CaseFilter{Query: "sofas", State: kit.Delivered}); !slices.Equal(got, []string{v.CaseID}) {
			t.Errorf("by what was decided, %v is found", got)
		}
		if got := s.search(workflow.CaseFilter{Query: "sofas", State: kit.InReview}); got != nil {
			t.Errorf("in another state, %v is found", got)
		}
		_, err := s.Cases(t.Context(), workflow.CaseFilter{Query: "sofas", After: "x"})
		wantCode(t, err, kit.Invalid)
	})
}

// TestASearchTellsNothingOfADraft: a search for what the model alone thinks
// finds nothing, or it would tell whoever decides blind, and a canary apart.
func TestASearchTellsNothingOfADraft(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		id := s.submit("One two three")
		s.reaches(id, kit.InReview)
		if got := s.search(workflow.CaseFilter{Query: "3"}); got != nil {
			t.Errorf("by the drafted count, %v is found", got)
		}
	})
}

func TestCasesFromBeforeTheSearchAreIndexed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			for i := range 120 {
				_, err := tx.NewRaw(`INSERT INTO cases (id, workflow, state, step, name, input, input_hash, version, created_at, updated_at)
					VALUES (?, 'notes', 'rejected', 'check', ?, '{"text":"old paper","spans":[{"start":77}]}', 'h', 1, 1, 1)`,
					fmt.Sprintf("old-%03d", i), fmt.Sprintf("Case %d", i)).Exec(ctx)
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		s := start(t, db)
		s.eventually("all to be found", func() bool { return len(s.search(workflow.CaseFilter{Query: "old pap"})) == 120 })
		got := s.search(workflow.CaseFilter{Query: "pape", Limit: 7})
		if !slices.IsSortedFunc(got, func(a, b string) int { return strings.Compare(b, a) }) || len(got) != 120 {
			t.Errorf("not newest first: %v", got)
		}
		if got := s.search(workflow.CaseFilter{Query: "77"}); len(got) != 1 {
			t.Errorf("by where words stand on the page, %v are found", got)
		}
	})
}

// queue writes n waiting reviews by SQL, whose columns alter sets.
func queue(t *testing.T, db *store.DB, n int, alter func(i int) string) {
	t.Helper()
	err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		for i := range n {
			id, step := fmt.Sprintf("%05d", i), "check" // no trigger lets a review change its step
			if strings.HasPrefix(alter(i), "step = ") {
				step = "other"
			}
			for _, q := range []string{
				`INSERT INTO cases (id, workflow, state, step, name, input, input_hash, version, created_at, updated_at)
					VALUES ('c` + id + `', 'notes', 'review', 'check', 'Case ` + id + `', '{}', 'h', 1, 1, 1)`,
				`INSERT INTO drafts (id, case_id, step, value, fields, model_name, model_digest, prompt_hash, usage, gave_up, created_at)
					VALUES ('d` + id + `', 'c` + id + `', 'extract', '{"title":"x","count":1}', '[]', 'm', 'v', '', '{}', '', 1)`,
				`INSERT INTO reviews (id, case_id, step, draft_id, state, priority, confidence, created_at, due_at, epoch, lease_until)
					VALUES ('r` + id + `', 'c` + id + `', '` + step + `', 'd` + id + `', 'open', 0, 0.5, 1, 4000000000000000, 0, 0)`,
				`UPDATE reviews SET ` + alter(i) + ` WHERE id = 'r` + id + `'`,
			} {
				if _, err := tx.NewRaw(q).Exec(ctx); err != nil {
					return err
				}
			}
			if err := db.SetWords(ctx, tx, "c"+id, store.Words("Case "+id)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheInboxShowsWhatItsFilterAsks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := idle(t, db)
		now := time.Now().UnixMicro()
		sets := []string{
			fmt.Sprintf(`claimed_by = '%s', lease_until = %d, priority = 1`, s.ann.ID, now+1e9),
			fmt.Sprintf(`claimed_by = '%s', lease_until = %d, assigned_to = '%s', due_at = %d`, s.ann.ID, now-1, s.ann.ID, now-5),
			fmt.Sprintf(`assigned_to = '%s', tier = 'high', confidence = 0.2`, s.bob.ID),
			fmt.Sprintf(`escalated_at = 1, priority = 2, due_at = %d, tier = 'high'`, now-9),
			`tier = 'high', confidence = 0.1, blind = TRUE`,
			`waits = FALSE, tier = 'high', confidence = 0.1, priority = 9, due_at = 1`,
			`step = 'other'`,
		}
		queue(t, db, len(sets), func(i int) string { return sets[i] })
		for _, c := range []struct {
			f    workflow.InboxFilter
			want string
		}{
			{workflow.InboxFilter{}, "3 0 1 2 4 6"},
			{workflow.InboxFilter{Mine: s.ann.ID}, "0"},
			{workflow.InboxFilter{Assigned: s.ann.ID}, "1"},
			{workflow.InboxFilter{Assigned: s.bob.ID, Tier: "high", Free: true}, "2"},
			{workflow.InboxFilter{Overdue: true}, "3 1"},
			{workflow.InboxFilter{Overdue: true, Tier: "high"}, "3"},
			{workflow.InboxFilter{Escalated: true}, "3"},
			{workflow.InboxFilter{Tier: "high"}, "3 2"},
			{workflow.InboxFilter{Below: 0.3}, "2"},
			{workflow.InboxFilter{Step: "other"}, "6"},
			{workflow.InboxFilter{Free: true}, "3 1 2 4 6"},
			{workflow.InboxFilter{Query: "0000"}, "3 0 1 2 4 6"},
			{workflow.InboxFilter{Query: "00004"}, "4"},
			{workflow.InboxFilter{Query: "00005"}, ""},
			{workflow.InboxFilter{Query: "case", Overdue: true, Free: true, Below: 0.6}, "3 1"},
			{workflow.InboxFilter{Query: "missing"}, ""},
		} {
			for _, c.f.Limit = range []int{1, 2, 50} {
				var got []string
				for _, id := range s.pages(c.f) {
					got = append(got, strings.TrimLeft(id, "r0")+strings.Repeat("0", max(0, 1-len(strings.TrimLeft(id, "r0")))))
				}
				if strings.Join(got, " ") != c.want {
					t.Errorf("%+v shows %v, want %s", c.f, got, c.want)
				}
			}
		}
		p, err := s.Inbox(t.Context(), workflow.InboxFilter{})
		if err != nil || p.Items[4].Confidence != 0 || p.Items[4].Tier != "" || !p.Items[4].Blind || p.Items[3].Tier != "high" {
			t.Errorf("a blind review tells %+v, %v", p.Items[4], err)
		}
		n, err := s.Counts(t.Context(), s.ann.ID)
		if err != nil || n != (workflow.Counts{Waiting: 6, Mine: 1, Assigned: 1, Overdue: 2, Escalated: 1}) {
			t.Errorf("counts %+v, %v", n, err)
		}
	})
}

// TestALongWayToTheNextMatchIsCutIntoPages: where nothing in reach matches, the
// page ends and says where to go on.
func TestALongWayToTheNextMatchIsCutIntoPages(t *testing.T) {
	if testing.Short() {
		t.Skip("makes ten thousand reviews, one after the other")
	}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := idle(t, db)
		queue(t, db, 5100, func(i int) string {
			if i == 5050 {
				return `confidence = 0.1`
			}
			return `confidence = 0.9`
		})
		p, err := s.Inbox(t.Context(), workflow.InboxFilter{Below: 0.5})
		if err != nil || len(p.Items) != 0 || p.Next == "" {
			t.Fatalf("the first page has %d, next %q, %v", len(p.Items), p.Next, err)
		}
		if got := s.pages(workflow.InboxFilter{Below: 0.5}); !slices.Equal(got, []string{"r05050"}) {
			t.Errorf("all pages have %v", got)
		}
		if p, err = s.Inbox(t.Context(), workflow.InboxFilter{After: "x"}); kit.CodeOf(err) != kit.Invalid {
			t.Errorf("a cursor of nowhere: %v, %v", p, err)
		}
	})
}
