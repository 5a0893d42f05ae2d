package nail

import (
	"math"
	"strconv"
	"strings"
)

const (
	daysAMonth  = 30.44 // on average
	fewestDays  = 2.0   // below them a month's pace cannot be told
	secondsHour = 60 * 60
)

// Rates are today's prices, in the nail's currency. The ledger keeps seconds,
// not money: what they cost is worked out when it is asked, so that a changed
// wage or machine shows at once, for the past too.
type Rates struct {
	Currency string  `json:"currency" doc:"ISO 4217 code of every amount"`
	Price    float64 `json:"price" doc:"Of a case, from nail.yaml; 0 where it states none"`
	Wage     float64 `json:"wage" doc:"Of an hour of those who review, from nail.yaml; 0 where it states none"`
	GPUHour  float64 `json:"gpu_hour" doc:"Of the model's machine, from nail.yaml; 0 where it costs nothing"`
	Slots    int     `json:"slots" doc:"Answers that the machine makes at a time"`
	Budget   float64 `json:"budget" doc:"For model calls in a calendar month (UTC); 0 for no limit"`
}

// Rates returns what the nail says that things cost.
func (n Nail) Rates() Rates {
	return Rates{Currency: n.Currency, Price: n.Price, Wage: n.Reviewer.Wage, GPUHour: n.GPUHour, Slots: n.Slots, Budget: n.Budget.Month}
}

// Second is what a second of one model call costs: a machine that is busy in
// all its slots costs GPUHour an hour.
func (r Rates) Second() float64 { return r.GPUHour / secondsHour / float64(max(r.Slots, 1)) }

// Limited reports whether a budget bounds anything: without a price of the
// machine, calls cost nothing and no budget is ever spent.
func (r Rates) Limited() bool { return r.Budget > 0 && r.GPUHour > 0 }

// Facts are what was measured over Days.
type Facts struct {
	Days          float64 `json:"days" doc:"Since midnight UTC of the first of them; since its first case where the service is younger than was asked for"`
	Submitted     int     `json:"submitted" doc:"Cases that came in"`
	Drafted       int     `json:"drafted" doc:"Drafts made"`
	Delivered     int     `json:"delivered" doc:"Cases that went out"`
	Calls         int     `json:"calls" doc:"Answers asked of models, those that failed included"`
	Failed        int     `json:"failed" doc:"Tries to draft that came to nothing"`
	PromptTokens  int     `json:"prompt_tokens"`
	OutputTokens  int     `json:"output_tokens"`
	ModelSeconds  float64 `json:"model_seconds" doc:"From request to answer, waiting for the server's turn included"`
	Decisions     int     `json:"decisions" doc:"Made by people on single cases, skips and returns included"`
	ReviewSeconds float64 `json:"review_seconds" doc:"From claim to decision, skip, return or release"`
	Touched       int     `json:"touched" doc:"Cases that a person looked at and let out"`
	InLots        int     `json:"in_lots" doc:"Cases that passed in a lot, looked at by nobody"`
}

// Ledger is what the facts cost. A figure that cannot be told is null, and
// Untold names why.
type Ledger struct {
	People *float64 `json:"people" doc:"What the time of review cost"`
	Calls  float64  `json:"calls" doc:"What the seconds of model calls cost"`
	Rent   float64  `json:"rent" doc:"What the machine cost in these days, rented day and night"`

	ByCalls Account `json:"by_calls" doc:"With the machine paid by the second of its calls: what one more case costs"`
	Rented  Account `json:"rented" doc:"With the machine rented day and night, shared over the cases"`

	HumanMinutes *float64 `json:"human_minutes" doc:"Share of the time that is people's, from 0 to 1; the rest is the model's"`
	HumanCases   *float64 `json:"human_cases" doc:"Share of the cases let out that a person looked at, from 0 to 1"`

	// Untold names what is missing: "delivered", "price", "wage" or "days".
	Untold []string `json:"untold" nullable:"false" doc:"What is missing for the figures that are null: delivered, price, wage or days"`
}

