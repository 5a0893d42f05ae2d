package app

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/learned"
	"github.com/tackhammer/tackhammer/kit/nail"
)

// learnedFile is where train keeps its model, in the data folder.
const learnedFile = "learned.json"

// learning is what a model is trained and loaded for: the first draft's fields,
// and today's rules.
func (c Config) learning() (learned.Config, error) {
	rules, ok := c.Baseline.(model.Guesser)
	if !ok {
		return learned.Config{}, kit.Errorf(kit.Unsupported, "learn from cases: the app's rules do not tell what they see").
			WithHint("make them with baseline.New")
	}
	schema := c.Workflow(c.Baseline).FirstSchema()
	if schema == nil {
		return learned.Config{}, kit.Errorf(kit.Unsupported, "learn from cases: the workflow does not begin with a draft")
	}
	to := learned.Config{Rules: rules, Schema: schema, Kinds: map[string]learned.Kind{}}
	for path, kind := range kinds(schema) {
		to.Kinds[path] = kind
	}
	return to, nil
}

// learned opens the model that train made, whatever it is worth.
func (c Config) learned(o Options) (*learned.Model, error) {
	to, err := c.learning()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(cmp.Or(o.Data, "data"), learnedFile)
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, kit.Errorf(kit.NotFound, "open the learned model: %s is not there", path).WithHint("%s train makes it, from labelled cases", c.Name)
	}
	if err != nil {
		return nil, kit.Errorf(kit.Invalid, "open the learned model: %w", err)
	}
	return learned.Load(to, raw)
}

// usable is the learned model if it may draft in place of the rules: it was
// trained with today's rules, and beat them on cases that it had not seen. The
// error says why it may not.
func (c Config) usable(o Options) (*learned.Model, error) {
	m, err := c.learned(o)
	if err != nil {
		return nil, err
	}
	var t trial
	if err := m.Trial(&t); err != nil {
		return nil, err
	}
	if !t.Beats {
		return nil, kit.Errorf(kit.BelowBar, "the learned model does not beat the rules: %s", t.Why).
			WithHint("train it again when more cases are labelled")
	}
	return m, nil
}

// learnedOrRules drafts by the learned model where it is usable, else by the
// rules: so does an app whose rules were changed an hour ago.
func (c Config) learnedOrRules(o Options) model.Provider {
	m, why := c.usable(o)
	if why != nil {
		return c.Baseline
	}
	return m
}

// warnOfRules says in the log why the rules draft where nail.yaml or a flag
// names the learned model.
func (c Config) warnOfRules(s *Service) {
	if cmp.Or(s.Options.Model, s.Nail.Model) != "learned" {
		return
	}
	if _, why := c.usable(s.Options); why != nil {
		s.Logger.Warn("the rules draft in place of the learned model", "why", why, "hint", kit.HintOf(why))
	}
}

// checkLearned tells whether the learned model drafts, where it is asked to.
func (c Config) checkLearned(o Options, n nail.Nail) []finding {
	if cmp.Or(o.Model, n.Model) != "learned" {
		return nil
	}
	m, why := c.usable(o)
	if why != nil {
		return []finding{{Check: "learned", OK: true, Warn: true, Words: "the rules draft in its place: " + why.Error(), Hint: kit.HintOf(why)}}
	}
	var t trial
	_ = m.Trial(&t) // it is usable
	return []finding{{Check: "learned", OK: true, Words: t.Why}}
}

// examples makes what can be learned from of labelled cases: those that could
// be read.
func (c Config) examples(ctx context.Context, ls []labelled) ([]learned.Example, error) {
	w := c.Workflow(listener{})
	var out []learned.Example
	for _, l := range ls {
		if l.Unread != nil {
			continue
		}
		asked, err := requestsOf(ctx, w, l.input)
		if len(asked) == 0 && err == nil {
			err = errors.New("its draft asks no model")
		}
		if len(asked) == 0 {
			return nil, kit.Errorf(kit.Internal, "train on the case %s: %w", l.Name, err)
		}
		out = append(out, learned.Example{Hash: l.Hash, Input: asked[0].Input, Answers: l.Answers})
	}
	return out, nil
}
