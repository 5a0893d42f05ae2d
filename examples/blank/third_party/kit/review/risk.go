package review

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/vm"

	"github.com/tackhammer/tackhammer/kit"
)

// For finds the terms of a draft, as Met and Named do. tier is the first of
// the names, "" for none.
func (p Policy) For(f Facts) (terms Policy, tier, why string) {
	tiers, why := p.Met(f)
	tier, _, _ = strings.Cut(tiers, ",")
	return p.Named(tiers), tier, why
}

// Met names the tier whose terms hold for a draft: the first that it meets, ""
// for the policy's own. why is the reason, with the values that the expression
// was about.
//
// A draft of which it cannot be told, since a value is missing or an
// expression fails on it, counts as meeting the tier; behind a comma it is
// then named what would hold for it without that tier, as in "large,small,".
func (p Policy) Met(f Facts) (tiers, why string) {
	for i, t := range p.Tiers {
		met, sure, words := t.meets(f)
		switch {
		case !met:
			continue
		case sure:
			return t.Name, words
		}
		p.Tiers = p.Tiers[i+1:]
		others, _ := p.Met(f)
		return t.Name + "," + others, words
	}
	return "", ""
}

// Named are the terms of the tiers that Met names: of several, which means that
// it was in doubt, the stricter of each. A tier that there is no more has the
// policy's own terms. Sure cases gather in lots by a tier's own word alone.
func (p Policy) Named(tiers string) Policy {
	name, others, doubt := strings.Cut(tiers, ",")
	own := p
	own.Tiers = nil
	if i := slices.IndexFunc(p.Tiers, func(t Tier) bool { return t.Name == name }); i >= 0 {
		own = p.Tiers[i].Terms(p)
	}
	if doubt {
		own = stricter(own, p.Named(others))
	}
	return own
}

// Terms are the tier's, filled from those of the policy that has it.
func (t Tier) Terms(p Policy) Policy {
	lots := t.Policy.Lots
	terms := t.Policy.Or(p)
	terms.Lots, terms.Tiers = lots.fill(), nil
	return terms
}

// meets reports whether a draft meets the tier, whether that is sure, and why.
func (t Tier) meets(f Facts) (met, sure bool, why string) {
	if f.Schema == nil {
		return true, false, "the draft's shape is not known, so that it counts as met"
	}
	c, fault := compile(t.When, f.Schema)
	if fault != nil {
		return true, false, fmt.Sprintf("%s cannot be asked (%s), so that it counts as met", t.When, fault.Words)
	}
	env := values(f)
	machine := vm.VM{MemoryBudget: mostMemory}
	answer, err := machine.Run(c.program, env)
	if answer == true && err == nil {
		return true, true, t.When + c.with(f, env)
	}
	if empty := c.empty(env); len(empty) > 0 {
		return true, false, fmt.Sprintf("%s%s; %s is empty, so that it counts as met", t.When, c.with(f, env), strings.Join(empty, " and "))
	}
	if err != nil {
		words, _, _ := strings.Cut(err.Error(), "\n")
		return true, false, fmt.Sprintf("%s%s fails (%s), so that it counts as met", t.When, c.with(f, env), words)
	}
	return false, true, t.When + c.with(f, env)
}

// empty lists the fields without a value of which the expression does not say
// what that means.
func (c *condition) empty(env map[string]any) (paths []string) {
	for _, path := range c.paths {
		if at(env["draft"], path) == nil && !slices.Contains(c.guarded, path) {
			paths = append(paths, path)
		}
	}
	return paths
}

// with says what the expression read: ", with total 1200, confidence 0.55".
func (c *condition) with(f Facts, env map[string]any) string {
	var all []string
	for _, read := range c.reads {
		all = append(all, fmt.Sprintf("%s %s", read, c.value(read, f, env)))
	}
	if len(all) == 0 {
		return ""
	}
	return ", with " + strings.Join(all, ", ")
}

// value is what one of the names read.
func (c *condition) value(read string, f Facts, env map[string]any) string {
	if name, args, call := strings.Cut(strings.TrimSuffix(read, ")"), "("); call {
		words := strings.Split(strings.ReplaceAll(args, `"`, ""), ", ")
		if name == "marked" {
			return shown(f.marked(words[0], words[1]))
		}
		return shown(f.confidenceOf(words[0]))
	}
	if v, ok := env[read]; ok && !strings.HasPrefix(read, "draft.") {
		return shown(v)
	}
	return shown(at(env["draft"], strings.TrimPrefix(read, "draft.")))
}

// shown is a value, short.
func shown(v any) string {
	switch v := v.(type) {
	case nil:
		return "empty"
	case string:
		if r := []rune(v); len(r) > 40 {
			v = string(r[:39]) + "…"
		}
		return fmt.Sprintf("%q", v)
	case float64:
		return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.4f", v), "0"), ".")
	}
	return fmt.Sprintf("%.60v", v)
}

// at finds the value at a path, nil where there is none.
func at(v any, path string) any {
	for _, name := range strings.Split(path, ".") {
		object, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = object[name]
	}
	return v
}

// Confidence is that of the least sure field; 0 where the model gave up.
func (f Facts) Confidence() float64 {
	least := 1.0
	if f.GaveUp != "" || len(f.Fields) == 0 {
		least = 0
	}
	for _, field := range f.Fields {
		least = min(least, field.Confidence)
	}
	return least
}

// confidenceOf is that of one field, 0 for one that was not drafted.
func (f Facts) confidenceOf(path string) float64 {
	for _, field := range f.Fields {
		if field.Path == path {
			return field.Confidence
		}
	}
	return 0
}

// marked reports whether a field carries a mark.
func (f Facts) marked(path, mark string) bool {
	return slices.ContainsFunc(f.Fields, func(field kit.Field) bool {
		return field.Path == path && slices.Contains(field.Marks, kit.Mark(mark))
	})
}

// stricter takes of each term the one that lets less pass.
func stricter(a, b Policy) Policy {
	a.Quorum = max(a.Quorum, b.Quorum)
	a.FourEyes = a.FourEyes || b.FourEyes
	if both := common(a.Roles, b.Roles); len(both) > 0 {
		a.Roles = both
	}
	a.Priority = max(a.Priority, b.Priority)
	a.Due = min(a.Due, b.Due)
	a.EscalateAfter = min(a.EscalateAfter, b.EscalateAfter)
	a.HourlyCap = lower(a.HourlyCap, b.HourlyCap)
	a.SecondLook = max(a.SecondLook, b.SecondLook)
	a.Blind = max(a.Blind, b.Blind)
	a.DoubleBlind = max(a.DoubleBlind, b.DoubleBlind)
	a.Canaries = max(a.Canaries, b.Canaries)
	a.Lease = min(a.Lease, b.Lease)
	a.Lots = Lots{}
	return a
}

// common is what stands in both lists.
func common[T comparable](a, b []T) (both []T) {
	for _, v := range a {
		if slices.Contains(b, v) {
			both = append(both, v)
		}
	}
	return both
}

// lower is the lower of two caps, of which 0 is none.
func lower(a, b int) int {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}
