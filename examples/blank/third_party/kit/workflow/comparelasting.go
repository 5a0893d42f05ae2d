package workflow

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/auth"
)

// lasting is what the trail says that holds: also what was archived of it.
type lasting struct {
	seeds  int    // how often one was drawn
	seed   string // the first
	people map[string][]personAt
	ways   map[string]way // in which people and services may come in: kind, user and what tells it from others
	bars   map[string]notedBar

	calibrations map[string]notedCalibration
}

// personAt is what the trail says of somebody from an event on.
type personAt struct {
	seq          int64
	kind, role   string
	seal         string // of their name and address; "" before that was noted
	out, deleted bool
}

// aboutPerson is what the events of people say.
type aboutPerson struct {
	User, Kind, Role, Seal, To, Token, Issuer string
	Expires                                   string `json:"expires_at"`
}

func readLasting(ctx context.Context, db bun.IDB) (lasting, error) {
	l := lasting{people: map[string][]personAt{}, ways: map[string]way{}, bars: map[string]notedBar{},
		calibrations: map[string]notedCalibration{}}
	events, err := audit.Lasting(ctx, db)
	for _, e := range events {
		var d aboutPerson
		if json.Unmarshal(e.Data, &d) == nil && d.User != "" {
			l.person(e, d)
			l.way(e.Kind, d)
		}
		l.drawn(e)
		l.bar(e)
		l.calibration(e)
	}
	return l, err
}

// drawn takes in the seed of samples.
func (l *lasting) drawn(e audit.Event) {
	var d struct{ Seed string }
	if e.Kind != "sampling.seeded" || json.Unmarshal(e.Data, &d) != nil {
		return
	}
	if l.seeds++; l.seeds == 1 {
		l.seed = d.Seed
	}
}

// person takes in what an event says of somebody.
func (l *lasting) person(e audit.Event, d aboutPerson) {
	var now personAt
	if before := l.people[d.User]; len(before) > 0 {
		now = before[len(before)-1]
	}
	switch now.seq = e.Seq; e.Kind {
	case "user.added":
		now.kind, now.role, now.seal = d.Kind, d.Role, d.Seal
	case "user.role":
		now.role = d.To
	case "user.disabled", "user.enabled":
		now.out = e.Kind == "user.disabled"
	case "user.deleted":
		now.out, now.deleted = true, true
	default:
		return
	}
	l.people[d.User] = append(l.people[d.User], now)
}

// at is what the trail says of somebody at an event.
func (l *lasting) at(id string, seq int64) (p personAt, known bool) {
	for _, at := range l.people[id] {
		if at.seq <= seq {
			p, known = at, true
		}
	}
	return p, known
}

// roleOf is the role that somebody had at an event, and whether they could
// decide on anything then.
func (l *lasting) roleOf(id string, seq int64) (auth.Role, bool) {
	p, known := l.at(id, seq)
	u := auth.User{Kind: auth.Kind(p.kind), Role: auth.Role(p.role), Disabled: p.out, Deleted: p.deleted}
	return u.Role, known && u.MayDecide()
}

// standing compares what is of no single case, and once more when something
// disagrees.
func (c *comparer) standing(ctx context.Context) error {
	for range 2 {
		c.faults = c.faults[:0]
		var err error
		if c.lasting, err = readLasting(ctx, c.db); err != nil {
			return err
		}
		for i, part := range []func(context.Context) error{c.guards, c.sampling, c.people, c.ways, c.bars, c.calibrations} {
			thing := []string{"triggers", "sampling", "users", "ways in", "bars", "calibrations"}[i]
			if err := c.guarded(thing, func() error { return part(ctx) }); err != nil {
				return err
			}
		}
		if len(c.faults) == 0 {
			break
		}
	}
	return nil
}

func (c *comparer) tellOf(thing, id, words string) {
	c.faults = append(c.faults, thing+" "+id+": "+words)
}

// sampling compares the seed of samples, by which drafts are sealed too.
func (c *comparer) sampling(ctx context.Context) error {
	var seeds []string
	err := c.db.NewRaw(`SELECT seed FROM sampling ORDER BY id`).Scan(ctx, &seeds)
	switch {
	case c.lasting.seeds > 1:
		c.tellOf("sampling", "1", "its row was removed, and its seed drawn again")
	case len(seeds) == 0 && c.lasting.seeds > 0:
		c.tellOf("sampling", "1", "it is gone")
	case len(seeds) > 0 && seeds[0] != c.lasting.seed:
		c.tellOf("sampling", "1", "its seed is not the one that was drawn")
	}
	return err
}

// people compares what users are and may do.
func (c *comparer) people(ctx context.Context) error {
	var rows []struct {
		ID       string `bun:"id"`
		Kind     string `bun:"kind"`
		Role     string `bun:"role"`
		Name     string `bun:"name"`
		Email    string `bun:"email"`
		Salt     string `bun:"salt"`
		Disabled int64  `bun:"disabled_at"`
		Deleted  int64  `bun:"deleted_at"`
	}
	err := c.db.NewRaw(`SELECT id, kind, role, name, COALESCE(email, '') AS email, salt, COALESCE(disabled_at, 0) AS disabled_at, deleted_at FROM users ORDER BY id`).Scan(ctx, &rows)
	found := map[string]bool{}
	for _, u := range rows {
		found[u.ID] = true
		is, known := c.lasting.at(u.ID, 1<<62)
		switch {
		case !known:
			c.tellOf("user", u.ID, "nobody added them")
		case u.Kind != is.kind:
			c.tellOf("user", u.ID, "they were added as a "+is.kind+", not as a "+u.Kind)
		case u.Role != is.role:
			c.tellOf("user", u.ID, "their role was made "+is.role+", not "+u.Role)
		case (u.Disabled != 0) != is.out || (u.Deleted != 0) != is.deleted:
			c.tellOf("user", u.ID, "whether they are let in is not as it was left")
		case is.seal != "" && !is.deleted && is.seal != auth.Seal(u.Salt, u.Name, u.Email):
			c.tellOf("user", u.ID, "they are not called what they were when they were added")
		}
	}
	for _, id := range slices.Sorted(maps.Keys(c.lasting.people)) {
		if !found[id] {
			c.tellOf("user", id, "they are gone")
		}
	}
	return err
}