// Account is the ledger under one way of paying for the model's machine.
type Account struct {
	Case       *float64 `json:"case" doc:"Cost of a delivered case"`
	HumanShare *float64 `json:"human_share" doc:"Share of the cost that is people's, from 0 to 1"`
	Margin     *float64 `json:"margin" doc:"Price of a case less its cost"`
	Month      *Month   `json:"month,omitempty" doc:"30.44 days at the pace measured; absent where it cannot be told"`
	Stress     *Month   `json:"stress,omitempty" doc:"The same with 20 % less revenue"`

	BreakEven       *int `json:"break_even" doc:"Cases a month that pay for the machine and for their own review; 0 when each pays for itself, -1 when no number does"`
	StressBreakEven *int `json:"stress_break_even" doc:"The same with 20 % less revenue"`
}

// Month is 30.44 days at the pace measured.
type Month struct {
	Cases   float64 `json:"cases"`
	Revenue float64 `json:"revenue"`
	People  float64 `json:"people"`
	Model   float64 `json:"model"`
	Margin  float64 `json:"margin"`
}

// Ledger works out what the facts cost at these rates. It tells nothing of a
// case when none was delivered, of people without a wage, of a margin without
// a price, and of a month from less than two days.
func (r Rates) Ledger(f Facts) Ledger {
	l := Ledger{Calls: f.ModelSeconds * r.Second(), Rent: r.GPUHour * hoursAMonth * f.Days / daysAMonth, Untold: r.untold(f)}
	if r.Wage > 0 {
		l.People = told(f.ReviewSeconds / secondsHour * r.Wage)
	}
	l.ByCalls, l.Rented = r.account(f, l.People, l.Calls, false), r.account(f, l.People, l.Rent, true)
	l.HumanMinutes = part(f.ReviewSeconds, f.ReviewSeconds+f.ModelSeconds)
	l.HumanCases = part(float64(f.Touched), float64(f.Touched+f.InLots))
	return l
}

// untold lists what is missing.
func (r Rates) untold(f Facts) []string {
	missing := []string{}
	for _, m := range []struct {
		name string
		is   bool
	}{{"delivered", f.Delivered == 0}, {"price", r.Price <= 0}, {"wage", r.Wage <= 0}, {"days", f.Days < fewestDays}} {
		if m.is {
			missing = append(missing, m.name)
		}
	}
	return missing
}

// account is the ledger when the model cost that much: fixed for the month, or
// growing with the cases.
func (r Rates) account(f Facts, people *float64, model float64, fixed bool) (a Account) {
	if people == nil {
		return a
	}
	a.HumanShare = part(*people, *people+model)
	if f.Delivered == 0 {
		return a
	}
	each := (*people + model) / float64(f.Delivered)
	a.Case = told(each)
	if r.Price <= 0 {
		return a
	}
	a.Margin = told(r.Price - each)
	own, month := each, 0.0
	if fixed {
		own, month = *people/float64(f.Delivered), r.GPUHour*hoursAMonth
	}
	even, stressed := breakEven(month, r.Price-own), breakEven(month, r.Price*stress-own)
	a.BreakEven, a.StressBreakEven = &even, &stressed
	if f.Days >= fewestDays {
		a.Month, a.Stress = r.month(f, *people, model, 1), r.month(f, *people, model, stress)
	}
	return a
}

// month goes on for 30.44 days as in the days measured, with a share of the
// revenue.
func (r Rates) month(f Facts, people, model, revenue float64) *Month {
	by := daysAMonth / f.Days
	m := Month{Cases: float64(f.Delivered) * by, People: people * by, Model: model * by}
	m.Revenue = m.Cases * r.Price * revenue
	m.Margin = m.Revenue - m.People - m.Model
	return &m
}

// part is a of all, nil of nothing.
func part(a, all float64) *float64 {
	if all <= 0 {
		return nil
	}
	return told(a / all)
}

// told is an amount that can be told: a number.
func told(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

// Amount writes an amount for people: with two decimals, or where it is below
// 1 with as many as three digits need, and commas between thousands.
func Amount(v float64) string {
	a := math.Abs(v)
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	decimals := 2
	if a >= 1e-6 && a < 1 {
		decimals = max(2, 2-int(math.Floor(math.Log10(a))))
	}
	words := strconv.FormatFloat(a, 'f', decimals, 64)
	for point := strings.IndexByte(words, '.'); len(words)-point > 3 && strings.HasSuffix(words, "0"); {
		words = words[:len(words)-1]
	}
	for at := strings.IndexByte(words, '.') - 3; at > 0; at -= 3 {
		words = words[:at] + "," + words[at:]
	}
	if v < 0 && strings.Trim(words, "0.") != "" {
		words = "−" + words
	}
	return words
}
