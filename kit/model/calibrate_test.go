package model

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
)

func TestSignsAreWhatTheTokensSaid(t *testing.T) {
	tokens := []Token{
		{Text: `{"shop":"`, LogProb: -9}, {Text: "ABC", LogProb: -0.1, Second: -5}, {Text: " Shop", LogProb: -0.3, Second: -1},
		{Text: `","date":"2018-03-01","total":12.5}`, LogProb: 2},
	}
	d := draftSlip(t, &script{replies: []Reply{{Output: goodSlip, Tokens: tokens}}})
	s := d.Fields[0].Signs
	if s.Tokens != 2 || math.Abs(s.Mean+0.2) > 1e-9 || s.Min != -0.3 || s.P10 != -0.3 || math.Abs(s.Margin-0.7) > 1e-9 || s.Raw != d.Fields[0].Confidence {
		t.Errorf("the shop's signs are %+v", s)
	}
	if s := d.Fields[2].Signs; s.Tokens != 0 || s.Margin != -1 || s.Raw != d.Fields[2].Confidence || d.Calibration != "" {
		t.Errorf("the total's signs are %+v", s)
	}
}

func TestAProvidersOwnSignsStand(t *testing.T) {
	own := []kit.Field{{Path: "total", Confidence: 0.9, Signs: &kit.Signs{Margin: 0.5, Agree: 0.8}}}
	d := draftSlip(t, &script{replies: []Reply{{Output: goodSlip, Fields: own}}})
	if s := d.Fields[2].Signs; s.Margin != 0.5 || s.Agree != 0.8 || s.Raw != 0.9 || own[0].Signs.Raw != 0 {
		t.Errorf("the signs are %+v", s)
	}
}

// halving is a calibration by which the raw confidence means half of its odds.
func halving(path string) Calibration {
	w := make([]float64, len(Features(kit.Field{})))
	w[0] = 1
	return Calibration{Version: CalibrationVersion, Labels: 9, Paths: map[string]Curve{path: {Bias: -math.Log(2), Weights: w}},
		Pooled: Curve{Bias: 2, Weights: make([]float64, len(w))}}
}

func TestExtractCalibratesWhatItsProviderKnows(t *testing.T) {
	var asked Fit
	c := halving("shop")
	p := Calibrated{Provider: says(goodSlip), Find: func(_ context.Context, fit Fit) (*Calibration, error) {
		asked = fit
		return &c, nil
	}}
	schema, _ := SchemaOf[slip]()
	d, err := Extract[kit.Document, slip](p, "read")(t.Context(), slipPaper)
	if err != nil || d.Calibration != c.Hash() {
		t.Fatalf("calibrated by %q, %v", d.Calibration, err)
	}
	if want := (Fit{Step: "read", Digest: "d", Prompt: "p", Schema: schema.Hash()}); asked != want {
		t.Errorf("asked for %+v, want %+v", asked, want)
	}
	// 0.6 are odds of 3 to 2; half of them are 3 to 4.
	if f := d.Fields[0]; f.Signs.Raw != unknownBase || math.Abs(f.Confidence-3.0/7) > 1e-9 {
		t.Errorf("the shop has %v of %v", f.Confidence, f.Signs.Raw)
	}
	if f := d.Fields[1]; math.Abs(f.Confidence-1/(1+math.Exp(-2))) > 1e-9 {
		t.Errorf("the date, of too few labels, has %v", f.Confidence)
	}
}

func TestWithoutACalibrationTheModelsOwnConfidenceStands(t *testing.T) {
	p := Calibrated{Provider: says(goodSlip), Find: func(context.Context, Fit) (*Calibration, error) { return nil, nil }}
	d, err := Extract[kit.Document, slip](p, "read")(t.Context(), slipPaper)
	if err != nil || d.Calibration != "" || d.Fields[0].Confidence != unknownBase {
		t.Errorf("%+v, %v", d, err)
	}
	p.Find = func(context.Context, Fit) (*Calibration, error) { return nil, errors.New("no database") }
	if _, err := Extract[kit.Document, slip](p, "read")(t.Context(), slipPaper); err == nil {
		t.Error("a calibration that cannot be looked up was taken for none")
	}
}

func TestMarksDecideBeforeACalibration(t *testing.T) {
	c := halving("a")
	for mark, want := range map[kit.Mark]float64{kit.MarkInvalid: 0, kit.MarkMissing: 0, kit.MarkByHand: 0, kit.MarkSet: 0.25} {
		if got := c.Confidence(kit.Field{Path: "a", Confidence: 0.25, Marks: []kit.Mark{mark}}); got != want {
			t.Errorf("%s: %v, want %v", mark, got, want)
		}
	}
}

func TestFeaturesAreFiniteAndAsManyForEveryField(t *testing.T) {
	n := len(Features(kit.Field{}))
	for _, f := range []kit.Field{
		{Confidence: 1}, {Confidence: 0, Value: json.RawMessage("null")}, {Signs: &kit.Signs{Raw: 1, Tokens: 3, Mean: -1e308, Margin: 1e308}},
		{Signs: &kit.Signs{Margin: -1}, Marks: []kit.Mark{kit.MarkNotFound, kit.MarkRepaired}},
	} {
		x := Features(f)
		for i, v := range x {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Errorf("%+v: feature %d is %v", f, i, v)
			}
		}
		if len(x) != n {
			t.Errorf("%+v has %d features, want %d", f, len(x), n)
		}
	}
}

func TestACalibrationIsReadAsItWasStored(t *testing.T) {
	c := halving("a")
	again, err := ParseCalibration(c.JSON())
	if err != nil || again.Hash() != c.Hash() || c.Hash() == halving("b").Hash() {
		t.Errorf("read back %+v, %v", again, err)
	}
	for bad, code := range map[string]kit.Code{`{`: kit.Invalid, `{"version":2}`: kit.Unsupported, `{}`: kit.Unsupported} {
		if _, err := ParseCalibration([]byte(bad)); kit.CodeOf(err) != code {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestCalibratedTriesAsOftenAsItsProvider(t *testing.T) {
	if n := (Calibrated{Provider: says("")}).Tries("x"); n != defaultTries {
		t.Errorf("%d tries", n)
	}
	if n := (Calibrated{Provider: Calibrated{Provider: once{}}}).Tries("x"); n != 1 {
		t.Errorf("%d tries", n)
	}
}

type once struct{ *script }

func (once) Tries(string) int { return 1 }
