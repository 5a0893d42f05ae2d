package nail

import (
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/tackhammer/tackhammer/kit"
)

// Change gives a key of the file a value, or takes the key away.
type Change struct {
	Path  []string // of the key, one name a group: {"bar", "seller.name"}
	Value any      // a string, number, bool, Goal or list of strings; nil takes the key away
}

// Edit makes the changes in the text of a nail.yaml and returns the new text.
// All that it does not change stays as it is, letter by letter: comments, the
// order of the keys, the way of writing. A key that is not there comes behind
// the one that usually precedes it. name is what errors call the file.
//
// The new text has been read again: it means what was asked for, and is valid.
// It fails with kit.Invalid and the place when a value cannot be used, and with
// kit.Unsupported when a key is written in a way that cannot be edited in place,
// such as an alias.
func Edit(name string, data []byte, changes ...Change) ([]byte, error) {
	text := newLines(string(data))
	for _, c := range changes {
		text.apply(c)
	}
	edited := []byte(text.String())
	if err := meant(name, data, edited, changes); err != nil {
		return nil, err
	}
	if _, err := Parse(name, edited); err != nil {
		return nil, err
	}
	return edited, nil
}

// meant fails unless edited says what data did, but for the changes.
func meant(name string, data, edited []byte, changes []Change) error {
	var before, after map[string]any
	if err := yaml.Unmarshal(data, &before); err != nil {
		_, err := Parse(name, data) // tells the place
		return err
	}
	broken := yaml.Unmarshal(edited, &after) != nil
	for _, c := range changes {
		before = changed(before, c.Path, asRead(c.Value))
	}
	if !broken && reflect.DeepEqual(before, after) {
		return nil
	}
	for _, c := range changes {
		key := strings.Join(c.Path, ".")
		if broken || !reflect.DeepEqual(at(before, c.Path), at(after, c.Path)) {
			return kit.Errorf(kit.Unsupported, "edit %s: %s is written in a way that cannot be changed in place", name, key).
				WithHint("change it by hand; it is to be %s", flow(c.Value))
		}
	}
	return kit.Errorf(kit.Unsupported, "edit %s: it is written in a way that cannot be changed in place", name).WithHint("change it by hand")
}

// changed is the group with the value at path.
func changed(group map[string]any, path []string, value any) map[string]any {
	if group == nil {
		group = map[string]any{}
	}
	name := path[0]
	switch {
	case len(path) > 1:
		below, _ := group[name].(map[string]any)
		if below = changed(below, path[1:], value); len(below) > 0 {
			group[name] = below
		} else {
			delete(group, name)
		}
	case value == nil:
		delete(group, name)
	default:
		group[name] = value
	}
	return group
}

// at is the value at path.
func at(group map[string]any, path []string) any {
	for len(path) > 1 {
		group, _ = group[path[0]].(map[string]any)
		path = path[1:]
	}
	return group[path[0]]
}

// asRead is a value as the YAML reader gives it.
func asRead(value any) any {
	if value == nil {
		return nil
	}
	var read any
	if yaml.Unmarshal([]byte(flow(value)), &read) != nil {
		return value
	}
	return read
}

// usually is the order in which the keys stand.
var usually = []string{"name", "title", "lang", "buyer", "job", "scenario", "today", "volume", "price", "currency", "gpu_hour",
	"reviewer", "budget", "bar", "data", "model", "candidates", "picked", "openai", "slots", "database", "review", "deliver", "limits"}

// apply makes one change.
func (t *lines) apply(c Change) {
	name := c.Path[0]
	all := t.entries(0, len(t.all))
	i := slices.IndexFunc(all, func(e entry) bool { return e.key == name })
	switch {
	case i >= 0 && len(c.Path) > 1:
		t.within(all[i], c.Path[1], c.Value)
	case i >= 0 && c.Value == nil:
		t.cut(all[i])
	case i >= 0:
		t.put(all[i], block(c.Value))
	case c.Value == nil: // nothing is there to take away
	case len(c.Path) > 1:
		t.insert(t.behind(all, name), "", name+":", "  "+keyText(c.Path[1])+": "+flow(c.Value))
	default:
		t.insert(t.behind(all, name), "", name+": "+block(c.Value))
	}
}

// within changes a key of a group.
func (t *lines) within(group entry, name string, value any) {
	if t.isFlow(group) {
		t.editFlow(group, name, value)
		return
	}
	all := t.entries(group.first+1, group.last)
	i := slices.IndexFunc(all, func(e entry) bool { return e.key == name })
	switch {
	case i >= 0 && value == nil && len(all) == 1:
		t.cut(group)
	case i >= 0 && value == nil:
		t.cut(all[i])
	case i >= 0:
		t.put(all[i], flow(value))
	case value == nil:
	case len(all) == 0:
		t.put(group, "{"+keyText(name)+": "+flow(value)+"}")
	default:
		last := all[len(all)-1]
		t.insert(last.last, strings.Repeat(" ", last.indent), keyText(name)+": "+flow(value))
	}
}

// behind is the line before which a new key belongs.
func (t *lines) behind(all []entry, name string) int {
	for i := slices.Index(usually, name) - 1; i >= 0; i-- {
		if j := slices.IndexFunc(all, func(e entry) bool { return e.key == usually[i] }); j >= 0 {
			return all[j].last
		}
	}
	if len(all) == 0 {
		return len(t.all)
	}
	return all[len(all)-1].last
}
