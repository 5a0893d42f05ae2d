package model

// Guess is what rules say of one field.
type Guess struct {
	Path       string  // of the schema: "total", "seller.name"
	Value      any     // its JSON is the value: a string, a json.Number, a bool, a slice; nil for null
	Confidence float64 // between 0 and 1
	Start, End int     // the bytes of the document's text that speak for it; both 0 when none do

	// Weak is a value that might be right, for a model that learns to choose.
	// The rules themselves never answer with one.
	Weak bool
}

// Guesser is a provider by rules that tells all that it sees in an input: its
// answers, and what else might be right.
type Guesser interface {
	Provider
	// Guesses fails with kit.Internal for an input of another type than the
	// rules read, and when they panic.
	Guesses(in any) ([]Guess, error)
}

// Surest keeps the rules' answer for each path: the guess with the highest
// confidence, the first of equals, and none that is weak.
func Surest(guesses []Guess) map[string]Guess {
	best := make(map[string]Guess)
	for _, g := range guesses {
		if old, ok := best[g.Path]; !g.Weak && (!ok || g.Confidence > old.Confidence) {
			best[g.Path] = g
		}
	}
	return best
}
