package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/model/ollamaserver"
)

// pickReport is what came of a pick. It is also the file picked.json.
type pickReport struct {
	At         string         `json:"at"`
	Cases      int            `json:"cases"`
	Candidates []pickedReport `json:"candidates"`
	Chosen     string         `json:"chosen"` // as nail.yaml names it; "" for none
	Digest     string         `json:"digest,omitempty"`
	Calls      int            `json:"calls"`
	Grid       int            `json:"full_grid_calls"`
	Missing    string         `json:"missing,omitempty"` // where none was chosen: what is missing
	Needed     int            `json:"more_labelled_cases,omitempty"`
	Notes      []string       `json:"notes,omitempty"`
	Written    []string       `json:"written,omitempty"` // files
}

// pickedReport is one candidate of it.
type pickedReport struct {
	Name    string                `json:"model"`
	Digest  string                `json:"digest,omitempty"`
	Server  string                `json:"server,omitempty"`
	Size    int64                 `json:"size,omitempty"` // on the disk, in bytes
	Needs   string                `json:"needs,omitempty"`
	Fits    string                `json:"fits"`
	Licence *ollamaserver.Licence `json:"licence,omitempty"`
	Cases   int                   `json:"cases"`
	Calls   int                   `json:"calls"`
	Verdict eval.Verdict          `json:"verdict"`
	TooSlow bool                  `json:"too_slow,omitempty"` // why it was refused: no answer came in time
	Why     string                `json:"why,omitempty"`
	Fields  []eval.Standing       `json:"fields"`
	More    int                   `json:"more_labelled_cases,omitempty"` // with which it would pass, if they went as these did
}

// report puts together what is known.
func (p *picking) report(contenders []*contender, choice eval.Choice) pickReport {
	r := pickReport{At: kit.Now().Format("2006-01-02T15:04:05Z"), Cases: len(p.labels.Cases), Calls: choice.Calls, Grid: choice.Grid, Notes: p.notes}
	for i, t := range choice.Tried {
		c := contenders[i]
		one := pickedReport{Name: c.Name, Size: c.Size, Needs: c.Needs, Fits: c.Fits, Licence: c.Licence, Cases: t.Cases, Calls: t.Calls, Verdict: t.Verdict, Fields: t.Fields}
		if c.drafts != nil {
			one.Digest, one.Server = c.drafts.Model.Digest, c.drafts.Model.Server
		}
		one.Why, one.More, one.TooSlow = why(t), moreCases(t), tooSlow(t.Refusal)
		r.Candidates = append(r.Candidates, one)
		if i == choice.Chosen {
			r.Chosen, r.Digest = one.Name, one.Digest
		}
	}
	r.Notes = append(r.Notes, licenceNotes(r)...)
	if r.Chosen == "" {
		r.Missing, r.Needed = missing(r)
	}
	return r
}

// tooSlow reports whether a model was refused since it did not answer in time.
func tooSlow(refusal error) bool { return errors.Is(refusal, context.DeadlineExceeded) }

// why says in words what the verdict hangs on.
func why(t eval.Tried) string {
	switch t.Verdict {
	case eval.Refused:
		if tooSlow(t.Refusal) {
			return t.Refusal.Error() + "; try a smaller model or a faster server, or --parallel 1, which asks for one draft at a time"
		}
		return t.Refusal.Error()
	case eval.Untried:
		return passedBefore(t.Name)
	case eval.Passed:
		return "it reaches every goal"
	}
	var failed []string
	for _, f := range t.Fields {
		if f.Verdict == eval.Failed {
			failed = append(failed, f.Path)
		}
	}
	words := "below the bar in " + list(failed)
	if few := tooFew1(t.Fields); few != "" {
		words = few
	} else if t.Calls < t.Cases {
		words += ", whatever the other cases say"
	}
	return words
}

