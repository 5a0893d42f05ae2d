package workflow

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/tackhammer/tackhammer/kit/review"
)

// quorums looks, by the trail alone, for as many people behind each delivery as
// its round was opened for, and at each decision for a person who might make it.
// What was decided before there were rounds needed one.
func (c *comparer) quorums(ctx context.Context, id string, s *story) error {
	rounds, err := c.roundsOf(ctx, id)
	if err != nil {
		return err
	}
	for decision, d := range s.made {
		if who := c.admitted(s, d.Review, rounds[d.Review], d.seq); who.Barred != nil {
			c.mayHave(id, decision, d, who, s.leads[d.Review])
		}
	}
	for delivery, n := range s.left {
		d, known := s.made[n.Decision]
		if known && c.planted[id].Review == d.Review {
			c.tell(id, "the delivery %s rests on review %s, which was a canary", delivery, d.Review)
		}
		if known {
			c.past(id, delivery, n, d, rounds, s)
		}
		if !known || s.opened[d.Review].Kind == string(review.Adjudication) {
			continue // told elsewhere, or one person settled it
		}
		round, opened := s.rounds[rounds[d.Review]]
		if !opened && d.rounds > 0 {
			c.tell(id, "the delivery %s rests on review %s, which is of no round that was opened", delivery, d.Review)
		}
		people := map[string]bool{}
		for other, m := range s.made {
			if rounds[m.Review] == rounds[d.Review] && m.Value == d.Value && !s.takenBack(other) {
				people[m.actor] = true
			}
		}
		if need := max(1, round.Quorum); len(people) < need {
			c.tell(id, "the delivery %s rests on %d people, its round had %d seats", delivery, len(people), need)
		}
	}
	return nil
}

// mayHave looks whether who decided was let to, by what the trail says of them
// then. Whether a person may decide on a lot is looked at with the lot.
func (c *comparer) mayHave(id, decision string, d noted, who review.Admission, raised bool) {
	if slices.Contains(who.Barred, d.actor) {
		c.tell(id, "the decision %s is by %s, who was kept from review %s", decision, d.actor, d.Review)
	}
	role, may := c.lasting.roleOf(d.actor, d.seq)
	if d.Lot == "" && !(may && (who.Admits(role) || raised && who.ToLeads().Admits(role))) {
		c.tell(id, "the decision %s is by %s, who could not decide on review %s then", decision, d.actor, d.Review)
	}
}

// roundsOf tells the round of each review of a case.
func (c *comparer) roundsOf(ctx context.Context, id string) (map[string]string, error) {
	var rows []struct {
		ID    string `bun:"id"`
		Round string `bun:"round"`
	}
	err := c.db.NewRaw(`SELECT id, round FROM reviews WHERE case_id = ?`, id).Scan(ctx, &rows)
	rounds := map[string]string{}
	for _, r := range rows {
		rounds[r.ID] = r.Round
	}
	return rounds, err
}

// asides reads what the trail says of cases apart from their histories, where
// the client would see it: which carried a canary, and who was kept from reviews
// later than they opened.
func (c *comparer) asides(ctx context.Context) error {
	var rows []struct {
		Seq  int64  `bun:"seq"`
		Kind string `bun:"kind"`
		Data string `bun:"data"`
	}
	err := c.db.NewRaw(`SELECT seq, kind, data FROM audit_events WHERE case_id = '' AND kind IN ('canary.planted', 'reviews.barred') ORDER BY seq`).Scan(ctx, &rows)
	c.planted, c.keptLater = map[string]noted{}, map[string][]kept{}
	for _, row := range rows {
		var canary noted
		var barred struct{ Barred map[string][]string }
		switch {
		case row.Kind == "canary.planted" && json.Unmarshal([]byte(row.Data), &canary) == nil:
			c.planted[canary.Case] = canary
		case row.Kind == "reviews.barred" && json.Unmarshal([]byte(row.Data), &barred) == nil:
			for id, people := range barred.Barred {
				for _, who := range people {
					c.keptLater[id] = append(c.keptLater[id], kept{who, row.Seq})
				}
			}
		}
	}
	return err
}

// kept is somebody who was kept from a review by an event.
type kept struct {
	who string
	seq int64
}

// admitted is who might decide on a review at an event.
func (c *comparer) admitted(s *story, id, round string, seq int64) review.Admission {
	a := s.admission(id, round)
	people := slices.Clone(a.Barred)
	for _, k := range c.keptLater[id] {
		if k.seq <= seq {
			people = append(people, k.who)
		}
	}
	if slices.Sort(people); a.Barred != nil {
		a.Barred = slices.Compact(people)
	}
	return a
}

