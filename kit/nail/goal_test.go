package nail_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/nail"
)

func TestGoals(t *testing.T) {
	for text, want := range map[string]map[string]nail.Goal{
		"bar: {total: 0.9}":                                         {"total": normalised(0.9)},
		"bar: {total: 1}":                                           {"total": normalised(1)},
		"bar: {total: {threshold: 0.9}}":                            {"total": normalised(0.9)},
		"bar: {seller.name: 0.9, seller.city: 0.8}":                 {"seller.name": normalised(0.9), "seller.city": normalised(0.8)},
		"bar: {seller.name: {measure: exact, threshold: 0.9}}":      {"seller.name": {Measure: "exact", Threshold: 0.9, Confidence: 0.95}},
		"bar:\n  score: {measure: weighted_kappa, threshold: 0.6}":  {"score": {Measure: "weighted_kappa", Threshold: 0.6, Confidence: 0.95}},
		"bar:\n  total:\n    threshold: 0.97\n    confidence: 0.99": {"total": {Measure: "normalised", Threshold: 0.97, Confidence: 0.99}},
		"bar: {threshold: 0.9, measure: {threshold: 0.8}}":          {"threshold": normalised(0.9), "measure": normalised(0.8)},
		"bar: {'lines[].amount': 0.9}":                              {"lines[].amount": normalised(0.9)},
	} {
		if got := parse(t, start+text+"\n").Bar; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v, want %#v", text, got, want)
		}
	}
}

func TestEachMeasureOfEvalMayBeAGoal(t *testing.T) {
	for _, name := range append([]string{"exact", "normalised"}, eval.Measures...) {
		n := parse(t, start+"bar: {score: {measure: "+name+", threshold: 0.5}}\n")
		g := n.Bar["score"]
		if g.Measure != name || g.IsShare() != (name == "exact" || name == "normalised") {
			t.Errorf("%s: %#v, share %v", name, g, g.IsShare())
		}
	}
}

func TestGoalAsWords(t *testing.T) {
	for want, g := range map[string]nail.Goal{
		"95 %": normalised(0.95), "97.5 %": normalised(0.975), "exact 90 %": {Measure: "exact", Threshold: 0.9}, "kappa 0.8": {Measure: "kappa", Threshold: 0.8},
	} {
		if g.String() != want {
			t.Errorf("%s, want %s", g, want)
		}
	}
}

// TestContractsOfMeasuringRefuse holds each mistake in the keys of measuring
// against its place and its mend.
func TestContractsOfMeasuringRefuse(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"bar: {total: yes}", "nail.yaml:3:14: bar.total: yes is not a number; write for example total: 0.95"},
		{"bar: {total: }", "bar.total: no value; write for example total: 0.95"},
		{"bar: {total: 95}", "nail.yaml:3:14: bar.total: 95 cannot be used; write a share"},
		{"bar: {total: {threshold: 95%}}", "nail.yaml:3:26: bar.total.threshold: 95% is not a number; write threshold: 0.95"},
		{"bar: {total: {threshold: 0}}", "nail.yaml:3:26: bar.total.threshold: 0 cannot be used"},
		{"bar: {total: {threshold: .nan}}", "nail.yaml:3:26: bar.total.threshold"},
		{"bar: {total: {}}", "nail.yaml:3:14: bar.total.threshold is missing"},
		{"bar:\n  total:\n    measure: exact", "nail.yaml:5:5: bar.total.threshold is missing"},
		{"bar: {total: {treshold: 0.9}}", `nail.yaml:3:15: unknown key "bar.total.treshold"; did you mean "bar.total.threshold"?`},
		{"bar: {seller: {name: 0.9}}", "for a field below a field write bar: {seller.name: 0.9}"},
		{"bar: {total: {measure: cappa, threshold: 0.9}}", `nail.yaml:3:24: bar.total.measure: "cappa" cannot be used; write one of exact, normalised, within_one, kappa`},
		{"bar: {total: {threshold: 0.9, confidence: 1}}", "nail.yaml:3:43: bar.total.confidence: 1 cannot be used"},
		{"bar: {total: {threshold: 0.9, confidence: 0.4}}", "bar.total.confidence: 0.4 cannot be used"},
		{"model: openai:qwen", `nail.yaml:1:1: openai.urls is missing; write the server's address, such as ["http://127.0.0.1:8000/v1"]`},
		{"model: 'openai:'", "write baseline, learned, ollama:NAME"},
		{"openai: {urls: http://a}", `nail.yaml:3:16: openai.urls: http://a is not a list of words; write for example urls: ["http://127.0.0.1:8000/v1"]`},
		{"openai: {urls: [http://localhost:8000/v1]}", "put the address in quotes"},
		{"openai: {urls: ['http://8.8.8.8/v1']}", "nail.yaml:3:17: openai.urls[0]:"},
		{"openai: {urls: ['http://localhost/v1'], key_env: sk-123}", "openai.key_env: \"sk-123\" cannot be used; name the environment variable"},
		{"reviewer: 15", "nail.yaml:3:11: reviewer: 15 is not a group of keys; write for example reviewer: {wage: 15}"},
		{"reviewer: {wage: -1}", "nail.yaml:3:18: reviewer.wage: -1 cannot be used"},
		{"budget: 200", "write for example budget: {month: 200}"},
		{"budget: {month: -1}", "nail.yaml:3:17: budget.month: -1 cannot be used"},
		{"data: golden", "write for example data: {cases: golden/cases, answers: golden/answers}"},
		{"data: {cases: ''}", "nail.yaml:3:15: data.cases: \"\" cannot be used; name the folder"},
		{"data: {case: x}", `did you mean "data.cases"?`},
	} {
		_, err := nail.Parse("nail.yaml", []byte(start+c.text+"\n"))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s:\ngot  %v\nwant %s", c.text, err, c.want)
		}
	}
}

func TestContractsOfMeasuringAreRead(t *testing.T) {
	n := parse(t, start+`model: openai:qwen
openai: {urls: ["http://127.0.0.1:8000/v1", "https://models.example.com/v1"], key_env: MODELS_KEY}
scenario: The office gets a shoe box of receipts on the first of the month
data: {cases: mine/cases, source: Of our first customer}
today: {wage: 12}
reviewer: {wage: 15}
budget: {month: 200}
`)
	if n.OpenAIModel() != "qwen" || len(n.OpenAI.URLs) != 2 || n.OpenAI.KeyEnv != "MODELS_KEY" || n.Ollama() != "" {
		t.Errorf("model: %+v", n.OpenAI)
	}
	if n.Reviewer.Wage != 15 || n.Budget.Month != 200 || !strings.HasPrefix(n.Scenario, "The office") {
		t.Errorf("%+v", n)
	}
	if want := (nail.Data{Cases: "mine/cases", Answers: "golden/answers", Source: "Of our first customer"}); n.Data != want {
		t.Errorf("data: %+v", n.Data)
	}
}
