package scaffold

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/tackhammer/tackhammer/kit"
)

// Still fails with kit.Conflict, and names what differs, unless now, which
// WritePlan made a moment ago of the same Spec, is the plan in p.
func (p PlanFile) Still(now []byte) error {
	if string(now) == p.text {
		return nil
	}
	then, today := planItems(p.text), planItems(string(now))
	var folder, program []string
	for _, path := range bothPaths(then, today) {
		a, b := then[path], today[path]
		switch {
		case a == b:
		case a.before != b.before || p.Command != "new" && (a.path == "" || b.path == ""):
			folder = append(folder, path)
		default:
			program = append(program, path)
		}
	}
	nothing := "the plan's operations are the same, and its head is not"
	switch version := headValue(string(now), "tackhammer"); {
	case len(today) == 0:
		return kit.Errorf(kit.Conflict, "apply: there is nothing left to do: was the plan applied already?")
	case version != p.Tackhammer:
		return kit.Errorf(kit.Conflict, "apply: the plan was made by tackhammer %s, and this is %s, which writes something else: %s; nothing was done",
			p.Tackhammer, version, someOf(append(program, folder...), nothing)).WithHint("make the plan again")
	case len(folder) > 0:
		return kit.Errorf(kit.Conflict, "apply: the folder is not what it was when the plan was made: %s; nothing was done", someOf(folder, "")).
			WithHint("make the plan again, and read it")
	case headValue(string(now), "before") != p.Before:
		return kit.Errorf(kit.Conflict, "apply: the folder was %s when the plan was made, and is %s; nothing was done", p.Before, headValue(string(now), "before"))
	}
	return kit.Errorf(kit.Conflict, "apply: this tackhammer writes something else: %s; nothing was done", someOf(program, nothing)).
		WithHint("make the plan again with this program")
}

// planItem is what tells whether an operation is the same.
type planItem struct{ path, before, text string }

// planItems are the operations of a plan's text by their path.
func planItems(text string) map[string]planItem {
	_, list, _ := strings.Cut(text, operationsKey)
	if at := strings.LastIndex(list, sealKey); at >= 0 {
		list = list[:at]
	}
	items := map[string]planItem{}
	for i, part := range strings.Split("\n"+list, "\n- path: ") {
		if i == 0 {
			continue // before the first
		}
		item := planItem{text: part}
		first, rest, _ := strings.Cut(part, "\n")
		item.path = unquoted(first)
		for line := range strings.Lines(rest) {
			if v, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "  before: "); ok {
				item.before = v
			}
		}
		items[item.path] = item
	}
	return items
}

// unquoted is a text as YAML has it on a line.
func unquoted(text string) string {
	var s string
	if yaml.Unmarshal([]byte(text), &s) != nil {
		return text
	}
	return s
}

// headValue is the value of a key at the top of a plan's text.
func headValue(text, key string) string {
	head, _, _ := strings.Cut(text, operationsKey)
	_, rest, _ := strings.Cut(head, "\n"+key+": ")
	value, _, _ := strings.Cut(rest, "\n")
	return unquoted(value)
}

func bothPaths(a, b map[string]planItem) []string {
	var all []string
	for path := range a {
		all = append(all, path)
	}
	for path := range b {
		if _, ok := a[path]; !ok {
			all = append(all, path)
		}
	}
	slices.Sort(all)
	return all
}

// someOf names the first of a list, or says otherwise where it is empty.
func someOf(all []string, otherwise string) string {
	const most = 5
	if len(all) == 0 {
		return otherwise
	}
	if len(all) > most {
		return strings.Join(all[:most], ", ") + " …"
	}
	return strings.Join(all, ", ")
}