// drafts compares the drafts of a case, whether or not anybody decided on them.
func (c *comparer) drafts(ctx context.Context, id string, s *story) error {
	var rows []struct {
		sealed
		Canary   bool   `bun:"canary"`
		Original string `bun:"original"`
	}
	err := c.db.NewRaw(`WITH s AS (`+sealedQuery+`WHERE case_id = ?) SELECT s.*, d.canary, d.original
		FROM s JOIN drafts d ON d.id = s.id ORDER BY s.id`, id).Scan(ctx, &rows)
	canary, found := c.planted[id], map[string]bool{}
	for _, d := range rows {
		n, known := s.drafts[d.ID]
		planted := canary.Draft == d.ID
		if planted {
			n = canary
		}
		found[d.ID] = true
		switch {
		case !known && !planted:
			c.tell(id, "the trail does not know the draft %s", d.ID)
		case n.Seal != "" && n.Seal != d.seal(c.lasting.seed), planted != d.Canary, n.Original != d.Original:
			c.tell(id, "the draft %s is not as it was made", d.ID)
		}
	}
	for missing := range s.drafts {
		if !found[missing] {
			c.tell(id, "the draft %s is gone", missing)
		}
	}
	if canary.Draft != "" && !found[canary.Draft] {
		c.tell(id, "the draft %s is gone", canary.Draft)
	}
	return err
}

// reviewRow is what of a review stays as it was opened.
type reviewRow struct {
	ID     string `bun:"id"`
	Draft  string `bun:"draft_id"`
	Round  string `bun:"round"`
	Quorum int    `bun:"quorum"`
	Tier   string `bun:"tier"`
	Kind   string `bun:"kind"`
	Roles  int64  `bun:"roles"`
	Tiers  string `bun:"tiers"`
	Blind  bool   `bun:"blind"`
	Seat   int    `bun:"seat"`
}

// reviews compares what the reviews of a case were opened for, and who may
// decide on them.
func (c *comparer) reviews(ctx context.Context, id string, s *story) error {
	var rows []reviewRow
	err := c.db.NewRaw(`SELECT id, draft_id, round, quorum, tier, tier || besides AS tiers, kind, roles, blind, seat
		FROM reviews WHERE case_id = ? ORDER BY id`, id).Scan(ctx, &rows)
	if err != nil {
		return err
	}
	barred, err := c.barred(ctx, id)
	found := map[string]bool{}
	for _, row := range rows {
		found[row.ID], found[row.Round] = true, true
		n, opened := s.rounds[row.Round]
		if !opened {
			continue // from before there were rounds
		}
		if !row.as(n, s, c.planted[id]) || !row.sits(rows) || !row.sealedAs(n, s, c.lasting.seed) {
			c.tell(id, "the review %s is not as it was opened", row.ID)
		}
		who, is := c.admitted(s, row.ID, row.Round, 1<<62), barred[row.ID]
		if slices.Sort(is); who.Barred != nil && !slices.Equal(who.Barred, is) {
			c.tell(id, "who is kept from the review %s is not who was when it was opened", row.ID)
		}
	}
	for _, ids := range []map[string]noted{s.rounds, s.opened} {
		for missing := range ids {
			if !found[missing] {
				c.tell(id, "the review %s is gone", missing)
			}
		}
	}
	return err
}

// as reports whether a review is what was opened.
func (r reviewRow) as(n noted, s *story, canary noted) bool {
	draft := n.Draft
	if canary.Review == r.ID {
		draft = canary.Draft
	}
	who := s.admission(r.ID, r.Round)
	roles := n.Barred == nil || r.Roles == who.Roles || s.leads[r.ID] && r.Roles == who.ToLeads().Roles
	return roles && r.Draft == draft && r.Quorum == n.Quorum && r.Tier == n.Tier && r.Kind == string(s.kindOf(r.ID, canary))
}

// sits reports whether a review has a seat of its own among those of its round,
// of which the one that the round is named by is the first.
func (r reviewRow) sits(rows []reviewRow) bool {
	seats := 0
	for _, other := range rows {
		if other.Round != r.Round {
			continue
		}
		if seats++; other.ID != r.ID && other.Seat == r.Seat {
			return false
		}
	}
	return r.Seat >= 1 && r.Seat <= seats && (r.ID == r.Round) == (r.Seat == 1)
}

// sealedAs reports whether a review is under the tiers that its round was opened
// under, and as blind: what opened later in it is not.
func (r reviewRow) sealedAs(n noted, s *story, seed string) bool {
	if _, later := s.opened[r.ID]; later {
		return !r.Blind && (n.Seal == "" || n.Seal == sealRound(seed, r.Round, r.Tiers, false) || n.Seal == sealRound(seed, r.Round, r.Tiers, true))
	}
	return n.Seal == "" || n.Seal == sealRound(seed, r.Round, r.Tiers, r.Blind)
}

// barred are the people who are kept from each review of a case.
func (c *comparer) barred(ctx context.Context, id string) (map[string][]string, error) {
	var rows []struct {
		Review string `bun:"review_id"`
		User   string `bun:"user_id"`
	}
	err := c.db.NewRaw(`SELECT b.review_id, b.user_id FROM barred b JOIN reviews r ON r.id = b.review_id
		WHERE r.case_id = ?`, id).Scan(ctx, &rows)
	people := map[string][]string{}
	for _, row := range rows {
		people[row.Review] = append(people[row.Review], row.User)
	}
	return people, err
}
