package model

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tackhammer/tackhammer/kit"
)

// slow answers one output after the other, each after takes; an output "down"
// is a server that failed, "wrong" a request that was refused.
type slow struct {
	takes   time.Duration
	outputs []string
	asked   int
}

func (s *slow) Info(context.Context) (kit.ModelInfo, error) { return kit.ModelInfo{}, nil }

func (s *slow) Generate(ctx context.Context, _ Request) (Reply, error) {
	s.asked++
	select {
	case <-time.After(s.takes):
	case <-ctx.Done():
		return Reply{}, kit.Errorf(kit.Unavailable, "ask slow: %w", ctx.Err())
	}
	switch out := s.outputs[min(s.asked, len(s.outputs))-1]; out {
	case "down":
		return Reply{}, kit.Errorf(kit.Unavailable, "ask slow: the server failed")
	case "wrong":
		return Reply{}, kit.Errorf(kit.TooLarge, "ask slow: the prompt does not fit")
	default:
		return Reply{Output: out}, nil
	}
}

const badDay = `{"shop":"ABC Shop","date":"2018-02-30","total":12.5}`

func TestASlowModelGivesUpBeforeTheDeadline(t *testing.T) {
	for _, c := range []struct {
		name    string
		takes   time.Duration
		outputs []string
		asked   int
		says    string
		by      time.Duration // when the draft is there
	}{
		{"quick enough", time.Minute, []string{badDay}, 3, "date must be a day", 3 * time.Minute},
		{"no time for a third", 110 * time.Second, []string{badDay}, 2, "no time was left for another try", 220 * time.Second},
		{"no time for a second", 3 * time.Minute, []string{badDay}, 1, "no time was left for another try", 3 * time.Minute},
		{"the server fails meanwhile", time.Second, []string{badDay, "down"}, 2, "another try failed: ask slow: the server failed", 2 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
				defer cancel()
				began := time.Now()
				s := &slow{takes: c.takes, outputs: c.outputs}
				d, err := Extract[kit.Document, slip](s, "read")(ctx, slipPaper)
				if err != nil || !strings.Contains(d.GaveUp, c.says) || !strings.Contains(d.GaveUp, "date must be a day") {
					t.Fatalf("gave up with %q, %v", d.GaveUp, err)
				}
				if s.asked != c.asked || time.Since(began) != c.by || d.Usage.Elapsed != c.by {
					t.Errorf("asked %d times in %s (told as %s), want %d in %s", s.asked, time.Since(began), d.Usage.Elapsed, c.asked, c.by)
				}
				if *d.Value.Shop != "ABC Shop" || !hasMark(d.Fields[0], kit.MarkByHand) {
					t.Errorf("draft %+v", d)
				}
			})
		})
	}
}

// slower takes longer with every answer.
type slower struct{ slow }

func (s *slower) Generate(ctx context.Context, r Request) (Reply, error) {
	s.takes = time.Duration(s.asked+1) * 2 * time.Minute
	return s.slow.Generate(ctx, r)
}

func TestATryThatRunsLongLeavesTimeToStoreTheDraft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		d, err := Extract[kit.Document, slip](&slower{slow{outputs: []string{badDay}}}, "read")(ctx, slipPaper)
		if err != nil || !strings.Contains(d.GaveUp, "another try failed") || d.Usage.Tries != 1 {
			t.Fatalf("draft %+v, %v", d, err)
		}
		if left, _ := ctx.Deadline(); ctx.Err() != nil || time.Until(left) < 10*time.Second {
			t.Errorf("%s are left to store the draft, %v", time.Until(left), ctx.Err())
		}
	})
}

func TestErrorsThatAnEarlierAnswerDoesNotSettle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		read := func(ctx context.Context, outputs ...string) error {
			_, err := Extract[kit.Document, slip](&slow{takes: time.Minute, outputs: outputs}, "read")(ctx, slipPaper)
			return err
		}
		if err := read(t.Context(), badDay, "wrong"); kit.CodeOf(err) != kit.TooLarge {
			t.Errorf("a later try is refused for good: %v", err)
		}
		if err := read(t.Context(), "down"); kit.CodeOf(err) != kit.Unavailable {
			t.Errorf("no answer at all: %v", err)
		}
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := read(short, badDay); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("no time for a first answer: %v", err)
		}
		gone, leave := context.WithCancel(t.Context())
		time.AfterFunc(90*time.Second, leave)
		if err := read(gone, badDay); !errors.Is(err, context.Canceled) {
			t.Errorf("the caller went away in the second try: %v", err)
		}
	})
}

// grams is a weight that its own decoder reads: the schema sees any text.
type grams string

func (g *grams) UnmarshalText(text []byte) error {
	if string(text) == "heavy" {
		return errors.New("heavy is no weight")
	}
	*g = grams(text)
	return nil
}

func TestAnAnswerThatTheGoTypeRefusesLeavesAnEmptyForm(t *testing.T) {
	type parcel struct {
		Weight grams  `json:"weight"`
		To     string `json:"to" jsonschema:"maxLength=3"`
	}
	raw := `{"weight":"heavy","to":"much too long"}`
	s := &script{replies: []Reply{{Output: raw, Fields: []kit.Field{{Path: "weight", Confidence: 0.9, Evidence: []kit.Evidence{{Text: "heavy"}}}}}}}
	d, err := Extract[kit.Document, parcel](s, "read")(t.Context(), kit.Document{Text: "heavy"})
	if err != nil {
		t.Fatal(err)
	}
	if d.Value != (parcel{}) || string(d.Raw) != `{"weight":null,"to":null}` || !strings.Contains(d.GaveUp, "heavy is no weight") {
		t.Errorf("value %+v, raw %s, gave up %q", d.Value, d.Raw, d.GaveUp)
	}
	for _, f := range d.Fields {
		if string(f.Value) != "null" || f.Confidence != 0 || len(f.Evidence) != 0 || !hasMark(f, kit.MarkByHand) || !hasMark(f, kit.MarkMissing) {
			t.Errorf("field %+v", f)
		}
	}
}
