package merge_test

import (
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/merge"
)

const nailBase = `# The nail.

name: desk
title: "Desk"   # what people see

# What a case costs.
today: {minutes: 3, wage: 12}   # minutes; wage
volume: 2000   # a month
price: 0.30    # of a case

# The bar.
bar: {date: 0.95, total: 0.95}
# Who drafts.
model: baseline
slots: 4

review:
  lease: 10m    # how long
  # How many decide.
  quorum: 1

deliver:
  folder: deliveries
limits: {file_mb: 20}
`

// edit replaces the first of each pair of texts by the second.
func edit(t *testing.T, text string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("no %q in the text", pairs[i])
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return text
}

func TestYAMLMergesByKeyAndKeepsComments(t *testing.T) {
	for _, c := range []struct {
		name         string
		ours, theirs []string // pairs of texts: what is replaced, and by what
		has, hasNot  []string
		conflicts    int
	}{
		{name: "neighbours", ours: []string{"volume: 2000   # a month", "volume: 9000   # as they counted in May"}, theirs: []string{"price: 0.30", "price: 0.45"},
			has: []string{"volume: 9000   # as they counted in May\n", "price: 0.45    # of a case\n"}},
		{name: "a comment of ours behind a value of theirs", ours: []string{"# of a case", "# agreed with Ms Li"}, theirs: []string{"price: 0.30    # of a case", "price: 0.45  # for a case"},
			has: []string{"price: 0.45    # agreed with Ms Li\n"}},
		{name: "a key more, with its comment", ours: []string{"model: baseline", "model: ollama:qwen3:4b"}, theirs: []string{"model: baseline\n", "model: baseline\n# What pick tries.\ncandidates: [\"ollama:a\"]\n"},
			has: []string{"model: ollama:qwen3:4b\n# What pick tries.\ncandidates: [\"ollama:a\"]\nslots: 4\n"}},
		{name: "a key less", ours: []string{"volume: 2000   # a month\n", "volume: 1\n"}, theirs: []string{"price: 0.30    # of a case\n", ""}, has: []string{"volume: 1\n"}, hasNot: []string{"price"}},
		{name: "a key less that the team changed", ours: []string{"price: 0.30", "price: 9"}, theirs: []string{"price: 0.30    # of a case\n", ""}, conflicts: 1,
			has: []string{"<<<<<<< ours\nprice: 9    # of a case\n||||||| base\nprice: 0.30    # of a case\n=======\n>>>>>>> theirs\n"}},
		{name: "a key that the team took away", ours: []string{"price: 0.30    # of a case\n", ""}, theirs: []string{"volume: 2000", "volume: 10"}, has: []string{"volume: 10"}, hasNot: []string{"price"}},
		{name: "two in one pair of braces", ours: []string{"date: 0.95", "date: 0.9"}, theirs: []string{"total: 0.95", "total: 0.95, \"seller.name\": 0.8"}, has: []string{`bar: {date: 0.9, total: 0.95, "seller.name": 0.8}` + "\n"}},
		{name: "braces opened by the team", ours: []string{"bar: {date: 0.95, total: 0.95}", "bar:\n  # as agreed\n  date: 0.9\n  total: 0.95 # sum"}, theirs: []string{"total: 0.95}", "total: 0.97, vat: 0.8}"},
			has: []string{"bar:\n  # as agreed\n  date: 0.9\n  total: 0.97 # sum\n  vat: 0.8\n"}},
		{name: "both change one", ours: []string{"slots: 4", "slots: 8"}, theirs: []string{"slots: 4", "slots: 2"}, conflicts: 1,
			has: []string{"model: baseline\n<<<<<<< ours\nslots: 8\n||||||| base\nslots: 4\n=======\nslots: 2\n>>>>>>> theirs\n\nreview:"}},
		{name: "both change one to the same", ours: []string{"slots: 4", "slots: 8"}, theirs: []string{"slots: 4", "slots: 8  # as many as the server has"}, has: []string{"slots: 8\n"}},
		{name: "within a group", ours: []string{"lease: 10m    # how long", "lease: 20m    # they are slow"}, theirs: []string{"  # How many decide.\n  quorum: 1\n", "  # How many decide.\n  quorum: 2\n  undo: 5s\n"},
			has: []string{"lease: 20m    # they are slow\n", "quorum: 2\n  undo: 5s\n"}},
		{name: "other order and other comments", ours: []string{"model: baseline\nslots: 4\n", "slots: 4\nmodel: learned  # ours\n"}, theirs: []string{"slots: 4\n", "slots: 6\n"}, has: []string{"slots: 6\nmodel: learned  # ours\n"}},
		{name: "lists by line", ours: []string{"limits:", "notify:\n  channels:\n    - {kind: slack, url_env: A}\nlimits:"}, theirs: []string{"slots: 4", "slots: 5"}, has: []string{"kind: slack", "slots: 5"}},
		{name: "both add another group", ours: []string{"limits: ", "retain: {trail: 1d}\nlimits: "}, theirs: []string{"limits: ", "signin: {password: false}\nlimits: "}, has: []string{"retain: {trail: 1d}", "signin: {password: false}"}},
	} {
		for _, end := range []string{"\n", "\r\n"} {
			ours, theirs := edit(t, nailBase, c.ours...), edit(t, nailBase, c.theirs...)
			got, n, err := merge.YAML([]byte(nailBase), []byte(strings.ReplaceAll(ours, "\n", end)), []byte(theirs), names)
			if err != nil || n != c.conflicts {
				t.Errorf("%s: %d conflicts, %v\n%s", c.name, n, err, got)
				continue
			}
			for _, want := range c.has {
				if !strings.Contains(string(got), strings.ReplaceAll(want, "\n", end)) {
					t.Errorf("%s: no %q in\n%s", c.name, want, got)
				}
			}
			for _, not := range c.hasNot {
				if strings.Contains(string(got), not) {
					t.Errorf("%s: %q in\n%s", c.name, not, got)
				}
			}
		}
	}
}

func TestListsOfNamedItemsMergeByLineWhereTheyCan(t *testing.T) {
	base := "review:\n  tiers:\n    - name: small\n      when: total < 10\n\n    - name: large\n      when: total > 5000\n"
	ours, theirs := edit(t, base, "total < 10", "total < 20"), edit(t, base, "total > 5000", "total > 9000")
	got, n, err := merge.YAML([]byte(base), []byte(ours), []byte(theirs), names)
	if want := edit(t, ours, "total > 5000", "total > 9000"); err != nil || n != 0 || string(got) != want {
		t.Errorf("%d, %v\n%s", n, err, got)
	}
	got, n, err = merge.YAML([]byte(base), []byte(ours), []byte(edit(t, base, "total < 10", "total < 30")), names)
	if err != nil || n != 1 || !strings.Contains(string(got), "  <<<<<<< ours") && !strings.Contains(string(got), "<<<<<<< ours\n  tiers:\n") {
		t.Errorf("%d, %v\n%s", n, err, got)
	}
}

func TestYAMLThatCannotBeReadIsMergedByLine(t *testing.T) {
	broken := "name: [\n" + nailBase
	if _, _, err := merge.YAML([]byte(nailBase), []byte(broken), []byte(nailBase+"# end\n"), names); err == nil {
		t.Error("a broken file was read")
	}
	if got, n := merge.File("nail.yaml", []byte(nailBase), []byte(broken), []byte(nailBase+"# end\n"), names); n != 0 || string(got) != broken+"# end\n" {
		t.Errorf("%d conflicts\n%s", n, got)
	}
}
