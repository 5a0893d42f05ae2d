package model

import (
	"math"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
)

// toks makes tokens of pieces, all with one log-probability.
func toks(logprob float64, pieces ...string) []Token {
	var out []Token
	for _, p := range pieces {
		out = append(out, Token{Text: p, LogProb: logprob})
	}
	return out
}

func TestConfidenceIsOfTheValuesOwnTokens(t *testing.T) {
	tokens := []Token{
		{Text: `{"shop":`, LogProb: -9}, {Text: `"`, LogProb: -9}, {Text: "ABC", LogProb: -0.1, Second: -5}, {Text: " Shop", LogProb: -0.3, Second: -5},
		{Text: `","`, LogProb: -9}, {Text: `date":"`, LogProb: -9}, {Text: "2018-03-01", LogProb: -0.7, Second: -0.8}, {Text: `","total":`, LogProb: -9},
		{Text: "12.5", LogProb: -0.01, Second: -6}, {Text: "}", LogProb: -9},
	}
	d := draftSlip(t, &script{replies: []Reply{{Output: goodSlip, Tokens: tokens}}})
	shop := 0.5*math.Exp(-0.2) + 0.5*math.Exp(-0.3)
	for i, want := range []float64{shop, math.Exp(-0.7) * closeCall, math.Exp(-0.01)} {
		if got := d.Fields[i].Confidence; math.Abs(got-want) > 1e-9 {
			t.Errorf("%s has %g, want %g", d.Fields[i].Path, got, want)
		}
	}
}

func TestConfidenceOfAnAnswerInProse(t *testing.T) {
	output := "Here: " + goodSlip
	tokens := append(toks(-8, "Here", ": "), toks(-0.5, strings.SplitAfter(goodSlip, ",")...)...)
	d := draftSlip(t, &script{replies: []Reply{{Output: output, Tokens: tokens}}})
	for _, f := range d.Fields {
		if math.Abs(f.Confidence-math.Exp(-0.5)) > 1e-9 {
			t.Errorf("%s has %g", f.Path, f.Confidence)
		}
	}
}

func TestStatsRejectWhatIsNoLogProbability(t *testing.T) {
	at := []span{{0, 1}, {1, 2}, {2, 3}}
	for _, bad := range []float64{0.9, math.NaN(), math.Inf(-1), math.Inf(1)} {
		tokens := toks(-0.1, "a", "b", "c")
		tokens[1].LogProb = bad
		if statsOf(tokens, at, span{0, 3}).known || !statsOf(tokens, at, span{2, 3}).known {
			t.Errorf("%g was taken for a log-probability, or spoiled its neighbour", bad)
		}
	}
	if statsOf(nil, nil, span{0, 3}).known {
		t.Error("no tokens are known")
	}
	var many []Token
	var places []span
	for i := range 21 {
		many = append(many, Token{Text: "x", LogProb: -float64(i)})
		places = append(places, span{i, i + 1})
	}
	if s := statsOf(many, places, span{0, 21}); s.mean != -10 || s.min != -20 || s.p10 != -18 || s.margin != -1 {
		t.Errorf("stats %+v", s)
	}
}

func TestFormula(t *testing.T) {
	sure := tokenStats{known: true, margin: -1}
	for _, c := range []struct {
		stats tokenStats
		marks []kit.Mark
		want  float64
	}{
		{sure, nil, 1},
		{tokenStats{margin: -1}, nil, unknownBase},
		{tokenStats{known: true, margin: 0.1}, nil, closeCall},
		{sure, []kit.Mark{kit.MarkNotFound}, notFound},
		{sure, []kit.Mark{kit.MarkRepaired, kit.MarkRetried}, repairedBy * retriedBy},
		{sure, []kit.Mark{kit.MarkInvalid}, 0},
		{sure, []kit.Mark{kit.MarkMissing}, 0},
		{sure, []kit.Mark{kit.MarkNotFound, kit.MarkByHand}, 0},
	} {
		if got := confidence(c.stats, c.marks); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%+v %v: %g, want %g", c.stats, c.marks, got, c.want)
		}
	}
}

func TestAlignTokens(t *testing.T) {
	for _, c := range []struct {
		name   string
		output string
		tokens []string
		want   []string
	}{
		{"as written", "abcd", []string{"a", "bc", "d"}, []string{"a", "bc", "d"}},
		{"split character", "aéb", []string{"a", "\ufffd", "\ufffd", "b"}, []string{"a", "é", "é", "b"}},
		{"raw bytes", "aéb", []string{"a", "\xc3", "\xa9", "b"}, []string{"a", "é", "é", "b"}},
		{"split at the end", "a中", []string{"a", "\ufffd\ufffd", "\ufffd"}, []string{"a", "中", "中"}},
		{"U+FFFD beside text", "x中y", []string{"x\ufffd", "\ufffdy"}, []string{"x中", "中y"}},
		{"same letter after a split", "éa", []string{"\ufffd", "\ufffd", "a"}, []string{"é", "é", "a"}},
		{"a token nowhere", "ab", []string{"a", "zzz", "b"}, []string{"a", "", "b"}},
		{"thoughts before", "ab", []string{"<t>", "a", "b"}, []string{"", "a", "b"}},
		{"empty", "ab", []string{"", "a", "b"}, []string{"", "a", "b"}},
		{"too many", "a", []string{"a", "b", "c"}, []string{"a", "", ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for i, s := range alignTokens(c.output, toks(-1, c.tokens...)) {
				if got := c.output[s.start:s.end]; got != c.want[i] {
					t.Errorf("token %d is %q, want %q", i, got, c.want[i])
				}
			}
		})
	}
}
