package eval

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"
)

// The exact test is the binomial one at 1/2: of 10 cases on which the two
// differ, 9 for the new one have p = 11/1024 on one side.
func TestMcNemarByHand(t *testing.T) {
	p := Paired{Both: 50, OnlyOld: 1, OnlyNew: 9, Neither: 3}
	if got := p.PBetter(); math.Abs(got-11.0/1024) > 1e-12 {
		t.Errorf("better: %v", got)
	}
	if got := p.P(); math.Abs(got-22.0/1024) > 1e-12 {
		t.Errorf("both sides: %v", got)
	}
	if got := p.PWorse(); math.Abs(got-1023.0/1024) > 1e-12 {
		t.Errorf("worse: %v", got)
	}
	if (Paired{Both: 9}).P() != 1 || (Paired{}).PNoWorse(0.1) != 1 {
		t.Error("where nothing differs, or there is no case, nothing is shown")
	}
	if p.N() != 63 || math.Abs(p.Difference()-8.0/63) > 1e-12 {
		t.Errorf("%d cases, difference %v", p.N(), p.Difference())
	}
}

// Two disinfection systems of soft contact lenses (Miyanaga 1994), in Tango's
// paper of 1998: 44 lenses, one effective by the old system alone, margin 0.1:
// Z = 1.709.
func TestTangosExample(t *testing.T) {
	p := Paired{Both: 43, OnlyOld: 1}
	if z := distuv.UnitNormal.Quantile(1 - p.PNoWorse(0.1)); math.Abs(z-1.709) > 0.0006 {
		t.Errorf("Z = %.4f, published 1.709", z)
	}
}

func somePairs(t *rapid.T) Paired {
	n := rapid.IntRange(0, 60)
	return Paired{Both: n.Draw(t, "both"), OnlyOld: n.Draw(t, "old"), OnlyNew: n.Draw(t, "new"), Neither: n.Draw(t, "neither")}
}

func TestPairedTestsHangTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := somePairs(t)
		turned := Paired{Both: p.Both, OnlyOld: p.OnlyNew, OnlyNew: p.OnlyOld, Neither: p.Neither}
		if p.PBetter() != turned.PWorse() || p.P() != turned.P() {
			t.Fatalf("%+v is not mirrored", p)
		}
		if d := p.OnlyOld + p.OnlyNew; d > 0 { // at margin 0 it is McNemar's approximate test
			want := 1 - distuv.UnitNormal.CDF(float64(p.OnlyNew-p.OnlyOld)/math.Sqrt(float64(d)))
			if got := p.PNoWorse(0); math.Abs(got-want) > 1e-9 {
				t.Fatalf("%+v at no margin: %v, McNemar %v", p, got, want)
			}
		}
		if m := rapid.Float64Range(0.001, 0.3).Draw(t, "margin"); p.N() > 0 && p.PNoWorse(m) < p.PNoWorse(m+0.1)-1e-9 {
			t.Fatalf("%+v: a wider margin is harder to hold", p)
		}
	})
}

// A model that loses exactly the margin is shown to be "not worse" no more
// often than the risk allows, within what the approximation costs.
func TestNotWorseIsSeldomSaidWhereItIsFalse(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	const trials = 4000
	for _, apart := range []float64{0.05, 0.15, 0.30} { // cases on which the two differ
		said := 0
		for range trials {
			var p Paired
			for range 200 {
				switch u := r.Float64(); {
				case u < (apart+0.05)/2:
					p.OnlyOld++
				case u < apart:
					p.OnlyNew++
				default:
					p.Both++
				}
			}
			if p.PNoWorse(0.05) <= 0.05 {
				said++
			}
		}
		t.Logf("differing in %.0f %% of cases: said in %.1f %% of trials, allowed are 5 %%", 100*apart, 100*float64(said)/trials)
		if float64(said) > 0.06*trials {
			t.Errorf("differing in %v: said in %d of %d", apart, said, trials)
		}
	}
}

// pairsOf makes cases of two fields of which the drafts differ as told.
func pairsOf(field map[string]Paired) (cases []Case, old, new []Draft) {
	for path, p := range field {
		at := 0
		for _, kind := range []struct {
			n        int
			old, new bool
		}{{p.Both, true, true}, {p.OnlyOld, true, false}, {p.OnlyNew, false, true}, {p.Neither, false, false}} {
			for range kind.n {
				if at == len(cases) {
					cases = append(cases, Case{Name: fmt.Sprint(at), Answers: map[string]json.RawMessage{}})
					old, new = append(old, Draft{Values: map[string]json.RawMessage{}}), append(new, Draft{Values: map[string]json.RawMessage{}})
				}
				cases[at].Answers[path] = json.RawMessage(`"A-1"`)
				for _, d := range []struct {
					right bool
					draft Draft
				}{{kind.old, old[at]}, {kind.new, new[at]}} {
					if d.right {
						d.draft.Values[path] = json.RawMessage(`"a1"`)
					}
				}
				at++
			}
		}
	}
	return cases, old, new
}

func compare(smaller bool, field map[string]Paired) Comparison {
	c := Comparer{Smaller: smaller}
	for path := range field {
		c.Goals = append(c.Goals, Goal{Path: path, Measure: "normalised", Threshold: 0.9, Confidence: 0.95})
	}
	cases, old, new := pairsOf(field)
	return c.Compare(cases, old, new)
}

