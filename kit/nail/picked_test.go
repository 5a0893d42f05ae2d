package nail_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/nail"
)

func picked() nail.Picked {
	return nail.Picked{Model: "ollama:qwen3:4b", Digest: "0123abcd", At: "2026-11-29T18:40:00Z", Cases: 400, Candidates: 5,
		Figures: []string{"total 391 of 400: at least 95.1 %", "date: 388 of 400, at least 94 %"}}
}

func TestAPickIsWrittenAndReadBack(t *testing.T) {
	const file = "name: x\njob: y\n# Who drafts.\nmodel: baseline   # the floor\nslots: 2  # of the server\n"
	edited, err := nail.Edit("nail.yaml", []byte(file), picked().Changes()...)
	if err != nil {
		t.Fatal(err)
	}
	n, err := nail.Parse("nail.yaml", edited)
	if err != nil || n.Model != "ollama:qwen3:4b" || !reflect.DeepEqual(n.Picked, picked()) {
		t.Errorf("%+v, %v\n%s", n.Picked, err, edited)
	}
	for _, kept := range []string{"# Who drafts.\n", "# the floor\n", "slots: 2  # of the server\n"} {
		if !strings.Contains(string(edited), kept) {
			t.Errorf("%q is gone:\n%s", kept, edited)
		}
	}
	again := picked()
	again.Model, again.Figures = "baseline", []string{"total 60 of 60"}
	twice, err := nail.Edit("nail.yaml", edited, again.Changes()...)
	if n, err2 := nail.Parse("nail.yaml", twice); err != nil || err2 != nil || !reflect.DeepEqual(n.Picked, again) || n.Model != "baseline" {
		t.Errorf("%v, %v\n%s", err, err2, twice)
	}
	t.Logf("\n%s", edited)
}

func TestAPickThatSomeoneEditedIsChecked(t *testing.T) {
	for group, want := range map[string]string{
		"picked: {model: gpt}":          "3:17: picked.model",
		"picked: {digest: \"a b\"}":     "picked.digest",
		"picked: {at: yesterday}":       "picked.at",
		"picked: {cases: -1}":           "picked.cases",
		"picked: {candidates: few}":     "picked.candidates: ",
		"picked: {figures: 391 of 400}": "picked.figures",
		"picked: {modell: baseline}":    "did you mean",
		"picked: baseline":              "write for example picked: {",
	} {
		if _, err := nail.Parse("nail.yaml", []byte("name: x\njob: y\n"+group+"\n")); kit.CodeOf(err) != kit.Invalid || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", group, err, want)
		}
	}
}
