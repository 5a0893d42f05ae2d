package app

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/nail"
)

func TestPocValueTyped(t *testing.T) {
	draft := json.RawMessage(`"as drafted"`)
	text, date, number := model.FieldSpec{Kind: model.Text}, model.FieldSpec{Kind: model.Date}, model.FieldSpec{Kind: model.Number}
	enum := model.FieldSpec{Kind: model.Enum, Enum: []string{"cash", "card"}}
	for _, c := range []struct {
		spec        model.FieldSpec
		typed, want string // "" for refused
	}{
		{text, "", `"as drafted"`}, {text, "-", "null"}, {text, "=-", `"-"`}, {text, "=:q", `":q"`}, {text, `<b>"x"`, `"\u003cb\u003e\"x\""`},
		{date, "31/12/2025", `"2025-12-31"`}, {date, "soon", ""}, {number, "1,234.50", "1234.5"}, {number, "many", ""},
		{enum, "card", `"card"`}, {enum, "gold", ""}, {model.FieldSpec{Kind: model.Bool}, "T", "true"}, {model.FieldSpec{Kind: model.Bool}, "maybe", ""},
		{model.FieldSpec{Kind: model.JSON}, "[1]", "[1]"}, {model.FieldSpec{Kind: model.JSON}, "[1", ""},
	} {
		got, err := pocValue(c.spec, draft, c.typed)
		if (err != nil) != (c.want == "") || string(got) != c.want {
			t.Errorf("%s %q: %s, %v; want %s", c.spec.Kind, c.typed, got, err, c.want)
		}
	}
	if got, _ := pocValue(text, nil, ""); string(got) != "null" {
		t.Errorf("nothing was drafted, and that is right: %s", got)
	}
}

// TestPocAsksInThePagesLanguage sits at the terminal: a mistake is told and
// asked again, and the time is kept.
func TestPocAsksInThePagesLanguage(t *testing.T) {
	for lang, want := range map[string][]string{
		"en": {"── 2 of 3 ── a.txt ──", "Enter: right", "Total: 12", `"many" is not a number`},
		"zh": {"── 第 2 个，共 3 个 ── a.txt ──", "回车：正确", "合计：12", "“many”不是数字"},
	} {
		say, err := words("poc", lang)
		if err != nil {
			t.Fatal(err)
		}
		r := pocRunOf(t, pocCaseOf("a.txt", `{"shop": "Kopi Lima", "total": 12}`, "", 0))
		var out strings.Builder
		asker := &pocAsker{in: pocLines(strings.NewReader("\nmany\n13\n")), out: &out, schema: r.model.Schema, say: say, lang: lang, person: true}
		answer, more, err := asker.ask(t.Context(), r.cases[0], 2, 3)
		if err != nil || !more || string(answer.Values["total"]) != "13" || string(answer.Values["shop"]) != `"Kopi Lima"` || answer.Seconds <= 0 {
			t.Errorf("%s: %+v, %v, %v", lang, answer, more, err)
		}
		for _, w := range want {
			if !strings.Contains(out.String(), w) {
				t.Errorf("%s: no %q in\n%s", lang, w, &out)
			}
		}
	}
}

// pocReceipt is what the runs of these tests draft.
type pocReceipt struct {
	Shop  *string      `json:"shop" label:"Shop" label_zh:"店名"`
	Total *json.Number `json:"total" label:"Total" label_zh:"合计"`
}

// pocRunOf is a run with these cases, priced.
func pocRunOf(t *testing.T, cases ...*pocCase) *pocRun {
	t.Helper()
	schema, err := model.SchemaOf[pocReceipt]()
	if err != nil {
		t.Fatal(err)
	}
	n, err := nail.Parse("nail.yaml", []byte("name: desk\njob: Read <receipts>\ntoday: {minutes: 3, wage: 12}\nvolume: 2000\nprice: 0.30\n"+
		"bar: {shop: 0.5, total: {threshold: 0.99}}\nreviewer: {wage: 18}\n"))
	if err != nil {
		t.Fatal(err)
	}
	r := &pocRun{nail: n, model: &drafting{Schema: schema, Model: kit.ModelInfo{Name: "rules", Digest: "abcdef0123456789"}}, cases: cases, sample: cases}
	for _, cs := range cases {
		r.files = append(r.files, cs.file)
	}
	return r
}

