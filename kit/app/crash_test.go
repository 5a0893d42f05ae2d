package app_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

// TestKillingTheServiceLosesNothingAndRepeatsNothing runs the service under
// load and kills it with signal 9 at random moments.
func TestKillingTheServiceLosesNothingAndRepeatsNothing(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) { newStorm(t, url, 1).run() })
}

// TestKillingOneOfTwoServicesLosesNothing has two processes on one database,
// either of which may be the one that dies.
func TestKillingOneOfTwoServicesLosesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("the storm of one service is enough for -short")
	}
	newStorm(t, storetest.URLs(t)[store.Postgres], 2).run()
}

// storm is a service under load that is killed again and again.
type storm struct {
	*fleet
	cases, kills int
	rng          *rand.Rand
	clients
}

func newStorm(t *testing.T, url string, processes int) *storm {
	seed := uint64(time.Now().UnixNano())
	if s, err := strconv.ParseUint(os.Getenv("TACKHAMMER_SEED"), 10, 64); err == nil {
		seed = s
	}
	t.Logf("TACKHAMMER_SEED=%d", seed)
	s := &storm{cases: 150, kills: 6, rng: rand.New(rand.NewPCG(seed, 0))}
	if testing.Short() {
		s.cases, s.kills = 40, 2
	}
	s.fleet = newFleet(t, url, processes)
	s.clients = clients{fleet: s.fleet, seed: seed, ids: map[string]string{}, decided: map[string]decision{}}
	return s
}

func (s *storm) run() {
	began := time.Now()
	for range s.kills { // some die before the tables are made, some while they are
		s.stillborn(s.moment(200 * time.Millisecond))
	}
	s.recruit()
	s.launchAll()
	work := s.begin(s.cases)
	// Each kill waits for its share of the answers, and then a moment more: it
	// falls anywhere in the work, and always into some.
	for i := range s.kills {
		s.await("answers before a kill", func() bool { return s.answers.Load() >= int64((i+1)*2*s.cases/(s.kills+1)) })
		time.Sleep(s.moment(60 * time.Millisecond))
		s.kill(s.rng.IntN(s.processes))
		if i%2 == 0 { // one that takes up the work of the dead and dies over it
			s.stillborn(s.moment(200 * time.Millisecond))
		}
	}
	s.await("every case to end", func() bool {
		c := s.status().Cases
		return c[kit.Delivered]+c[kit.Rejected]+c[kit.Failed] == int64(s.cases)
	})
	work.end()
	s.stopAll()
	s.t.Logf("%d cases, %d decisions, %d kills, %d answers lost and asked for again, %s",
		s.cases, len(s.decided), s.kills, s.lost.Load(), time.Since(began).Round(time.Millisecond))
	s.judge()
}

// moment is a random time of at most the longest.
func (s *storm) moment(longest time.Duration) time.Duration {
	return time.Duration(s.rng.Int64N(int64(longest)))
}

// judge looks at what the storm left in the database and the folder.
func (s *storm) judge() {
	db := storetest.Open(s.t, s.url)
	r := remains{t: s.t, db: db.Read()}
	r.read()
	s.judgeCases(r)
	s.judgeDecisions(r)
	s.judgeDeliveries(r)
	r.judgeEvents()
	res, err := audit.Verify(s.t.Context(), db.Read())
	if err != nil || !res.OK() {
		s.t.Errorf("the trail does not hold: %+v, %v", res.Problems, err)
	}
	if err := db.Close(); err != nil {
		s.t.Fatal(err)
	}
	command(s.t, "verify", "--data", s.data, "--db", s.url)
}

// judgeCases wants each case that was acknowledged, once, at its end.
func (s *storm) judgeCases(r remains) {
	if len(r.cases) != s.cases || len(s.ids) != s.cases {
		s.t.Errorf("%d cases are there, %d were acknowledged, %d were sent", len(r.cases), len(s.ids), s.cases)
	}
	seen := map[string]string{}
	for key, id := range s.ids {
		if other := seen[id]; other != "" {
			s.t.Errorf("the keys %s and %s got one case", key, other)
		}
		seen[id] = key
		c, ok := r.cases[id]
		if !ok {
			s.t.Errorf("case %s (%s) was acknowledged and is not there", id, key)
		} else if c.State != string(kit.Delivered) && c.State != string(kit.Rejected) {
			s.t.Errorf("case %s ended as %s: %s", id, c.State, c.Error)
		}
	}
}

// judgeDecisions wants each decision that was acknowledged, as it was made,
// and no other.
func (s *storm) judgeDecisions(r remains) {
	if len(r.decisions) != len(s.decided) {
		s.t.Errorf("%d decisions are there, %d were acknowledged", len(r.decisions), len(s.decided))
	}
	of := map[string]string{}
	for id, d := range r.decisions {
		if want, ok := s.decided[id]; !ok || want.Verdict != kit.Verdict(d.Verdict) || want.CaseID != d.CaseID {
			s.t.Errorf("decision %s is %s of case %s; acknowledged was %+v", id, d.Verdict, d.CaseID, want)
		}
		if other := of[d.ReviewID]; other != "" {
			s.t.Errorf("review %s was decided by %s and %s", d.ReviewID, other, id)
		}
		of[d.ReviewID] = id
	}
}

