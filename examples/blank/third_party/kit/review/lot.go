package review

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/eval"
)

// Lot is a number of cases that pass a certified bar together, and are decided
// by a person on a random sample of them.
type Lot struct {
	ID         string     `json:"id"`
	Step       string     `json:"step"` // the review step
	State      LotState   `json:"state"`
	Bar        Bar        `json:"bar"`
	FullAt     int        `json:"full_at"` // how many cases close it
	Size       int        `json:"size"`    // cases in it
	Sample     int        `json:"sample"`  // of those, to be reviewed field by field; 0 while it gathers
	Looked     int        `json:"looked"`  // of the sample, how many were
	Error      float64    `json:"error"`   // the promise: the share of wrong cases, at most
	Confidence float64    `json:"confidence"`
	OpenedAt   time.Time  `json:"opened_at"`
	ClosesAt   time.Time  `json:"closes_at"` // at the latest
	ClosedAt   *time.Time `json:"closed_at,omitempty"`
	Result     *LotResult `json:"result,omitempty"`  // once its whole sample was reviewed
	Subject    string     `json:"subject,omitempty"` // hash of all that the decision is bound to; with Result
	Person     *Holder    `json:"person,omitempty"`  // who accepted or rejected it
	DecidedAt  *time.Time `json:"decided_at,omitempty"`
	Reason     string     `json:"reason,omitempty"`
	Seed       string     `json:"seed,omitempty"`  // of the sample; told once it is decided
	Cases      []LotCase  `json:"cases,omitempty"` // told once it is decided

	roles   int64
	key     string
	request string
}

// LotState is where a lot stands.
type LotState string

// The states of a lot. The last three are final.
const (
	Gathering   LotState = "gathering" // cases join it
	Sampling    LotState = "sampling"  // its sample is in review
	Ready       LotState = "ready"     // a person is to accept or reject it
	AcceptedLot LotState = "accepted"
	RejectedLot LotState = "rejected"
	VoidLot     LotState = "void" // its bar was; its cases are reviewed singly
)

// LotResult is what a lot's sample says of the whole.
type LotResult struct {
	Wrong int     `json:"wrong"` // of the sample: not approved just as drafted
	Bound float64 `json:"bound"` // the share of wrong cases in the lot, at most, at its confidence
	Keeps bool    `json:"keeps"` // the bound keeps the promise: the lot may be accepted
}

// LotCase is a case of a lot.
type LotCase struct {
	CaseID   string `json:"case_id" bun:"case_id"`
	CaseName string `json:"case_name" bun:"case_name"`
	ReviewID string `json:"review_id" bun:"review_id"`
	Subject  string `json:"subject" bun:"subject"` // of its review, when it was gathered
	Sampled  bool   `json:"sampled" bun:"sampled"`
	Outcome  string `json:"outcome,omitempty" bun:"outcome"` // of a sampled one: right or wrong
}

// decided reports whether a person has accepted or rejected the lot.
func (s LotState) decided() bool { return s == AcceptedLot || s == RejectedLot }

// Draw orders cases by their HMAC-SHA256 (RFC 2104) under the seed and returns
// the first n: whoever knows the seed draws the same, and whether a case is
// before another does not hang on which others there are.
func Draw(seed string, cases []string, n int) []string {
	rank := make(map[string][]byte, len(cases))
	for _, id := range cases {
		rank[id] = drawn(seed, id)
	}
	ordered := slices.Clone(cases)
	slices.SortFunc(ordered, func(a, b string) int { return bytes.Compare(rank[a], rank[b]) })
	return ordered[:min(n, len(ordered))]
}

// lotRow is a lot as it is stored.
type lotRow struct {
	ID         string  `bun:"id"`
	Step       string  `bun:"step"`
	BarID      string  `bun:"bar_id"`
	State      string  `bun:"state"`
	Roles      int64   `bun:"roles"`
	FullAt     int     `bun:"full_at"`
	Size       int     `bun:"size"`
	Sample     int     `bun:"sample"`
	Looked     int     `bun:"looked"`
	Seed       string  `bun:"seed"`
	Error      float64 `bun:"error"`
	Confidence float64 `bun:"confidence"`
	OpenedAt   int64   `bun:"opened_at"`
	ClosesAt   int64   `bun:"closes_at"`
	ClosedAt   *int64  `bun:"closed_at"`
	Wrong      int     `bun:"wrong"`
	Bound      float64 `bun:"bound"`
	PersonID   string  `bun:"person_id"`
	Person     string  `bun:"person"`
	DecidedAt  *int64  `bun:"decided_at"`
	Reason     string  `bun:"reason"`
	Subject    string  `bun:"subject"`
	Key        string  `bun:"key"`
	Request    string  `bun:"request"`
}

