package workflow_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// member adds a person with a name, an address and a role.
func (s *service) member(name, email string, role auth.Role) auth.User {
	s.t.Helper()
	u, err := s.accounts.Add(s.t.Context(), name, email, role)
	if err != nil {
		s.t.Fatal(err)
	}
	return u
}

func TestACommentCallsPeopleByName(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := idle(t, db)
		s.member("Mei Lin", "m.lin@example.com", auth.Reviewer)
		s.member("Mei Wong", "wong@example.com", auth.Lead)
		s.member("李雷", "li.lei@example.com", auth.Viewer)
		id := s.submit("One")
		for text, want := range map[string]string{
			"@ann please look":             "Ann",
			"@Ann, @BOB. @ann":             "Ann Bob",
			"@m.lin. and @mei wong":        "Mei Lin|Mei Wong",
			"@meilin":                      "Mei Lin",
			"@李雷请看一下":                      "李雷",
			"@mei?":                        "?mei",
			"@anna and @nobody, @nobody":   "?anna ?nobody",
			"ann@example.com, a @ b, @":    "",
			"x@ann":                        "",
			"@" + strings.Repeat("y", 100): "?" + strings.Repeat("y", 40),
		} {
			c, err := s.AddComment(t.Context(), s.ann, id, text, kit.NewID())
			var got []string
			for _, p := range c.Called {
				got = append(got, p.Name)
			}
			for _, n := range c.Unknown {
				got = append(got, "?"+n)
			}
			if err != nil || strings.Join(got, " ") != strings.ReplaceAll(want, "|", " ") {
				t.Errorf("%q calls %v, want %s, %v", text, got, want, err)
			}
		}
		s.whole()
	})
}

func TestACommentIsReadByAllAndTakenBackByItsAuthor(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := idle(t, db)
		vera := s.member("Vera", "vera@example.com", auth.Viewer)
		id := s.submit("One")
		say := func(by auth.User, text, key string) (workflow.Comment, error) {
			return s.AddComment(t.Context(), by, id, text, key)
		}
		first, err := say(s.ann, " @bob is this\r\nright? ", "k")
		if again, err2 := say(s.ann, "@bob is this\nright?", "k"); err != nil || err2 != nil || again.ID != first.ID {
			t.Fatalf("%+v, then %+v, %v, %v", first, again, err, err2)
		}
		for _, c := range []struct {
			by        auth.User
			text, key string
			want      kit.Code
		}{{s.ann, "other", "k", kit.Conflict}, {vera, "me", "v", kit.Forbidden}, {s.robot, "me", "v", kit.Forbidden}, {s.ann, " \n", "e", kit.Invalid},
			{s.ann, strings.Repeat("x", 4001), "l", kit.Invalid}, {s.ann, "a\x00b", "n", kit.Invalid}, {s.ann, "no key", "", kit.Invalid}} {
			_, err := say(c.by, c.text, c.key)
			wantCode(t, err, c.want)
		}
		_, err = s.AddComment(t.Context(), s.ann, "nowhere", "x", "k2")
		wantCode(t, err, kit.NotFound)
		if n, err := s.Counts(t.Context(), s.bob.ID); err != nil || n.Mentions != 1 {
			t.Errorf("Bob has %d mentions, %v", n.Mentions, err)
		}
		m, err := s.Mentions(t.Context(), s.bob, "", 1)
		if err != nil || len(m.Items) != 1 || m.Items[0].CaseName != "note.txt" || m.Items[0].Text != "@bob is this\nright?" || m.Items[0].SeenAt != nil {
			t.Fatalf("Bob's mentions are %+v, %v", m, err)
		}
		if err := s.SeeMentions(t.Context(), s.bob, id); err != nil {
			t.Fatal(err)
		}
		if n, err := s.Counts(t.Context(), s.bob.ID); err != nil || n.Mentions != 0 {
			t.Errorf("Bob saw them, and has %d, %v", n.Mentions, err)
		}
		_, err = s.DropComment(t.Context(), s.bob, first.ID)
		wantCode(t, err, kit.Forbidden)
		for range 2 {
			if at, err := s.DropComment(t.Context(), s.ann, first.ID); err != nil || at != id {
				t.Errorf("taken back at %s, %v", at, err)
			}
		}
		all, err := s.Comments(t.Context(), id)
		if err != nil || len(all) != 1 || all[0].Text != "" || all[0].DeletedAt == nil || all[0].Person.Name != "Ann" {
			t.Errorf("what is left is %+v, %v", all, err)
		}
		s.tells(id, "comment.added", "comment.dropped")
		s.whole()
	})
}

