package nail_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/tackhammer/tackhammer/kit/nail"
)

// rates cost 0.0001 a second of a call, and 1051.2 a month of the machine.
var rates = nail.Rates{Currency: "USD", Price: 0.5, Wage: 18, GPUHour: 1.44, Slots: 4, Budget: 100}

// facts are ten days' of 1000 cases.
var facts = nail.Facts{Days: 10, Submitted: 1100, Drafted: 1050, Delivered: 1000, Calls: 1200, Failed: 20, ModelSeconds: 4000,
	Decisions: 800, ReviewSeconds: 16000, Touched: 750, InLots: 250}

// near fails unless a figure is told and is what was worked out by hand.
func near(t *testing.T, what string, got *float64, want float64) {
	t.Helper()
	if got == nil || math.Abs(*got-want) > 1e-9*math.Max(1, math.Abs(want)) {
		t.Errorf("%s is %v, want %v", what, show(got), want)
	}
}

func show[T any](v *T) any {
	if v == nil {
		return "untold"
	}
	return *v
}

func TestALedgerByHand(t *testing.T) {
	l := rates.Ledger(facts)
	near(t, "people", l.People, 80)         // 16000 s / 3600 x 18
	near(t, "calls", &l.Calls, 0.4)         // 4000 s x 1.44/3600/4
	near(t, "rent", &l.Rent, 10512/30.44)   // 1.44 x 730 x 10/30.44
	near(t, "minutes", l.HumanMinutes, 0.8) // 16000 of 20000
	near(t, "cases", l.HumanCases, 0.75)    // 750 of 1000
	near(t, "by calls: case", l.ByCalls.Case, 0.0804)
	near(t, "by calls: human share", l.ByCalls.HumanShare, 80/80.4)
	near(t, "by calls: margin", l.ByCalls.Margin, 0.4196)
	near(t, "rented: case", l.Rented.Case, 0.08+10.512/30.44)
	near(t, "rented: human share", l.Rented.HumanShare, 80/(80+10512/30.44))
	near(t, "rented: margin", l.Rented.Margin, 0.42-10.512/30.44)
	m := l.Rented.Month
	near(t, "month: cases", &m.Cases, 3044)
	near(t, "month: revenue", &m.Revenue, 1522)
	near(t, "month: people", &m.People, 243.52)
	near(t, "month: model", &m.Model, 1051.2) // as Economics.GPUMonth
	near(t, "month: margin", &m.Margin, 227.28)
	near(t, "stress: margin", &l.Rented.Stress.Margin, -77.12) // 1217.6 - 243.52 - 1051.2
	near(t, "by calls, month: model", &l.ByCalls.Month.Model, 1.2176)
	near(t, "by calls, stress: margin", &l.ByCalls.Stress.Margin, 972.8624)
	if b, s := *l.Rented.BreakEven, *l.Rented.StressBreakEven; b != 2503 || s != 3285 { // 1051.2/0.42, 1051.2/0.32
		t.Errorf("break-even at %d and %d cases, want 2503 and 3285", b, s)
	}
	if b := *l.ByCalls.BreakEven; b != 0 || len(l.Untold) != 0 {
		t.Errorf("break-even by calls at %d, untold %v", b, l.Untold)
	}
}

func TestWhatCannotBeToldIsNot(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*nail.Rates, *nail.Facts)
		untold []string
		told   string // of case, margin, month, break-even, people's share
	}{
		{"all is there", func(*nail.Rates, *nail.Facts) {}, []string{}, "case margin month even share"},
		{"no cases", func(_ *nail.Rates, f *nail.Facts) { f.Delivered = 0 }, []string{"delivered"}, "share"},
		{"no price", func(r *nail.Rates, _ *nail.Facts) { r.Price = 0 }, []string{"price"}, "case share"},
		{"no wage", func(r *nail.Rates, _ *nail.Facts) { r.Wage = 0 }, []string{"wage"}, ""},
		{"one day", func(_ *nail.Rates, f *nail.Facts) { f.Days = 1 }, []string{"days"}, "case margin even share"},
		{"nothing at all", func(r *nail.Rates, f *nail.Facts) { *r, *f = nail.Rates{}, nail.Facts{} },
			[]string{"delivered", "price", "wage", "days"}, ""},
	} {
		r, f := rates, facts
		c.change(&r, &f)
		l := r.Ledger(f)
		if !slices.Equal(l.Untold, c.untold) {
			t.Errorf("%s: untold %v, want %v", c.name, l.Untold, c.untold)
		}
		for _, a := range []nail.Account{l.ByCalls, l.Rented} {
			if got := said(a); got != c.told {
				t.Errorf("%s: tells %q, want %q", c.name, got, c.told)
			}
		}
	}
}

