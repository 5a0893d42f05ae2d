package app

import (
	"slices"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/nail"
)

// pocFacts are what was found: all that the page shows, and nothing else.
type pocFacts struct {
	At         time.Time     `json:"at"`
	Model      kit.ModelInfo `json:"model"`
	Files      int           `json:"files"`
	Bytes      int64         `json:"bytes"`
	Kinds      []pocKinds    `json:"kinds"`
	Unreadable []pocFile     `json:"unreadable"`
	Same       []pocFile     `json:"same"`    // with the text of another: drafted once
	Drafted    int           `json:"drafted"` // cases with a draft
	Failed     []pocFailed   `json:"failed"`  // cases without
	Marked     int           `json:"marked"`  // drafts with a field that asks for a closer look
	DraftP50   float64       `json:"draft_p50_seconds"`
	Reviewed   int           `json:"reviewed"`
	Skipped    int           `json:"skipped"`
	Seen       int           `json:"seen_by_model"` // left out of the sample
	AllRight   int           `json:"all_right"`     // reviewed cases of which every field is right
	Low        float64       `json:"all_right_low"` // 95 % interval of their share
	High       float64       `json:"all_right_high"`
	Fields     []pocField    `json:"fields"`
	Review     pocReview     `json:"review"`
	Month      pocMonth      `json:"month"`
}

// pocKinds counts the files of one kind.
type pocKinds struct {
	Kind  string `json:"kind"`
	Files int    `json:"files"`
	Bytes int64  `json:"bytes"`
}

