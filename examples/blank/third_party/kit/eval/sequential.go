package eval

import (
	"math"
	"math/rand/v2"

	"github.com/tackhammer/tackhammer/kit"
)

// Goal is how good the drafts of one field must be.
type Goal struct {
	Path string `json:"path"`

	// Measure is "exact" or "normalised" (right to the letter, or by its Kind),
	// or one of Measures of the drafts with the answers.
	Measure string `json:"measure"`

	// Threshold is what the measure must reach on cases to come, above 0 and at
	// most 1; Confidence is how sure that is to be, from 0.5 to below 1.
	Threshold  float64 `json:"threshold"`
	Confidence float64 `json:"confidence"`
}

// counts reports whether the measure is of each case by itself: right or wrong.
// Of the others nothing is known before all cases are.
func (g Goal) counts() bool {
	return g.Measure == "exact" || g.Measure == "normalised" || g.Measure == "within_one"
}

// Verdict is what is known of a candidate, or of one of its fields.
type Verdict string

// The verdicts.
const (
	Open    Verdict = "open"    // further cases decide it
	Passed  Verdict = "passed"  // it reaches the bar
	Failed  Verdict = "failed"  // it was not shown to
	Refused Verdict = "refused" // it could not be tried
	Untried Verdict = "untried" // a smaller one had passed
)

// Standing is how one field of a candidate stands.
type Standing struct {
	Goal
	Verdict  Verdict `json:"verdict"`
	Risk     float64 `json:"risk"`     // of passing a candidate below the bar: this field's share of 1 - Confidence
	Cases    int     `json:"cases"`    // that have an answer of the field
	Seen     int     `json:"seen"`     // of them, so far
	Right    int     `json:"right"`    // of those; 0 for a measure that is not of single cases
	Critical int     `json:"critical"` // how many of Cases must be right; more than Cases where they are too few
	Value    float64 `json:"value"`    // the measure of what was seen; 0 where it cannot be told
	Low      float64 `json:"low"`      // what the true one reaches at least, at Risk, by what was seen
	Needed   int     `json:"needed"`   // labelled answers at which Value would pass; 0 where no number is known to
}

// TooFew reports whether the field has too few answers for anyone to pass.
func (s Standing) TooFew() bool { return s.counts() && s.Critical > s.Cases }

// Trial judges one candidate case by case, in any order, and stops as early as
// it can: a field is failed once it has so many wrong cases that it would not
// pass though all others were right, and passed once so many are right that it
// would though all others were wrong. What it says is therefore what all cases
// would have said (curtailed sampling). A candidate passes with all of its
// fields, and fails with the first.
//
// Each field is tested by itself at the whole risk of the candidate. Whoever is
// below the bar in some field then passes with no more than that risk, since it
// would have to pass there (an intersection-union test).
//
// Sources: A. Wald, "Sequential Analysis" (1947), on curtailed inspection;
// R. L. Berger, "Multiparameter Hypothesis Testing and Acceptance Sampling",
// Technometrics 24 (1982) 295-300.
type Trial struct {
	cases  []Case
	kinds  map[string]Kind
	drafts []Draft // what was seen, by the place of its case
	seen   []bool
	done   int
	stands []Standing
}

// NewTrial begins the trial of one of so many candidates, which share the risk:
// a goal of 0.95 leaves 0.05, and each of 5 candidates 0.01. That bounds the
// risk that any candidate below the bar passes (Bonferroni). A path without a
// kind has the one that all of its answers can be read as.
func NewTrial(goals []Goal, kinds map[string]Kind, cases []Case, candidates int) *Trial {
	t := &Trial{cases: cases, kinds: map[string]Kind{}, drafts: make([]Draft, len(cases)), seen: make([]bool, len(cases))}
	for _, g := range goals {
		answers := answersAt(g.Path, cases)
		kind, ok := kinds[g.Path]
		if !ok {
			kind = kindOf(answers)
		}
		t.kinds[g.Path] = kind
		s := Standing{Goal: g, Verdict: Open, Cases: len(answers), Risk: (1 - g.Confidence) / float64(max(1, candidates))}
		if g.counts() {
			s.Critical = Critical(s.Cases, g.Threshold, s.Risk)
		}
		if s.TooFew() || s.Cases == 0 {
			s.Verdict = Failed
		}
		t.stands = append(t.stands, s)
	}
	return t
}

