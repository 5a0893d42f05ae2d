package workflow_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// under sets what the review step leaves out.
func under(p review.Policy) option { return func(c *workflow.Config) { c.Policy = p } }

// fill answers a blind review with the label's fields.
func (s *service) fill(by auth.User, v *review.Review, fields string) (*review.Review, error) {
	s.t.Helper()
	var values map[string]json.RawMessage
	if err := json.Unmarshal([]byte(fields), &values); err != nil {
		s.t.Fatal(err)
	}
	return s.AnswerBlind(s.t.Context(), by, v.ID, v.Lease.Epoch, values)
}

// tells reports whether anything of the draft of "Blue chairs" can be read.
func tells(t *testing.T, v any) bool {
	t.Helper()
	body, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(body), `"text":"Blue chairs"`, "") // the source itself
	return strings.Contains(text, "Blue") || strings.Contains(text, ":0.4") || strings.Contains(text, ":0.9") ||
		strings.Contains(text, "elapsed_ms") || strings.Contains(text, "gave_up")
}

func TestABlindReviewShowsNothingOfTheDraftUntilItIsFilledIn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, under(review.Policy{Blind: 1}))
		id := s.submit("Blue chairs")
		v := s.claim(s.ann)
		if !v.Blind || v.Concealed != review.Concealed || tells(t, v) {
			t.Errorf("Ann is shown %+v", v)
		}
		seen, err := s.Review(t.Context(), s.bob, v.ID)
		if err != nil || tells(t, seen) {
			t.Errorf("Bob is shown %+v, %v", seen, err)
		}
		for _, by := range []auth.User{s.ann, s.bob, s.robot} {
			c, err := s.Case(t.Context(), by, id)
			if err != nil || c.Concealed == "" || tells(t, c) {
				t.Errorf("%s is shown the case %+v, %v", by.Name, c, err)
			}
		}
		waiting, err := s.Inbox(t.Context(), workflow.InboxFilter{})
		if err != nil || len(waiting.Items) != 1 || tells(t, waiting) {
			t.Errorf("the inbox shows %+v, %v", waiting, err)
		}
		after, err := s.fill(s.ann, v, `{"title": "Blue chairs", "count": "4"}`)
		if err != nil {
			t.Fatal(err)
		}
		if after.Concealed != "" || string(after.Draft.Value) != `{"title":"Blue chairs","count":2}` || after.Confidence != 0.4 {
			t.Errorf("Ann filled it in and is shown %+v", after)
		}
		if b := after.BlindAnswer; b == nil || string(b.Value) != `{"title":"Blue chairs","count":4}` || len(b.Differs) != 1 || b.Differs[0] != "count" {
			t.Errorf("her answer is %+v", b)
		}
		if seen, err = s.Review(t.Context(), s.bob, v.ID); err != nil || tells(t, seen) || seen.BlindAnswer != nil {
			t.Errorf("Bob, who filled in nothing, is shown %+v, %v", seen, err)
		}
		s.mustDecide(s.ann, after, kit.Edit, `{"count": "4"}`)
		if c := s.reaches(id, kit.Delivered); c.Concealed != "" || c.Draft.Value == nil {
			t.Errorf("a decided case is still hidden: %+v", c)
		}
		s.whole()
	})
}

func TestAnswerBlindRefuses(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, under(review.Policy{Blind: 1}))
		s.submit("Blue chairs")
		v := s.claim(s.ann)
		for _, verdict := range []kit.Verdict{kit.Approve, kit.Reject, kit.Return} {
			_, err := s.decide(s.ann, v, verdict, "")
			wantCode(t, err, kit.Conflict)
			if err != nil && !strings.Contains(err.Error(), "fill the fields in first") {
				t.Errorf("%s is refused with %v", verdict, err)
			}
		}
		_, err := s.fill(s.bob, v, `{"title": "x"}`)
		wantCode(t, err, kit.LostLease)
		_, err = s.fill(s.robot, v, `{"title": "x"}`)
		wantCode(t, err, kit.Forbidden)
		_, err = s.fill(s.ann, v, `{"count": "many"}`)
		wantCode(t, err, kit.Invalid)
		if f := kit.FieldsOf(err); len(f) != 2 {
			t.Errorf("the title is missing and the count is no number: %+v", f)
		}
		_, err = s.fill(s.ann, v, `{"title": "x", "colour": "red"}`)
		wantCode(t, err, kit.Invalid)
		if _, err = s.fill(s.ann, v, `{"title": "Chairs"}`); err != nil {
			t.Fatal(err)
		}
		if v, err = s.fill(s.ann, v, `{"title": "Chairs"}`); err != nil {
			t.Fatalf("a second click: %v", err)
		}
		_, err = s.fill(s.ann, v, `{"title": "Other"}`)
		wantCode(t, err, kit.Conflict)
		s.mustDecide(s.ann, v, kit.Approve, "")
		s.whole()
	})
}

func TestAReviewThatIsNotBlindTakesNoBlindAnswer(t *testing.T) {
	s := start(t, storetest.SQLite(t))
	s.submit("Blue chairs")
	_, err := s.fill(s.ann, s.claim(s.ann), `{"title": "x"}`)
	wantCode(t, err, kit.Conflict)
}

func TestASkipNeedsNoBlindAnswerAndTheNextPersonStartsAnew(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, under(review.Policy{Blind: 1}))
		s.submit("Blue chairs")
		v := s.claim(s.ann)
		if _, err := s.fill(s.ann, v, `{"title": "Chairs"}`); err != nil {
			t.Fatal(err)
		}
		s.mustDecide(s.ann, v, kit.Skip, "")
		w := s.claim(s.bob)
		if w.ID != v.ID || w.Concealed == "" {
			t.Fatalf("Bob is shown %+v", w)
		}
		_, err := s.decide(s.bob, w, kit.Approve, "")
		wantCode(t, err, kit.Conflict)
		s.mustDecide(s.bob, w, kit.Skip, "")
	})
}

