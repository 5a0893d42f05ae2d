package tryout

import (
	"fmt"
	"testing"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
)

func ExampleSpecs() {
	m := scaffold.Manifest{Name: "tiny", Questions: []scaffold.Question{
		{Name: "mail", Type: "yes-no", Default: false},
		{Name: "how", Type: "choice", Choices: []scaffold.Choice{{Value: "daily"}, {Value: "weekly"}}, When: scaffold.When{Answers: map[string][]any{"mail": {true}}}},
	}}
	for _, s := range Specs(m) {
		fmt.Println(s.Lang, s.DB, s.Model, len(s.Name), s.Answers["mail"], s.Answers["how"])
	}
	// Output:
	// en sqlite baseline 9 true daily
	// zh postgres ollama:qwen3:4b 17 true weekly
	// en postgres baseline 17 false <nil>
	// zh sqlite ollama:qwen3:4b 9 false <nil>
	// en sqlite baseline 9 true weekly
	// zh postgres ollama:qwen3:4b 17 true daily
	// en sqlite ollama:qwen3:4b 17 false <nil>
	// zh postgres baseline 9 false <nil>
}

// What is tried of each type is what its conditions, ends and default name.
func TestAnswersToTry(t *testing.T) {
	low, high := 1.0, 9.0
	m := scaffold.Manifest{Questions: []scaffold.Question{
		{Name: "text", Type: "text"},
		{Name: "word", Type: "text", Pattern: "[a-z]+", Default: "till"},
		{Name: "days", Type: "number", Whole: true, Min: &low, Max: &high, Default: 3},
		{Name: "any", Type: "number"},
	}, Files: []scaffold.Rule{{When: scaffold.When{Answers: map[string][]any{"word": {"desk"}, "days": {7}}}}}}
	for i, want := range []string{fmt.Sprint([]any{awkward}), "[till desk]", "[3 1 9 7]", "[1]"} {
		if got := fmt.Sprint(answers(m.Questions[i], m)); got != want {
			t.Errorf("%s: %s, want %s", m.Questions[i].Name, got, want)
		}
	}
}

// A template without questions takes few apps, also with all that can be added.
func TestFewSpecs(t *testing.T) {
	m := scaffold.Manifest{Name: "tiny", Adds: scaffold.Adds{Input: "In", Output: "Out"}}
	if n := len(Specs(m)); n > 10 {
		t.Errorf("%d specs", n)
	}
}
