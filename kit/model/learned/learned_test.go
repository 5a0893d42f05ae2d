package learned_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/learned"
)

// bill is what is drafted of a note: its amounts are candidates for due, its
// first rows for shop, and nobody guesses the note's mood.
type bill struct {
	Shop *string      `json:"shop" jsonschema:"maxLength=60"`
	Due  *json.Number `json:"due"`
	Kind *string      `json:"kind" jsonschema:"enum=cash,enum=card"`
	Mood *string      `json:"mood"`
}

// letters compares texts by their letters and digits, numbers as written.
type letters struct{}

func (letters) Normalise(s string) (string, bool) {
	form := strings.Map(func(r rune) rune {
		if r == '.' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' {
			return r
		}
		return -1
	}, strings.ToUpper(s))
	return form, form != ""
}

var kinds = map[string]learned.Kind{"shop": letters{}, "due": letters{}, "kind": letters{}, "mood": letters{}}

// rules answer with the first row and the first amount, and see the others.
type rules struct {
	digest string
	more   func(kit.Document) []model.Guess
}

func (r rules) Info(context.Context) (kit.ModelInfo, error) {
	return kit.ModelInfo{Name: "rules", Digest: r.digest}, nil
}

func (r rules) Generate(context.Context, model.Request) (model.Reply, error) {
	return model.Reply{Output: `{"shop":"by rules"}`, Model: kit.ModelInfo{Name: "rules"}}, nil
}

func (r rules) Guesses(in any) ([]model.Guess, error) {
	doc, ok := in.(kit.Document)
	if !ok {
		return nil, kit.Errorf(kit.Internal, "the rules read documents")
	}
	if r.more != nil {
		return r.more(doc), nil
	}
	var out []model.Guess
	at, amounts := 0, 0
	for i, line := range strings.Split(doc.Text, "\n") {
		if name, amount, ok := strings.Cut(line, "  "); ok {
			start := at + len(name) + 2
			out = append(out, model.Guess{Path: "due", Value: json.Number(amount), Confidence: 0.6, Start: start, End: start + len(amount), Weak: amounts > 0})
			amounts++
		} else if line != "" {
			out = append(out, model.Guess{Path: "shop", Value: line, Confidence: 0.7, Start: at, End: at + len(line), Weak: i > 0})
		}
		for _, word := range []string{"cash", "card"} {
			if strings.Contains(line, word) {
				out = append(out, model.Guess{Path: "kind", Value: word, Confidence: 0.5, Weak: word == "card"})
			}
		}
		at += len(line) + 1
	}
	return out, nil
}

func config(t testing.TB, r rules) learned.Config {
	t.Helper()
	s, err := model.SchemaOf[bill]()
	if err != nil {
		t.Fatal(err)
	}
	return learned.Config{Rules: r, Schema: s, Kinds: kinds}
}

// note is one case: what is due stands behind PAY, wherever the amounts are.
func note(r *rand.Rand, i int) learned.Example {
	due := fmt.Sprintf("%d.%02d", 1+r.IntN(90), r.IntN(100))
	lines := []string{fmt.Sprintf("TEA  %d.00", i+100), "PAY  " + due, fmt.Sprintf("BACK  %d.50", i)}
	r.Shuffle(len(lines), func(a, b int) { lines[a], lines[b] = lines[b], lines[a] })
	shop := fmt.Sprintf("SHOP NUMBER %d LTD", i%7)
	kind := []string{"card", "cash"}[r.IntN(2)]
	text := fmt.Sprintf("%s\nWELCOME %d\n%s\n%s, not %s", shop, i, strings.Join(lines, "\n"), kind, map[string]string{"card": "cash", "cash": "card"}[kind])
	return example(text, map[string]string{"shop": shop, "due": due})
}

func example(text string, answers map[string]string) learned.Example {
	raw := map[string]json.RawMessage{}
	for path, a := range answers {
		raw[path], _ = json.Marshal(a)
	}
	doc := kit.Document{Text: text}
	return learned.Example{Hash: kit.Hash([]byte(text)), Input: doc, Answers: raw}
}

// text is what an example's note says.
func text(e learned.Example) string { return e.Input.(kit.Document).Text }

func notes(seed uint64, n int) []learned.Example {
	r := rand.New(rand.NewPCG(seed, 1))
	var out []learned.Example
	for i := range n {
		out = append(out, note(r, int(seed)*1000+i))
	}
	return out
}

