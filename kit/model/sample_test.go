package model

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tackhammer/tackhammer/kit"
)

// sampling answers a draft, and each of its samples, as told; an empty answer
// is an error.
type sampling struct {
	draft      Reply
	samples    []string
	borderline float64
	wait       time.Duration

	mu    sync.Mutex
	asked []Request
}

func (s *sampling) Info(context.Context) (kit.ModelInfo, error) {
	return kit.ModelInfo{Name: "s"}, nil
}

func (s *sampling) Samples(string) (int, float64) { return len(s.samples), s.borderline }

func (s *sampling) Generate(ctx context.Context, r Request) (Reply, error) {
	s.mu.Lock()
	s.asked = append(s.asked, r)
	s.mu.Unlock()
	reply := s.draft
	if r.Sample > 0 {
		select {
		case <-ctx.Done():
			return Reply{}, ctx.Err()
		case <-time.After(s.wait):
		}
		reply = Reply{Output: s.samples[r.Sample-1]}
	}
	reply.Usage = Usage{PromptTokens: 10, OutputTokens: 5}
	if reply.Output == "" {
		return Reply{}, kit.Errorf(kit.Unavailable, "ask s: down")
	}
	return reply, nil
}

func (s *sampling) read(t *testing.T, p Provider) Draft[slip] {
	t.Helper()
	d, err := Extract[kit.Document, slip](p, "read")(t.Context(), slipPaper)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// agreements are those of the fields of a draft.
func agreements(d Draft[slip]) []float64 {
	var out []float64
	for _, f := range d.Fields {
		out = append(out, f.Signs.Agree)
	}
	return out
}

// five are samples of goodSlip that agree with its shop 3 times, with its date
// never and with its total 4 times: one is no answer, and counts against all.
var five = []string{
	`{"shop":"abc  shop.","date":"2018-01-03","total":12.50}`,
	`{"shop":"ABC SHOP","date":"2018-01-03","total":1.25e1}`,
	`{"shop":null,"date":"2018-01-03","total":12.5}`,
	`{"shop":"ABC Shop","date":"2018-03-02","total":12.5}`,
	`{"shop":"ABC Shop","date":"2018-03-01","total":-1}`,
}

func TestSamplesAgreeByMeaning(t *testing.T) {
	s := &sampling{draft: Reply{Output: goodSlip}, samples: five, borderline: 0.8}
	for name, p := range map[string]Provider{"bare": s, "calibrated": Calibrated{Provider: s, Find: func(context.Context, Fit) (*Calibration, error) { return nil, nil }}} {
		s.asked = nil
		d := s.read(t, p)
		if got, want := agreements(d), []float64{0.6, 0.1, 0.8}; !slices.Equal(got, want) {
			t.Errorf("%s: agreements %v, want %v", name, got, want)
		}
		if string(d.Raw) != goodSlip || d.Usage.Tries != 1 || d.Usage.Samples != 5 || d.Usage.PromptTokens != 60 || d.Usage.OutputTokens != 30 {
			t.Errorf("%s: draft %s, usage %+v", name, d.Raw, d.Usage)
		}
		var drawn []int
		for _, r := range s.asked {
			drawn = append(drawn, r.Sample)
		}
		if slices.Sort(drawn); !slices.Equal(drawn, []int{0, 1, 2, 3, 4, 5}) {
			t.Errorf("%s: asked for %v", name, drawn)
		}
	}
}

func TestSamplesAreForBorderlineDraftsAlone(t *testing.T) {
	sure := Reply{Output: goodSlip, Tokens: toks(-0.01, strings.SplitAfter(goodSlip, ",")...)}
	for name, c := range map[string]struct {
		draft      Reply
		samples    []string
		borderline float64
		drawn      int
	}{
		"sure":        {sure, five, 0.8, 0},
		"never":       {Reply{Output: goodSlip}, nil, 0.8, 0},
		"below":       {sure, five, 0.999, 5},
		"at the line": {Reply{Output: goodSlip}, five, unknownBase, 0},
		"given up":    {Reply{Output: "no"}, five, 0.8, 0},
	} {
		s := &sampling{draft: c.draft, samples: c.samples, borderline: c.borderline}
		d := s.read(t, s)
		if len(s.asked) != d.Usage.Tries+c.drawn || d.Usage.Samples != c.drawn {
			t.Errorf("%s: asked %d times, usage %+v, want %d samples", name, len(s.asked), d.Usage, c.drawn)
		}
	}
}

func TestSamplesThatDoNotComeSpoilNoDraft(t *testing.T) {
	s := &sampling{draft: Reply{Output: goodSlip}, samples: []string{goodSlip, "", ""}, borderline: 0.8}
	if d := s.read(t, s); !slices.Equal(agreements(d), []float64{1, 1, 1}) || d.Usage.Samples != 1 {
		t.Errorf("one of three: %v, %+v", agreements(d), d.Usage)
	}
	s.samples = []string{"", "", ""}
	if d := s.read(t, s); !slices.Equal(agreements(d), []float64{0, 0, 0}) || d.GaveUp != "" || d.Usage.Samples != 0 {
		t.Errorf("none of three: %v, %+v", agreements(d), d)
	}
	s = &sampling{draft: Reply{Output: goodSlip}, samples: five, borderline: 0.8, wait: time.Hour}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	d, err := Extract[kit.Document, slip](s, "read")(ctx, slipPaper)
	if err != nil || d.Value.Total != 12.5 || ctx.Err() != nil {
		t.Errorf("samples that come too late: %+v, %v; the caller has %v left to store the draft", d, err, ctx.Err())
	}
	leaving, leave := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, leave)
	if _, err := Extract[kit.Document, slip](s, "read")(leaving, slipPaper); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller who left: %v", err)
	}
}

