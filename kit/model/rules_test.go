package model

import (
	"encoding/json"
	"math/big"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
)

// ruled has a rule of each sort that a tag can name.
type ruled struct {
	Code  string      `json:"code" jsonschema:"minLength=3"`
	Mail  string      `json:"mail" jsonschema:"format=email"`
	Above json.Number `json:"above" jsonschema:"exclusiveMinimum=0"`
	Below float64     `json:"below" jsonschema:"exclusiveMaximum=1.5"`
	Step  int         `json:"step" jsonschema:"multipleOf=5"`
	Tags  []string    `json:"tags" jsonschema:"minItems=1,maxItems=2"`
}

const goodRuled = `{"code":"ABC","mail":"a@example.org","above":0.01,"below":1.4,"step":10,"tags":["x"]}`

func TestEveryRuleHasWords(t *testing.T) {
	s, err := SchemaOf[ruled]()
	if err != nil {
		t.Fatal(err)
	}
	if p := s.Validate([]byte(goodRuled)); p != nil {
		t.Fatalf("valid: %v", p)
	}
	for _, c := range []struct{ from, to, path, says string }{
		{`"ABC"`, `"A"`, "code", "must have at least 3 characters, has 1"},
		{`"a@example.org"`, `"nobody"`, "mail", "is not a valid email"},
		{`0.01`, `0`, "above", "must be more than 0"},
		{`1.4`, `1.5`, "below", "must be less than 1.5"},
		{`"step":10`, `"step":7`, "step", "5"},
		{`["x"]`, `[]`, "tags", "must have at least 1 entries, has 0"},
		{`["x"]`, `["x","y","z"]`, "tags", "must have at most 2 entries, has 3"},
		{`["x"]`, `["x",1e999]`, "tags.1", "too large or too long a number"},
		{`["x"]`, `["x",7]`, "tags.1", "must be a text"},
		{`["x"]`, `{}`, "tags", "must be a list"},
	} {
		p := s.Validate([]byte(strings.Replace(goodRuled, c.from, c.to, 1)))
		if len(p) != 1 || p[0].Path != c.path || !strings.Contains(p[0].Message, c.says) {
			t.Errorf("%s for %s: %v, want %q to say %q", c.to, c.from, p, c.path, c.says)
		}
	}
}

// TestProblemsAreInOrderAndOnce breaks everything at once.
func TestProblemsAreInOrderAndOnce(t *testing.T) {
	s, err := SchemaOf[ruled]()
	if err != nil {
		t.Fatal(err)
	}
	p := s.Validate([]byte(`{"step":7,"tags":[],"code":"","mail":"","above":-1,"below":9}`))
	var paths []string
	for _, problem := range p {
		paths = append(paths, problem.Path)
	}
	if got := strings.Join(paths, " "); got != "above below code mail step tags" {
		t.Errorf("problems of %s", got)
	}
	twice := tidy([]kit.FieldError{{Path: "b", Message: "2"}, {Path: "a", Message: "1"}, {Path: "b", Message: "1"}, {Path: "a", Message: "1"}})
	if want := []kit.FieldError{{Path: "a", Message: "1"}, {Path: "b", Message: "1"}, {Path: "b", Message: "2"}}; len(twice) != 3 || twice[0] != want[0] || twice[1] != want[1] || twice[2] != want[2] {
		t.Errorf("tidied: %v", twice)
	}
}

func TestNumbersAreReadExactlyOrNotAtAll(t *testing.T) {
	for text, want := range map[string]*big.Rat{
		"33.90": big.NewRat(339, 10), "-1": big.NewRat(-1, 1), "1e3": big.NewRat(1000, 1), "1E-2": big.NewRat(1, 100), "007": big.NewRat(7, 1),
		"0.1": big.NewRat(1, 10), "": nil, "1/2": nil, "0x10": nil, "1_000": nil, "1p4": nil, "1e999": nil, "1e-999": nil, "1ee": nil, "ten": nil,
		strings.Repeat("9", 41): nil,
	} {
		got, ok := exact(text)
		if ok != (want != nil) || ok && got.Cmp(want) != 0 {
			t.Errorf("%q is read as %v (%v), want %v", text, got, ok, want)
		}
	}
}

func TestALongListShowsItsFirstPlaces(t *testing.T) {
	doc := kit.Document{Text: "TEA 1.50\nCOFFEE 2.00\nCAKE 3.00\nMILK 4.00\n"}
	for value, want := range map[string]string{
		`["milk","cake","tea","coffee"]`:        "TEA|CAKE|MILK",
		`[{"what":"water"},{"what":"coffee"}]`:  "COFFEE",
		`{"price":2.0,"paid":true,"note":null}`: "2.00",
		`["tea"`:                                "TEA",
		`[]`:                                    "",
	} {
		if got := strings.Join(texts(t, doc, JSON, value), "|"); got != want {
			t.Errorf("%s: %q, want %q", value, got, want)
		}
	}
}

// TestHeldTokensStayLogProbabilities holds tokens of any sort to an enum.
func TestHeldTokensStayLogProbabilities(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	words := []string{"", "ca", "cash", "card", "x", `"`, "null", "\ufffd", " ", "转"}
	for range 5000 {
		var tokens []Token
		output := ""
		for range random.IntN(6) {
			text := words[random.IntN(len(words))]
			tokens = append(tokens, Token{Text: text, LogProb: -5 * random.Float64(), Second: -5 * random.Float64(), SecondText: words[random.IntN(len(words))]})
			output += text
		}
		start := random.IntN(len(output) + 1)
		r := span{start, start + random.IntN(len(output)-start+1)}
		held, barred := hold(tokens, alignTokens(output, tokens), output, r, means)
		for i, h := range held {
			if !isLogProb(h.LogProb) || h.LogProb < tokens[i].LogProb || h.Text != tokens[i].Text {
				t.Fatalf("token %+v became %+v, with %g barred", tokens[i], h, barred)
			}
		}
		if barred < 0 || barred >= 1 {
			t.Fatalf("%g of the whole is barred in %q", barred, output)
		}
	}
}

// TestASaveUnderLoadIsNeverSeenHalfDone writes a prompt in halves while many
// render it: each sees one of the two whole ones.
func TestASaveUnderLoadIsNeverSeenHalfDone(t *testing.T) {
	e := edit(t, "---\ntries: 1\n---\nfirst {{.Source}}")
	dev := e.load(true)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 100 {
				o, err := dev.Options("read")
				got := firstLine(dev, "read")
				if word, _, _ := strings.Cut(got, " "); err != nil || o.Tries < 1 || o.Tries > 2 || word != "first" && word != "second" {
					t.Errorf("rendered %q, options %+v, %v", got, o, err)
				}
			}
		})
	}
	for n := range 50 {
		whole := []string{"---\ntries: 1\n---\nfirst {{.Source}}", "---\ntries: 2\n---\nsecond {{.Source}}"}[n%2]
		for _, text := range []string{whole[:8], whole[:len(whole)-3], whole} {
			if err := os.WriteFile(filepath.Join(e.dir, "next"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(filepath.Join(e.dir, "next"), e.file()); err != nil {
				t.Fatal(err)
			}
		}
	}
	group.Wait()
	if got := firstLine(dev, "read"); !strings.HasPrefix(got, "second ") {
		t.Errorf("in the end: %q", got)
	}
}
