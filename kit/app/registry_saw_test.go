package app

import (
	"os"
	"reflect"
	"testing"
	"testing/fstest"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/ollama"
)

func TestARegisteredModelIsNotMeasuredOnWhatItSaw(t *testing.T) {
	data := t.TempDir()
	prompts, err := model.LoadPrompts(fstest.MapFS{"prompts/extract.md": {Data: []byte("Read.")}}, "prompts")
	if err != nil {
		t.Fatal(err)
	}
	p, err := ollama.New(ollama.Config{Model: "desk-1", Prompts: prompts})
	if err != nil {
		t.Fatal(err)
	}
	if m, err := school(p, data, "desk-1"); err != nil || m != model.Provider(p) {
		t.Errorf("one that nobody registered: %T, %v", m, err)
	}
	for _, some := range [][]string{{"b", "a"}, nil, {"c", "a"}} {
		if err := keepSources(data, "desk-1", some); err != nil {
			t.Fatal(err)
		}
	}
	m, err := school(p, data, "desk-1")
	if err != nil {
		t.Fatal(err)
	}
	var l labels
	for _, hash := range []string{"a", "x", "b", "c"} {
		l.Cases = append(l.Cases, labelled{Case: eval.Case{Name: hash}, Hash: hash})
	}
	left, err := (&drafting{Provider: m}).unseen(l)
	if err != nil || len(left.Cases) != 1 || left.Cases[0].Hash != "x" || left.Learned != 3 {
		t.Errorf("%+v, %v", left, err)
	}
	if _, ok := m.(model.TryLimiter); !ok {
		t.Error("what it can do else is lost")
	}
	if got, err := sourcesOf(data, "desk-1"); err != nil || !reflect.DeepEqual(got, []string{"a", "b", "c"}) {
		t.Errorf("%v, %v", got, err)
	}
	if err := os.WriteFile(sourcesFile(data, "desk-1"), []byte("torn"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := school(p, data, "desk-1"); kit.CodeOf(err) != kit.Invalid || kit.HintOf(err) == "" {
		t.Errorf("a file that is torn: %v", err)
	}
}
