package model

import (
	"math"
	"testing"
)

func TestSift(t *testing.T) {
	fine := []Token{{Text: "{}", LogProb: -0.1}}
	for name, c := range map[string]struct {
		in     Reply
		apart  bool
		output string
		tokens int
	}{
		"as it is":             {Reply{Output: "{}", Tokens: fine}, false, "{}", 1},
		"certain":              {Reply{Output: "{}", Tokens: []Token{{Text: "{}"}}}, false, "{}", 1},
		"thoughts apart":       {Reply{Output: "{}", Tokens: fine}, true, "{}", 0},
		"thoughts before":      {Reply{Output: " <think>{1}</think>{}", Tokens: fine}, false, "{}", 0},
		"thoughts in a value":  {Reply{Output: `{"a":"<think></think>"}`, Tokens: fine}, false, `{"a":"<think></think>"}`, 1},
		"a probability":        {Reply{Output: "{}", Tokens: []Token{{LogProb: -1}, {LogProb: 0.9}}}, false, "{}", 0},
		"no number":            {Reply{Output: "{}", Tokens: []Token{{LogProb: math.NaN()}}}, false, "{}", 0},
		"impossible, but said": {Reply{Output: "{}", Tokens: []Token{{LogProb: math.Inf(-1)}}}, false, "{}", 0},
	} {
		if got := c.in.Sift(c.apart); got.Output != c.output || len(got.Tokens) != c.tokens {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