func train(t testing.TB, c learned.Config, examples []learned.Example) *learned.Model {
	t.Helper()
	m, err := learned.Train(t.Context(), c, examples)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func draft(t testing.TB, m model.Provider, text string) model.Draft[bill] {
	t.Helper()
	d, err := model.Extract[kit.Document, bill](m, "read")(t.Context(), kit.Document{Text: text})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestItLearnsToChoose(t *testing.T) {
	m := train(t, config(t, rules{digest: "1"}), notes(1, 60))
	for _, e := range notes(2, 40) {
		d := draft(t, m, text(e))
		want := strings.Trim(string(e.Answers["due"]), `"`)
		if d.Value.Due == nil || string(*d.Value.Due) != want {
			t.Fatalf("due %v, want %s in\n%s", d.Value.Due, want, text(e))
		}
		f := d.Fields[1]
		if f.Confidence < 0.7 || len(f.Evidence) == 0 || f.Evidence[0].Text != want || d.GaveUp != "" || d.Model.Name != "learned" {
			t.Fatalf("drafted %+v by %+v %s", f, d.Model, d.GaveUp)
		}
	}
}

// Until corrections say otherwise, the rules' answer stands, as sure as they
// are.
func TestWithOneLabelItDraftsAsTheRulesDo(t *testing.T) {
	c := config(t, rules{digest: "1"})
	m := train(t, c, notes(1, 1))
	for _, e := range notes(2, 20) {
		d := draft(t, m, text(e))
		shop, _, _ := strings.Cut(text(e), "\n")
		if *d.Value.Shop != shop || d.Fields[0].Confidence < 0.6 {
			t.Errorf("shop %q with %.2f, the rules say %q with 0.7", *d.Value.Shop, d.Fields[0].Confidence, shop)
		}
	}
}

func TestNamesSeenAreMended(t *testing.T) {
	var examples []learned.Example
	for i := range 12 {
		examples = append(examples, example(fmt.Sprintf("ACORN %c%c SDN BND\nTEA  %d.00", 'A'+i, 'K'+i, i), map[string]string{"shop": fmt.Sprintf("ACORN %c%c SDN BHD", 'A'+i, 'K'+i)}))
	}
	for i, read := range []string{"PANDAN BAKERY AND SONS", "PANOAN BAKERY AND SONS", "PANDAN BAKERY ANO SONS", "PANDAN BAKERY AND SONS", "PANDAN BAKERY AND S0NS", "PAMDAN BAKERY AND SONS"} {
		examples = append(examples, example(fmt.Sprintf("%s\nCAKE  %d.00", read, i), map[string]string{"shop": "PANDAN BAKERY AND SONS"}))
	}
	m := train(t, config(t, rules{digest: "1"}), examples)
	for read, want := range map[string]string{
		"ACORN ZZ SDN BND\nTEA  2.00":        "ACORN ZZ SDN BHD",       // a word that people keep mending, in a name never seen
		"PANDAN BAKFRY AND SONS\nCAKE  9.00": "PANDAN BAKERY AND SONS", // a name seen before
	} {
		if d := draft(t, m, read); *d.Value.Shop != want {
			t.Errorf("from %q the shop is %q, want %q", read, *d.Value.Shop, want)
		}
	}
}

func TestTheSameCasesMakeTheSameBytes(t *testing.T) {
	c := config(t, rules{digest: "1"})
	examples := notes(1, 40)
	first := train(t, c, examples)
	slices.Reverse(examples)
	again := train(t, c, append(examples, examples[3]))
	if !bytes.Equal(first.JSON(), again.JSON()) {
		t.Error("another order of the cases makes another file")
	}
	loaded, err := learned.Load(c, first.JSON())
	if err != nil {
		t.Fatal(err)
	}
	a, _ := first.Info(t.Context())
	b, _ := loaded.Info(t.Context())
	if a != b || len(a.Digest) != 64 || loaded.Cases() != 40 {
		t.Errorf("trained %+v, loaded %+v of %d cases", a, b, loaded.Cases())
	}
	for _, e := range notes(3, 20) {
		x, y := draft(t, first, text(e)), draft(t, loaded, text(e))
		if !bytes.Equal(x.Raw, y.Raw) || x.Fields[1].Confidence != y.Fields[1].Confidence {
			t.Errorf("trained drafts %s, loaded %s", x.Raw, y.Raw)
		}
	}
	if !loaded.Saw(examples[0].Hash) || loaded.Saw(notes(3, 1)[0].Hash) {
		t.Error("it does not know which cases it saw")
	}
}

func TestItTellsHowItDid(t *testing.T) {
	c := config(t, rules{digest: "1"})
	m := train(t, c, notes(1, 10))
	before, _ := m.Info(t.Context())
	var trial struct{ Right int }
	if err := m.Trial(&trial); kit.CodeOf(err) != kit.NotFound {
		t.Errorf("a trial that nobody made: %v", err)
	}
	if err := m.Stamp(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), map[string]int{"Right": 7}); err != nil {
		t.Fatal(err)
	}
	m, err := learned.Load(c, m.JSON())
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Trial(&trial); err != nil || trial.Right != 7 {
		t.Errorf("trial %+v, %v", trial, err)
	}
	if after, _ := m.Info(t.Context()); after != before {
		t.Error("a note of how it did changes who it is")
	}
}

func TestWhatDoesNotFitIsRefused(t *testing.T) {
	c := config(t, rules{digest: "1"})
	m := train(t, c, notes(1, 10))
	if err := m.Stamp(time.Now().UTC(), "as noted"); err != nil {
		t.Fatal(err)
	}
	raw := string(m.JSON())
	other, err := model.SchemaOf[struct {
		Shop *string `json:"shop"`
	}]()
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]struct {
		c     learned.Config
		raw   string
		code  kit.Code
		words string
	}{
		"torn":         {c, raw[:len(raw)/2], kit.Invalid, "torn"},
		"nothing":      {c, "", kit.Invalid, "torn"},
		"something":    {c, `{"a":1}`, kit.Invalid, "is none"},
		"edited":       {c, strings.Replace(raw, `"cases": 10`, `"cases": 99`, 1), kit.Invalid, "edited"},
		"edited trial": {c, strings.Replace(raw, "as noted", "as wished", 1), kit.Invalid, "edited"},
		"version":      {c, strings.Replace(raw, `"version": 1`, `"version": 9`, 1), kit.Conflict, "version 9"},
		"rules":        {config(t, rules{digest: "2"}), raw, kit.Conflict, "other rules"},
		"schema":       {learned.Config{Rules: c.Rules, Schema: other, Kinds: kinds}, raw, kit.Conflict, "other fields"},
	} {
		_, err := learned.Load(bad.c, []byte(bad.raw))
		if kit.CodeOf(err) != bad.code || !strings.Contains(fmt.Sprint(err), bad.words) || !strings.Contains(kit.HintOf(err), "train it again") {
			t.Errorf("%s: %v, hint %q", name, err, kit.HintOf(err))
		}
	}
}