// Add takes the draft of the i-th case. A draft that failed is one without
// values: every answer of its case counts as missed.
func (t *Trial) Add(i int, d Draft) {
	if t.seen[i] {
		return
	}
	t.seen[i], t.drafts[i], t.done = true, d, t.done+1
	for n := range t.stands {
		s := &t.stands[n]
		want := t.cases[i].Answers[s.Path]
		if kit.Plain(want) == "" {
			continue
		}
		s.Seen++
		if s.counts() && right(s.Measure, t.kinds[s.Path], want, d.Values[s.Path]) {
			s.Right++
		}
		s.judge()
	}
	if t.done == len(t.cases) {
		t.judgeWhole()
	}
}

// judge says of a field of single cases what is certain by now.
func (s *Standing) judge() {
	switch {
	case !s.counts() || s.Verdict != Open:
	case s.Right >= s.Critical:
		s.Verdict = Passed
	case s.Seen-s.Right > s.Cases-s.Critical:
		s.Verdict = Failed
	}
}

// judgeWhole judges, by the lower bound of a bootstrap, the fields whose measure
// is of all cases together.
func (t *Trial) judgeWhole() {
	for n := range t.stands {
		s := &t.stands[n]
		if s.counts() || s.Verdict != Open {
			continue
		}
		e := t.estimate(*s)
		if s.Value, s.Low, s.Verdict = known(e.Value), known(e.Low), Failed; s.Low >= s.Threshold {
			s.Verdict = Passed
		}
	}
}

// estimate is a measure of all seen cases, with its bound at the field's risk.
func (t *Trial) estimate(s Standing) Estimate {
	r, groups := t.ratings(s.Path)
	b := Bootstrap{Rounds: 2000, Confidence: 1 - 2*s.Risk, Rand: rand.New(rand.NewPCG(1, 1))}
	return b.Agreement(r, groups, s.Measure)[s.Measure]
}

// known is 0 for what cannot be told.
func known(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return v
}

// Verdict is what is certain of the candidate by now.
func (t *Trial) Verdict() Verdict {
	verdict := Passed
	for _, s := range t.stands {
		if s.Verdict == Failed {
			return Failed
		}
		if s.Verdict == Open {
			verdict = Open
		}
	}
	return verdict
}

// Done is how many cases were seen.
func (t *Trial) Done() int { return t.done }

// Next is how many further cases it takes at least until the verdict can be
// certain: as many may be drafted at a time without one in vain. It is 0 once
// there is one.
func (t *Trial) Next() int {
	if t.Verdict() != Open {
		return 0
	}
	left := len(t.cases) - t.done
	pass, fail := 0, left
	for _, s := range t.stands {
		switch {
		case s.Verdict != Open:
		case !s.counts():
			pass = left
		default:
			pass = max(pass, s.Critical-s.Right)
			fail = min(fail, s.Cases-s.Critical-(s.Seen-s.Right)+1)
		}
	}
	return min(pass, fail)
}

// Fields are how the fields stand, in the order of the goals. Low holds though
// the trial may have stopped early: whoever stops at the k-th right case, with n
// seen, has the lower bound of k of n (inverse sampling), since it takes at most
// n cases exactly where n cases hold at least k right ones.
func (t *Trial) Fields() []Standing {
	all := append([]Standing(nil), t.stands...)
	for n := range all {
		s := &all[n]
		if s.counts() && s.Seen > 0 {
			s.Value, s.Low = float64(s.Right)/float64(s.Seen), LowerBound(s.Right, s.Seen, s.Risk)
		}
		if seen := s.Value; s.counts() && s.Verdict == Failed {
			if s.Seen == 0 {
				seen = 1 // what not even a flawless candidate would have
			}
			s.Needed, _ = Needed(seen, s.Threshold, s.Risk)
		}
	}
	return all
}
