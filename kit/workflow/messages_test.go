package workflow_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/notify"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// post is a channel that remembers, and fails as often as it is told to.
type post struct {
	mu    sync.Mutex
	sent  []notify.Message
	fails []error
}

func (p *post) Send(_ context.Context, m notify.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.fails) > 0 {
		err := p.fails[0]
		p.fails = p.fails[1:]
		return err
	}
	p.sent = append(p.sent, m)
	return nil
}

func (p *post) got() []notify.Message {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]notify.Message{}, p.sent...)
}

// told is a service whose people are told what waits, at a time that the test
// sets.
type told struct {
	*service
	group, mail post
	mu          sync.Mutex
	at          time.Time
}

func (s *told) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at
}

func newTold(t *testing.T, db *store.DB) *told {
	t.Helper()
	s := &told{at: kit.Now()}
	s.service = start(t, db, func(c *workflow.Config) {
		c.Clock = s.clock
		c.Notify = workflow.Notify{URL: "https://desk.example/", Service: "Notes", Lang: "en", Channels: []workflow.NotifyChannel{
			{Name: "slack", Lang: "zh", Channel: &s.group}, {Name: "email", Personal: true, Channel: &s.mail}}}
	})
	return s
}

// round makes the messages of the time some minutes later.
func (s *told) round(minutes int) {
	s.t.Helper()
	s.mu.Lock()
	s.at = s.at.Add(time.Duration(minutes) * time.Minute)
	s.mu.Unlock()
	if err := s.Beat(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

func (s *told) waitFor(what string, p *post, n int) []notify.Message {
	s.t.Helper()
	s.eventually(what, func() bool { return len(p.got()) >= n })
	return p.got()
}

// still wants no more messages than there are: all that was made was sent.
func (s *told) still(what string, group, mail int) {
	s.t.Helper()
	s.eventually("messages to be sent", func() bool {
		m, err := s.Messages(s.t.Context())
		return err == nil && m.Unsent == 0
	})
	if g, m := len(s.group.got()), len(s.mail.got()); g != group || m != mail {
		s.t.Errorf("%s: %d messages to the group and %d by mail, want %d and %d", what, g, m, group, mail)
	}
}

func TestAGroupIsToldWhatWaitsOnceAndWhenItChanges(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newTold(t, db)
		s.round(15)
		s.still("nothing waits", 0, 0)
		for _, id := range []string{s.submit("one"), s.submit("two")} {
			s.reaches(id, kit.InReview)
		}
		s.round(14)
		s.still("too early", 0, 0)
		s.round(1)
		m := s.waitFor("a message", &s.group, 1)[0]
		if m.Waiting != 2 || m.Lang != "zh" || m.Service != "Notes" || m.URL != "https://desk.example/inbox" || m.Oldest < 15*time.Minute || m.Key == "" {
			t.Errorf("the group was told %+v", m)
		}
		s.round(15)
		s.still("nothing changed", 1, 0)
		s.mustDecide(s.ann, s.claim(s.ann), kit.Approve, "")
		s.round(15)
		if m := s.waitFor("a second message", &s.group, 2)[1]; m.Waiting != 1 {
			t.Errorf("then %+v", m)
		}
		s.mustDecide(s.ann, s.claim(s.ann), kit.Approve, "")
		s.round(15)
		s.still("nothing waits any more", 2, 0)
	})
}