// pocCaseOf is a case with a draft and an answer, which took so many seconds.
func pocCaseOf(name, draft, answer string, seconds float64) *pocCase {
	cs := &pocCase{file: pocFile{Name: name, Kind: "text/plain", Bytes: 100}}
	cs.Document.Text = name
	cs.Draft.Values, _ = eval.Paths([]byte(draft))
	if answer != "" {
		values, _ := eval.Paths([]byte(answer))
		cs.answer = &pocAnswer{Values: values, Seconds: seconds}
	}
	return cs
}

// TestPocFacts holds what the page shows against what was put in.
func TestPocFacts(t *testing.T) {
	r := pocRunOf(t,
		pocCaseOf("a", `{"shop": "Kopi Lima", "total": 12.0}`, `{"shop": "KOPI LIMA", "total": 12}`, 20),
		pocCaseOf("b", `{"shop": "Other", "total": null}`, `{"shop": "Mine", "total": null}`, 40),
		pocCaseOf("c", `{"shop": null}`, `{"shop": null}`, 0),
		pocCaseOf("d", `{"shop": "X", "total": 1}`, "", 0))
	r.cases[3].Err = "the server is away"
	f := r.facts()
	shop, total := f.Fields[0], f.Fields[1]
	if shop.N != 3 || shop.Right != 2 || total.N != 2 || total.Right != 2 || f.Reviewed != 3 || f.AllRight != 2 {
		t.Errorf("%+v", f)
	}
	low, high := eval.Wilson(2, 3, 0.95)
	if f.Low != low || f.High != high || shop.Low != low || shop.Stand != "open" || total.Stand != "open" {
		t.Errorf("intervals: %+v %+v", f, shop)
	}
	if f.Files != 4 || f.Bytes != 400 || f.Drafted != 3 || len(f.Failed) != 1 {
		t.Errorf("files: %+v", f)
	}
	// 30 s is the median of the two that were timed, at 18 an hour: 0.15.
	if f.Review.Measured != 2 || f.Review.Seconds != 30 || f.Review.Least != 20 || f.Review.Most != 40 {
		t.Errorf("time: %+v", f.Review)
	}
	for what, v := range map[string][2]float64{"by hand": {f.Month.ByHand, 1200}, "review": {f.Month.ReviewCost, 300}, "price": {f.Month.Price, 600},
		"kept": {f.Month.Kept, 300}, "hours": {f.Month.HoursSaved, 100 - 2000*30/3600.0}} {
		if math.Abs(v[0]-v[1]) > 1e-9 {
			t.Errorf("%s: %v, want %v", what, v[0], v[1])
		}
	}
}

// TestPocReviewTime holds the median against a pause at the prompt, and counts
// nothing that no person at the terminal can have typed.
func TestPocReviewTime(t *testing.T) {
	of := func(seconds ...float64) pocReview {
		var cases []*pocCase
		for _, s := range seconds {
			cases = append(cases, pocCaseOf("a", `{"shop": "x"}`, `{"shop": "x"}`, s))
		}
		return pocRunOf(t, cases...).reviewTime()
	}
	if r := of(6, 242, 0, 4, 0.02, 5, 7); r.Seconds != 6 || r.Measured != 5 || r.Least != 4 || r.Most != 242 {
		t.Errorf("a pause and two from a script: %+v", r)
	}
	if r := of(0, 0.02, 0); r.Measured != 0 || r.Seconds != 60 || r.Least != 0 { // a third of 3 minutes
		t.Errorf("all from a script: %+v", r)
	}
}