const lotQuery = `SELECT l.id, l.step, l.bar_id, l.state, l.roles, l.full_at, l.size, l.sample, l.seed, l.error, l.confidence,
	l.opened_at, l.closes_at, l.closed_at, l.wrong, l.bound, COALESCE(l.decided_by, '') AS person_id,
	COALESCE(u.name, '') AS person, l.decided_at, l.reason, l.subject, l.key, l.request,
	(SELECT COUNT(*) FROM lot_cases x WHERE x.lot_id = l.id AND x.outcome <> '') AS looked
	FROM lots l LEFT JOIN users u ON u.id = l.decided_by `

// lot makes the row into what people see. The result is told when the sample
// is done, and the seed when nobody is to be blind to it any more.
func (r lotRow) lot(bar Bar) Lot {
	l := Lot{ID: r.ID, Step: r.Step, State: LotState(r.State), Bar: bar, FullAt: r.FullAt, Size: r.Size, Sample: r.Sample,
		Looked: r.Looked, Error: r.Error, Confidence: r.Confidence, OpenedAt: micros(r.OpenedAt), ClosesAt: micros(r.ClosesAt),
		ClosedAt: optional(r.ClosedAt), DecidedAt: optional(r.DecidedAt), Reason: r.Reason, Subject: r.Subject,
		roles: r.Roles, key: r.Key, request: r.Request}
	if l.State == Ready || l.State.decided() {
		l.Result = &LotResult{Wrong: r.Wrong, Bound: r.Bound, Keeps: r.Bound <= r.Error}
	}
	if l.State.decided() {
		l.Seed, l.Person = r.Seed, &Holder{ID: r.PersonID, Name: r.Person}
	}
	return l
}

// GetLot reads a lot as people may see it now, or fails with kit.NotFound.
func GetLot(ctx context.Context, db bun.IDB, id string) (*Lot, error) {
	l, err := BareLot(ctx, db, id)
	if err != nil || l.Result == nil {
		return l, err
	}
	cases, err := lotCases(ctx, db, id)
	if err != nil {
		return nil, err
	}
	if l.State == Ready {
		l.Subject = l.subjectOf(cases)
		return l, nil
	}
	l.Cases = cases
	return l, nil
}

// BareLot is GetLot without the cases and the Subject, which hangs on them: it
// is quick however many there are.
func BareLot(ctx context.Context, db bun.IDB, id string) (*Lot, error) {
	var r lotRow
	err := db.NewRaw(lotQuery+`WHERE l.id = ?`, id).Scan(ctx, &r)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, kit.Errorf(kit.NotFound, "find lot %s: there is no such lot", id).
			WithHint("the page of lots lists those that there are")
	}
	if err != nil {
		return nil, err
	}
	bar, err := barByID(ctx, db, r.BarID)
	if err != nil {
		return nil, err
	}
	l := r.lot(bar)
	return &l, nil
}

// ListLots lists lots, newest first, behind the one called after; without
// their cases.
func ListLots(ctx context.Context, db bun.IDB, after string, limit int) ([]Lot, error) {
	var rows []lotRow
	err := db.NewRaw(lotQuery+`WHERE l.id < ? OR ? = '' ORDER BY l.id DESC LIMIT ?`, after, after, limit).Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	bars, lots := map[string]Bar{}, make([]Lot, 0, len(rows))
	for _, r := range rows {
		if _, known := bars[r.BarID]; !known {
			if bars[r.BarID], err = barByID(ctx, db, r.BarID); err != nil {
				return nil, err
			}
		}
		lots = append(lots, r.lot(bars[r.BarID]))
	}
	return lots, nil
}

// lotCases lists the cases of a lot in the order in which they were submitted,
// with which of them are sampled: no client is told that before the lot is
// decided.
func lotCases(ctx context.Context, db bun.IDB, id string) (cases []LotCase, err error) {
	err = db.NewRaw(`SELECT x.case_id, c.name AS case_name, x.review_id, x.subject, x.sampled, x.outcome
		FROM lot_cases x JOIN cases c ON c.id = x.case_id WHERE x.lot_id = ? ORDER BY x.case_id`, id).Scan(ctx, &cases)
	return cases, err
}

// subjectOf hashes what the decision on a lot is bound to: its numbers, its
// bar, and what there was to see of each case.
func (l Lot) subjectOf(cases []LotCase) string {
	body, _ := json.Marshal([]any{l.ID, l.Bar.ID, l.Size, l.Sample, l.Error, l.Confidence, l.Result, cases})
	return kit.Hash(body)
}

// bound is the exact upper bound for the share of wrong cases in the lot, at
// its confidence, with that many wrong in its sample.
func (l Lot) bound(wrong int) float64 { return eval.LotBound(wrong, l.Sample, l.Size, l.Confidence) }