func TestDoubleBlindAsksTwoPeople(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, under(review.Policy{DoubleBlind: 1}))
		id := s.submit("Blue chairs")
		a, b := s.claim(s.ann), s.claim(s.bob)
		if a.ID == b.ID || !a.Blind || !b.Blind {
			t.Fatalf("claimed %+v and %+v", a, b)
		}
		first, err := s.fill(s.ann, a, `{"title": "Blue chairs", "count": "4"}`)
		if err != nil {
			t.Fatal(err)
		}
		s.mustDecide(s.ann, first, kit.Edit, `{"count": "4"}`)
		if c, err := s.Case(t.Context(), s.bob, id); err != nil || tells(t, c) {
			t.Errorf("Bob can read Ann's seat: %+v, %v", c, err)
		}
		second, err := s.fill(s.bob, b, `{"title": "Blue chairs", "count": "3"}`)
		if err != nil {
			t.Fatal(err)
		}
		if rounds, err := review.BlindAnswers(t.Context(), db.Read(), "", 10); err != nil || len(rounds) != 0 {
			t.Errorf("an open round is told: %+v, %v", rounds, err)
		}
		s.mustDecide(s.bob, second, kit.Edit, `{"count": "4"}`)
		s.reaches(id, kit.Delivered)
		rounds, err := review.BlindAnswers(t.Context(), db.Read(), "", 10)
		if err != nil || len(rounds) != 1 || len(rounds[0].People) != 2 {
			t.Fatalf("rounds %+v, %v", rounds, err)
		}
		want := review.BlindRound{Round: rounds[0].Round, CaseID: id, Step: "check", Draft: json.RawMessage(`{"title":"Blue chairs","count":2}`),
			People: []review.BlindPerson{
				{UserID: s.ann.ID, Answer: json.RawMessage(`{"title":"Blue chairs","count":4}`), Final: json.RawMessage(`{"title":"Blue chairs","count":4}`)},
				{UserID: s.bob.ID, Answer: json.RawMessage(`{"title":"Blue chairs","count":3}`), Final: json.RawMessage(`{"title":"Blue chairs","count":4}`)},
			}}
		got, _ := json.Marshal(rounds[0])
		if wanted, _ := json.Marshal(want); string(got) != string(wanted) {
			t.Errorf("told\n%s, want\n%s", got, wanted)
		}
		if more, err := review.BlindAnswers(t.Context(), db.Read(), rounds[0].Round, 10); err != nil || len(more) != 0 {
			t.Errorf("before the first round: %+v, %v", more, err)
		}
		s.whole()
	})
}

// The shell of the database is no way round.
func TestTheDatabaseKeepsBlindReviewsBlind(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, under(review.Policy{Blind: 1}))
		id := s.submit("Blue chairs")
		v := s.claim(s.ann)
		decided := `INSERT INTO decisions (id, review_id, case_id, user_id, user_kind, verdict, releases, reason, subject, value,
			changed, key, request, created_at) VALUES ('d1', '` + v.ID + `', '` + id + `', '` + s.ann.ID + `', 'person', 'approve', TRUE,
			'', 's', '{}', '[]', 'k', 'r', 1)`
		refused(t, db, decided, `UPDATE reviews SET blind = FALSE`)
		if _, err := s.fill(s.ann, v, `{"title": "Chairs"}`); err != nil {
			t.Fatal(err)
		}
		refused(t, db, `UPDATE blind_answers SET value = '{}'`, `DELETE FROM blind_answers`, `UPDATE reviews SET blind = FALSE`,
			`INSERT INTO blind_answers (review_id, user_id, value, differs, created_at) VALUES ('`+v.ID+`', '`+s.ann.ID+`', '{}', '[]', 1)`)
		if _, err := db.SQL().ExecContext(t.Context(), decided); err != nil {
			t.Errorf("with an answer it is allowed: %v", err)
		}
	})
}

// refused fails the test unless the database refuses each statement.
func refused(t *testing.T, db *store.DB, statements ...string) {
	t.Helper()
	for _, q := range statements {
		if _, err := db.SQL().ExecContext(t.Context(), q); err == nil {
			t.Errorf("the database took %s", q)
		}
	}
}

// Who settles a disagreement sees what the others decided, and the draft.
func TestWhereDoubleBlindPeopleDisagreeAThirdSeesAll(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, under(review.Policy{DoubleBlind: 1}))
		cem := s.person("Cem")
		id := s.submit("Blue chairs")
		for by, count := range map[*auth.User]string{&s.ann: "4", &s.bob: "5"} {
			v := s.claim(*by)
			seen, err := s.fill(*by, v, `{"title": "Blue chairs", "count": "`+count+`"}`)
			if err != nil {
				t.Fatal(err)
			}
			s.mustDecide(*by, seen, kit.Edit, `{"count": "`+count+`"}`)
		}
		v := s.claim(cem)
		if v.Blind || v.Concealed != "" || len(v.Versions) != 2 || len(v.Draft.Value) == 0 {
			t.Fatalf("the third person is shown %+v", v)
		}
		s.mustDecide(cem, v, kit.Edit, `{"count": "5"}`)
		c := s.reaches(id, kit.Delivered)
		if len(c.Decision.Stood) != 1 || string(c.Delivery.Output) != `{"title":"Blue chairs","count":5}` {
			t.Errorf("delivered %s, %+v", c.Delivery.Output, c.Decision)
		}
		s.whole()
	})
}