func TestEachPersonIsToldTheirsInTheirLanguage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newTold(t, db)
		lead, err := s.accounts.Add(t.Context(), "Lea", "lea@example.com", auth.Lead)
		if err != nil {
			t.Fatal(err)
		}
		s.run("UPDATE users SET lang = 'zh' WHERE email = 'bob@example.com'")
		s.run("INSERT INTO users (id, kind, name, email, role, created_at, disabled_at) VALUES ('gone', 'person', 'Gone', 'gone@example.com', 'lead', 1, 2)")
		s.reaches(s.submit("one"), kit.InReview)
		v := s.open()
		if _, err := s.Assign(t.Context(), lead, []string{v}, s.bob.ID); err != nil {
			t.Fatal(err)
		}
		s.run("INSERT INTO notices (id, kind, case_id, review_id, at) SELECT 'n', 'escalated', case_id, id, 1 FROM reviews")
		s.round(15)
		byAddress := map[string]notify.Message{}
		for _, m := range s.waitFor("two mails", &s.mail, 2) {
			byAddress[m.To] = m
		}
		s.still("two people have something", 1, 2)
		bob, lea := byAddress["bob@example.com"], byAddress["lea@example.com"]
		want := notify.Item{Kind: "assigned", Name: "note.txt", URL: "https://desk.example/reviews/" + v}
		if bob.Lang != "zh" || bob.Waiting != 1 || len(bob.Items) != 1 || bob.Items[0] != want {
			t.Errorf("Bob is told %+v", bob)
		}
		want.Kind = "escalated"
		if lea.Lang != "en" || lea.Waiting != 0 || len(lea.Items) != 1 || lea.Items[0] != want {
			t.Errorf("the lead is told %+v", lea)
		}
		s.round(15)
		s.still("nothing is told twice", 1, 2)
	})
}

// What is over when messages are made is no news.
func TestOldNewsIsNotTold(t *testing.T) {
	s := newTold(t, storetest.SQLite(t))
	s.reaches(s.submit("one"), kit.InReview)
	s.run("INSERT INTO notices (id, kind, user_id, case_id, review_id, at) SELECT 'n', 'assigned', '" + s.bob.ID + "', case_id, id, 1 FROM reviews")
	s.run("INSERT INTO notices (id, kind, user_id, case_id, at) SELECT 'm', 'mentioned', '" + s.bob.ID + "', case_id, 1 FROM reviews")
	s.mustDecide(s.ann, s.claim(s.ann), kit.Approve, "")
	s.round(15)
	s.still("decided, and no comment that was not seen", 0, 0)
}

func TestAMessageIsTriedAgainAndGivenUp(t *testing.T) {
	s := newTold(t, storetest.SQLite(t))
	s.group.fails = []error{kit.Errorf(kit.Unavailable, "away"), kit.Errorf(kit.Unavailable, "away")}
	s.reaches(s.submit("one"), kit.InReview)
	s.round(15)
	s.waitFor("a message after two failures", &s.group, 1)
	s.still("it is sent once", 1, 0)
	s.group.fails = []error{kit.Errorf(kit.Invalid, "send a message by slack: no_service")}
	s.reaches(s.submit("two"), kit.InReview)
	s.round(15)
	s.eventually("a message to be given up", func() bool {
		m, err := s.Messages(t.Context())
		return err == nil && m.Unsent == 1 && strings.Contains(m.Error, "no_service") && m.SentAt != nil
	})
}

// Two processes on one database make the messages of a round once.
func TestManyProcessesTellOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newTold(t, db)
		s.reaches(s.submit("one"), kit.InReview)
		s.mu.Lock()
		s.at = s.at.Add(time.Hour)
		s.mu.Unlock()
		var wg sync.WaitGroup
		for range 4 {
			other, err := workflow.NewRunner(s.Config)
			if err != nil {
				t.Fatal(err)
			}
			wg.Go(func() {
				if err := other.Beat(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		s.waitFor("a message", &s.group, 1)
		s.still("one message", 1, 0)
	})
}

// open is the one review that waits.
func (s *service) open() (id string) {
	s.t.Helper()
	if err := s.DB.Read().NewRaw(`SELECT id FROM reviews WHERE state = 'open'`).Scan(s.t.Context(), &id); err != nil {
		s.t.Fatal(err)
	}
	return id
}

func (s *service) run(query string) {
	s.t.Helper()
	if err := s.DB.Write(s.t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw(query).Exec(ctx)
		return err
	}); err != nil {
		s.t.Fatal(err)
	}
}
