package workflow

import (
	"cmp"
	"maps"
	"slices"
)

// Title says what people read in place of a step's name, by language:
//
//	w.Title("check", map[string]string{"en": "Check", "zh": "审核"})
//
// The name stays what programs, addresses and the trail know. A step that is
// not there is for Check to find.
func (w *Workflow) Title(step string, words map[string]string) {
	if w.titles == nil {
		w.titles = map[string]map[string]string{}
	}
	w.titles[step] = words
}

// checkTitles finds titles of steps that are not there.
func (w *Workflow) checkTitles(fault func(string, ...any)) {
	for _, name := range slices.Sorted(maps.Keys(w.titles)) {
		if w.step(name) == nil {
			fault("title of %q: there is no such step", name)
		}
	}
}

// StepTitle is what people read in place of a step's name, in the language or
// else in English; the name itself where the workflow has no words for it.
func (r *Runner) StepTitle(step, lang string) string {
	return titleOf(r.Workflow.titles[step], step, lang)
}

// TierTitle is StepTitle for the name of a risk tier.
func (r *Runner) TierTitle(tier, lang string) string {
	for _, s := range r.Workflow.steps {
		for _, t := range s.policy.Tiers {
			if t.Name == tier {
				return titleOf(t.Title, tier, lang)
			}
		}
	}
	return tier
}

func titleOf(words map[string]string, name, lang string) string {
	return cmp.Or(words[lang], words["en"], name)
}
