package workflow

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/review"
)

// notedLot is what the events of a lot say, as far as it can be compared.
type notedLot struct {
	Lot        string  `json:"lot"`
	Case       string  `json:"case"`
	Bar        string  `json:"bar"`
	Step       string  `json:"step"`
	FullAt     int     `json:"full_at"`
	Error      float64 `json:"error"`
	Confidence float64 `json:"confidence"`
	Seed       string  `json:"seed"`
	Size       int     `json:"size"`
	Sample     int     `json:"sample"`
	Cases      string  `json:"cases"`
	Wrong      int     `json:"wrong"`
	Bound      float64 `json:"bound"`
	Subject    string  `json:"subject"`
	Reason     string  `json:"reason"`
	review.Admission
	kind  string
	actor string
	seq   int64
}

// lotStory is what the events of one lot tell.
type lotStory struct {
	began, sampled, ended notedLot
	joined                []string // its cases
}

// lotRow is a lot as it is stored.
type lotRow struct {
	ID         string  `bun:"id"`
	Step       string  `bun:"step"`
	Bar        string  `bun:"bar_id"`
	State      string  `bun:"state"`
	Roles      int64   `bun:"roles"`
	FullAt     int     `bun:"full_at"`
	Size       int     `bun:"size"`
	Sample     int     `bun:"sample"`
	Seed       string  `bun:"seed"`
	Error      float64 `bun:"error"`
	Confidence float64 `bun:"confidence"`
	Wrong      int     `bun:"wrong"`
	Bound      float64 `bun:"bound"`
	By         string  `bun:"decided_by"`
	Reason     string  `bun:"reason"`
	Subject    string  `bun:"subject"`
	cases      []review.LotCase
}

// lots compares the lots, and once more when something disagrees: they, or who
// decides on them, may have moved while they were read.
func (c *comparer) lots(ctx context.Context) error {
	before := len(c.faults)
	if err := c.allLots(ctx); err != nil || len(c.faults) == before {
		return err
	}
	c.faults = c.faults[:before]
	if err := c.readAgain(ctx); err != nil {
		return err
	}
	return c.allLots(ctx)
}

