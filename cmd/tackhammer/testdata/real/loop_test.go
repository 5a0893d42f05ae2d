package main

import (
	"cmp"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/kittest"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/baseline"
	"github.com/tackhammer/tackhammer/kit/model/learned"
	"github.com/tackhammer/tackhammer/kit/review"
)

// The promise that is certified: at most alpha of what passes is wrong in any
// field, at 1 - delta.
const alpha, delta = 0.20, 0.05

// unseen is how many receipts each draw keeps from all that is learned: those
// that 300 leave over.
const unseen = 13

// firstDay are rules as an app has them on its first day: they see all that
// might be right, know nothing of it, and answer with the first.
func firstDay(in Receipt) []baseline.Guess {
	all := weak(rowsOf(in.Text))
	answered := map[string]bool{}
	for i, g := range all {
		all[i].Confidence, all[i].Weak = 0.5, answered[g.Path]
		answered[g.Path] = true
	}
	return all
}

// step is what a number of corrected cases came to, over all draws.
type step struct {
	corrected               int
	cases, wrongCases       int
	wrong, n                map[string]int // by field
	certified               int            // draws in which a bar was
	passed, passedAndWrong  int
	wrongFields, fieldsInIt int
}

// The closed loop: an app begins with rules that know nothing. People put its
// drafts right; of 100, then 200, then 300 of their decisions a model is
// trained on the part that is for it, and a bar is certified on another. On
// receipts that it never saw the error falls, and the share that passes the
// certified bar rises. One draw of 13 is a toss of coins: many are counted
// together.
func TestRealClosedLoop(t *testing.T) {
	c := config()
	c.Baseline = baseline.New("first-day", "1", firstDay)
	corrected := correctedByPeople(t, kittest.Start(t, c), realCases(t))
	draws := 8
	to := learning(t, c.Baseline)
	steps := []*step{{corrected: 0}, {corrected: 100}, {corrected: 200}, {corrected: 300}}
	for _, s := range steps {
		s.wrong, s.n = map[string]int{}, map[string]int{}
	}
	var mu sync.Mutex
	var group sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for d := range uint64(draws) {
		group.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			rs := append([]receipt{}, corrected...)
			rand.New(rand.NewPCG(d, 7)).Shuffle(len(rs), func(i, j int) { rs[i], rs[j] = rs[j], rs[i] })
			for _, s := range steps {
				if err := s.draw(t, &mu, to, rs[unseen:][:s.corrected], rs[:unseen]); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	tell(t, steps, draws)
	for i, s := range steps[1:] {
		if before := steps[i]; s.error() >= before.error() {
			t.Errorf("with %d corrected cases %.1f %% of the fields are wrong, with %d %.1f %%", s.corrected, s.error(), before.corrected, before.error())
		}
	}
	for i, s := range steps[2:] {
		if before := steps[i+1]; s.share() <= before.share() {
			t.Errorf("with %d corrected cases %.1f %% pass, with %d %.1f %%", s.corrected, s.share(), before.corrected, before.share())
		}
	}
}

// draw trains, certifies and judges once.
func (s *step) draw(t *testing.T, mu *sync.Mutex, to learned.Config, corrected, others []receipt) error {
	parts := map[eval.Part][]receipt{}
	for _, r := range corrected {
		part := eval.Split(r.Hash)
		parts[part] = append(parts[part], r)
	}
	var m model.Provider = to.Rules
	if len(corrected) > 0 {
		trained, err := learned.Train(t.Context(), to, examples(parts[eval.Train]))
		if err != nil {
			return err
		}
		m = trained
	}
	outcomes := map[eval.Part][]eval.Outcome{}
	for _, part := range []eval.Part{eval.Calibrate, eval.Certify} {
		js, err := judge(t.Context(), m, parts[part])
		if err != nil {
			return err
		}
		for _, j := range js {
			wrong, _ := j.wrong()
			outcomes[part] = append(outcomes[part], eval.Outcome{Confidence: j.sure, Wrong: wrong > 0})
		}
	}
	grid := eval.Grid(outcomes[eval.Calibrate], len(outcomes[eval.Certify]), alpha, delta)
	bar, ok, _ := eval.LearnThenTest(outcomes[eval.Certify], grid, alpha, delta)
	js, err := judge(t.Context(), m, others)
	if err != nil {
		return err
	}
	mu.Lock()
	defer mu.Unlock()
	s.add(js, bar, ok)
	return nil
}

func (s *step) add(js []judged, bar eval.Threshold, ok bool) {
	if ok {
		s.certified++
	}
	for _, j := range js {
		wrong, n := j.wrong()
		s.cases++
		s.wrongFields, s.fieldsInIt = s.wrongFields+wrong, s.fieldsInIt+n
		for path := range j.n {
			s.n[path]++
			s.wrong[path] += 1 - j.right[path]
		}
		if wrong > 0 {
			s.wrongCases++
		}
		if ok && j.sure >= bar.Value {
			s.passed++
			if wrong > 0 {
				s.passedAndWrong++
			}
		}
	}
}

// error and share are in percent.
func (s *step) error() float64 { return 100 * float64(s.wrongFields) / float64(s.fieldsInIt) }
func (s *step) share() float64 { return 100 * float64(s.passed) / float64(s.cases) }

func tell(t *testing.T, steps []*step, draws int) {
	t.Helper()
	t.Logf("%d draws of %d receipts that were never seen; the bar: at most %.0f %% of what passes is wrong in any field, at %.0f %%", draws, unseen, 100*alpha, 100*(1-delta))
	t.Logf("corrected  wrong: date  total  company  address  any field of all  bar certified  pass  wrong of these")
	for _, s := range steps {
		var by []string
		for _, path := range fields {
			by = append(by, percent(s.wrong[path], s.n[path]))
		}
		t.Logf("%9d  %11s  %5s  %7s  %7s  %16s  %6d of %d  %3.0f%%  %d of %d", s.corrected, by[0], by[1], by[2], by[3],
			percent(s.wrongFields, s.fieldsInIt), s.certified, draws, s.share(), s.passedAndWrong, s.passed)
	}
}

func percent(k, n int) string {
	raw, _ := json.Marshal(float64(1000*k/max(n, 1)) / 10)
	return string(raw) + "%"
}

// correctedByPeople imports receipts, and a person puts right what the draft has
// wrong. What comes back is read from the decisions alone.
func correctedByPeople(t *testing.T, desk *kittest.Desk, rs []receipt) (out []receipt) {
	t.Helper()
	answers := map[string]map[string]json.RawMessage{}
	for _, r := range rs {
		raw, err := os.ReadFile(r.file)
		if err != nil {
			t.Fatal(err)
		}
		answers[desk.Import(filepath.Base(r.file), string(raw))] = r.Answers
	}
	schema, err := model.SchemaOf[Entry]()
	if err != nil {
		t.Fatal(err)
	}
	for range rs {
		r := desk.Claim()
		if edits := mistakes(r, schema, answers[r.CaseID]); len(edits) > 0 {
			desk.Edit(r, edits)
		} else {
			desk.Approve(r)
		}
	}
	for after := ""; ; {
		page, err := desk.Runner.Corrections(t.Context(), after, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, cr := range page.Items {
			var doc kit.Document
			if err := json.Unmarshal(cr.Input, &doc); err != nil {
				t.Fatal(err)
			}
			out = append(out, receipt{cr.CaseName, learned.Example{Hash: kit.Hash([]byte(doc.Text)), Input: Receipt{doc}, Answers: schema.Flatten(cr.Value)}})
		}
		if after = page.Next; after == "" {
			break
		}
	}
	if len(out) != len(rs) {
		t.Fatalf("%d of %d cases were decided", len(out), len(rs))
	}
	slices.SortFunc(out, func(a, b receipt) int { return cmp.Compare(a.file, b.file) }) // not by who was quicker
	return out
}

// mistakes are the fields that a person changes: those whose value means
// something else than the answer.
func mistakes(r *review.Review, schema *model.Schema, answers map[string]json.RawMessage) map[string]any {
	drafted, edits := schema.Flatten(r.Draft.Value), map[string]any{}
	for path, want := range answers {
		var text string
		if json.Unmarshal(want, &text) != nil || strings.TrimSpace(text) == "" || match(path, want, drafted[path]) {
			continue
		}
		edits[path] = text
		switch path {
		case "date":
			edits[path], _ = eval.Date.Normalise(text)
		case "total":
			number, _ := eval.Number.Normalise(text)
			edits[path] = json.Number(number)
		}
	}
	return edits
}
