package workflow

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
)

// How a review ended, beside review.Expired and review.Withdrawn.
const (
	stillOpen = "open"
	byPerson  = "decided"
)

// stateRow is where a review stands.
type stateRow struct {
	ID       string `bun:"id"`
	Round    string `bun:"round"`
	Step     string `bun:"step"`
	State    string `bun:"state"`
	Ended    string `bun:"ended"`
	Waits    bool   `bun:"waits"`
	Assigned string `bun:"assigned_to"`
	Lot      string `bun:"lot"` // the state of the lot that it lies in, "" for none
	Sampled  bool   `bun:"sampled"`
}

// is how the row says that the review ended.
func (r stateRow) is() string {
	if r.State == string(review.Open) {
		return stillOpen
	}
	return cmp.Or(r.Ended, byPerson)
}

// states compares how far each review of a case has come, and how far the case
// has with them.
func (c *comparer) states(ctx context.Context, id string, s *story) error {
	var rows []stateRow
	err := c.db.NewRaw(`SELECT r.id, r.round, r.step, r.state, r.ended, r.waits, COALESCE(r.assigned_to, '') AS assigned_to,
		COALESCE(l.state, '') AS lot, COALESCE(x.sampled, FALSE) AS sampled FROM reviews r LEFT JOIN lots l ON l.id = r.lot_id
		LEFT JOIN lot_cases x ON x.review_id = r.id WHERE r.case_id = ? ORDER BY r.id`, id).Scan(ctx, &rows)
	if err != nil {
		return err
	}
	rounds, seats := map[string]string{}, map[string]int{}
	for _, r := range rows {
		rounds[r.ID] = r.Round
		if _, later := s.opened[r.ID]; !later {
			seats[r.Round]++
		}
	}
	ends := s.ends(rounds, 1<<62)
	for _, r := range rows {
		c.ended(id, r, ends[r.ID])
		c.placed(id, r, s)
	}
	for _, round := range slices.Sorted(maps.Keys(s.rounds)) {
		if n := s.rounds[round]; seats[round] > 0 && seats[round] != n.Quorum {
			c.tell(id, "the round %s has %d seats, it was opened with %d", round, seats[round], n.Quorum)
		}
	}
	return c.comesTo(ctx, id, s)
}

// ended compares how a review ended with what ended it.
func (c *comparer) ended(id string, r stateRow, want string) {
	is := r.is()
	switch {
	case is == want:
	case want == stillOpen && is == byPerson:
		c.tell(id, "the review %s is over: nobody made the decision that it says it has", r.ID)
	case want == stillOpen:
		c.tell(id, "the review %s was ended by nobody, it is said to be %s", r.ID, is)
	case is == stillOpen:
		c.tell(id, "the review %s is open again, though it was %s", r.ID, want)
	default:
		c.tell(id, "the review %s did not end as it says", r.ID)
	}
}

// placed compares where a review waits, and for whom.
func (c *comparer) placed(id string, r stateRow, s *story) {
	if step := s.rounds[r.Round].Step; step != "" && step != r.Step {
		c.tell(id, "the review %s is not of the step %s", r.ID, r.Step)
	}
	if r.State != string(review.Open) {
		return
	}
	undecided := slices.Contains([]string{string(review.Sampling), string(review.Ready), string(review.AcceptedLot)}, r.Lot)
	if lies := r.Lot == string(review.Gathering) || undecided && !r.Sampled; !r.Waits && !lies {
		c.tell(id, "the review %s waits for nobody", r.ID)
	}
	if r.Assigned != "" && s.assigned[r.ID] != r.Assigned {
		c.tell(id, "the review %s was not left to %s", r.ID, r.Assigned)
	}
}