// tells fails unless a case's history has events of these kinds, in order, and
// none of them tells a comment's words.
func (s *service) tells(id string, kinds ...string) {
	s.t.Helper()
	c, err := s.Case(s.t.Context(), s.ann, id)
	if err != nil {
		s.t.Fatal(err)
	}
	var got []string
	for _, e := range c.History {
		if slices.Contains(kinds, e.Kind) {
			got = append(got, e.Kind)
		}
		if strings.Contains(string(e.Data), "right?") {
			s.t.Errorf("the trail keeps the words: %s", e.Data)
		}
	}
	if !slices.Equal(got, kinds) {
		s.t.Errorf("the history has %v, want %v", got, kinds)
	}
}

func TestAViewIsSavedSharedAndRemoved(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := idle(t, db)
		lead := s.member("Lea", "lea@example.com", auth.Lead)
		save := func(by auth.User, name, query string, shared bool) (workflow.SavedView, error) {
			return s.SaveView(t.Context(), by, workflow.SavedView{Page: "inbox", Name: name, Query: query, Shared: shared})
		}
		own, err := save(s.ann, "Mine", "tier=high&after=1.2.x&lang=zh", false)
		if err != nil || own.Query != "tier=high" {
			t.Fatalf("%+v, %v", own, err)
		}
		if own, err = save(s.ann, "Mine", "overdue=1", false); err != nil {
			t.Fatal(err)
		}
		theirs, err := save(lead, "Team", "tier=high", true)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			by          auth.User
			name, query string
			shared      bool
			want        kit.Code
		}{{s.ann, "x", "", true, kit.Forbidden}, {s.robot, "x", "", false, kit.Forbidden}, {s.ann, " ", "", false, kit.Invalid},
			{s.ann, strings.Repeat("x", 41), "", false, kit.Invalid}, {s.ann, "x", "a=%zz", false, kit.Invalid}, {s.ann, "x", "a=" + strings.Repeat("b", 1000), false, kit.Invalid}} {
			_, err := save(c.by, c.name, c.query, c.shared)
			wantCode(t, err, c.want)
		}
		views, err := s.Views(t.Context(), s.ann, "inbox")
		if err != nil || len(views) != 2 || views[0].Query != "overdue=1" || !views[0].Mine || views[1].Name != "Team" || views[1].Mine {
			t.Errorf("Ann sees %+v, %v", views, err)
		}
		wantCode(t, s.DropView(t.Context(), s.ann, theirs.ID), kit.NotFound)
		if err := s.DropView(t.Context(), s.ann, own.ID); err != nil {
			t.Error(err)
		}
		if views, err := s.Views(t.Context(), s.bob, "inbox"); err != nil || len(views) != 1 {
			t.Errorf("Bob sees %+v, %v", views, err)
		}
		s.whole()
	})
}

func TestManyReviewsAreReturnedAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		for range 4 {
			s.submit("One")
		}
		s.eventually("all drafts", func() bool {
			st, err := s.Status(t.Context())
			return err == nil && st.Cases[kit.InReview] == 4
		})
		ids := s.pages(workflow.InboxFilter{})
		mine, theirs := s.take(s.ann, ids[0]), s.take(s.bob, ids[1])
		s.mustDecide(s.bob, s.take(s.bob, ids[2]), kit.Reject, "")
		act := func(by auth.User, reason, key string, ids ...string) ([]workflow.BatchItem, error) {
			return s.BatchReturn(t.Context(), by, ids, reason, key)
		}
		for range 2 { // the second is a repeated click
			got, err := act(s.ann, "wrong page", "k", append(ids, "nowhere", ids[3])...)
			if err != nil || len(got) != 5 {
				t.Fatalf("%+v, %v", got, err)
			}
			codes := map[string]kit.Code{}
			for _, item := range got {
				codes[item.ID] = item.Code
				if item.Code == kit.LostLease && (item.Holder == nil || item.Holder.Name != "Bob") {
					t.Errorf("held by %+v", item.Holder)
				}
			}
			want := map[string]kit.Code{mine.ID: "", theirs.ID: kit.LostLease, ids[2]: kit.Decided, ids[3]: "", "nowhere": kit.NotFound}
			for id, code := range want {
				if codes[id] != code {
					t.Errorf("review %s: %q, want %q", id, codes[id], code)
				}
			}
		}
		_, err := act(s.robot, "x", "k", ids[0])
		wantCode(t, err, kit.Forbidden)
		_, err = act(s.ann, " ", "k", ids[0])
		wantCode(t, err, kit.Invalid)
		_, err = act(s.ann, "x", "k")
		wantCode(t, err, kit.Invalid)
		s.whole()
	})
}

// take claims a certain review.
func (s *service) take(by auth.User, id string) *review.Review {
	s.t.Helper()
	v, err := s.ClaimOne(s.t.Context(), by, id)
	if err != nil {
		s.t.Fatal(err)
	}
	return v
}

func TestReviewsAreAssignedToWhoMayDecide(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := idle(t, db, func(c *workflow.Config) {
			c.Notify.Channels = []workflow.NotifyChannel{{Name: "email", Personal: true, Channel: new(post)}}
		})
		lead := s.member("Lea", "lea@example.com", auth.Lead)
		vera := s.member("Vera", "vera@example.com", auth.Viewer)
		sets := []string{`priority = 0`, `waits = FALSE`, `roles = 6`, `priority = 0`}
		queue(t, db, len(sets), func(i int) string { return sets[i] })
		if _, err := db.SQL().ExecContext(t.Context(), `INSERT INTO barred (review_id, user_id, why) VALUES ('r00003', '`+s.bob.ID+`', 'submitted')`); err != nil {
			t.Fatal(err)
		}
		held := s.take(s.ann, "r00000")
		got, err := s.Assign(t.Context(), lead, []string{"r00003", "r00002", "r00001", "r00000"}, s.bob.ID)
		if err != nil || len(got) != 4 {
			t.Fatalf("%+v, %v", got, err)
		}
		for i, want := range []kit.Code{"", kit.Conflict, kit.Forbidden, kit.Forbidden} {
			if got[i].Code != want {
				t.Errorf("%+v, want %q", got[i], want)
			}
		}
		wantCode(t, s.Release(t.Context(), s.ann, held.ID, held.Lease.Epoch), kit.LostLease)
		if ids := s.pages(workflow.InboxFilter{Assigned: s.bob.ID}); !slices.Equal(ids, []string{"r00000"}) {
			t.Errorf("Bob has %v", ids)
		}
		if _, err := s.Assign(t.Context(), lead, []string{"r00000"}, s.bob.ID); err != nil {
			t.Error(err)
		}
		s.tells("c00000", "review.assigned")
		if _, err := s.Assign(t.Context(), lead, []string{"r00000"}, ""); err != nil || len(s.pages(workflow.InboxFilter{Assigned: s.bob.ID})) != 0 {
			t.Errorf("given back to all: %v", err)
		}
		_, err = s.Assign(t.Context(), s.ann, []string{"r00000"}, s.bob.ID)
		wantCode(t, err, kit.Forbidden)
		_, err = s.Assign(t.Context(), lead, []string{"r00000"}, vera.ID)
		wantCode(t, err, kit.Invalid)
		_, err = s.Assign(t.Context(), lead, make([]string, 0), s.bob.ID)
		wantCode(t, err, kit.Invalid)
		var told int
		if err := db.Read().NewRaw(`SELECT COUNT(*) FROM notices WHERE kind = 'assigned' AND user_id = ?`, s.bob.ID).Scan(t.Context(), &told); err != nil || told != 1 {
			t.Errorf("Bob is told %d times, %v", told, err)
		}
		s.whole()
	})
}
