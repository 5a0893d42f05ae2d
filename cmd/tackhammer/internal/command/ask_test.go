package command

import (
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
)

// What is refused at a question is told in the language of the questions.
func TestAnAnswerIsRefusedInTheTerminalsLanguage(t *testing.T) {
	t.Setenv("TACKHAMMER_LANG", "zh")
	for name, err := range map[string]error{
		"name":   scaffold.Spec{Template: "app", Name: "two\nlines"}.Check(),
		"module": scaffold.Spec{Template: "app", Module: "Bad Module"}.Check(),
		"model":  scaffold.CheckModel("gpt"),
	} {
		if got := inWords(err); got == nil || got.Error() == err.Error() || !strings.Contains(got.Error(), "用") {
			t.Errorf("%s: %v", name, got)
		}
	}
	if inWords(nil) != nil {
		t.Error("what is right is refused")
	}
}
