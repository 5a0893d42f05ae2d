package eval_test

import (
	"encoding/json"
	"fmt"

	"github.com/tackhammer/tackhammer/kit/eval"
)

// What 93 right answers of 100 say of the share to expect.
func ExampleWilson() {
	low, high := eval.Wilson(93, 100, 0.95)
	fmt.Printf("%.3f to %.3f\n", low, high)
	// Output: 0.863 to 0.966
}

// To be 95 % sure of at most 5 % errors, 59 labels must hold none: the bound
// is one-sided, so the interval is asked for at 90 %.
func ExampleClopperPearson() {
	_, most := eval.ClopperPearson(0, 59, 0.90)
	fmt.Printf("at most %.4f\n", most)
	// Output: at most 0.0495
}

func ExampleKind_Match() {
	printed, drafted := json.RawMessage(`"RM 1,234.50"`), json.RawMessage(`1234.5`)
	fmt.Println(eval.Number.Match(printed, drafted), eval.Text.Match(printed, drafted))
	// Output: true false
}

func ExampleKind_Normalise() {
	for _, s := range []string{"25/12/2018", "25 DEC 2018", "2018年12月25日", "31/02/2018"} {
		day, ok := eval.Date.Normalise(s)
		fmt.Printf("%q %v\n", day, ok)
	}
	// Output:
	// "2018-12-25" true
	// "2018-12-25" true
	// "2018-12-25" true
	// "" false
}

func ExamplePaths() {
	fields, err := eval.Paths([]byte(`{"seller": {"name": "Kopi Corner"}, "total": 4.5}`))
	fmt.Println(string(fields["seller.name"]), string(fields["total"]), err)
	// Output: "Kopi Corner" 4.5 <nil>
}

// Of 200 cases, 90 looked at and none of them wrong: at 95 % confidence no more
// than 2 % of all 200 are.
func ExampleLotBound() {
	n := eval.SampleSize(200, 0.02, 0.95)
	fmt.Println(n, eval.LotBound(0, n, 200, 0.95), eval.LotBound(1, n, 200, 0.95) <= 0.02)
	// Output: 90 0.02 false
}

// Two people valued four answers; chance alone would have them agree on some.
func ExampleKappa() {
	r := eval.Pairs([]float64{1, 1, 0, 0}, []float64{1, 1, 0, 1})
	fmt.Println(eval.Exact(r), eval.Kappa(r))
	// Output: 0.75 0.5
}
