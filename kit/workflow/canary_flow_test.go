package workflow_test

import (
	"encoding/json"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// another is an error in the title: every case carries it first.
func canaries(c *workflow.Config) {
	c.Policy = review.Policy{Canaries: 1}
	c.Canaries = []workflow.Canary{{Name: "another title", Make: func(s workflow.Specimen) (string, json.RawMessage, bool) {
		return "title", json.RawMessage(`"Red chairs"`), len(s.Values["title"]) > 0
	}}}
}

func TestACanaryIsShownFirstAndTheRealReviewFollows(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, canaries)
		id := s.submit("Blue chairs")
		v := s.claim(s.ann)
		if string(v.Draft.Value) != `{"title":"Red chairs","count":2}` || string(v.Draft.Fields[0].Value) != `"Red chairs"` {
			t.Fatalf("shown %s with %+v", v.Draft.Value, v.Draft.Fields)
		}
		if v.Draft.Fields[0].Confidence != 0.9 || len(v.Draft.Fields[0].Evidence) != 1 || v.Draft.Fields[0].Evidence[0].Text != "Blue chairs" {
			t.Errorf("the altered field lost its looks: %+v", v.Draft.Fields[0])
		}
		out, err := s.Decide(t.Context(), s.ann, v.ID, review.Request{Verdict: kit.Edit, Subject: v.Subject, Epoch: v.Lease.Epoch,
			Key: "k", Fields: map[string]json.RawMessage{"title": json.RawMessage(`"Blue chairs"`)}}, 10)
		if err != nil {
			t.Fatal(err)
		}
		want := workflow.CanaryFound{Path: "title", Planted: json.RawMessage(`"Red chairs"`), Truth: json.RawMessage(`"Blue chairs"`), Caught: true}
		if out.Canary == nil || !alikeJSON(*out.Canary, want) || out.UndoUntil != nil || out.Case.State != kit.InReview {
			t.Errorf("the outcome is %+v with %+v", out, out.Canary)
		}
		_, err = s.Undo(t.Context(), s.ann, out.Decision.ID)
		wantCode(t, err, kit.Conflict)
		real := s.claim(s.bob)
		if real.ID == v.ID || string(real.Draft.Value) != `{"title":"Blue chairs","count":2}` || real.Comment != "" || len(real.Locked) != 0 {
			t.Errorf("the real review shows %+v", real)
		}
		s.mustDecide(s.bob, real, kit.Approve, "")
		c := s.reaches(id, kit.Delivered)
		if string(c.Delivery.Output) != `{"title":"Blue chairs","count":2}` || c.Decision.Person.ID != s.bob.ID {
			t.Errorf("delivered %s by %s", c.Delivery.Output, c.Decision.Person.Name)
		}
		if !slices.ContainsFunc(kinds(c), func(k string) bool { return k == "canary.judged" }) {
			t.Errorf("its history is %v", kinds(c))
		}
		s.whole()
	})
}

func alikeJSON(a, b any) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return string(x) == string(y)
}

// kinds are the kinds of a case's events.
func kinds(c *workflow.Case) []string {
	var all []string
	for _, e := range c.History {
		all = append(all, e.Kind)
	}
	return all
}

func TestWhatCountsAsCaught(t *testing.T) {
	for _, c := range []struct {
		name, fields string
		verdict      kit.Verdict
		redraft      []string
		caught       bool
	}{
		{"approved as it stood", "", kit.Approve, nil, false},
		{"another field changed", `{"count": "9"}`, kit.Edit, nil, false},
		{"the field changed, if not to the truth", `{"title": "Green"}`, kit.Edit, nil, true},
		{"rejected", "", kit.Reject, nil, false},
		{"returned without a field", "", kit.Return, nil, false},
		{"returned for the field", "", kit.Return, []string{"title"}, true},
		{"returned for another field", "", kit.Return, []string{"count"}, false},
		{"returned with the field put right", `{"title": "Blue chairs"}`, kit.Return, nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := start(t, storetest.SQLite(t), canaries)
			id := s.submit("Blue chairs")
			v := s.claim(s.ann)
			req := review.Request{Verdict: c.verdict, Subject: v.Subject, Epoch: v.Lease.Epoch, Key: "k", Redraft: c.redraft}
			if !c.verdict.Releases() {
				req.Reason = "because"
			}
			if c.fields != "" {
				_ = json.Unmarshal([]byte(c.fields), &req.Fields)
			}
			out, err := s.Decide(t.Context(), s.ann, v.ID, req, 0)
			if err != nil || out.Canary == nil || out.Canary.Caught != c.caught {
				t.Fatalf("got %+v, %v; want caught %v", out.Canary, err, c.caught)
			}
			again, err := s.Decide(t.Context(), s.ann, v.ID, req, 0)
			if err != nil || !again.Repeated || !alikeJSON(again.Canary, out.Canary) {
				t.Errorf("a second click is told %+v, %v", again.Canary, err)
			}
			name, missed := "canary.missed", 1
			if c.caught {
				name, missed = "canary.caught", 0
			}
			if n := tallied(t, s.DB, name, s.ann.ID); n != 1 {
				t.Errorf("%s is counted %v times", name, n)
			}
			if fields := tallied(t, s.DB, "field.seen", ""); fields != 0 {
				t.Errorf("%v fields of a canary were counted", fields)
			}
			f, err := s.Figures(t.Context(), s.ann, kit.Now().AddDate(0, 0, -1), kit.Now())
			if err != nil || len(f) != 1 || f[0].Caught.N != 1 || f[0].Caught.N-f[0].Caught.K != missed {
				t.Errorf("Ann's figures are %+v, %v", f, err)
			}
			if real := s.claim(s.bob); real.CaseID != id || string(real.Draft.Value) != `{"title":"Blue chairs","count":2}` || real.Comment != "" {
				t.Errorf("the real review shows %+v", real)
			}
			s.whole()
		})
	}
}

