package eval

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/tackhammer/tackhammer/kit"
)

// Case is a document with its known answers, by path.
type Case struct {
	Name     string
	Group    string // the customer or subject that it belongs to; "" where it stands alone
	Document kit.Document
	Answers  map[string]json.RawMessage
}

// Draft is what a model made of a case.
type Draft struct {
	Values     map[string]json.RawMessage // by path
	Confidence map[string]float64         // by path, 0 to 1; what it lacks is not known
	Marked     bool                       // a field asks for a closer look: no bar lets the draft pass

	PromptTokens, OutputTokens int
	Seconds                    float64 // that the model took; 0 counts the time of the call
}

// DraftFunc drafts one case. It may be called from Options.Parallel goroutines
// at once.
type DraftFunc func(context.Context, Case) (Draft, error)

// Options tells how to run the cases.
type Options struct {
	// Model is named in the report. Defaults to no name.
	Model kit.ModelInfo
	// Kinds says how to compare a field's values, by path. Defaults, for each
	// path that it lacks, to the kind that all of its answers can be read as.
	Kinds map[string]Kind
	// Fields are the paths that the report has a score of even when no case
	// answers them. Defaults to none.
	Fields []string
	// Goals are what fields are to reach. Defaults to none.
	Goals []Goal
	// Agreement are the paths of fields with numbers or categories, of whose
	// drafts and answers the report has Measures. Defaults to none.
	Agreement []string
	// Parallel is how many cases are drafted at a time. Defaults to 1.
	Parallel int
	// Progress is told after each case how many are done, by one goroutine at
	// a time. Defaults to nobody.
	Progress func(done, total int)
	// Clock times the drafts. Defaults to the machine's clock.
	Clock kit.Clock
}

// fill sets the defaults and refuses what cannot be meant.
func (o Options) fill() (Options, error) {
	if o.Parallel < 0 {
		return o, kit.Errorf(kit.Invalid, "evaluate: parallel is %d", o.Parallel).
			WithHint("give how many cases to draft at a time, 1 or more")
	}
	o.Parallel = max(o.Parallel, 1)
	if o.Progress == nil {
		o.Progress = func(int, int) {}
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return o, nil
}

// Run drafts every case and scores the drafts. A draft that fails is listed in
// the report and does not end the run; when ctx ends, Run does, with its
// error. It fails with kit.Invalid when there is no case.
func Run(ctx context.Context, cases []Case, draft DraftFunc, opts Options) (Report, error) {
	opts, err := opts.fill()
	if err != nil {
		return Report{}, err
	}
	if len(cases) == 0 {
		return Report{}, kit.Errorf(kit.Invalid, "evaluate: there are no cases").
			WithHint("give at least one document with an answer of the same name")
	}
	results := draftAll(ctx, cases, draft, opts)
	if err := ctx.Err(); err != nil {
		return Report{}, kit.Errorf(kit.Internal, "evaluate %d cases: %w", len(cases), err)
	}
	return tally(cases, results, opts), nil
}

// Score is Run for drafts that are made: drafts[i] is that of cases[i], and
// errs[i] why there is none, nil where there is one.
func Score(cases []Case, drafts []Draft, errs []error, opts Options) (Report, error) {
	opts, err := opts.fill()
	if err != nil {
		return Report{}, err
	}
	if len(cases) == 0 || len(drafts) != len(cases) || len(errs) != len(cases) {
		return Report{}, kit.Errorf(kit.Invalid, "score %d drafts and %d errors of %d cases", len(drafts), len(errs), len(cases)).
			WithHint("give one or more cases, and for each its draft or its error")
	}
	results := make([]result, len(cases))
	for i, d := range drafts {
		results[i] = result{Draft: d, err: errs[i], took: time.Duration(d.Seconds * float64(time.Second))}
	}
	return tally(cases, results, opts), nil
}

// result is what came of one case.
type result struct {
	Draft
	err  error
	took time.Duration
}

// draftAll drafts the cases on as many goroutines as asked for.
func draftAll(ctx context.Context, cases []Case, draft DraftFunc, opts Options) []result {
	results := make([]result, len(cases))
	var mu sync.Mutex
	done := 0
	Each(ctx, len(cases), opts.Parallel, func(i int) {
		results[i] = draftOne(ctx, cases[i], draft, opts.Clock)
		mu.Lock()
		defer mu.Unlock()
		done++
		opts.Progress(done, len(cases))
	})
	return results
}

// Each calls do with each number below n, at most parallel of them at a time,
// and returns when all are done. Once ctx ends no other one is begun.
func Each(ctx context.Context, n, parallel int, do func(i int)) {
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(max(1, parallel), n) {
		workers.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	defer workers.Wait()
	defer close(next)
	for i := range n {
		select {
		case next <- i:
		case <-ctx.Done():
			return
		}
	}
}

func draftOne(ctx context.Context, c Case, draft DraftFunc, clock kit.Clock) result {
	start := clock()
	d, err := draft(ctx, c)
	took := clock().Sub(start)
	if d.Seconds > 0 {
		took = time.Duration(d.Seconds * float64(time.Second))
	}
	return result{Draft: d, err: err, took: took}
}

// tally scores what was drafted.
func tally(cases []Case, results []result, opts Options) Report {
	report := Report{Model: opts.Model, Cases: len(cases), Failed: []Failure{}, Fields: []Field{}, Misses: []Miss{}, Seconds: []float64{}}
	var took []time.Duration
	for i, r := range results {
		if r.err != nil {
			report.Failed = append(report.Failed, Failure{Name: cases[i].Name, Reason: r.err.Error()})
			continue
		}
		took = append(took, r.took)
	}
	report.setTimes(took)
	report.setTokens(results)
	for _, path := range scored(cases, opts.Fields) {
		field, misses := tallyField(path, cases, results, opts.kind(path, cases))
		report.Fields = append(report.Fields, field)
		report.Misses = append(report.Misses, misses...)
	}
	order := map[string]int{}
	for i, c := range cases {
		order[c.Name] = i
	}
	slices.SortStableFunc(report.Misses, func(a, b Miss) int { return cmp.Compare(order[a.Case], order[b.Case]) })
	report.judgeAll(cases, results, opts)
	return report
}

// scored lists the paths that at least one case has an answer for and those
// that are asked for, sorted.
func scored(cases []Case, asked []string) []string {
	paths := map[string]bool{}
	for _, path := range asked {
		paths[path] = true
	}
	for _, c := range cases {
		for path, raw := range c.Answers {
			if kit.Plain(raw) != "" {
				paths[path] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(paths))
}

func tallyField(path string, cases []Case, results []result, kind Kind) (Field, []Miss) {
	var (
		n, exact int
		misses   []Miss
	)
	for i, c := range cases {
		want, got := c.Answers[path], results[i].Values[path]
		if kit.Plain(want) == "" {
			continue
		}
		n++
		drafted := results[i].err == nil
		if drafted && kit.Plain(want) == kit.Plain(got) {
			exact++
		}
		if !drafted {
			got = nil
		}
		if !drafted || !kind.Match(want, got) {
			misses = append(misses, Miss{Case: c.Name, Path: path, Draft: got, Answer: want})
		}
	}
	return score(path, n, exact, n-len(misses)), misses
}

// answersAt lists what the cases' answers say at path, as printed.
func answersAt(path string, cases []Case) []string {
	var answers []string
	for _, c := range cases {
		if a := kit.Plain(c.Answers[path]); a != "" {
			answers = append(answers, a)
		}
	}
	return answers
}