// tooFew1 says of which field there are too few answers for anyone to pass: of
// the one that lacks most.
func tooFew1(fields []eval.Standing) (words string) {
	most := 0
	for _, f := range fields {
		if f.Cases == 0 {
			return "no case has an answer of " + f.Path
		}
		if least, _ := eval.Needed(1, f.Threshold, f.Risk); f.TooFew() && least-f.Cases > most {
			most = least - f.Cases
			words = fmt.Sprintf("too few cases: %s has %d answers, and takes %d even without an error", f.Path, f.Cases, least)
		}
	}
	return words
}

// moreCases is how many further labelled cases would let a failed candidate
// pass if they went as those seen, 0 where no number would, or none is needed.
func moreCases(t eval.Tried) (more int) {
	if t.Verdict != eval.Failed {
		return 0
	}
	for _, f := range t.Fields {
		if f.Verdict != eval.Failed {
			continue
		}
		if f.Needed == 0 || f.Cases == 0 {
			return 0
		}
		each := float64(t.Cases) / float64(f.Cases) // not every case has an answer
		more = max(more, int(math.Ceil(float64(max(0, f.Needed-f.Cases))*each)), 1)
	}
	return more
}

// missing says what the nearest candidate lacks, and how many more labelled
// cases would decide it.
func missing(r pickReport) (string, int) {
	var near *pickedReport
	for i := range r.Candidates {
		c := &r.Candidates[i]
		if c.Verdict == eval.Failed && (near == nil || distance(*c) < distance(*near)) {
			near = c
		}
	}
	if near == nil {
		return "no candidate could be tried", 0
	}
	words := fmt.Sprintf("none of %s reaches the bar; the nearest is %s: %s", count(len(r.Candidates), "candidate"), near.Name, shortfalls(near.Fields))
	if len(r.Candidates) == 1 {
		words = fmt.Sprintf("%s does not reach the bar: %s", near.Name, shortfalls(near.Fields))
	}
	needed, by := 0, ""
	for _, c := range r.Candidates {
		if c.More > 0 && (needed == 0 || c.More < needed) {
			needed, by = c.More, c.Name
		}
	}
	switch {
	case needed == 0:
		return words + "; no number of labelled cases would help: look for a better model, or a lower bar", 0
	case tooFew1(near.Fields) != "":
		return fmt.Sprintf("%s; label %d more cases at least", words, needed), needed
	}
	return fmt.Sprintf("%s; %d more labelled cases would decide it, if %s did as well on them", words, needed, by), needed
}

// distance is how far a failed candidate is from the bar: the sum of what its
// failed fields lack.
func distance(c pickedReport) (lack float64) {
	for _, f := range c.Fields {
		if f.Verdict == eval.Failed {
			lack += math.Max(0, f.Threshold-f.Value) + 1e-3
		}
	}
	return lack
}

// shortfalls say for each failed field how much is missing.
func shortfalls(fields []eval.Standing) string {
	if few := tooFew1(fields); few != "" {
		return few
	}
	var all []string
	for _, f := range fields {
		switch {
		case f.Verdict != eval.Failed:
		case f.Value < f.Threshold:
			all = append(all, fmt.Sprintf("%s %s of %s, %.1f points short", f.Path, percent(f.Value), percent(f.Threshold), 100*(f.Threshold-f.Value)))
		default:
			all = append(all, fmt.Sprintf("%s %s of %s, but not yet sure (at least %s)", f.Path, percent(f.Value), percent(f.Threshold), percent(f.Low)))
		}
	}
	return strings.Join(all, "; ")
}

// licenceNotes warn where a licence limits what a business may do.
func licenceNotes(r pickReport) (notes []string) {
	for _, c := range r.Candidates {
		if c.Licence == nil || c.Licence.Terms == ollamaserver.Free || c.Name != r.Chosen && c.Licence.Terms != ollamaserver.NonCommercial {
			continue
		}
		notes = append(notes, fmt.Sprintf("licence of %s: %s: %s", c.Name, cmp.Or(c.Licence.Name, "none told"), c.Licence.Note))
	}
	return notes
}