// tallied sums a kept counter; an empty key means all.
func tallied(t *testing.T, db *store.DB, name, key string) (n float64) {
	t.Helper()
	err := db.Read().NewRaw(`SELECT COALESCE(SUM(n), 0.0) FROM tallies WHERE name = ? AND (? = '' OR key = ?)`, name, key, key).Scan(t.Context(), &n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestASkippedCanaryWaitsForSomebodyElse(t *testing.T) {
	s := start(t, storetest.SQLite(t), canaries)
	s.submit("Blue chairs")
	v := s.claim(s.ann)
	if out := s.mustDecide(s.ann, v, kit.Skip, ""); out.Canary != nil {
		t.Errorf("a skip is told %+v", out.Canary)
	}
	if w := s.claim(s.bob); w.ID != v.ID || !strings.Contains(string(w.Draft.Value), "Red") {
		t.Errorf("Bob is shown %+v", w)
	}
}

// What a client reads of a canary and of a review like any other has the same
// keys and the same words, but for ids, times and the altered value.
func TestAClientCannotTellACanary(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var plants atomic.Bool
		s := start(t, db, canaries, func(c *workflow.Config) {
			made := c.Canaries[0].Make
			c.Canaries[0].Make = func(s workflow.Specimen) (string, json.RawMessage, bool) {
				path, wrong, ok := made(s)
				if plants.Load() {
					time.Sleep(slow)
				}
				return path, wrong, ok && plants.Load()
			}
		})
		s.submit("The seed is drawn") // with the first case
		s.mustDecide(s.ann, s.claim(s.ann), kit.Approve, "")
		plants.Store(true)
		id := s.submit("Blue chairs")
		planted := s.claim(s.ann)
		carrier, err := s.Case(t.Context(), s.ann, id)
		if err != nil {
			t.Fatal(err)
		}
		row := s.first(s.ann.ID)
		s.mustDecide(s.ann, planted, kit.Approve, "")
		plants.Store(false)
		plain := s.submit("Red chairs")
		s.mustDecide(s.ann, s.claim(s.ann), kit.Approve, "") // the first case's own review
		normal := s.claim(s.ann)
		if normal.CaseID != plain {
			t.Fatalf("claimed %+v", normal)
		}
		other, err := s.Case(t.Context(), s.ann, plain)
		if err != nil {
			t.Fatal(err)
		}
		for what, pair := range map[string][2]any{"review": {planted, normal}, "case": {carrier, other}, "row": {row, s.first(s.ann.ID)}} {
			a, b := shape(t, pair[0]), shape(t, pair[1])
			if a != b {
				t.Errorf("the %s of a canary tells:\n%s\nof another:\n%s", what, a, b)
			}
		}
		for _, e := range carrier.History {
			if strings.Contains(e.Kind, "canary") || strings.Contains(string(e.Data), "canary") {
				t.Errorf("its history tells: %s %s", e.Kind, e.Data)
			}
		}
		if a, b := s.numbers(carrier.ID), s.numbers(other.ID); a != b || a == 0 {
			t.Errorf("the events of a canary are %d apart, those of another %d", a, b)
		}
		if a, b := late(t, carrier, planted), late(t, other, normal); a > slow/2 || b > slow/2 {
			t.Errorf("a canary's review is told of %v after it began to open, another's %v", a, b)
		}
		if made := drafted(carrier); made != planted.Draft.ID || made != carrier.Draft.ID || carrier.ReviewID != planted.ID {
			t.Errorf("the history made draft %s, the review shows %s, the case %s", made, planted.Draft.ID, carrier.Draft.ID)
		}
	})
}

// first is a person's review as the inbox lists it.
func (s *service) first(holder string) workflow.Waiting {
	s.t.Helper()
	p, err := s.Inbox(s.t.Context(), workflow.InboxFilter{Mine: holder})
	if err != nil || len(p.Items) != 1 {
		s.t.Fatalf("the inbox lists %+v, %v", p, err)
	}
	return p.Items[0]
}

