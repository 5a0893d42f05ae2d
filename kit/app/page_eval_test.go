package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/nail"
)

// evaluated is an evaluation of 40 cases with all that a page can show.
func evaluated(t *testing.T) evaluation {
	t.Helper()
	var cases []eval.Case
	var drafts []eval.Draft
	errs := make([]error, 40)
	for i := range errs {
		text := fmt.Sprintf(`"Shop %d"`, i)
		cases = append(cases, eval.Case{Name: fmt.Sprintf("case-%02d", i), Answers: answersOf(text, fmt.Sprint(i%5))})
		d := eval.Draft{Values: answersOf(text, fmt.Sprint(i%5)), Confidence: map[string]float64{"shop": 0.5 + float64(i)/80, "grade": 0.9},
			PromptTokens: 100, OutputTokens: 20, Seconds: 0.1 + float64(i)/100}
		if i < 8 {
			d.Values["shop"] = []byte(`"<script>alert(1)</script>"`)
		}
		drafts = append(drafts, d)
	}
	errs[39] = errors.New("no <b>draft</b>")
	r, err := eval.Score(cases, drafts, errs, eval.Options{Fields: []string{"shop", "grade", "tax"}, Model: kit.ModelInfo{Name: "small:1b", Digest: "abc", Server: "ollama 0.1"},
		Kinds: map[string]eval.Kind{"shop": eval.Text, "grade": eval.Number}, Agreement: []string{"grade"},
		Goals: []eval.Goal{{Path: "grade", Measure: "kappa", Threshold: 0.5, Confidence: 0.95}, {Path: "shop", Measure: "normalised", Threshold: 0.95, Confidence: 0.9}, {Path: "tax", Measure: "normalised", Threshold: 0.5, Confidence: 0.9}}})
	if err != nil {
		t.Fatal(err)
	}
	return evaluation{Report: r, MeasuredAt: time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC), Prompt: "pppp", Schema: "ssss", scores: []string{"grade"},
		titles: map[string]map[string]string{"shop": {"en": "Shop", "zh": "店名"}, "tax": {"en": "tax", "zh": "税额"}},
		Labels: labelCount{Files: 30, Decided: 10, Repeated: 1, Unlooked: 2, Learned: 3}, GaveUp: 1, Cached: 4, Parallel: 4,
		Memory: &memory{Size: 3 << 30, VRAM: 1 << 30, Spilled: true}, Cost: &cost{Currency: "USD", Case: 0.00042, GPUHour: 0.6, Slots: 4}}
}

func answersOf(shop, grade string) map[string]json.RawMessage {
	return map[string]json.RawMessage{"shop": json.RawMessage(shop), "grade": json.RawMessage(grade)}
}

func TestThePageOfAnEvaluation(t *testing.T) {
	e := evaluated(t)
	for lang, words := range map[string][]string{
		"en": {"Books: how good are the drafts?", "One field is below its bar:", "30 from files, 10 decided by people", "Share that passes", "it does not fit", "<b>Not measured, for no case answers it:</b> tax", "<th scope=\"row\">Shop</th>", "95 %", "40 labelled cases"},
		"zh": {"Books：初稿有多准？", "<b>1 个字段未达标：</b>店名", "<b>没有案例给出答案，未测：</b>税额", "未测</span>", "加权 kappa 系数", "95%", "至 1.00<", "30 个来自文件，10 个由人审定", "放行比例", "放不下"},
	} {
		p, err := evaluationPage(e, nail.Nail{Name: "books", Title: "Books", Currency: "USD"}, lang)
		if err != nil {
			t.Fatalf("%s: %v", lang, err)
		}
		var out strings.Builder
		if err := p.write(&out); err != nil {
			t.Fatalf("%s: %v", lang, err)
		}
		html := out.String()
		if lang == "zh" && regexp.MustCompile(`[。：，] |\d %| to |weighted kappa`).MatchString(html) {
			t.Errorf("zh: %q", regexp.MustCompile(`.{0,30}([。：，] |\d %| to |weighted kappa).{0,20}`).FindString(html))
		}
		for _, want := range append(words, `lang="`+lang+`"`, "&lt;script&gt;alert(1)", "no &lt;b&gt;draft", "0.00042 USD", "ollama 0.1", "<svg", `role="img"`, "<desc id=", "2026-05-01") {
			if !strings.Contains(html, want) {
				t.Errorf("%s: no %q", lang, want)
			}
		}
		if bad := regexp.MustCompile(`<script|<link|src=|href=|url\(|@import|NaN|&lt;no value|%!`).FindString(html); bad != "" {
			t.Errorf("%s: the page does not stand alone, or says nonsense: %q", lang, bad)
		}
		if pictures, described := strings.Count(html, `role="img"`), strings.Count(html, "<desc id="); pictures != 6 || described != pictures {
			t.Errorf("%s: %d pictures, %d described", lang, pictures, described)
		}
	}
	if _, err := evaluationPage(e, nail.Nail{}, "fr"); kit.CodeOf(err) != kit.Invalid {
		t.Errorf("in a language without words: %v", err)
	}
}

