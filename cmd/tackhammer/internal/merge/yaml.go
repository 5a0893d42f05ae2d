package merge

import (
	"bytes"
	"reflect"

	"github.com/goccy/go-yaml"

	"github.com/tackhammer/tackhammer/kit"
)

// YAML merges a YAML file of groups of keys, such as nail.yaml. Where a merge
// by line has no conflict and means what a merge by key means, it is taken, for
// it brings new comments along. Else it is merged by key: what theirs alone
// changed, added or removed is done in ours' text, whose comments and order
// stay; a key that both gave different values is a conflict, with marks around
// its lines. A list is one value, unless a merge by line gets it right.
//
// It fails with kit.Invalid where a version cannot be read, and with
// kit.Unsupported where ours is written in a way that cannot be changed in
// place.
func YAML(base, ours, theirs []byte, n Names) (merged []byte, conflicts int, err error) {
	if whole, ok := oneSided(base, ours, theirs); ok {
		return whole, 0, nil
	}
	c := clothes{ends: true, mark: true, crlf: endsOf(ours) == crlf, bom: bytes.HasPrefix(ours, byteOrderMark)}
	var docs [3]*yamlDoc
	for i, text := range [][]byte{base, ours, theirs} {
		if docs[i], err = readYAML(c.off(text)); err != nil {
			return nil, 0, err
		}
	}
	if merged, conflicts = Lines(base, ours, theirs, n); conflicts == 0 && rightlyMerged(merged, docs) {
		return merged, 0, nil
	}
	m := yamlMerge{names: n}
	want := m.group(docs[0].group(), docs[1].group(), docs[2].group())
	if !m.means(docs[1].lines, want) {
		return nil, 0, kit.Errorf(kit.Unsupported, "merge YAML: it is written in a way that cannot be changed in place")
	}
	return c.on(m.text(docs[1].lines, true)), m.conflicts(), nil
}

// choice is what becomes of a value.
type choice int

const (
	keep    choice = iota // ours stands
	take                  // theirs stands
	split                 // both are groups of keys, to be merged key by key
	dispute               // both changed it
)

// absent is the value of a key that is not there.
type absent struct{}

// choose says what becomes of a value.
func choose(base, ours, theirs any) choice {
	_, oursGroup := ours.(map[string]any)
	_, theirsGroup := theirs.(map[string]any)
	switch {
	case reflect.DeepEqual(theirs, base), reflect.DeepEqual(ours, theirs):
		return keep
	case reflect.DeepEqual(ours, base):
		return take
	case oursGroup && theirsGroup:
		return split
	}
	return dispute
}

// rightlyMerged reports whether a merged text means what a merge by key does,
// and lists by the names of their items.
func rightlyMerged(merged []byte, docs [3]*yamlDoc) bool {
	var got any
	if yaml.Unmarshal(merged, &got) != nil {
		return false
	}
	want, ok := mergeValues(byName(docs[0].value), byName(docs[1].value), byName(docs[2].value))
	return ok && reflect.DeepEqual(byName(got), want)
}

// mergeValues merges groups of keys; ok is false where both sides changed one.
func mergeValues(base, ours, theirs any) (merged any, ok bool) {
	switch choose(base, ours, theirs) {
	case keep:
		return ours, true
	case take:
		return theirs, true
	case dispute:
		return nil, false
	}
	all := map[string]any{}
	b, _ := base.(map[string]any)
	o, t := ours.(map[string]any), theirs.(map[string]any)
	for _, group := range []map[string]any{b, o, t} {
		for key := range group {
			v, ok := mergeValues(valueOf(b, key), valueOf(o, key), valueOf(t, key))
			if !ok {
				return nil, false
			}
			if _, none := v.(absent); !none {
				all[key] = v
			}
		}
	}
	return all, true
}

func valueOf(group map[string]any, key string) any {
	if v, ok := group[key]; ok {
		return v
	}
	return absent{}
}

// byName turns lists of groups that each have a name of their own, or a kind,
// into groups by that name.
func byName(value any) any {
	switch v := value.(type) {
	case map[string]any:
		named := map[string]any{}
		for key, below := range v {
			named[key] = byName(below)
		}
		return named
	case []any:
		for _, key := range []string{"name", "kind"} {
			if named, ok := itemsBy(key, v); ok {
				return named
			}
		}
	}
	return value
}

func itemsBy(key string, list []any) (map[string]any, bool) {
	named := map[string]any{}
	for _, item := range list {
		group, _ := item.(map[string]any)
		name, ok := group[key].(string)
		if _, twice := named[name]; !ok || twice {
			return nil, false
		}
		named[name] = byName(item)
	}
	return named, len(list) > 0
}
