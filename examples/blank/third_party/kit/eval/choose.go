package eval

import (
	"context"
	"math/rand/v2"

	"github.com/tackhammer/tackhammer/kit"
)

// Candidate is a model that may be chosen.
type Candidate struct {
	Name string

	// Cases are those that it may be judged on: none that it has learned from.
	Cases []Case

	// Free says that its drafts cost nothing. Where there are too few cases for
	// anyone to pass, every case is tried all the same, so that at least its
	// share is known.
	Free bool

	// Ready is called before the first draft. Its error refuses the candidate.
	// Defaults to none.
	Ready func(context.Context) error

	// Draft makes the drafts of some of Cases, by their places. A draft that
	// the model did not bring about is one without values; an error says that
	// the candidate cannot be judged at all, and refuses it.
	Draft func(ctx context.Context, places []int) ([]Draft, error)
}

// Ladder chooses the smallest candidate that reaches the goals. Its zero value
// with Goals is ready to use.
type Ladder struct {
	Goals []Goal

	// Kinds says how values are compared, by path. Defaults to the kind that
	// all answers of the path can be read as.
	Kinds map[string]Kind

	// Batch is how many drafts are made at a time at least: up to Batch - 1 of
	// them may turn out to be in vain. Defaults to 1.
	Batch int

	// Seed draws the order of the cases. Defaults to 0, an order as good as any.
	Seed uint64

	// Full tries every case of every candidate: the same choice, at the price
	// of the full grid.
	Full bool

	// Told hears of each candidate when it is begun and after each batch.
	// Defaults to nobody.
	Told func(candidate int, t *Trial)
}

// Tried is how one candidate of a Ladder fared.
type Tried struct {
	Name    string
	Verdict Verdict
	Refusal error // why it was refused
	Cases   int   // that it may be judged on
	Calls   int   // drafts that were made of them
	Fields  []Standing
	Drafts  []Draft // what was drafted, by the place of the case
	Seen    []bool  // whether it was
}

// Choice is what a Ladder chose.
type Choice struct {
	Tried  []Tried // the candidates, in their order
	Chosen int     // the place of the first that passed, -1 without one
	Calls  int     // drafts made of all candidates
	Grid   int     // drafts that every case of every candidate that could be tried would have taken
}

// Choose tries the candidates in their order, the smallest first, until one
// passes: the one that trying every case of every candidate would have named,
// with fewer calls. All share the risk of the goals, so that the chance of
// choosing any that is below the bar in truth is at most 1 - Confidence. It
// fails with kit.Invalid without a goal or a candidate, and when ctx ends.
func (l Ladder) Choose(ctx context.Context, candidates []Candidate) (Choice, error) {
	c := Choice{Chosen: -1}
	if len(l.Goals) == 0 || len(candidates) == 0 {
		return c, kit.Errorf(kit.Invalid, "choose a model: %d candidates and %d goals", len(candidates), len(l.Goals)).
			WithHint("there must be one of each: goals stand in the nail's bar")
	}
	for i, cand := range candidates {
		tried, err := l.try(ctx, i, cand, len(candidates), c.Chosen >= 0 && !l.Full)
		if err != nil {
			return c, err
		}
		if tried.Verdict == Passed && c.Chosen < 0 {
			c.Chosen = i
		}
		if c.Calls += tried.Calls; tried.Verdict != Refused {
			c.Grid += len(cand.Cases)
		}
		c.Tried = append(c.Tried, tried)
	}
	return c, nil
}

// try tries one candidate, or leaves it untried.
func (l Ladder) try(ctx context.Context, i int, c Candidate, candidates int, leave bool) (Tried, error) {
	t := NewTrial(l.Goals, l.Kinds, c.Cases, candidates)
	tried := Tried{Name: c.Name, Verdict: Untried, Cases: len(c.Cases)}
	if !leave {
		l.tell(i, t)
		tried.Verdict, tried.Refusal = l.climb(ctx, i, c, t)
	}
	tried.Calls, tried.Fields, tried.Drafts, tried.Seen = t.done, t.Fields(), t.drafts, t.seen
	return tried, ctx.Err()
}

// climb drafts the cases of a candidate, batch by batch, until its verdict is
// certain. The first batch is no larger than it must be: what it shows of the
// candidate may refuse it.
func (l Ladder) climb(ctx context.Context, i int, c Candidate, t *Trial) (Verdict, error) {
	l.Full = l.Full || c.Free && t.Verdict() == Failed
	if c.Ready != nil && (l.Full || t.Verdict() == Open) {
		if err := c.Ready(ctx); err != nil {
			return Refused, err
		}
	}
	order := rand.New(rand.NewPCG(l.Seed, 0)).Perm(len(c.Cases))
	for len(order) > 0 && (l.Full || t.Verdict() == Open) {
		n := max(l.Batch, 1)
		if t.done > 0 && l.Full {
			n = len(order)
		} else if t.done > 0 {
			n = max(n, t.Next())
		}
		n = min(n, len(order))
		drafts, err := c.Draft(ctx, order[:n])
		if err != nil {
			return Refused, err
		}
		for at, place := range order[:n] {
			t.Add(place, drafts[at])
		}
		order = order[n:]
		l.tell(i, t)
	}
	return t.Verdict(), nil
}

func (l Ladder) tell(i int, t *Trial) {
	if l.Told != nil {
		l.Told(i, t)
	}
}