func TestSameMeaning(t *testing.T) {
	for _, c := range []struct {
		kind Kind
		a, b string
		want bool
	}{
		{Number, "33.9", "33.90", true}, {Number, "-5", "5", false}, {Number, "1e2", "100", true}, {Number, "null", "null", true}, {Number, "null", "0", false},
		{Text, `"Café, Abc"`, `"café abc"`, true}, {Text, `"上海小笼店"`, `"上海小笼店 "`, true}, {Text, `"-"`, `"+"`, false}, {Text, `"a"`, "null", false},
		{Text, `"12"`, `"12"`, true}, {Date, `"2018-03-01"`, `"2018-01-03"`, false}, {Enum, `"cash"`, `"Cash"`, false}, {Bool, "true", " true", true},
		{JSON, `[{"a":1, "b":"x"}]`, `[{"b":"\u0078","a":1}]`, true}, {JSON, `[1,2]`, `[2,1]`, false},
	} {
		if got := sameMeaning(c.kind, json.RawMessage(c.a), json.RawMessage(c.b)); got != c.want {
			t.Errorf("%s: %s and %s: %v", c.kind, c.a, c.b, got)
		}
	}
}

func TestASampleHasASeedAndATemperatureOfItsOwn(t *testing.T) {
	load := func(front string) (*Prompts, error) {
		return LoadPrompts(fstest.MapFS{"p/read.md": {Data: []byte("---\n" + front + "\n---\nRead.\n")}}, "p")
	}
	ps, err := load("seed: 7\nsamples: 5")
	if err != nil {
		t.Fatal(err)
	}
	if n, below := ps.Samples("read"); n != 5 || below != 0.8 {
		t.Errorf("samples %d below %g", n, below)
	}
	if n, _ := ps.Samples("nowhere"); n != 0 {
		t.Errorf("no prompt, %d samples", n)
	}
	for n, want := range map[int]Options{0: {Temperature: 0, Seed: 7}, 3: {Temperature: SampleTemperature, Seed: 10}} {
		r, err := ps.Render("read", Request{Sample: n, Input: slipPaper})
		if err != nil || r.Options.Temperature != want.Temperature || r.Options.Seed != want.Seed {
			t.Errorf("sample %d: %+v, %v", n, r.Options, err)
		}
	}
	for _, front := range []string{"samples: -1", "samples: 21", "borderline: 1.5", "borderline: -0.1"} {
		if _, err := load(front); kit.CodeOf(err) != kit.Invalid || !strings.Contains(err.Error(), strings.Split(front, ":")[0]) {
			t.Errorf("%s: %v", front, err)
		}
	}
}