// allLots holds each lot against what the trail noted: its promise is the one
// that it began with, its sample the one that its seed draws, what came of that
// what people decided, its bound the one that its numbers give, and who decided
// on it is who the trail says.
func (c *comparer) allLots(ctx context.Context) error {
	stories, err := c.lotStories(ctx)
	if err != nil {
		return err
	}
	archives, err := audit.Archives(ctx, c.db)
	if err != nil {
		return err
	}
	var rows []lotRow
	err = c.db.NewRaw(`SELECT id, step, bar_id, state, roles, full_at, size, sample, seed, error, confidence, wrong, bound,
		COALESCE(decided_by, '') AS decided_by, reason, subject FROM lots ORDER BY id`).Scan(ctx, &rows)
	if err != nil {
		return err
	}
	for _, l := range rows {
		s, known := stories[l.ID]
		delete(stories, l.ID)
		if archived := len(archives) > 0; archived && (!known || s.began.Lot == "") {
			continue // events of old lots may lie there
		}
		if err := c.guarded("lot "+l.ID, func() error { return c.lot(ctx, l, cmp.Or(s, &lotStory{})) }); err != nil {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(stories)) {
		c.tellOf("lot", id, "it is gone")
	}
	return nil
}

// lot compares one lot.
func (c *comparer) lot(ctx context.Context, l lotRow, s *lotStory) error {
	err := c.db.NewRaw(`SELECT case_id, review_id, subject, sampled, outcome FROM lot_cases WHERE lot_id = ? ORDER BY case_id`, l.ID).Scan(ctx, &l.cases)
	if err != nil {
		return err
	}
	slices.Sort(s.joined)
	state := cmp.Or(s.ended.kind, s.sampled.kind, s.began.kind)
	switch {
	case !l.promises(s.began):
		c.tellOf("lot", l.ID, "it is not as it began")
	case !slices.Equal(s.joined, l.ids()):
		c.tellOf("lot", l.ID, "its cases are not those that joined it")
	case l.event() != state, l.By != s.ended.by(), l.Reason != s.ended.Reason, l.Subject != s.ended.Subject:
		c.tellOf("lot", l.ID, "the decision on it is not as it was made")
	case s.sampled.Lot != "" && !l.drawn(s.sampled):
		c.tellOf("lot", l.ID, "its sample is not the one that was drawn")
	case s.sampled.Lot != "" && !l.counts(s.ended):
		c.tellOf("lot", l.ID, "its numbers are not those that it was decided on")
	}
	if who := s.ended.by(); who != "" {
		if role, may := c.lasting.roleOf(who, s.ended.seq); !may || !s.began.Admits(role) {
			c.tellOf("lot", l.ID, "the decision on it is by "+who+", who could not decide on it then")
		}
	}
	return c.outcomes(ctx, l, s.ended)
}

// by is who decided on a lot, "" when nobody did.
func (n notedLot) by() string {
	if n.kind == "lot.accepted" || n.kind == "lot.rejected" {
		return n.actor
	}
	return ""
}

// event is the one that brings a lot into its state.
func (l lotRow) event() string {
	switch review.LotState(l.State) {
	case review.Gathering:
		return "lot.began"
	case review.Sampling, review.Ready:
		return "lot.sampled"
	case review.VoidLot:
		return "lot.voided"
	}
	return "lot." + l.State
}

func (l lotRow) ids() []string {
	var ids []string
	for _, one := range l.cases {
		ids = append(ids, one.CaseID)
	}
	slices.Sort(ids) // a database sorts by its own order
	return ids
}

// promises reports whether a lot is what began.
func (l lotRow) promises(n notedLot) bool {
	return n.Step == l.Step && n.Bar == l.Bar && n.Roles == l.Roles && n.FullAt == l.FullAt && n.Error == l.Error && n.Confidence == l.Confidence
}

// drawn reports whether a lot's sample is the one that its seed draws.
func (l lotRow) drawn(n notedLot) bool {
	ids := l.ids()
	sample := review.Draw(n.Seed, ids, n.Sample)
	return n.Seed == l.Seed && n.Sample == l.Sample && n.Size == l.Size && n.Cases == sumAll(ids) &&
		!slices.ContainsFunc(l.cases, func(one review.LotCase) bool { return one.Sampled != slices.Contains(sample, one.CaseID) })
}

// counts reports whether a lot's numbers are those of its sample, and those that
// it was decided on.
func (l lotRow) counts(n notedLot) bool {
	wrong, looked := 0, 0
	for _, one := range l.cases {
		if one.Outcome != "" {
			looked++
		}
		if one.Outcome == review.Wrong {
			wrong++
		}
	}
	if looked > 0 && (wrong != l.Wrong || l.Bound != eval.LotBound(wrong, l.Sample, l.Size, l.Confidence)) {
		return false
	}
	return n.by() == "" || n.Wrong == l.Wrong && n.Bound == l.Bound && n.Size == l.Size && n.Sample == l.Sample && looked == l.Sample
}

// outcomes holds what is said of the cases in a lot's sample against what people
// had decided on them when it ended.
func (c *comparer) outcomes(ctx context.Context, l lotRow, ended notedLot) error {
	for _, one := range l.cases {
		if one.Outcome == "" {
			continue
		}
		events, err := audit.Events(ctx, c.db, one.CaseID)
		if err != nil {
			return err
		}
		rounds, err := c.roundsOf(ctx, one.CaseID)
		if err != nil {
			return err
		}
		s := storyOf(events)
		was := s.outcome(rounds, rounds[one.ReviewID], cmp.Or(ended.seq, 1<<62))
		if s.input != "" && was != one.Outcome && (was == review.Right || one.Outcome == review.Right) {
			c.tellOf("lot", l.ID, "what came of case "+one.CaseID+" in its sample is not what was decided")
		}
	}
	return nil
}

// outcome is what a round had come to before an event: "" for nothing, or for no
// one thing. A case that nobody decided in time counts as wrong without it.
func (s *story) outcome(rounds map[string]string, round string, before int64) string {
	came := map[string]bool{}
	for id, d := range s.made {
		undone := s.undone[id]
		if rounds[d.Review] != round || d.Verdict == string(kit.Skip) || d.seq > before || undone > 0 && undone < before {
			continue
		}
		outcome := review.Outcome(review.Decision{Verdict: kit.Verdict(d.Verdict), Changed: d.Changed})
		if s.opened[d.Review].Kind == string(review.Adjudication) {
			return outcome
		}
		came[outcome] = true
	}
	if len(came) != 1 {
		return ""
	}
	return slices.Collect(maps.Keys(came))[0]
}

// lotStories reads the events of lots, by their IDs.
func (c *comparer) lotStories(ctx context.Context) (map[string]*lotStory, error) {
	var rows []struct {
		Seq   int64  `bun:"seq"`
		Kind  string `bun:"kind"`
		Actor string `bun:"actor"`
		Data  string `bun:"data"`
	}
	err := c.db.NewRaw(`SELECT seq, kind, actor, data FROM audit_events WHERE case_id = '' AND kind IN ('lot.began', 'lot.joined',
		'lot.sampled', 'lot.voided', 'lot.accepted', 'lot.rejected') ORDER BY seq`).Scan(ctx, &rows)
	stories := map[string]*lotStory{}
	for _, row := range rows {
		n := notedLot{kind: row.Kind, actor: row.Actor, seq: row.Seq}
		if json.Unmarshal([]byte(row.Data), &n) != nil {
			continue // audit.Verify looks at all
		}
		s := cmp.Or(stories[n.Lot], &lotStory{})
		switch stories[n.Lot] = s; n.kind {
		case "lot.began":
			s.began = n
		case "lot.joined":
			s.joined = append(s.joined, n.Case)
		case "lot.sampled":
			s.sampled = n
		default:
			s.ended = n
		}
	}
	return stories, err
}
