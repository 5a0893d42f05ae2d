package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/model/learned"
	"github.com/tackhammer/tackhammer/kit/nail"
)

// trial is how models trained as the learned one is did beside the rules, on
// cases that none of them had seen.
type trial struct {
	Cases  int          `json:"cases"`
	Folds  int          `json:"folds"` // in which all but one part was trained on, and that one judged
	Fields []trialField `json:"fields"`
	Beats  bool         `json:"beats"` // the app drafts by the learned model
	Why    string       `json:"why"`
}

// trialField is one field of a trial, normalised.
type trialField struct {
	Path        string  `json:"path"`
	N           int     `json:"n"`       // cases that answer it
	Rules       int     `json:"rules"`   // right by the rules
	Learned     int     `json:"learned"` // right by the learned model
	OnlyRules   int     `json:"only_rules"`
	OnlyLearned int     `json:"only_learned"`
	P           float64 `json:"p"` // McNemar's exact test, two-sided: that the two are as good
	Bar         bool    `json:"bar,omitempty"`
	Worse       bool    `json:"worse,omitempty"` // shown to be worse, at 5 %
}

// folds is in how many parts the cases are judged.
const folds = 5

// shownWorse is the p-value at which a field is shown to be worse.
const shownWorse = 0.05

// try judges models trained on four parts of the cases on the fifth, each part
// in turn, beside the rules. Cases of one customer are in one part.
func (c Config) try(ctx context.Context, to learned.Config, ls []labelled, n nail.Nail, silent bool) (trial, error) {
	parts := inParts(ls)
	if len(parts) < 2 {
		return trial{}, kit.Errorf(kit.Invalid, "train: %d cases are too few to learn from some and be judged on others", len(ls)).
			WithHint("label more cases, of more than one customer where they have any")
	}
	bar := c.progress(len(parts), "judging", silent)
	defer bar.end()
	t := trial{Folds: len(parts)}
	counts := map[string]*eval.Paired{}
	for i, part := range parts {
		rest := slices.Concat(slices.Delete(slices.Clone(parts), i, i+1)...)
		if err := c.tryOn(ctx, to, rest, part, counts); err != nil {
			return trial{}, err
		}
		t.Cases += len(part)
		bar.step()
	}
	t.tally(counts, to, n)
	return t, nil
}

// inParts deals the cases out by their customer, or each by its text.
func inParts(ls []labelled) [][]labelled {
	groups := map[string][]labelled{}
	for _, l := range ls {
		if l.Unread == nil {
			key := kit.Hash([]byte(cmp.Or(l.Group, l.Hash)))
			groups[key] = append(groups[key], l)
		}
	}
	keys := make([]string, 0, len(groups))
	for key := range groups {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	parts := make([][]labelled, min(folds, len(keys)))
	for i, key := range keys {
		parts[i%folds] = append(parts[i%folds], groups[key]...)
	}
	return parts
}

// tryOn trains on some cases and counts how others are drafted.
func (c Config) tryOn(ctx context.Context, to learned.Config, some, others []labelled, counts map[string]*eval.Paired) error {
	m, err := c.trainOn(ctx, to, some)
	if err != nil {
		return err
	}
	byRules, err := c.draftingBy(ctx, c.Baseline, nil, how{silent: true})
	if err != nil {
		return err
	}
	byModel, err := c.draftingBy(ctx, m, nil, how{silent: true})
	if err != nil {
		return err
	}
	old, err := byRules.all(ctx, others)
	if err != nil {
		return err
	}
	fresh, err := byModel.all(ctx, others)
	if err != nil {
		return err
	}
	for i, l := range others {
		compare(l, old[i].Draft, fresh[i].Draft, to, counts)
	}
	return nil
}

// trainOn trains on labelled cases.
func (c Config) trainOn(ctx context.Context, to learned.Config, ls []labelled) (*learned.Model, error) {
	examples, err := c.examples(ctx, ls)
	if err != nil {
		return nil, err
	}
	return learned.Train(ctx, to, examples)
}

// compare counts the fields of one case that either draft has right.
func compare(l labelled, old, fresh eval.Draft, to learned.Config, counts map[string]*eval.Paired) {
	for _, spec := range to.Schema.Fields() {
		want := l.Answers[spec.Path]
		if kit.Plain(want) == "" {
			continue
		}
		if counts[spec.Path] == nil {
			counts[spec.Path] = &eval.Paired{}
		}
		k := kindOf(spec)
		counts[spec.Path].Add(k.Match(want, old.Values[spec.Path]), k.Match(want, fresh.Values[spec.Path]))
	}
}

// tally sums up and decides: the learned model beats the rules when more fields
// of the cases are right, and none with a bar is shown to be worse.
func (t *trial) tally(counts map[string]*eval.Paired, to learned.Config, n nail.Nail) {
	var worse []string
	all, rules, model := 0, 0, 0
	for _, spec := range to.Schema.Fields() {
		p := counts[spec.Path]
		if p == nil {
			continue
		}
		f := trialField{Path: spec.Path, N: p.N(), Rules: p.Both + p.OnlyOld, Learned: p.Both + p.OnlyNew,
			OnlyRules: p.OnlyOld, OnlyLearned: p.OnlyNew, P: p.P(), Worse: p.PWorse() < shownWorse}
		_, f.Bar = n.Bar[spec.Path]
		if f.Worse && f.Bar {
			worse = append(worse, spec.Path)
		}
		t.Fields = append(t.Fields, f)
		all, rules, model = all+f.N, rules+f.Rules, model+f.Learned
	}
	t.Beats = model > rules && len(worse) == 0
	t.Why = fmt.Sprintf("of %d fields of %d cases that it had not seen it had %d right, the rules %d", all, t.Cases, model, rules)
	if len(worse) > 0 {
		t.Why += "; it is worse in " + strings.Join(worse, ", ")
	}
}
