package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/ollama"
	"github.com/tackhammer/tackhammer/kit/model/openai"
)

// neverInTime answers what the client asks of the server and its models at once,
// and a chat when the test is over.
func neverInTime(t *testing.T) string {
	t.Helper()
	over := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "chat") {
			select {
			case <-over:
			case <-r.Context().Done():
			}
			return
		}
		fmt.Fprint(w, `{"version":"0.17.4","models":[{"name":"tardy:latest","digest":"d"}],"data":[{"id":"tardy"}]}`)
	}))
	t.Cleanup(s.Close)
	t.Cleanup(func() { close(over) })
	return s.URL
}

// A model that does not answer in time is told from one that cannot serve.
func TestPickTellsTheSlowFromTheRefused(t *testing.T) {
	const limit = 100 * time.Millisecond
	host := neverInTime(t)
	prompts, err := model.LoadPrompts(fstest.MapFS{"prompts/extract.md": {Data: []byte("Read it.\n{{.Source}}\n")}}, "prompts")
	if err != nil {
		t.Fatal(err)
	}
	served, err := ollama.New(ollama.Config{URL: host, Model: "tardy", Timeout: limit, Prompts: prompts})
	if err != nil {
		t.Fatal(err)
	}
	endpoint, err := openai.New(openai.Config{URLs: []string{host + "/v1"}, Model: "tardy", Timeout: limit, Prompts: prompts})
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]model.Provider{"ollama:tardy": served, "openai:tardy": endpoint} {
		c := &contender{Name: name, drafts: &drafting{Provider: p}}
		saidSlow(t, c, (&picking{}).ready(t.Context(), c), "no whole answer within 100ms")
	}
}

// In the middle of the cases the server's slowness is known, too.
func TestPickTellsSlownessInTheMiddle(t *testing.T) {
	p := &counter{info: kit.ModelInfo{Name: "tardy"}, fail: func(int) error {
		return kit.Errorf(kit.Unavailable, "ask tardy: no whole answer within 2m0s: %w", context.DeadlineExceeded)
	}}
	c := Config{Workflow: pathOf[heading], Err: &bytes.Buffer{}}
	d, err := c.draftingBy(t.Context(), p, nil, how{silent: true, parallel: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{1, mostLost} {
		one := &contender{Name: "openai:tardy", drafts: d}
		var places []int
		for i := range n {
			one.cases, places = append(one.cases, labelled{input: []byte(`{"text":"Note"}`)}), append(places, i)
		}
		_, err := (&picking{Config: c}).draft(t.Context(), one, places)
		saidSlow(t, one, err, "no whole answer within 2m0s")
	}
}

func saidSlow(t *testing.T, c *contender, refusal error, words string) {
	t.Helper()
	if refusal == nil {
		t.Fatalf("%s: it was not refused", c.Name)
	}
	tell := func(err error) pickedReport {
		return (&picking{}).report([]*contender{c}, eval.Choice{Chosen: -1, Tried: []eval.Tried{{Name: c.Name, Verdict: eval.Refused, Refusal: err}}}).Candidates[0]
	}
	if r := tell(refusal); verdictWord(r) != "too slow" || r.Verdict != eval.Refused || !strings.Contains(r.Why, words) || !strings.Contains(r.Why, "try a smaller model") {
		t.Errorf("%s: %s: %s", c.Name, verdictWord(r), r.Why)
	}
	if r := tell(errors.New("it is deaf")); verdictWord(r) != "refused" || r.Why != "it is deaf" {
		t.Errorf("%s: %s: %s", c.Name, verdictWord(r), r.Why)
	}
}
