package nail

// Reviewing is how long a person takes to review a case.
type Reviewing struct {
	Seconds  float64 `json:"seconds"`  // of a case
	Measured int     `json:"measured"` // on how many cases; 0 for an assumption
}

// assumedShare is what part of the minutes by hand a review is taken to need
// until somebody was timed.
const assumedShare = 1.0 / 3

// AssumedReview is what is reckoned with until people were timed: a third of
// the minutes that the case takes by hand. It is an assumption, and Measured 0
// says so.
func (n Nail) AssumedReview() Reviewing {
	return Reviewing{Seconds: n.Today.Minutes * 60 * assumedShare}
}

// Worth is Economics with the minutes of the people who review, whoever pays
// them: amounts in the nail's currency, hours and amounts a month unless they
// are of a case.
type Worth struct {
	Economics

	Review      Reviewing
	ReviewCase  float64 // what the review of a case costs
	ReviewMonth float64

	HandHours   float64 // of work by hand today
	ReviewHours float64
	SavedHours  float64 // HandHours less ReviewHours

	// Left is Margin less ReviewMonth: what remains where the people who
	// review are ours. StressLeft is the same with the revenue 20 % lower.
	Left, StressLeft float64

	// Kept is Saving less ReviewMonth: what the buyer keeps where the people
	// who review are the buyer's.
	Kept float64

	// CasesToPay is how many cases a month pay for the model's machine and for
	// their own review: 0 when the first one does, -1 when no number does.
	// StressCasesToPay is the same at a price 20 % lower.
	CasesToPay, StressCasesToPay int
}

// Worth works out what the nail is worth with people who review as r says, at
// Reviewer.Wage.
func (n Nail) Worth(r Reviewing) Worth {
	w := Worth{Economics: n.Economics(), Review: r, ReviewCase: r.Seconds / 3600 * n.Reviewer.Wage}
	volume := float64(n.Volume)
	w.ReviewMonth = w.ReviewCase * volume
	w.HandHours = n.Today.Minutes / 60 * volume
	w.ReviewHours = r.Seconds / 3600 * volume
	w.SavedHours = w.HandHours - w.ReviewHours
	w.Left = w.Margin - w.ReviewMonth
	w.StressLeft = w.StressMargin - w.ReviewMonth
	w.Kept = w.Saving - w.ReviewMonth
	w.CasesToPay = breakEven(w.GPUMonth, n.Price-w.ReviewCase)
	w.StressCasesToPay = breakEven(w.GPUMonth, n.Price*stress-w.ReviewCase)
	return w
}