// said names the figures that an account tells.
func said(a nail.Account) (words string) {
	for _, f := range []struct {
		name string
		told bool
	}{{"case", a.Case != nil}, {"margin", a.Margin != nil}, {"month", a.Month != nil && a.Stress != nil},
		{"even", a.BreakEven != nil && a.StressBreakEven != nil}, {"share", a.HumanShare != nil}} {
		if f.told && words != "" {
			words += " "
		}
		if f.told {
			words += f.name
		}
	}
	return words
}

func TestBreakEvenKnowsWhenNothingPays(t *testing.T) {
	for _, c := range []struct {
		price, gpu   float64
		want, stress int
	}{
		{0.5, 0, 0, 0},                    // no machine to pay
		{0.09, 0, 0, -1},                  // pays its people, not with 20 % less
		{0.05, 1.44, -1, -1},              // costs its people more than it brings
		{0.08 + 1.0512, 1.44, 1000, 1275}, // 1051.2/1.0512; 1051.2/0.82496
	} {
		r := rates
		r.Price, r.GPUHour = c.price, c.gpu
		a := r.Ledger(facts).Rented
		if *a.BreakEven != c.want || *a.StressBreakEven != c.stress {
			t.Errorf("at %v with %v an hour: %d and %d, want %d and %d", c.price, c.gpu, *a.BreakEven, *a.StressBreakEven, c.want, c.stress)
		}
	}
}

func TestABudgetWithoutAPriceOfTheMachineLimitsNothing(t *testing.T) {
	free, none := rates, rates
	free.GPUHour, none.Budget = 0, 0
	if !rates.Limited() || free.Limited() || none.Limited() || free.Second() != 0 {
		t.Errorf("limited: %v, without gpu_hour %v, without a budget %v", rates.Limited(), free.Limited(), none.Limited())
	}
}

func TestRatesAreTheNails(t *testing.T) {
	n, err := nail.Parse("nail.yaml", []byte("name: desk\njob: Read receipts\ncurrency: EUR\nprice: 0.4\ngpu_hour: 2\nslots: 8\n"+
		"today: {minutes: 3, wage: 25}\nbudget: {month: 300}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := n.Rates(), (nail.Rates{Currency: "EUR", Price: 0.4, Wage: 25, GPUHour: 2, Slots: 8, Budget: 300}); got != want {
		t.Errorf("rates %+v, want %+v", got, want)
	}
}

func ExampleRates_Ledger() {
	r := nail.Rates{Price: 0.5, Wage: 18, GPUHour: 1.44, Slots: 4}
	l := r.Ledger(nail.Facts{Days: 10, Delivered: 1000, ModelSeconds: 4000, ReviewSeconds: 16000})
	fmt.Printf("%.4f a case, %d cases a month break even\n", *l.ByCalls.Case, *l.Rented.BreakEven)
	// Output: 0.0804 a case, 2503 cases a month break even
}

func TestAmountsAreForPeople(t *testing.T) {
	for v, want := range map[float64]string{0: "0.00", 0.0804: "0.0804", 0.42: "0.42", 0.000361: "0.000361", 1e-9: "0.00", 1: "1.00",
		0.5: "0.50", 12.345: "12.35", 1051.2: "1,051.20", 1234567.8: "1,234,567.80", -77.12: "−77.12", -0.0000001: "0.00", 999.999: "1,000.00",
		0.9999: "1.00", 100: "100.00", math.NaN(): "–"} {
		if got := nail.Amount(v); got != want {
			t.Errorf("%v is written %q, want %q", v, got, want)
		}
	}
}