// pocFailed is a case without a draft.
type pocFailed struct {
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

// pocField is how right the drafts of a field are, on what was reviewed.
type pocField struct {
	Path  string            `json:"path"`
	Label map[string]string `json:"label"`
	N     int               `json:"n"`
	Right int               `json:"right"` // by the goal's measure where it is a share, else normalised
	Low   float64           `json:"low"`   // 95 % interval of the share (Wilson)
	High  float64           `json:"high"`
	Goal  float64           `json:"goal"`  // 0 for none
	Stand string            `json:"stand"` // against the goal: "shown", "open", "missed" or ""
}

// pocReview is how long a review takes.
type pocReview struct {
	nail.Reviewing         // the median; Measured 0: assumed
	Least          float64 `json:"least"` // of those measured
	Most           float64 `json:"most"`
}

// pocMonth is what a month comes to, in the nail's currency. Zero where the
// nail does not say what it takes.
type pocMonth struct {
	Cases       int     `json:"cases"`
	ByHand      float64 `json:"by_hand"`
	HoursByHand float64 `json:"hours_by_hand"`
	HoursReview float64 `json:"hours_review"`
	HoursSaved  float64 `json:"hours_saved"`
	ReviewCost  float64 `json:"review_cost"`
	Price       float64 `json:"price"`
	Kept        float64 `json:"kept"`     // where the customer's people review
	KeptByUs    float64 `json:"kept_all"` // where ours do
}

// facts works out what was found.
func (r *pocRun) facts() pocFacts {
	f := pocFacts{At: kit.Now(), Model: r.model.Model, Files: len(r.files), Skipped: r.skipped, Seen: r.seen,
		Unreadable: []pocFile{}, Same: []pocFile{}, Failed: []pocFailed{}, Fields: []pocField{}}
	for _, file := range r.files {
		f.addFile(file)
	}
	slices.SortStableFunc(f.Kinds, func(a, b pocKinds) int { return b.Files - a.Files })
	var seconds []float64
	for _, one := range r.cases {
		if one.Err != "" {
			f.Failed = append(f.Failed, pocFailed{one.file.Name, one.Err})
			continue
		}
		f.Drafted++
		seconds = append(seconds, one.Draft.Seconds)
		if one.Draft.Marked {
			f.Marked++
		}
	}
	if slices.Sort(seconds); len(seconds) > 0 {
		f.DraftP50 = seconds[(len(seconds)-1)/2]
	}
	f.judge(r)
	f.Review = r.reviewTime()
	f.Month = pocMonthOf(r.nail, r.nail.Worth(f.Review.Reviewing))
	return f
}

// addFile counts a file.
func (f *pocFacts) addFile(file pocFile) {
	f.Bytes += file.Bytes
	i := slices.IndexFunc(f.Kinds, func(k pocKinds) bool { return k.Kind == file.Kind })
	if i < 0 {
		i = len(f.Kinds)
		f.Kinds = append(f.Kinds, pocKinds{Kind: file.Kind})
	}
	f.Kinds[i].Files++
	f.Kinds[i].Bytes += file.Bytes
	switch {
	case file.Reason != "":
		f.Unreadable = append(f.Unreadable, file)
	case file.Same != "":
		f.Same = append(f.Same, file)
	}
}

// judge compares the drafts with what was told to be right.
func (f *pocFacts) judge(r *pocRun) {
	for _, spec := range r.model.Schema.Fields() {
		g := r.nail.Bar[spec.Path]
		one := pocField{Path: spec.Path, Label: spec.Label}
		for _, cs := range r.sample {
			right, known := cs.right(spec.Path, kindOf(spec), g)
			if known {
				one.N++
			}
			if right {
				one.Right++
			}
		}
		if one.N > 0 {
			one.Low, one.High = eval.Wilson(one.Right, one.N, 0.95)
		}
		if g.Threshold > 0 && g.IsShare() {
			one.Goal = g.Threshold
		}
		one.Stand = one.stand()
		f.Fields = append(f.Fields, one)
	}
	for _, cs := range r.sample {
		if cs.answer == nil {
			continue
		}
		f.Reviewed++
		if cs.allRight(r) {
			f.AllRight++
		}
	}
	if f.Reviewed > 0 {
		f.Low, f.High = eval.Wilson(f.AllRight, f.Reviewed, 0.95)
	}
}

// right reports whether the draft of a field is right, where that is known.
func (cs *pocCase) right(path string, kind eval.Kind, g nail.Goal) (right, known bool) {
	if cs.answer == nil {
		return false, false
	}
	answer, known := cs.answer.Values[path]
	if !known {
		return false, false
	}
	draft := cs.Draft.Values[path]
	if g.Measure == "exact" {
		return pocWords(draft) == pocWords(answer), true
	}
	return kind.Match(draft, answer), true
}

// allRight reports whether every field that was told is right.
func (cs *pocCase) allRight(r *pocRun) bool {
	for _, spec := range r.model.Schema.Fields() {
		if right, known := cs.right(spec.Path, kindOf(spec), r.nail.Bar[spec.Path]); known && !right {
			return false
		}
	}
	return true
}

// stand says what the sample shows of the goal: at 95 %, that it is reached, or
// missed, or neither.
func (f pocField) stand() string {
	switch {
	case f.Goal <= 0 || f.N == 0:
		return ""
	case f.Low >= f.Goal:
		return "shown"
	case f.High < f.Goal:
		return "missed"
	}
	return "open"
}

// pocGlance is the least time, in seconds, in which a person can have looked at
// a document. What took less was pasted, or typed by a program.
const pocGlance = 1

// reviewTime is the median of what was measured at the terminal, or what is
// assumed where nothing was. The median, since a person who is called away from
// the prompt has not reviewed for so long.
func (r *pocRun) reviewTime() pocReview {
	var s []float64
	for _, cs := range r.sample {
		if cs.answer != nil && cs.answer.Seconds >= pocGlance {
			s = append(s, cs.answer.Seconds)
		}
	}
	n := len(s)
	if n == 0 {
		return pocReview{Reviewing: r.nail.AssumedReview()}
	}
	slices.Sort(s)
	median := (s[(n-1)/2] + s[n/2]) / 2
	return pocReview{Reviewing: nail.Reviewing{Seconds: median, Measured: n}, Least: s[0], Most: s[n-1]}
}

func pocMonthOf(n nail.Nail, w nail.Worth) pocMonth {
	return pocMonth{Cases: n.Volume, ByHand: w.HumanMonth, HoursByHand: w.HandHours, HoursReview: w.ReviewHours,
		HoursSaved: w.SavedHours, ReviewCost: w.ReviewMonth, Price: w.Revenue, Kept: w.Kept, KeptByUs: w.Saving}
}
