package merge_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/merge"
)

// randomKey is a key as it is written: a value, or a group in braces or in
// lines, with a comment or without.
func randomKey(r *rand.Rand, key string) string {
	value := func() string {
		return []string{"1", "0.95", "text", `"a # b: c"`, "it's so", "[a, b]", "true"}[r.IntN(7)]
	}
	pairs := []string{"a: " + value(), "b: " + value(), "c: " + value()}[:1+r.IntN(3)]
	switch r.IntN(4) {
	case 0:
		return key + ": {" + strings.Join(pairs, ", ") + "}\n"
	case 1:
		return key + ":\n  " + strings.Join(pairs, "\n  ") + "\n"
	case 2:
		return fmt.Sprintf("\n# of %s\n%s: %s\n", key, key, value())
	}
	return key + ": " + value() + "\n"
}

// randomEdits writes keys anew, removes and adds some, all of those with the
// remainder rest by two.
func randomEdits(r *rand.Rand, keys []string, rest int, comment string) []string {
	keys = slices.Clone(keys)
	for i := rest; i < len(keys); i += 2 {
		name := fmt.Sprintf("key%d", i)
		switch r.IntN(4) {
		case 0:
			keys[i] = randomKey(r, name)
		case 1:
			keys[i] = ""
		case 2:
			keys[i] += comment + randomKey(r, fmt.Sprintf("new%d", i))
		}
	}
	return keys
}

func meaning(t *testing.T, text string) map[string]any {
	t.Helper()
	m := map[string]any{}
	if err := yaml.Unmarshal([]byte(text), &m); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return m
}

func TestKeysThatOneSideChangedAreAllTaken(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for i := range 500 {
		var keys []string
		for k := range 2 + r.IntN(8) {
			keys = append(keys, randomKey(r, fmt.Sprintf("key%d", k)))
		}
		ours, theirs := randomEdits(r, keys, 0, "# of the team\n"), randomEdits(r, keys, 1, "# generated\n")
		both := slices.Clone(keys)
		for k := range both {
			if both[k] = theirs[k]; k%2 == 0 {
				both[k] = ours[k]
			}
		}
		base, o, th := strings.Join(keys, ""), strings.Join(ours, ""), strings.Join(theirs, "")
		got, n, err := merge.YAML([]byte(base), []byte(o), []byte(th), names)
		if err != nil || n != 0 || !reflect.DeepEqual(meaning(t, string(got)), meaning(t, strings.Join(both, ""))) {
			t.Fatalf("merge %d: %d conflicts, %v\nbase:\n%s\nours:\n%s\ntheirs:\n%s\ngot:\n%s", i, n, err, base, o, th, got)
		}
		if want := strings.Count(o, "# of the team"); strings.Count(string(got), "# of the team") != want {
			t.Fatalf("merge %d: of %d comments some are gone:\nours:\n%s\ngot:\n%s", i, want, o, got)
		}
	}
}