func TestTheRuleOfSwitching(t *testing.T) {
	for name, c := range map[string]struct {
		smaller bool
		pairs   Paired
		want    Advice
		why     string
	}{
		"smaller and as good":          {true, Paired{Both: 390, OnlyOld: 2, OnlyNew: 2, Neither: 6}, Switch, "smaller"},
		"as good, not smaller":         {false, Paired{Both: 390, OnlyOld: 2, OnlyNew: 2, Neither: 6}, Keep, "neither smaller nor better"},
		"better, not smaller":          {false, Paired{Both: 360, OnlyOld: 2, OnlyNew: 20, Neither: 18}, Switch, "better in total"},
		"worse, though smaller":        {true, Paired{Both: 360, OnlyOld: 30, OnlyNew: 2, Neither: 8}, Keep, "worse in total"},
		"as good in too few cases":     {true, Paired{Both: 40, OnlyOld: 1, OnlyNew: 1}, Undecided, "too few"},
		"no case at all":               {true, Paired{}, Undecided, "too few"},
		"a hair worse in a great many": {false, Paired{Both: 9800, OnlyOld: 140, OnlyNew: 60}, Keep, "a little worse"},
		"a hair worse and smaller":     {true, Paired{Both: 9800, OnlyOld: 140, OnlyNew: 60}, Switch, "smaller"},
	} {
		got := compare(c.smaller, map[string]Paired{"total": c.pairs})
		if got.Advice != c.want || !strings.Contains(got.Why, c.why) {
			t.Errorf("%s: %s, %s\n%+v", name, got.Advice, got.Why, got.Fields)
		}
		if f := got.Fields[0]; c.pairs.N() > 0 && (*f.Paired != c.pairs || !(f.Low <= f.Difference && f.Difference <= f.High) || f.NoWorse != (f.Low > -0.02)) {
			t.Errorf("%s: %+v of %+v", name, f, *f.Paired)
		}
	}
}

// What is needed decides, and one case in ten fewer does not.
func TestNeededPairsWouldDecide(t *testing.T) {
	got := compare(true, map[string]Paired{"total": {Both: 48, OnlyOld: 1, OnlyNew: 1}})
	if got.Advice != Undecided || got.Needed < 100 {
		t.Fatalf("%+v", got)
	}
	for n, want := range map[int]Advice{(got.Needed + 49) / 50 * 50: Switch, got.Needed * 9 / 10 / 50 * 50: Undecided} {
		if more := compare(true, map[string]Paired{"total": {Both: 48 * n / 50, OnlyOld: n / 50, OnlyNew: n / 50}}); more.Advice != want {
			t.Errorf("with %d cases %s, want %s (needed: %d)", n, more.Advice, want, got.Needed)
		}
	}
}

// Losses that no field shows can be shown by whole cases: in each of four
// fields another one of the cases is lost.
func TestWholeCasesAreComparedToo(t *testing.T) {
	cases, old, new := pairsOf(map[string]Paired{"a": {Both: 200}, "b": {Both: 200}, "c": {Both: 200}, "d": {Both: 200}})
	var c Comparer
	for i, path := range []string{"a", "b", "c", "d"} {
		c.Goals = append(c.Goals, Goal{Path: path, Measure: "normalised", Threshold: 0.9, Confidence: 0.95})
		for n := range 3 {
			delete(new[10*i+n].Values, path)
		}
	}
	got := c.Compare(cases, old, new)
	if f := got.Fields[4]; f.Path != WholeCase || !f.Worse || f.Paired.OnlyOld != 12 || got.Advice != Keep {
		t.Errorf("%+v", got)
	}
	for _, f := range got.Fields[:4] {
		if f.Worse {
			t.Errorf("%+v", f)
		}
	}
}

func TestOtherMeasuresAreComparedByABootstrapOfPairs(t *testing.T) {
	c := Comparer{Goals: []Goal{{Path: "grade", Measure: "weighted_kappa", Threshold: 0.5, Confidence: 0.95}}, Kinds: map[string]Kind{"grade": Number}, Smaller: true}
	r := rand.New(rand.NewPCG(5, 6))
	var cases []Case
	var old, new []Draft
	for i := range 200 {
		grade := func(noise int) map[string]json.RawMessage {
			return map[string]json.RawMessage{"grade": json.RawMessage(fmt.Sprint(i%5 + r.IntN(noise)))}
		}
		cases = append(cases, Case{Name: fmt.Sprint(i), Answers: grade(1)})
		old, new = append(old, Draft{Values: grade(2)}), append(new, Draft{Values: grade(5)})
	}
	if got := c.Compare(cases, old, new); got.Advice != Keep || !got.Fields[0].Worse || got.Fields[0].High >= 0 {
		t.Errorf("a worse one: %+v", got)
	}
	if got := c.Compare(cases, new, old); got.Advice != Switch || !got.Fields[0].Better || got.Fields[0].Low <= 0 {
		t.Errorf("a better one: %+v", got)
	}
	few := c.Compare(cases[:12], old[:12], old[:12])
	if few.Advice != Switch || few.Fields[0].Difference != 0 {
		t.Errorf("the same drafts: %+v", few)
	}
}
