package app

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// boaster draws drafts of a model that is sure of nearly all: what tells right
// from wrong is the least log-probability, and whether the value was found.
func boaster(n int, seed uint64) (cases []known) {
	r := rand.New(rand.NewPCG(seed, 7))
	for i := range n {
		k := known{part: eval.Split(kit.Hash(fmt.Append(nil, seed, i))), right: map[string]bool{}}
		for _, path := range []string{"total", "date"} {
			least := -3 * r.Float64() * r.Float64()
			f := kit.Field{Path: path, Value: json.RawMessage(`"x"`), Confidence: 0.97, Signs: &kit.Signs{Raw: 0.97, Tokens: 4, Mean: least / 4, Min: least, P10: least, Margin: 2}}
			k.right[path] = r.Float64() < 1/(1+math.Exp(-7-6*least))
			k.fields = append(k.fields, f)
		}
		cases = append(cases, k)
	}
	return cases
}

var boasters = model.Fit{Step: "extract", Digest: "d", Prompt: "p", Schema: "s", Server: "ollama 1"}

func TestACalibrationMendsBoastingOnCasesThatItNeverSaw(t *testing.T) {
	c, err := calibrate(boasters, boaster(400, 1))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Paths) != 2 || c.Labels != 800 {
		t.Errorf("%d paths from %d labels", len(c.Paths), c.Labels)
	}
	own, by := brier(boaster(1000, 2), c)
	t.Logf("Brier on 1000 other cases: %.4f by the model's own word, %.4f calibrated", own, by)
	if by > 0.8*own {
		t.Errorf("Brier %.4f became %.4f only", own, by)
	}
	again, _ := calibrate(boasters, boaster(400, 1))
	if again.Hash() != c.Hash() {
		t.Error("the same cases made another calibration")
	}
}

