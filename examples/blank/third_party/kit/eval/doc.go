// Package eval tells how good drafts are by comparing them with known answers.
//
// Give Run the labelled cases and whatever drafts; it returns a Report with,
// for each field, the share that is right to the letter, the share that is
// right once both sides are normalised by their Kind, and the interval that
// this share may honestly be said to lie in; and each value that is wrong:
//
//	report, err := eval.Run(ctx, cases, draft, eval.Options{Parallel: 4})
//	total, _ := report.Field("total")
//	fmt.Printf("%.0f %% (%.0f to %.0f)\n", 100*total.Normalised, 100*total.Low, 100*total.High)
//
// Ratings hold what several people, or people and a model, said of the same
// units; Bootstrap.Agreement compares them by kappa, alpha and their kin, and
// Bootstrap.Anchor tells how far seeing a draft moves people.
//
// CalibrationOf tells what confidences are worth: Brier score, expected
// calibration error, the bins of a reliability picture, the risk-coverage curve
// and the area under it (AURC). FitLogistic makes probabilities of signs, and
// LearnThenTest certifies the confidence from which on at most a stated share of
// drafts is wrong, on thresholds that Grid fixed by other cases. Split says which
// labelled case is for what, for ever: to learn from, to calibrate, to certify.
//
// A Ladder chooses the smallest of several candidates that reaches its Goals,
// and stops each as soon as its Verdict is certain; Needed says how many labels
// would let one pass. A Comparer holds a new model against today's on the same
// cases, and advises to switch or to keep:
//
//	choice, err := eval.Ladder{Goals: goals}.Choose(ctx, candidates) // the smallest first
//	advice := eval.Comparer{Goals: goals}.Compare(cases, old, new).Advice
//
// LotBound says how many of a lot may be wrong at most, by what a random sample
// of it showed, and SampleSize how large a sample a promise takes.
//
// The package is pure: it reads no file and knows no model. Wilson and
// ClopperPearson are the intervals by themselves; Kind.Normalise and Kind.Match
// are the comparison by itself.
package eval