func TestTheDatabaseLetsNothingOutOfACanary(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, canaries)
		id := s.submit("Blue chairs")
		v := s.claim(s.ann)
		out := s.mustDecide(s.ann, v, kit.Approve, "")
		deliver := `INSERT INTO deliveries (id, case_id, step, decision_id, releases, output, receipt, created_at)
			VALUES ('x', '` + id + `', 'export', '` + out.Decision.ID + `', TRUE, '{}', '{}', 1)`
		refused(t, db, deliver,
			`INSERT INTO outputs (case_id, step, seq, value, decision_id, created_at) VALUES ('`+id+`', 'check', 9, '{}', '`+out.Decision.ID+`', 1)`,
			`UPDATE outputs SET decision_id = '`+out.Decision.ID+`'`,
			`UPDATE reviews SET kind = 'first' WHERE kind = 'canary'`,
			`UPDATE drafts SET canary = FALSE WHERE canary`,
			`UPDATE reviews SET kind = 'canary' WHERE kind = 'first'`,
			`UPDATE canaries SET caught = TRUE`, `UPDATE canaries SET truth = '1'`, `DELETE FROM canaries`,
			`INSERT INTO reviews (id, case_id, step, draft_id, state, priority, confidence, created_at, epoch, lease_until)
				SELECT 'y', case_id, step, draft_id, 'open', 0, 0, 1, 0, 0 FROM reviews WHERE kind = 'canary'`)
		var n int
		if err := db.Read().NewRaw(`SELECT COUNT(*) FROM deliveries`).Scan(t.Context(), &n); err != nil || n != 0 {
			t.Errorf("%d deliveries are there, %v", n, err)
		}
		if err := s.DB.Read().NewRaw(`SELECT COUNT(*) FROM outputs WHERE decision_id IN (?)`, bun.List([]string{out.Decision.ID})).Scan(t.Context(), &n); err != nil || n != 0 {
			t.Errorf("%d outputs came of it, %v", n, err)
		}
	})
}

func TestWhichDraftsCarryNoCanary(t *testing.T) {
	for name, change := range map[string]option{
		"a blind one":                func(c *workflow.Config) { c.Policy.Blind = 1 },
		"one for two people":         func(c *workflow.Config) { c.Policy.Quorum = 2 },
		"a share of none":            func(c *workflow.Config) { c.Policy.Canaries = 0 },
		"an error that does not fit": func(c *workflow.Config) { c.Canaries = []workflow.Canary{workflow.MoveDate("title")} },
		"an error that would break the form": func(c *workflow.Config) {
			c.Canaries[0].Make = func(workflow.Specimen) (string, json.RawMessage, bool) { return "title", json.RawMessage(`""`), true }
		},
		"an error that is none": func(c *workflow.Config) {
			c.Canaries[0].Make = func(workflow.Specimen) (string, json.RawMessage, bool) {
				return "title", json.RawMessage(`"BLUE CHAIRS"`), true
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, storetest.SQLite(t), canaries, change)
			s.submit("Blue chairs")
			s.claim(s.ann)
			var n int
			if err := s.DB.Read().NewRaw(`SELECT COUNT(*) FROM canaries`).Scan(t.Context(), &n); err != nil || n != 0 {
				t.Errorf("%d canaries, %v", n, err)
			}
		})
	}
}

// The terms of a case hold for its canary too, or it could be told by them.
func TestACanaryIsUnderTheCasesTerms(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, canaries, func(c *workflow.Config) { c.Policy.FourEyes, c.Policy.Priority = true, 3 })
		input, _ := json.Marshal(kit.Document{Name: "note.txt", Text: "Blue chairs"})
		if _, err := s.Submit(t.Context(), s.ann, workflow.Submission{Name: "note.txt", Input: input}); err != nil {
			t.Fatal(err)
		}
		v := s.claim(s.bob)
		if !strings.Contains(string(v.Draft.Value), "Red") || v.Priority != 3 {
			t.Fatalf("Bob is shown %+v", v)
		}
		if err := s.Release(t.Context(), s.bob, v.ID, v.Lease.Epoch); err != nil {
			t.Fatal(err)
		}
		_, err := s.ClaimOne(t.Context(), s.ann, v.ID)
		wantCode(t, err, kit.Forbidden)
	})
}

// The reviews of a reviewer who misses are looked at a second time more often.
func TestAMissRaisesTheSecondLookShare(t *testing.T) {
	s := start(t, storetest.SQLite(t), canaries)
	s.submit("Blue chairs")
	before, err := s.Figures(t.Context(), s.ann, kit.Now(), kit.Now())
	if err != nil {
		t.Fatal(err)
	}
	s.mustDecide(s.ann, s.claim(s.ann), kit.Approve, "")
	after, err := s.Figures(t.Context(), s.ann, kit.Now(), kit.Now())
	if err != nil || after[0].SecondLook <= before[0].SecondLook {
		t.Errorf("the share was %v and is %v, %v", before[0].SecondLook, after[0].SecondLook, err)
	}
}
