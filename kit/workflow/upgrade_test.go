package workflow_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// first is the last migration of the first version.
const first = 3

// The people of that version's service.
var ada, ben = "01a20e4d-b487-71ea-ad6e-2d6322657f38", "01a20e4d-b488-73ad-a58a-f589c6131adb"

func TestAServiceOfTheFirstVersionGoesOn(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		s := start(t, upgraded(t, url), at(time.Date(2026, 3, 2, 9, 5, 0, 0, time.UTC)))
		s.agrees()
		s.reaches(s.named("Six plates"), kit.InReview)
		s.reaches(s.named("Eight cups"), kit.Delivered)
		if err := s.Retry(t.Context(), s.ann, s.named("Five knives")); err != nil {
			t.Fatal(err)
		}
		s.reaches(s.named("Five knives"), kit.Delivered)
		s.waits(6)
		s.eventually("the old cases in the index", func() bool { return len(s.found("chairs")) == 1 })

		// Who holds a review goes on with it; who skipped one is not given it.
		s.goesOn(ben, "Seven spoons")
		s.goesOn(ada, "Red lamps")
		for v := range s.rest(s.old(ada)) {
			if v.CaseID == s.named("A heap of bricks") {
				t.Error("Ada is given what she skipped")
			}
			s.mustDecide(s.old(ada), v, kit.Edit, `{"title": "Seen"}`)
		}
		for v := range s.rest(s.ann) {
			s.mustDecide(s.ann, v, kit.Approve, "")
		}
		for _, name := range []string{"Red lamps", "Old clocks", "A heap of bricks", "Seven spoons", "Nine forks", "Six plates"} {
			s.reaches(s.named(name), kit.Delivered)
		}
		s.waits(0)
		s.agrees()
	})
}

func TestWhatTheFirstVersionDeliveredStands(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		s := idle(t, upgraded(t, url))
		c, err := s.Case(t.Context(), s.ann, s.named("Two vases"))
		if err != nil {
			t.Fatal(err)
		}
		if err := audit.CheckReceipt(c.Delivery.Receipt, c.Delivery.Output, nil); err != nil {
			t.Errorf("its receipt does not hold: %v", err)
		}
		if c.Decision.Person.ID != ben || len(c.Decision.Changed) != 1 || len(c.Decision.Fields) > 0 || len(c.History) < 8 {
			t.Errorf("it reads as %+v, with %d events", c.Decision, len(c.History))
		}
		_, err = s.Undo(t.Context(), s.old(ben), c.Decision.ID)
		wantCode(t, err, kit.Conflict)
		days := int(time.Since(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)).Hours()/24) + 1
		b, err := s.Board(t.Context(), min(days, workflow.BoardDays))
		if err != nil {
			t.Fatal(err)
		}
		if d := b.Days[0]; days <= workflow.BoardDays && (d.Submitted != 12 || d.Decided != 0 || d.Delivered != 3 || d.Changed != 2 || d.Unchanged != 3) {
			t.Errorf("the board says %+v of that day", d)
		}
	})
}

// goesOn lets a person decide on what they held already.
func (s *service) goesOn(id, text string) {
	s.t.Helper()
	v, err := s.Review(s.t.Context(), s.old(id), s.reviewOf(text))
	if err != nil || v.Holder == nil || v.Holder.ID != id || v.DueAt.Before(s.Clock()) {
		s.t.Fatalf("the review of %s is %+v, %v", text, v, err)
	}
	if took := s.mustDecide(s.old(id), v, kit.Approve, "").Decision.Seconds; took < 0 || took > 600 {
		s.t.Errorf("%s took %v s", text, took)
	}
}

// upgraded is the first version's database, brought to what this one wants.
func upgraded(t *testing.T, url string) *store.DB {
	t.Helper()
	db := storetest.Open(t, url)
	dialect := goose.DialectSQLite3
	if db.Engine() == store.Postgres {
		dialect = goose.DialectPostgres
	}
	p, err := goose.NewProvider(dialect, db.SQL(), migrations(t, db.Engine()), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	rows, err := os.ReadFile("testdata/schema3.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, insert := range strings.SplitAfter(string(rows), ";\n") {
		if _, err := db.SQL().ExecContext(t.Context(), insert); err != nil {
			t.Fatalf("%v: %.200s", err, insert)
		}
	}
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}

// migrations are those of the first version.
func migrations(t *testing.T, e store.Engine) fstest.MapFS {
	t.Helper()
	all := fstest.MapFS{}
	for _, dir := range []string{"common", string(e)} {
		files, _ := filepath.Glob(filepath.Join("..", "store", "migrations", dir, "*.sql"))
		for _, path := range files {
			name := filepath.Base(path)
			number, _, _ := strings.Cut(name, "_")
			if n, err := strconv.Atoi(number); err != nil || n > first {
				continue
			}
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			all[name] = &fstest.MapFile{Data: data}
		}
	}
	if len(all) != first {
		t.Fatalf("the first version had %d migrations, here are %d", first, len(all))
	}
	return all
}

// at sets a service's clock, which goes on from there.
func at(now time.Time) option {
	began := time.Now()
	return func(c *workflow.Config) {
		c.Clock = func() time.Time { return now.Add(time.Since(began)).Truncate(time.Microsecond) }
	}
}

// waits fails the test unless that many reviews wait, in every count.
func (s *service) waits(want int64) {
	s.t.Helper()
	counts, err := s.Counts(s.t.Context(), s.ann.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	b, err := s.Board(s.t.Context(), 1)
	if err != nil {
		s.t.Fatal(err)
	}
	var aged int64
	for _, a := range b.Ages {
		aged += int64(a.Waiting)
	}
	if counts.Waiting != want || aged != want {
		s.t.Errorf("%d wait, by their age %d; want %d", counts.Waiting, aged, want)
	}
}

// rest claims what waits for a person, one after the other.
func (s *service) rest(by auth.User) func(func(*review.Review) bool) {
	return func(yield func(*review.Review) bool) {
		for {
			v, err := s.Claim(s.t.Context(), by)
			if err != nil {
				s.t.Fatal(err)
			}
			if v == nil || !yield(v) {
				return
			}
		}
	}
}

// old is a person of the first version.
func (s *service) old(id string) auth.User {
	s.t.Helper()
	u, err := s.accounts.Get(s.t.Context(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	return u
}

// named is the case that was made of a text which begins so.
func (s *service) named(text string) (id string) {
	s.t.Helper()
	s.one(&id, `SELECT id FROM cases WHERE input LIKE ?`, `%"text":"`+text+`%`)
	return id
}

// reviewOf is the open review of such a case.
func (s *service) reviewOf(text string) (id string) {
	s.t.Helper()
	s.one(&id, `SELECT id FROM reviews WHERE state = 'open' AND case_id = ?`, s.named(text))
	return id
}

func (s *service) one(into *string, query string, arg string) {
	s.t.Helper()
	if err := s.DB.Read().NewRaw(query, arg).Scan(context.Background(), into); err != nil {
		s.t.Fatalf("%s (%s): %v", query, arg, err)
	}
}

// found lists the cases with a word.
func (s *service) found(word string) []workflow.CaseRow {
	s.t.Helper()
	p, err := s.Cases(s.t.Context(), workflow.CaseFilter{Query: word})
	if err != nil {
		s.t.Fatal(err)
	}
	return p.Items
}