// ends is how each review of a case had ended before an event, by what people
// and the service did with its round. Taking a decision back ends what had opened
// because of it.
func (s *story) ends(rounds map[string]string, before int64) map[string]string {
	ends := map[string]string{}
	for id := range rounds {
		ends[id] = stillOpen
	}
	for _, n := range s.told {
		if n.seq >= before {
			break
		}
		switch n.kind {
		case "decision.made":
			if n.Verdict != string(kit.Skip) {
				ends[n.Review] = byPerson
			}
		case "decision.undone":
			of := s.made[n.Decision].Review
			ends[of] = stillOpen
			s.over(ends, rounds, rounds[of], review.Withdrawn, func(id string) bool {
				o, later := s.opened[id]
				return later && o.seq < n.seq && id != of
			})
		case "review.escalated":
			if slices.Contains(n.Actions, review.Expire) {
				s.over(ends, rounds, rounds[n.Review], review.Expired, func(id string) bool { return s.opened[id].seq < n.seq })
			}
		}
	}
	return ends
}

// over ends the open reviews of a round for which that holds.
func (s *story) over(ends, rounds map[string]string, round, why string, which func(id string) bool) {
	for id, of := range rounds {
		if of == round && ends[id] == stillOpen && which(id) {
			ends[id] = why
		}
	}
}

// past looks, by the trail, for seats that a delivery went past: somebody still
// was to look, or said something else.
func (c *comparer) past(id, delivery string, n, d noted, rounds map[string]string, s *story) {
	round, ends := rounds[d.Review], s.ends(rounds, n.seq)
	for _, seat := range slices.Sorted(maps.Keys(s.opened)) {
		o := s.opened[seat]
		if cmp.Or(o.Round, rounds[seat]) == round && o.seq < n.seq && cmp.Or(ends[seat], stillOpen) == stillOpen {
			c.tell(id, "the delivery %s left before the review %s was decided", delivery, seat)
		}
	}
	if s.opened[d.Review].Kind == string(review.Adjudication) {
		return // it has the last word
	}
	for _, other := range slices.Sorted(maps.Keys(s.made)) {
		m, undone := s.made[other], s.undone[other]
		if rounds[m.Review] == round && m.seq < n.seq && !(undone > 0 && undone < n.seq) && m.Verdict != string(kit.Skip) && m.Value != d.Value {
			c.tell(id, "the delivery %s goes against the decision %s", delivery, other)
		}
	}
}

// comesTo compares the state of a case with what its reviews came to. It is
// under review while one of them is open, and else where the last decision that
// stands left it.
func (c *comparer) comesTo(ctx context.Context, id string, s *story) error {
	var row struct {
		State    string `bun:"state"`
		Name     string `bun:"name"`
		Workflow string `bun:"workflow"`
		Hash     string `bun:"input_hash"`
		Open     bool   `bun:"open"`
	}
	err := c.db.NewRaw(`SELECT state, name, workflow, input_hash, EXISTS (SELECT 1 FROM reviews r WHERE r.case_id = cases.id AND r.state = 'open') AS open
		FROM cases WHERE id = ?`, id).Scan(ctx, &row)
	if err != nil {
		return err
	}
	if may := s.mayBe(row.Open); !slices.Contains(may, kit.State(row.State)) {
		c.tell(id, "it is said to be in the state %s, but is %s", row.State, may[0])
	}
	if n := s.submitted; n.Name != "" && n.Name != row.Name || n.Workflow != "" && n.Workflow != row.Workflow || n.Input != row.Hash {
		c.tell(id, "its name, workflow or hash is not the one that it came in with")
	}
	return nil
}

// mayBe lists the states that a case may be in, the likeliest first.
func (s *story) mayBe(open bool) []kit.State {
	switch {
	case open:
		return []kit.State{kit.InReview}
	case s.end == "case.delivered":
		return []kit.State{kit.Delivered}
	case s.end == "case.failed":
		return []kit.State{kit.Failed}
	}
	var last noted
	for id, d := range s.made {
		if d.Verdict != string(kit.Skip) && !s.takenBack(id) && d.seq > last.seq {
			last = d
		}
	}
	switch kit.Verdict(last.Verdict) {
	case kit.Reject:
		return []kit.State{kit.Rejected}
	case kit.Approve, kit.Edit:
		return []kit.State{kit.Delivering, kit.Drafting} // code runs in between
	}
	return []kit.State{kit.Drafting}
}