func TestAPageOfAlmostNothing(t *testing.T) {
	r, err := eval.Score([]eval.Case{{Name: "a"}}, make([]eval.Draft, 1), []error{errors.New("gone")}, eval.Options{Fields: []string{"x"}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := evaluationPage(evaluation{Report: r}, nail.Nail{Title: "T"}, "en")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := p.write(&out); err != nil || strings.Contains(out.String(), "NaN") {
		t.Errorf("%v\n%s", err, &out)
	}
}

// TestEachWordIsInBothLanguages goes over the words of all pages.
func TestEachWordIsInBothLanguages(t *testing.T) {
	files, err := fs.Glob(pageFiles, "pages/*.en.yaml")
	if err != nil || len(files) < 2 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, en := range files {
		zh := strings.Replace(en, ".en.yaml", ".zh.yaml", 1)
		if a, b := keysOf(t, en), keysOf(t, zh); !slices.Equal(a, b) {
			t.Errorf("%s has %v\n%s has %v", en, a, zh, b)
		}
	}
}

func keysOf(t *testing.T, path string) []string {
	t.Helper()
	raw, err := fs.ReadFile(pageFiles, path)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]any{}
	if err := yaml.Unmarshal(raw, &all); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return slices.Sorted(maps.Keys(all))
}

func TestBelowTheBarByItsMeasure(t *testing.T) {
	e := evaluated(t)
	n := nail.Nail{Bar: map[string]nail.Goal{"grade": {Measure: "kappa", Threshold: 0.5}, "shop": {Measure: "normalised", Threshold: 0.95}}}
	err := belowBar(e.Report, n)
	if kit.CodeOf(err) != kit.BelowBar || !strings.HasSuffix(err.Error(), "below the bar of nail.yaml: shop") {
		t.Errorf("%v", err)
	}
	f, _ := e.Field("grade")
	if got := row(f); !strings.Contains(got, "kappa 0.50, is 0.9") {
		t.Errorf("%q", got)
	}
}

func TestPicturesKeepToTheirFrame(t *testing.T) {
	a := axis{High: 1}
	html := string(plot{Title: "T", X: a, Y: a, Of: []series{{Name: "s", Kind: "dots", Points: []point{{X: -5, Y: 9}, {X: 0.5, Y: 0.5, Low: -1, High: 3}}},
		{Kind: "columns", Points: []point{{X: 0.9, Y: 2, Size: 0.5}}}, {Kind: "line", Points: []point{{X: 0, Y: 0}, {X: 2, Y: -2}}}}}.figure())
	for _, m := range regexp.MustCompile(` (?:cx|cy|x1|x2|y1|y2|x|y|width|height)="(-?[\d.]+)"`).FindAllStringSubmatch(html, -1) {
		var v float64
		if _, err := fmt.Sscan(m[1], &v); err != nil || v < 0 || v > plotW {
			t.Errorf("%s is out of the frame", m[0])
		}
	}
	if n := strings.Count(html, "<circle"); n != 3 { // one in the legend
		t.Errorf("%d dots", n)
	}
}
