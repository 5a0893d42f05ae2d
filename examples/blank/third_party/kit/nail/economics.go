package nail

import "math"

const (
	hoursAMonth = 730  // the model's machine is rented day and night
	stress      = 0.80 // what is left of the revenue in the bad case
)

// Economics is what a nail is worth, in its currency. It knows what nail.yaml
// states alone: the cost of the people who review is not in it, since it is
// measured while they work.
type Economics struct {
	HumanCost  float64 // of a case by hand today
	HumanMonth float64 // of a month's cases by hand today
	Revenue    float64 // a month
	GPUMonth   float64 // what the model's machine costs a month
	GPUCase    float64 // the same for a case; 0 without cases
	Saving     float64 // what the buyer keeps a month: HumanMonth less Revenue
	Margin     float64 // Revenue less GPUMonth

	// BreakEven is how many cases a month pay for the model's machine: 0 when
	// it costs nothing, -1 when no number does.
	BreakEven int

	// StressMargin and StressBreakEven are the same with the revenue 20 % lower.
	StressMargin    float64
	StressBreakEven int
}

// Economics works out what the nail is worth.
func (n Nail) Economics() Economics {
	volume := float64(n.Volume)
	e := Economics{
		HumanCost: n.Today.Minutes / 60 * n.Today.Wage,
		Revenue:   n.Price * volume,
		GPUMonth:  n.GPUHour * hoursAMonth,
	}
	e.HumanMonth = e.HumanCost * volume
	e.Saving = e.HumanMonth - e.Revenue
	e.Margin = e.Revenue - e.GPUMonth
	e.StressMargin = e.Revenue*stress - e.GPUMonth
	e.BreakEven = breakEven(e.GPUMonth, n.Price)
	e.StressBreakEven = breakEven(e.GPUMonth, n.Price*stress)
	if n.Volume > 0 {
		e.GPUCase = e.GPUMonth / volume
	}
	return e
}

// breakEven counts the cases a month that pay for a fixed cost when each leaves
// an amount: 0 when it costs nothing and no case loses, -1 when no number does.
func breakEven(fixed, leaves float64) int {
	switch {
	case leaves < 0:
		return -1
	case fixed == 0:
		return 0
	}
	cases := math.Ceil(fixed/leaves - 1e-9) // 36.5/0.05 is a hair above 730
	if leaves == 0 || cases > math.MaxInt32 {
		return -1
	}
	return int(cases)
}
