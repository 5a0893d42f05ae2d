package learned

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
)

// Train fits a model to examples, in an order of its own: the same examples
// make the same model. A field that no example answers is left to the rules.
// It fails with kit.Invalid where there is nothing to learn, with kit.Internal
// where the rules do, and with ctx's error.
func Train(ctx context.Context, c Config, examples []Example) (*Model, error) {
	examples = each(examples)
	if len(examples) == 0 {
		return nil, kit.Errorf(kit.Invalid, "train: there are no cases").WithHint("give at least a few dozen with known answers")
	}
	t := training{Config: c, lessons: map[string][]*lesson{}}
	for _, e := range examples {
		if err := t.look(ctx, e); err != nil {
			return nil, err
		}
	}
	fitted, err := t.fitAll(ctx)
	if err != nil {
		return nil, err
	}
	if len(fitted) == 0 {
		return nil, kit.Errorf(kit.Invalid, "train: no case answers a field that the rules guess").
			WithHint("answers are a JSON object of path: value, with the paths of the draft")
	}
	return c.model(fitted, examples)
}

// each keeps the last of those with one hash, in the order of the hashes.
func each(examples []Example) []Example {
	byHash := map[string]Example{}
	for _, e := range examples {
		byHash[e.Hash] = e
	}
	return slices.SortedFunc(maps.Values(byHash), func(a, b Example) int { return cmp.Compare(a.Hash, b.Hash) })
}

// training is what is known of the examples.
type training struct {
	Config
	seen    []sight
	lessons map[string][]*lesson // by path, one an example
}

// sight is what the rules see in an example.
type sight struct {
	page    *page
	guesses []model.Guess
	own     map[string]model.Guess
}

// look runs the rules on an example, and notes what its answers teach.
func (t *training) look(ctx context.Context, e Example) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	guesses, err := t.Rules.Guesses(e.Input)
	if err != nil {
		return kit.Errorf(kit.Internal, "train on the case %.12s: %w", e.Hash, err)
	}
	s := sight{page: read(source(e.Input)), guesses: guesses, own: model.Surest(guesses)}
	t.seen = append(t.seen, s)
	for _, spec := range t.Schema.Fields() {
		t.lessons[spec.Path] = append(t.lessons[spec.Path], t.lesson(spec, e, s))
	}
	return nil
}

// lesson is what the example teaches of a field, nil when nothing.
func (t *training) lesson(spec model.FieldSpec, e Example, s sight) *lesson {
	raw, answered := e.Answers[spec.Path]
	kind, known := t.Kinds[spec.Path]
	if !answered || !known {
		return nil
	}
	l := &lesson{text: kit.Plain(raw)}
	if form, ok := kind.Normalise(l.text); ok {
		l.form = form
	} else if l.text != "" {
		return nil // no model drafts what cannot be read
	}
	if isText(spec.Kind) && l.form != "" {
		l.pairs = pairsIn(origin(spec.Path, kind, l.form, s.guesses), l.text)
	}
	return l
}

// origin is what the answer was made of: what the rules see that is most like
// it. A model's draft would tell less: what it mended is mended there.
func origin(path string, kind Kind, form string, guesses []model.Guess) string {
	best, most := "", 0.0
	for _, g := range guesses {
		if g.Path != path {
			continue
		}
		c, ok, err := ofGuess(kind, g)
		if err != nil || !ok || len(c.form) > 4*longest {
			continue
		}
		if like := similarity(c.form, form); like > most {
			best, most = c.text, like
		}
	}
	return best
}

// fitAll fits the fields side by side. None hangs on another, so that the
// outcome is the same however they are scheduled.
func (t *training) fitAll(ctx context.Context) (map[string]*ranker, error) {
	fitted := map[string]*ranker{}
	var (
		mu      sync.Mutex
		group   sync.WaitGroup
		failure error
	)
	for _, spec := range t.Schema.Fields() {
		group.Go(func() {
			r, err := t.fitOne(ctx, spec)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failure = err
			} else if r != nil {
				fitted[spec.Path] = r
			}
		})
	}
	group.Wait()
	return fitted, failure
}

// fitOne fits one field; nil when there is nothing to fit.
func (t *training) fitOne(ctx context.Context, spec model.FieldSpec) (*ranker, error) {
	var lessons []*lesson
	for _, l := range t.lessons[spec.Path] {
		if l != nil {
			lessons = append(lessons, l)
		}
	}
	r := &ranker{kind: t.Kinds[spec.Path], memory: remember(lessons), mends: mendFrom(lessons)}
	v := &vocabulary{number: map[string]int32{}}
	var questions []question
	for i, l := range t.lessons[spec.Path] {
		if l == nil {
			continue
		}
		s, err := gather(t.seen[i].page, spec, r, t.seen[i].guesses, t.seen[i].own, l)
		if err != nil {
			return nil, kit.Errorf(kit.Internal, "train: %w", err)
		}
		if len(s.all) > 0 {
			questions = append(questions, v.ask(i, s, l.form))
		}
	}
	if len(questions) == 0 {
		return nil, nil
	}
	names := v.prune(questions)
	weights, err := fit(ctx, questions, len(names))
	if err != nil {
		return nil, fmt.Errorf("train %s: %w", spec.Path, err)
	}
	r.weights = kept(names, weights)
	return r, nil
}

// kept names the weights that say something, to four decimals.
func kept(names []string, weights []float64) map[string]float64 {
	out := map[string]float64{}
	for i, w := range weights {
		if w = math.Round(w*1e4) / 1e4; math.Abs(w) >= leastSaid {
			out[names[i]] = w
		}
	}
	return out
}

// model puts together what was fitted.
func (c Config) model(fitted map[string]*ranker, examples []Example) (*Model, error) {
	f := file{Format: format, Version: version, Schema: c.Schema.Hash(), Cases: len(examples), Paths: map[string]field{}}
	var all strings.Builder
	for _, e := range examples {
		f.Seen = append(f.Seen, e.Hash)
		raw, err := json.Marshal(e.Answers)
		if err != nil {
			return nil, kit.Errorf(kit.Invalid, "train on the case %.12s: %w", e.Hash, err)
		}
		fmt.Fprintf(&all, "%s %s\n", e.Hash, raw)
	}
	f.Data = kit.Hash([]byte(all.String()))
	for path, r := range fitted {
		f.Paths[path] = field{Weights: r.weights, Answers: r.memory.answers, Mends: r.mends.told()}
	}
	return c.of(f)
}