func TestWhatIsNotLearnedTheRulesAnswer(t *testing.T) {
	m := train(t, config(t, rules{digest: "1"}), notes(1, 30))
	if d := draft(t, m, "A SHOP\ncash, not card"); d.Value.Kind == nil || *d.Value.Kind != "cash" || d.Value.Due != nil || d.Value.Mood != nil {
		t.Errorf("a field without labels: %s", d.Raw)
	}
	if d := draft(t, m, ""); d.Value.Shop != nil {
		t.Errorf("of nothing: %s", d.Raw)
	}
	type other struct {
		Shop string `json:"shop"`
	}
	d, err := model.Extract[kit.Document, other](m, "read")(t.Context(), kit.Document{Text: "A"})
	if err != nil || d.Value.Shop != "by rules" {
		t.Errorf("another schema: %+v, %v", d, err)
	}
}

// An answer seen before that the schema does not take gives way to the rules'.
func TestAnAnswerThatTheSchemaRefuses(t *testing.T) {
	long := strings.Repeat("VERY LONG NAME ", 5)
	var examples []learned.Example
	for i := range 10 {
		examples = append(examples, example(fmt.Sprintf("%s\nNO %d", long[:58], i), map[string]string{"shop": long}))
	}
	m := train(t, config(t, rules{digest: "1"}), examples)
	if d := draft(t, m, long[:57]+"\nNO 99"); d.GaveUp != "" || *d.Value.Shop != long[:57] {
		t.Errorf("%s %s", d.Raw, d.GaveUp)
	}
}

