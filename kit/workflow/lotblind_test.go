package workflow_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// own are the parts of an answer that differ between any two cases: IDs, times
// and hashes, and an event's number.
var own = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z|[0-9a-f]{64}|"seq":[0-9]+|"elapsed_?m?s?":[0-9]+`)

// told is all that a person may read of a case and its review, without what is
// each case's own.
func (s *lots) told(id string) string {
	s.t.Helper()
	c := s.reaches(id, kit.InReview)
	v, err := s.Review(s.t.Context(), s.ann, c.ReviewID)
	if err != nil {
		s.t.Fatal(err)
	}
	inbox, err := s.Inbox(s.t.Context(), workflow.InboxFilter{Limit: 200})
	if err != nil {
		s.t.Fatal(err)
	}
	var row workflow.Waiting
	for _, w := range inbox.Items {
		if w.CaseID == id {
			row = w
		}
	}
	body, err := json.Marshal([]any{c, v, row})
	if err != nil {
		s.t.Fatal(err)
	}
	return own.ReplaceAllString(string(body), "*")
}

func TestASampledCaseLooksLikeAnyOther(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := gathering(t, db, small(6), "v1")
		single := s.submit("Sure 10\nof 7")
		s.reaches(single, kit.InReview)
		s.certify()
		for range 6 {
			s.submit("Sure 10\nof 7")
		}
		l := s.until(review.Sampling)
		sampled := 0
		for _, id := range s.waiting() {
			if id == single {
				continue
			}
			sampled++
			if got, want := s.told(id), s.told(single); got != want {
				t.Fatalf("a sampled case tells\n%s\nanother\n%s", got, want)
			}
		}
		if sampled != l.Sample || sampled == 0 || sampled == 6 {
			t.Errorf("%d of the sample of %d wait", sampled, l.Sample)
		}
		// Neither the lot nor any case's history tells before it is decided.
		body, err := json.Marshal(l)
		if err != nil || strings.Contains(string(body), "seed") || strings.Contains(string(body), "case_id") {
			t.Errorf("the lot tells %s, %v", body, err)
		}
		var told int
		err = db.Read().NewRaw(`SELECT COUNT(*) FROM audit_events WHERE kind LIKE 'lot.%' AND case_id <> ''`).Scan(t.Context(), &told)
		if err != nil || told != 0 {
			t.Errorf("%d events of lots stand in cases' histories, %v", told, err)
		}
		var seeds int
		err = db.Read().NewRaw(`SELECT COUNT(*) FROM audit_events WHERE kind = 'lot.sampled'`).Scan(t.Context(), &seeds)
		if err != nil || seeds != 1 {
			t.Errorf("the trail has %d seeds, %v", seeds, err)
		}
	})
}

func TestACaseInALotIsNobodysToClaim(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := gathering(t, db, small(6), "v1")
		s.certify()
		s.sure(1)
		s.until(review.Gathering)
		var id string
		if err := db.Read().NewRaw(`SELECT review_id FROM lot_cases`).Scan(t.Context(), &id); err != nil {
			t.Fatal(err)
		}
		_, err := s.ClaimOne(t.Context(), s.lead, id)
		wantCode(t, err, kit.Conflict)
		if v, err := s.Claim(t.Context(), s.ann); err != nil || v != nil {
			t.Errorf("claimed %+v, %v", v, err)
		}
	})
}

func TestWithFourEyesWhoBroughtACaseInDoesNotAcceptItsLot(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p := small(6)
		p.FourEyes = true
		s := gathering(t, db, p, "v1")
		s.certify()
		for range 6 {
			input, _ := json.Marshal(kit.Document{Name: "note.txt", Text: "Sure 10\nof 7"})
			if _, err := s.Submit(t.Context(), s.lead, workflow.Submission{Name: "note.txt", Input: input}); err != nil {
				t.Fatal(err)
			}
		}
		s.lookAt(s.until(review.Sampling), 0)
		l := s.until(review.Ready)
		_, err := s.decideLot(s.lead, l, true)
		wantCode(t, err, kit.Forbidden)
		if _, err := s.decideLot(s.ann, l, true); err != nil {
			t.Error(err)
		}
	})
}

// stuck makes the database refuse a lot's decision on a case, as if the program
// died there.
func stuck(t *testing.T, db *store.DB, caseID string) (free func()) {
	return stuckAt(t, db, "INSERT ON decisions", "NEW.case_id = '"+caseID+"'")
}

// stuckAt makes the database refuse one kind of row.
func stuckAt(t *testing.T, db *store.DB, act, when string) (free func()) {
	t.Helper()
	run := func(queries ...string) {
		t.Helper()
		for _, q := range queries {
			if _, err := db.SQL().ExecContext(t.Context(), q); err != nil {
				t.Fatal(err)
			}
		}
	}
	if db.Engine() == store.SQLite {
		run(fmt.Sprintf(`CREATE TRIGGER stuck BEFORE %s WHEN %s BEGIN SELECT RAISE(ABORT, 'stuck'); END`, act, when))
		return func() { run(`DROP TRIGGER stuck`) }
	}
	run(fmt.Sprintf(`CREATE FUNCTION stuck() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		IF %s THEN RAISE EXCEPTION 'stuck'; END IF; RETURN NEW; END $$`, when),
		fmt.Sprintf(`CREATE TRIGGER stuck BEFORE %s FOR EACH ROW EXECUTE FUNCTION stuck()`, act))
	_, table, _ := strings.Cut(act, " ON ")
	return func() { run(`DROP TRIGGER stuck ON `+table, `DROP FUNCTION stuck`) }
}

func TestAnAcceptedLotIsFinishedByWhoComesAfter(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := gathering(t, db, small(40), "v1")
		s.certify()
		ids := s.sure(40)
		s.lookAt(s.until(review.Sampling), 0)
		l := s.until(review.Ready)
		var last string
		err := db.Read().NewRaw(`SELECT case_id FROM lot_cases WHERE NOT sampled ORDER BY case_id DESC LIMIT 1`).Scan(t.Context(), &last)
		if err != nil {
			t.Fatal(err)
		}
		free := stuck(t, db, last)
		if _, err := s.decideLot(s.lead, l, true); err != nil {
			t.Fatal(err)
		}
		byLot := func() (n int) {
			if err := db.Read().NewRaw(`SELECT COUNT(*) FROM decisions WHERE lot_id IS NOT NULL`).Scan(t.Context(), &n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		s.eventually("some to follow", func() bool { return byLot() > 0 })
		if n := byLot(); n >= 40-l.Sample {
			t.Fatalf("all %d followed: nothing was in the middle", n)
		}
		if err := s.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		free()
		next, err := workflow.NewRunner(workflow.Config{DB: db, Workflow: s.flow, Signer: s.Signer, Sender: s.out})
		if err != nil {
			t.Fatal(err)
		}
		if err := next.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer next.Stop(t.Context())
		for _, id := range ids {
			s.reaches(id, kit.Delivered)
		}
		if s.out.count() != 40 || byLot() != 40-l.Sample {
			t.Errorf("%d deliveries, %d decisions by the lot", s.out.count(), byLot())
		}
		s.good()
	})
}

func TestVerifyFindsALotThatWasChangedBehindTheTrail(t *testing.T) {
	s := gathering(t, storetest.SQLite(t), small(8), "v1")
	s.certify()
	s.sure(8)
	s.lookAt(s.until(review.Sampling), 0)
	l, err := s.decideLot(s.lead, s.until(review.Ready), true)
	if err != nil {
		t.Fatal(err)
	}
	s.eventually("all deliveries", func() bool { return s.out.count() == 8 })
	for query, want := range map[string]string{
		`UPDATE lots SET seed = 'x' WHERE id = ?`:                                          "its sample is not the one that was drawn",
		`UPDATE lots SET wrong = 1, bound = 0.2 WHERE id = ?`:                              "its numbers are not those",
		`UPDATE lots SET reason = 'other' WHERE id = ?`:                                    "the decision on it is not as it was made",
		`UPDATE lot_cases SET sampled = NOT sampled WHERE lot_id = ?`:                      "its sample is not the one that was drawn",
		`UPDATE lot_cases SET outcome = 'wrong' WHERE sampled AND lot_id = ?`:              "its numbers are not those",
		`UPDATE lots SET decided_by = (SELECT MIN(id) FROM users) WHERE id = ?`:            "the decision on it is not as it was made",
		`DELETE FROM lots WHERE id = ?`:                                                    "it is gone",
		`UPDATE decisions SET lot_id = NULL WHERE lot_id = ?`:                              "is not as it was made",
		`UPDATE decisions SET lot_id = 'other', subject = subject || 'x' WHERE lot_id = ?`: "is not as it was made",
	} {
		if all := strings.Join(s.forged(query, l.ID), "\n"); !strings.Contains(all, want) {
			t.Errorf("%s: Compare says %q, want %q", query, all, want)
		}
	}
}

// An hour's cap is of reviews that a person looked at: a lot is one decision.
func TestAnAcceptedLotDoesNotUseUpTheHour(t *testing.T) {
	s := gathering(t, storetest.SQLite(t), review.Policy{HourlyCap: 6, Lots: review.Lots{Size: 20, Error: 0.3, Confidence: 0.8}}, "v1")
	s.certify()
	s.sure(20)
	s.lookAt(s.until(review.Sampling), 0)
	if _, err := s.decideLot(s.lead, s.until(review.Ready), true); err != nil {
		t.Fatal(err)
	}
	s.eventually("all deliveries", func() bool { return s.out.count() == 20 })
	s.submit("Perhaps")
	s.mustDecide(s.lead, s.claim(s.lead), kit.Approve, "")
}