func TestFewLabelsArePooled(t *testing.T) {
	c, err := calibrate(boasters, boaster(30, 1))
	if err != nil || len(c.Paths) != 0 || c.Pooled.Labels != 60 {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := calibrate(boasters, []known{{right: map[string]bool{"total": true}}}); kit.CodeOf(err) != kit.Invalid {
		t.Errorf("of no drafted field: %v", err)
	}
}

// The bar that is stored is the one that the cases kept for it certify, and its
// share is theirs: none of those that the calibration was made from counts.
func TestCertifyLooksAtTheCasesKeptForItAlone(t *testing.T) {
	cases := boaster(2000, 3)
	cases[0].right = map[string]bool{} // of which nothing is known
	kept := 0
	for _, k := range cases[1:] {
		if k.part == eval.Certify {
			kept++
		}
	}
	cert, err := certify(promise{0.05, 0.95}, "small", boasters, cases)
	if err != nil || !cert.Passes {
		t.Fatalf("%+v, %v", cert, err)
	}
	b := cert.Bar
	if err := b.Check(); err != nil {
		t.Error(err)
	}
	if b.Cases != kept || cert.CertifiedOn != kept || cert.CalibratedOn != 1999-kept || cert.LeftOut != 1 || b.Fit() != boasters || b.Calibration != cert.calibration.Hash() {
		t.Errorf("%+v of %d", cert, kept)
	}
	passed, wrong := 0, 0
	for _, k := range cases {
		if o := k.outcome(cert.calibration); k.part == eval.Certify && len(k.right) > 0 && o.Confidence >= b.Threshold {
			passed++
			if o.Wrong {
				wrong++
			}
		}
	}
	if passed != b.Labels || wrong != b.Wrong || math.Abs(b.Share-float64(passed)/float64(kept)) > 1e-12 {
		t.Errorf("%d pass, %d wrong; the bar says %d, %d, %v", passed, wrong, b.Labels, b.Wrong, b.Share)
	}
	want := fmt.Sprintf("at this bar %.0f %% of cases pass, at most 5 %% wrong, 95 %% sure, from %d labels", 100*b.Share, kept)
	if cert.Words != want {
		t.Errorf("says %q, want %q", cert.Words, want)
	}
	t.Log(cert.Words)
}

// A certificate is kept on fresh cases of the same kind in all trials but those
// allowed, with all that goes before it: calibration, grid and split.
func TestCertificatesKeepTheirPromiseOnFreshCases(t *testing.T) {
	const trials, wrongAtMost, confidence = 100, 0.05, 0.90
	fresh := boaster(10000, 99)
	broke, passes := 0, 0
	for i := range trials {
		cert, err := certify(promise{wrongAtMost, confidence}, "small", boasters, boaster(700, uint64(1000+i)))
		if err != nil {
			t.Fatal(err)
		}
		if !cert.Passes {
			continue
		}
		passes++
		passed, wrong := 0.0, 0.0
		for _, k := range fresh {
			if o := k.outcome(cert.calibration); o.Confidence >= cert.Bar.Threshold {
				passed++
				if o.Wrong {
					wrong++
				}
			}
		}
		if wrong > wrongAtMost*passed {
			broke++
		}
	}
	t.Logf("of %d trials %d certify, %d break the promise; allowed are %.0f", trials, passes, broke, trials*(1-confidence))
	if passes < trials/4 || float64(broke) > trials*(1-confidence)+3*math.Sqrt(trials*confidence*(1-confidence)) {
		t.Errorf("of %d trials %d certify, %d break the promise", trials, passes, broke)
	}
}

func TestMarkedAndFailedDraftsNeverPass(t *testing.T) {
	kinds := map[string]eval.Kind{"total": eval.Number}
	l := labelled{Case: eval.Case{Answers: map[string]json.RawMessage{"total": json.RawMessage(`5`)}}}
	good := drafted{Draft: eval.Draft{Values: map[string]json.RawMessage{"total": json.RawMessage(`5.0`)}},
		Fields: []kit.Field{{Path: "total", Confidence: 0.2, Signs: &kit.Signs{Raw: 0.9, Margin: -1}}}}
	if k := knownOf(l, good, kinds); k.barred || !k.right["total"] || k.fields[0].Confidence != 0.9 {
		t.Errorf("a good draft: %+v", k)
	}
	for name, change := range map[string]func(*drafted){
		"marked": func(d *drafted) { d.Draft.Marked = true }, "gave up": func(d *drafted) { d.GaveUp = "no" }, "failed": func(d *drafted) { d.Err = "no"; d.Fields = nil },
	} {
		d := good
		change(&d)
		if o := knownOf(l, d, kinds).outcome(model.Calibration{}); !o.Barred {
			t.Errorf("%s: %+v", name, o)
		}
	}
}

// What a person emptied is wrong in the draft; what a file does not answer is
// not known.
func TestWhatIsKnownOfAField(t *testing.T) {
	kinds := map[string]eval.Kind{"total": eval.Number, "date": eval.Date}
	d := drafted{Draft: eval.Draft{Values: map[string]json.RawMessage{"total": json.RawMessage(`5`), "date": json.RawMessage(`"2020-01-01"`)}}}
	l := labelled{Case: eval.Case{Answers: map[string]json.RawMessage{"total": json.RawMessage(`5`), "date": json.RawMessage(`null`)}}}
	if k := knownOf(l, d, kinds); len(k.right) != 1 || !k.right["total"] {
		t.Errorf("of a file: %+v", k.right)
	}
	l.Correction = &workflow.Correction{}
	if k := knownOf(l, d, kinds); len(k.right) != 2 || !k.right["total"] || k.right["date"] {
		t.Errorf("of a decision: %+v", k.right)
	}
}

func TestWhereNothingPassesItSaysWhatWouldDo(t *testing.T) {
	cert, err := certify(promise{0.02, 0.95}, "small", boasters, boaster(100, 5))
	if err != nil || cert.Passes {
		t.Fatalf("%+v, %v", cert, err)
	}
	short := cert.short()
	if kit.CodeOf(short) != kit.BelowBar || !strings.Contains(kit.HintOf(short), "149 with 0 wrong, 236 with 1 wrong, 313 with 2 wrong") {
		t.Errorf("%v; hint: %s", short, kit.HintOf(short))
	}
	t.Log(cert.Words, "|", kit.HintOf(short))
	if n := labelsInAll(eval.Threshold{Passed: 50, Wrong: 5}, 100, promise{0.05, 0.95}); n != 0 {
		t.Errorf("with too many wrong %d labels do", n)
	}
	if n := labelsInAll(eval.Threshold{Passed: 50}, 100, promise{0.05, 0.95}); n != 338 { // 59 / 0.5 / 0.35
		t.Errorf("with none wrong %d labels do", n)
	}
	if err := (promise{0, 0.95}).check(); kit.CodeOf(err) != kit.Invalid {
		t.Errorf("no error at all: %v", err)
	}
}