func TestNothingToLearn(t *testing.T) {
	c := config(t, rules{digest: "1"})
	for name, examples := range map[string][]learned.Example{
		"no cases":   nil,
		"no answers": {example("A SHOP\nTEA  1.00", nil)},
		"no guesses": {example("A SHOP", map[string]string{"mood": "GOOD"})},
	} {
		if _, err := learned.Train(t.Context(), c, examples); kit.CodeOf(err) != kit.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := learned.Train(t.Context(), c, []learned.Example{{Input: 5}}); kit.CodeOf(err) != kit.Internal {
		t.Errorf("an input of another type: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := learned.Train(ctx, c, notes(1, 5)); err == nil {
		t.Error("a cancelled training went on")
	}
}

func TestBrokenGuessesAreErrors(t *testing.T) {
	m := train(t, config(t, rules{digest: "1"}), notes(1, 10))
	for name, g := range map[string]model.Guess{
		"no such path": {Path: "totle", Value: 1},
		"no JSON":      {Path: "shop", Value: make(chan int)},
	} {
		m.Rules = rules{more: func(kit.Document) []model.Guess { return []model.Guess{g} }}
		if _, err := model.Extract[kit.Document, bill](m, "read")(t.Context(), kit.Document{Text: "A"}); kit.CodeOf(err) != kit.Internal {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := model.Extract[string, bill](m, "read")(t.Context(), "text"); kit.CodeOf(err) != kit.Internal {
		t.Errorf("an input of another type: %v", err)
	}
}

// Neither a great document nor a great many guesses keep the queue waiting, and
// the rules' own answer is among those that are looked at.
func TestWhatIsHugeIsDrafted(t *testing.T) {
	m := train(t, config(t, rules{digest: "1"}), notes(1, 30))
	text := strings.Repeat("ACORN \xff\xfe SDN BND 1.00 合计 <b> \x00\n", 200_000)
	m.Rules = rules{more: func(kit.Document) (out []model.Guess) {
		for i := range 20_000 {
			out = append(out, model.Guess{Path: "shop", Value: text[i%500 : i%500+40+i%7], Confidence: 0.9, Start: i * 3, End: i*3 + 40, Weak: true})
			out = append(out, model.Guess{Path: "due", Value: json.Number(fmt.Sprint(i)), Confidence: 2, Start: -i, End: 1 << 40, Weak: true})
		}
		return append(out, model.Guess{Path: "due", Value: json.Number("7.77"), Confidence: 0.99, Start: 3, End: 2})
	}}
	d := draft(t, m, text)
	if d.Value.Due == nil || *d.Value.Due != "7.77" {
		t.Errorf("the rules' own answer is lost: %v", d.Value.Due)
	}
}

func Example() {
	type receipt struct {
		Total *json.Number `json:"total"`
	}
	schema, err := model.SchemaOf[receipt]()
	if err != nil {
		fmt.Println(err)
		return
	}
	amounts := rules{more: func(doc kit.Document) (out []model.Guess) {
		for _, word := range strings.Fields(doc.Text) {
			if _, ok := (letters{}).Normalise(word); ok && strings.Contains(word, ".") {
				at := strings.Index(doc.Text, word)
				out = append(out, model.Guess{Path: "total", Value: json.Number(word), Confidence: 0.5, Start: at, End: at + len(word), Weak: len(out) > 0})
			}
		}
		return out
	}}
	c := learned.Config{Rules: amounts, Schema: schema, Kinds: map[string]learned.Kind{"total": letters{}}}
	var corrected []learned.Example
	for i := range 20 {
		corrected = append(corrected, example(fmt.Sprintf("TEA %d.00\nTOTAL %d.50", i, i), map[string]string{"total": fmt.Sprintf("%d.50", i)}))
	}
	m, err := learned.Train(context.Background(), c, corrected)
	if err != nil {
		fmt.Println(err)
		return
	}
	doc := kit.Document{Text: "CAKE 31.20\nTOTAL 32.20"}
	draft, err := model.Extract[kit.Document, receipt](m, "read")(context.Background(), doc)
	fmt.Println(*draft.Value.Total, err)
	// Output: 32.20 <nil>
}

// BenchmarkTrain is a training on 300 cases of three fields.
func BenchmarkTrain(b *testing.B) {
	c, examples := config(b, rules{digest: "1"}), notes(1, 300)
	for b.Loop() {
		train(b, c, examples)
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/training")
}

// BenchmarkDraft is one draft by a trained model.
func BenchmarkDraft(b *testing.B) {
	m := train(b, config(b, rules{digest: "1"}), notes(1, 300))
	words := text(notes(2, 1)[0])
	for b.Loop() {
		draft(b, m, words)
	}
}