// judgeDeliveries wants one delivery for each case that was released, once in
// the database and once in the folder, and none of another case.
func (s *storm) judgeDeliveries(r remains) {
	released := map[string]string{} // case to decision
	for id, d := range r.decisions {
		if kit.Verdict(d.Verdict).Releases() {
			released[d.CaseID] = id
		}
	}
	files, err := filepath.Glob(filepath.Join(s.data, "out", "*.json"))
	if err != nil {
		s.t.Fatal(err)
	}
	if len(released) != len(r.deliveries) || len(files) != len(r.deliveries) {
		s.t.Errorf("%d cases were released, %d deliveries are there, %d files", len(released), len(r.deliveries), len(files))
	}
	for _, d := range r.deliveries {
		if released[d.CaseID] != d.DecisionID || r.cases[d.CaseID].State != string(kit.Delivered) {
			s.t.Errorf("delivery %s is of case %s, %s, by decision %s", d.ID, d.CaseID, r.cases[d.CaseID].State, d.DecisionID)
		}
		if d.DoneAt == nil {
			s.t.Errorf("delivery %s was not sent", d.ID)
		}
		var sent struct {
			ID     string `json:"id"`
			CaseID string `json:"case_id"`
		}
		raw, err := os.ReadFile(filepath.Join(s.data, "out", d.ID+".json"))
		if err == nil {
			err = json.Unmarshal(raw, &sent)
		}
		if err != nil || sent.ID != d.ID || sent.CaseID != d.CaseID {
			s.t.Errorf("the file of delivery %s holds %+v, %v", d.ID, sent, err)
		}
	}
}

// remains is what the database holds after a storm.
type remains struct {
	t          testing.TB
	db         *bun.DB
	cases      map[string]caseLeft
	decisions  map[string]decisionLeft
	deliveries []deliveryLeft
}

type caseLeft struct {
	ID    string `bun:"id"`
	State string `bun:"state"`
	Error string `bun:"error"`
}

type decisionLeft struct {
	ID       string `bun:"id"`
	CaseID   string `bun:"case_id"`
	ReviewID string `bun:"review_id"`
	Verdict  string `bun:"verdict"`
}

type deliveryLeft struct {
	ID         string `bun:"id"`
	CaseID     string `bun:"case_id"`
	DecisionID string `bun:"decision_id"`
	DoneAt     *int64 `bun:"done_at"`
}

func (r *remains) read() {
	var cases []caseLeft
	var decisions []decisionLeft
	r.scan(&cases, `SELECT id, state, error FROM cases`)
	r.scan(&decisions, `SELECT id, case_id, review_id, verdict FROM decisions`)
	r.scan(&r.deliveries, `SELECT d.id, d.case_id, d.decision_id, s.done_at FROM deliveries d
		LEFT JOIN sends s ON s.delivery_id = d.id`)
	r.cases, r.decisions = map[string]caseLeft{}, map[string]decisionLeft{}
	for _, c := range cases {
		r.cases[c.ID] = c
	}
	for _, d := range decisions {
		r.decisions[d.ID] = d
	}
}

func (r *remains) scan(into any, query string) {
	r.t.Helper()
	if err := r.db.NewRaw(query).Scan(r.t.Context(), into); err != nil {
		r.t.Fatal(err)
	}
}

// judgeEvents wants each effect in each case's history exactly once.
func (r *remains) judgeEvents() {
	var counts []struct {
		CaseID string `bun:"case_id"`
		Kind   string `bun:"kind"`
		N      int    `bun:"n"`
	}
	r.scan(&counts, `SELECT case_id, kind, COUNT(*) AS n FROM audit_events WHERE case_id <> '' GROUP BY case_id, kind`)
	got := map[string]map[string]int{}
	for _, c := range counts {
		if got[c.CaseID] == nil {
			got[c.CaseID] = map[string]int{}
		}
		got[c.CaseID][c.Kind] = c.N
	}
	decisions := map[string]int{}
	for _, d := range r.decisions {
		decisions[d.CaseID]++
	}
	for id, c := range r.cases {
		n, delivered := decisions[id], 0
		if c.State == string(kit.Delivered) {
			delivered = 1
		}
		for kind, want := range map[string]int{"case.submitted": 1, "draft.made": n, "decision.made": n,
			"delivery.made": delivered, "delivery.sent": delivered, "case.delivered": delivered} {
			if got[id][kind] != want {
				r.t.Errorf("case %s (%s) has %d events %s, want %d", id, c.State, got[id][kind], kind, want)
			}
		}
		for kind := range got[id] {
			if strings.HasSuffix(kind, ".failed") {
				r.t.Errorf("case %s has an event %s", id, kind)
			}
		}
	}
}
