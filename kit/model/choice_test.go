package model

import (
	"math"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
)

var means = FieldSpec{Kind: Enum, Path: "means", Enum: []string{"cash", "card", "转账"}, Nullable: true}

func TestAnEnumIsHeldToItsValues(t *testing.T) {
	for _, c := range []struct {
		name   string
		output string
		tokens []Token
		want   float64 // of the token that spells the value
		barred float64
	}{
		{"another value", `"cash"`, []Token{{Text: `"`}, {Text: "cash", LogProb: math.Log(0.6), Second: math.Log(0.3), SecondText: "card"}, {Text: `"`}}, 0.6, 0},
		{"the start of one", `"cash"`, []Token{{Text: `"`}, {Text: "cash", LogProb: math.Log(0.6), Second: math.Log(0.3), SecondText: "ca"}, {Text: `"`}}, 0.6, 0},
		{"one and what follows", `"cash"`, []Token{{Text: `"`}, {Text: "cash", LogProb: math.Log(0.6), Second: math.Log(0.3), SecondText: `card",`}, {Text: `"`}}, 0.6, 0},
		{"no value", `"cash"`, []Token{{Text: `"`}, {Text: "cash", LogProb: math.Log(0.3), Second: math.Log(0.6), SecondText: "Visa"}, {Text: `"`}}, 0.75, 0.6},
		{"more than a value", `"cash"`, []Token{{Text: `"`}, {Text: "cash", LogProb: math.Log(0.5), Second: math.Log(0.25), SecondText: "cashier"}, {Text: `"`}}, 2.0 / 3, 0.25},
		{"a value in pieces", `"cash"`, []Token{{Text: `"ca`}, {Text: `sh"`, LogProb: math.Log(0.4), Second: math.Log(0.5), SecondText: "ke"}}, 0.8, 0.5},
		{"null beside a text", `"cash"`, []Token{{Text: `"cash"`, LogProb: math.Log(0.5), Second: math.Log(0.4), SecondText: "null"}}, 0.5, 0},
		{"a number beside null", `null`, []Token{{Text: "null", LogProb: math.Log(0.4), Second: math.Log(0.2), SecondText: "0"}}, 0.5, 0.2},
		{"a space first", `"cash"`, []Token{{Text: `"cash"`, LogProb: math.Log(0.5), Second: math.Log(0.4), SecondText: " "}}, 0.5, 0},
		{"half a character", `"转账"`, []Token{{Text: `"`}, {Text: "转账", LogProb: math.Log(0.5), Second: math.Log(0.4), SecondText: "\ufffd"}, {Text: `"`}}, 0.5, 0},
		{"a runner-up without a text", `"cash"`, []Token{{Text: `"`}, {Text: "cash", LogProb: math.Log(0.5), Second: math.Log(0.4)}, {Text: `"`}}, 0.5, 0},
		{"rounded above 1", `"cash"`, []Token{{Text: `"`}, {Text: "cash", LogProb: math.Log(0.5), Second: math.Log(0.51), SecondText: "x"}, {Text: `"`}}, 1, 0.5},
	} {
		t.Run(c.name, func(t *testing.T) {
			held, barred := hold(c.tokens, alignTokens(c.output, c.tokens), c.output, span{0, len(c.output)}, means)
			likeliest := 0.0
			for _, h := range held {
				likeliest = min(likeliest, h.LogProb)
			}
			if got := math.Exp(likeliest); math.Abs(got-c.want) > 1e-9 || math.Abs(barred-c.barred) > 1e-9 {
				t.Errorf("probability %g with %g barred, want %g with %g", got, barred, c.want, c.barred)
			}
		})
	}
}

func TestAnEnumOffItsListIsLessSure(t *testing.T) {
	type payment struct {
		Means string `json:"means" jsonschema:"enum=cash,enum=card"`
	}
	sure := func(second float64, text string) float64 {
		first := Token{Text: "cash", LogProb: math.Log(0.2), Second: math.Log(second), SecondText: text}
		s := &script{replies: []Reply{{Output: `{"means":"cash"}`, Tokens: []Token{{Text: `{"means":"`}, first, {Text: `"}`}}}}}
		d, err := Extract[kit.Document, payment](s, "read")(t.Context(), kit.Document{Text: "CASH 5.00"})
		if err != nil || d.GaveUp != "" {
			t.Fatalf("draft %+v, %v", d, err)
		}
		return d.Fields[0].Confidence
	}
	for _, c := range []struct {
		second float64
		text   string
		want   float64
	}{
		{0.1, "card", 0.2}, {0.3, "card", 0.2 * closeCall}, {0.2, "Visa", 0.25}, {0.75, "Visa", 0.8 * offList},
	} {
		if got := sure(c.second, c.text); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("with %s at %g: %g, want %g", c.text, c.second, got, c.want)
		}
	}
}
