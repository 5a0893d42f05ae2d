package workflow_test

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit/workflow"
)

// specimen is a draft of one field, among other cases' drafts.
func specimen(seed uint64, path, value string, others ...string) workflow.Specimen {
	s := workflow.Specimen{Values: map[string]json.RawMessage{}, Rand: rand.New(rand.NewPCG(seed, seed))}
	if value != "" {
		s.Values[path] = json.RawMessage(value)
	}
	s.Other = func(string) json.RawMessage {
		if len(others) == 0 {
			return nil
		}
		return json.RawMessage(others[s.Rand.IntN(len(others))])
	}
	return s
}

func TestSwapDigitsSwapsNeighboursThatDiffer(t *testing.T) {
	for value, may := range map[string][]string{
		`33.90`:    {`39.30`, `33.09`},
		`12`:       {`21`},
		`10`:       nil, // 01 is no number
		`-10.5`:    {`-15.0`},
		`77.7`:     nil,
		`"No 305"`: {`"No 035"`, `"No 350"`},
		`"07"`:     {`"70"`},
		`"none"`:   nil,
		`"1-2"`:    nil, // no neighbours
		``:         nil,
	} {
		seen := map[string]bool{}
		for seed := range uint64(40) {
			_, wrong, ok := workflow.SwapDigits("total").Make(specimen(seed, "total", value))
			if ok != (may != nil) {
				t.Errorf("%s: made %s, %v", value, wrong, ok)
			}
			if ok {
				seen[string(wrong)] = true
			}
		}
		if len(seen) != len(may) {
			t.Errorf("%s became %v, want %v", value, seen, may)
		}
		for _, m := range may {
			if !seen[m] {
				t.Errorf("%s never became %s", value, m)
			}
		}
	}
}

func TestMoveDateMovesByOneToNineDays(t *testing.T) {
	day := time.Date(2018, 3, 1, 0, 0, 0, 0, time.UTC)
	back, forth := false, false
	for seed := range uint64(60) {
		path, wrong, ok := workflow.MoveDate("date").Make(specimen(seed, "date", `"2018-03-01"`))
		moved, err := time.Parse(`"2006-01-02"`, string(wrong))
		if !ok || path != "date" || err != nil {
			t.Fatalf("made %s of %s, %v, %v", wrong, path, ok, err)
		}
		days := int(moved.Sub(day).Hours() / 24)
		if days == 0 || days < -9 || days > 9 {
			t.Errorf("moved by %d days", days)
		}
		back, forth = back || days < 0, forth || days > 0
	}
	if !back || !forth {
		t.Error("dates move in one direction only")
	}
	for _, value := range []string{``, `"1 March"`, `20180301`} {
		if _, wrong, ok := workflow.MoveDate("date").Make(specimen(1, "date", value)); ok {
			t.Errorf("%q became %s", value, wrong)
		}
	}
}

func TestAnotherOfTakesAnotherCasesValue(t *testing.T) {
	for _, c := range []struct {
		value  string
		others []string
		ok     bool
	}{
		{`"Blue Sdn Bhd"`, []string{`"Red Sdn Bhd"`}, true},
		{`"Blue Sdn Bhd"`, []string{`"BLUE  SDN BHD"`}, false}, // nobody would see it
		{`"Blue Sdn Bhd"`, nil, false},
		{``, []string{`"Red Sdn Bhd"`}, false},
	} {
		path, wrong, ok := workflow.AnotherOf("company").Make(specimen(1, "company", c.value, c.others...))
		if ok != c.ok || path != "company" || ok && string(wrong) != c.others[0] {
			t.Errorf("%s among %v: made %s, %v", c.value, c.others, wrong, ok)
		}
	}
}