// pocHTML is the page of a run.
func pocHTML(t *testing.T, r *pocRun, lang string) string {
	t.Helper()
	say, err := words("poc", lang)
	if err != nil {
		t.Fatal(err)
	}
	v := &pocView{say: say, lang: lang, facts: r.facts(), run: r}
	var out strings.Builder
	p := page{Name: "poc", Lang: lang, Title: v.title(), Lead: v.lead(), Foot: v.foot(), Data: v.body(t.Context())}
	if err := p.write(&out); err != nil || v.err != nil {
		t.Fatal(err, v.err)
	}
	return out.String()
}

// TestPocPage looks for the figures on the page in both languages, and for
// markup of the customer's that would be live.
func TestPocPage(t *testing.T) {
	bad := `<img src=x onerror=alert(1)>`
	r := pocRunOf(t,
		pocCaseOf("a.txt", `{"shop": "Kopi Lima", "total": 12.0}`, `{"shop": "KOPI LIMA", "total": 12}`, 20),
		pocCaseOf(bad+".txt", `{"shop": "`+bad+`", "total": 1}`, `{"shop": "</td>`+bad+`", "total": 2}`, 40))
	r.files = append(r.files, pocFile{Name: bad, Kind: ".exe", Reason: bad})
	for lang, want := range map[string][]string{
		"en": {"1 / 2", "9 % to 91 %", "2 files: 20 to 40 s, median 30 s", "1,200.00 USD", "300.00 USD", "83 h", "2,000 cases", "Read &lt;receipts&gt;",
			"1 file could not be read", "Shop", "corrected", "In 1 of 2 reviewed files", "drafted by rules (edition abcdef012345)", "0.30 USD for each delivered case"},
		"zh": {"1 / 2", "9% 至 91%", "审核计时 2 个文件：20 至 40 秒，中位数 30 秒", "1,200.00 USD", "83 小时", "店名", "已更正", "由规则起草（版本 abcdef012345）", "每件交付 0.30 USD"},
	} {
		html := pocHTML(t, r, lang)
		for _, w := range want {
			if !strings.Contains(html, w) {
				t.Errorf("%s: no %q", lang, w)
			}
		}
		for _, live := range []string{"<img", "<script", "http://", "https://", "tag warn\">"} {
			if strings.Contains(html, live) {
				t.Errorf("%s: %q stands in the page", lang, live)
			}
		}
	}
}

// TestPocMarksWhatIsAssumed sees the mark wherever a time goes in that nobody
// measured, and nothing of how right the drafts are where nobody looked.
func TestPocMarksWhatIsAssumed(t *testing.T) {
	r := pocRunOf(t, pocCaseOf("a.txt", `{"shop": "Kopi Lima", "total": 12.0}`, "", 0))
	html := pocHTML(t, r, "en")
	if n := strings.Count(html, `<span class="tag warn">assumed</span>`); n != 5 { // the tile, the legend, the review, the time, what is kept
		t.Errorf("%d marks", n)
	}
	for _, not := range []string{"95 % interval", "reached"} {
		if strings.Contains(html, not) {
			t.Errorf("%q is said of drafts that nobody reviewed", not)
		}
	}
	if !strings.Contains(html, "nothing can be said of how right") || !strings.Contains(html, "not reviewed") {
		t.Error("it is not said that nobody reviewed")
	}
	r = pocRunOf(t, pocCaseOf("a.txt", `{"shop": "Kopi Lima", "total": 12.0}`, `{"shop": "x"}`, 20))
	html = pocHTML(t, r, "en")
	for mark, want := range map[string]int{`<span class="tag">measured and stated</span>`: 5, // as above
		`<span class="tag">stated</span>`: 5, // the legend, by hand, the price, what is kept where we review, the offer
		"assumed":                         0} {
		if n := strings.Count(html, mark); n != want {
			t.Errorf("timed: %d of %s, want %d", n, mark, want)
		}
	}
	r.nail.Today.Minutes = 0
	if html := pocHTML(t, r, "en"); !strings.Contains(html, "nothing is reckoned") || strings.Contains(html, "You keep") {
		t.Error("something is reckoned from nothing")
	}
}
