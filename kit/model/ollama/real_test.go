package ollama_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/ollama/ollama/api"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/internal/need"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/modeltest"
	"github.com/tackhammer/tackhammer/kit/model/ollama"
)

// receipt is bounded in every string: a model of random weights fills it.
type receipt struct {
	Company string  `json:"company" jsonschema:"minLength=1,maxLength=16"`
	Date    string  `json:"date" jsonschema:"format=date,pattern=^20[0-9][0-9]-0[1-9]-[01][1-9]$"`
	Total   int     `json:"total" jsonschema:"minimum=0,maximum=9999"`
	Means   *string `json:"means" jsonschema:"enum=cash,enum=card"`
}

const promptFile = "---\nnum_ctx: 2048\nmax_tokens: 256\nseed: 11\n---\nRead this receipt.\n{{.Source}}\n"

// paper is the n-th document of a test.
func paper(n int) kit.Document {
	return kit.Document{Name: fmt.Sprint(n), Text: fmt.Sprintf("SHOP %d\n2018-03-0%d\nTOTAL %d.50\n", n, 1+n%9, n)}
}

// realServer opens the tiny model of a real server, or skips.
func realServer(t testing.TB) (p *ollama.Provider, prompts *model.Prompts, address, name string) {
	t.Helper()
	address = need.Env(t, "OLLAMA_HOST", "a real Ollama server")
	name = need.Env(t, "OLLAMA_TINY_MODEL", "a small model of that server")
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	prompts, err := model.LoadPrompts(fstest.MapFS{"prompts/read.md": {Data: []byte(promptFile)}}, "prompts")
	if err != nil {
		t.Fatal(err)
	}
	p, err = ollama.New(ollama.Config{URL: address, Model: name, Prompts: prompts})
	if err != nil {
		t.Fatal(err)
	}
	return p, prompts, address, name
}

func TestRealServer(t *testing.T) {
	_, _, address, name := realServer(t)
	modeltest.Live(t, name, func(name string, prompts *model.Prompts) (modeltest.Model, error) {
		return ollama.New(ollama.Config{URL: address, Model: name, Prompts: prompts})
	})
}

// BenchmarkDraftThroughput compares drafts a second through Extract with two
// bare clients that send the same prompts and options: Ollama's own, whose
// chunks are only counted (of-bare), and net/http, which reads the stream to
// its end without a look at it (of-http). Rounds of all three take turns, as
// does which goes first, so that what else the machine does weighs on each;
// the figures are medians of the rounds' ratios. On a machine that is busy
// otherwise they say little.
func BenchmarkDraftThroughput(b *testing.B) {
	p, prompts, address, name := realServer(b)
	schema, err := model.SchemaOf[receipt]()
	if err != nil {
		b.Fatal(err)
	}
	read := model.Extract[kit.Document, receipt](p, "read")
	rendered := func(n int) model.Rendered {
		r, err := prompts.Render("read", model.Request{Input: paper(n), Schema: schema})
		if err != nil {
			b.Fatal(err)
		}
		return r
	}
	server, err := url.Parse(address)
	if err != nil {
		b.Fatal(err)
	}
	client := api.NewClient(server, http.DefaultClient)
	clients := []func(context.Context, int) error{
		func(ctx context.Context, n int) error {
			_, err := read(ctx, paper(n))
			return err
		},
		func(ctx context.Context, n int) error { return bare(ctx, client, name, rendered(n), schema) },
		func(ctx context.Context, n int) error { return post(ctx, address, name, rendered(n), schema) },
	}
	const rounds, drafts = 24, 4
	inFlight(b, drafts, clients[1]) // warms the server
	for b.Loop() {
		var took, ofBare, ofHTTP []float64
		for round := range rounds {
			var seconds [3]float64
			for i := range clients {
				at := (round + i) % len(clients)
				seconds[at] = inFlight(b, drafts, clients[at]).Seconds()
			}
			took = append(took, seconds[0])
			ofBare, ofHTTP = append(ofBare, seconds[1]/seconds[0]), append(ofHTTP, seconds[2]/seconds[0])
		}
		b.ReportMetric(drafts/median(took), "drafts/s")
		b.ReportMetric(median(ofBare), "of-bare")
		b.ReportMetric(median(ofHTTP), "of-http")
	}
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

// inFlight runs n drafts, four at a time.
func inFlight(b *testing.B, n int, draft func(context.Context, int) error) time.Duration {
	b.Helper()
	began := time.Now()
	work := make(chan int)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for i := range work {
				if err := draft(b.Context(), i); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for i := range n {
		work <- i
	}
	close(work)
	group.Wait()
	return time.Since(began)
}

// bare asks by Ollama's own client and takes the answer as it comes.
func bare(ctx context.Context, client *api.Client, name string, r model.Rendered, schema *model.Schema) error {
	yes, no, done := true, false, false
	err := client.Chat(ctx, &api.ChatRequest{
		Model: name, Stream: &yes, Format: schema.JSON(), Think: &api.ThinkValue{Value: false},
		Truncate: &no, Shift: &no, Logprobs: true, TopLogprobs: 2,
		Messages: []api.Message{{Role: "system", Content: r.System}, {Role: "user", Content: r.User}},
		Options: map[string]any{"num_ctx": r.Options.NumCtx, "num_predict": r.Options.MaxTokens,
			"temperature": r.Options.Temperature, "seed": r.Options.Seed, "repeat_penalty": 1.0},
	}, func(c api.ChatResponse) error {
		done = done || c.Done
		return nil
	})
	if err == nil && !done {
		err = errors.New("the answer broke off")
	}
	return err
}

// post is a bare client on net/http.
func post(ctx context.Context, address, name string, r model.Rendered, schema *model.Schema) error {
	body, err := json.Marshal(map[string]any{
		"model": name, "stream": true, "format": json.RawMessage(schema.JSON()), "think": false,
		"truncate": false, "shift": false, "logprobs": true, "top_logprobs": 2,
		"messages": []map[string]string{{"role": "system", "content": r.System}, {"role": "user", "content": r.User}},
		"options": map[string]any{"num_ctx": r.Options.NumCtx, "num_predict": r.Options.MaxTokens,
			"temperature": r.Options.Temperature, "seed": r.Options.Seed, "repeat_penalty": 1.0},
	})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"/api/chat", bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && (resp.StatusCode != http.StatusOK || !bytes.Contains(answer, []byte(`"done":true`))) {
		err = fmt.Errorf("%s: %.200s", resp.Status, answer)
	}
	return err
}
