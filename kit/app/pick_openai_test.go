package app_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
)

// serveEndpoint is a server with OpenAI's protocol. Each of its models answers
// every note with the same words; "" is prose, whatever format is asked for. It
// counts the drafts asked for with these words in the prompt.
func serveEndpoint(t *testing.T, words string, models map[string]string) (url string, asked *atomic.Int32) {
	t.Helper()
	asked = new(atomic.Int32)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/models", func(w http.ResponseWriter, _ *http.Request) {
		var all []string
		for name := range models {
			all = append(all, fmt.Sprintf(`{"id":%q,"owned_by":"vllm","root":"/models/%s"}`, name, name))
		}
		fmt.Fprintf(w, `{"data":[%s]}`, strings.Join(all, ","))
	})
	mux.HandleFunc("GET /version", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"version":"1.2.3"}`) })
	mux.HandleFunc("POST /v1/chat/completions", func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		var req struct{ Model string }
		_ = json.Unmarshal(raw, &req)
		answer := models[req.Model]
		switch {
		case answer == "":
			answer = "The sea is wide."
		case strings.Contains(string(raw), "You chat."):
			answer = `{"nail":"tackhammer"}`
		case strings.Contains(string(raw), words):
			asked.Add(1)
		}
		fmt.Fprintf(w, `{"choices":[{"message":{"content":%q},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":5}}`, answer)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL + "/v1", asked
}

// endpointNail is the nail of the test with servers of OpenAI's protocol.
func endpointNail(urls ...string) string {
	nail := pickNail + "openai:\n  urls:\n"
	for _, url := range urls {
		nail += "  - " + url + "\n"
	}
	return nail
}

func TestPickTriesModelsOfAnEndpointLast(t *testing.T) {
	url, asked := serveEndpoint(t, "note", map[string]string{"org/right-7b": rightAnswer, "wrong": wrongAnswer, "deaf": "", "spare": rightAnswer})
	notesDesk(t, endpointNail(url))
	ollama := serveModels(t, served{name: "wrong:1b", size: 1000, answer: wrongAnswer, vram: 2000}, served{name: "unasked:1b", size: 10, answer: rightAnswer, vram: 20})
	out, _ := desk0(t, 0, "pick", "--vram", "1 MB", "--models", "openai:wrong,openai:deaf,openai:org/right-7b,wrong:1b,openai:spare,openai:wrong")
	said := strings.Join(strings.Fields(out), " ")
	for _, row := range []string{
		"baseline - - yes your own",
		"ollama:wrong:1b 0.0 MB",
		"openai:wrong unknown - not checked none told",
		"openai:deaf unknown - not checked none told 0 refused",
		"openai:org/right-7b unknown - not checked none told 40 passed",
		"openai:spare unknown - not checked none told 0 not tried: one before it passed",
		"openai:deaf: probe deaf at " + url + ": the server ignores the format of an answer",
		"note: openai:wrong, openai:deaf, openai:org/right-7b and openai:spare come last, in the order named: their server does not tell the sizes",
		"note: licence of openai:org/right-7b: none told: the server tells no licence",
		"openai:org/right-7b is the first that reaches the bar: written to nail.yaml",
	} {
		i := strings.Index(said, row)
		if i < 0 {
			t.Fatalf("no %q behind the row before it in\n%s", row, out)
		}
		said = said[i:]
	}
	if asked.Load() == 0 || ollama.calls["unasked:1b"] > 0 {
		t.Errorf("the endpoint was asked %d times, of Ollama %v", asked.Load(), ollama.calls)
	}
	if nail := readFile(t, "nail.yaml"); !strings.Contains(nail, `model: "openai:org/right-7b"`) || !strings.Contains(nail, "# the floor") {
		t.Errorf("nail.yaml:\n%s", nail)
	}
	before := asked.Load()
	if again := pickOf(t, 0, "--models", "openai:org/right-7b"); again.Chosen != "openai:org/right-7b" || len(again.Candidates) != 2 || asked.Load() != before {
		t.Errorf("of the endpoint alone: %+v, asked %d times, before %d", again, asked.Load(), before)
	}
	if out, _ := desk0(t, 0, "check"); !strings.Contains(out, "openai:org/right-7b was measured on") {
		t.Errorf("%s", out)
	}
}

func TestPickOfAnEndpointRefusesWhatCannotBe(t *testing.T) {
	url, asked := serveEndpoint(t, "note", map[string]string{"right": rightAnswer})
	notesDesk(t, pickNail)
	serveModels(t).Close() // nobody asks it
	if _, errs := desk0(t, 2, "pick", "--models", "openai:right"); !strings.Contains(errs, "openai.urls is missing") || !strings.Contains(errs, `openai: {urls: ["http://`) {
		t.Errorf("%s", errs)
	}
	if err := os.WriteFile("nail.yaml", []byte(endpointNail(url)+"  key_env: DESK_KEY\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, errs := desk0(t, 2, "pick", "--models", "openai:right"); !strings.Contains(errs, "the variable DESK_KEY is empty") {
		t.Errorf("%s", errs)
	}
	t.Setenv("DESK_KEY", "hush")
	for _, name := range []string{"openai:", "openai:a b", "openai:a,,", "openai:a\x07"} {
		if _, errs := desk0(t, 2, "pick", "--models", name); !strings.Contains(errs, "is no model's name") {
			t.Errorf("%q: %s", name, errs)
		}
	}
	got := pickOf(t, 4, "--models", "openai:absent", "--pull", "--dry-run")
	if c := got.Candidates[1]; c.Verdict != "refused" || !strings.Contains(c.Why, "no such model") || asked.Load() > 0 {
		t.Errorf("%+v", got)
	}
}

// Today's model is tried where nobody names another.
func TestPickTriesTodaysModelOfAnEndpoint(t *testing.T) {
	url, _ := serveEndpoint(t, "note", map[string]string{"right": rightAnswer, "spare": rightAnswer})
	notesDesk(t, strings.Replace(endpointNail(url), "model: baseline", "model: openai:right", 1))
	serveModels(t, served{name: "wrong:1b", size: 1000, answer: wrongAnswer, vram: 2000})
	if got := pickOf(t, 0, "--dry-run"); got.Chosen != "openai:right" || len(got.Candidates) != 3 || got.Candidates[1].Model != "ollama:wrong:1b" {
		t.Errorf("%+v", got)
	}
	if got := pickOf(t, 4, "--dry-run", "--models", "wrong:1b"); len(got.Candidates) != 2 {
		t.Errorf("another was named: %+v", got)
	}
}

func TestTryOfAnEndpointTellsNoLicence(t *testing.T) {
	url, _ := serveEndpoint(t, "note", map[string]string{"right": rightAnswer})
	notesDesk(t, endpointNail(url))
	serveModels(t).Close()
	if out, _ := desk0(t, 0, "pick", "--try", "openai:right"); !strings.Contains(out, "\nundecided: too few cases") {
		t.Errorf("%s", out)
	}
	out, _ := desk0(t, 0, "pick", "--try", "openai:right", "--margin", "0.1")
	if said := strings.Join(strings.Fields(out), " "); !strings.Contains(said, "openai:right unknown - not checked none told") || !strings.Contains(out, "\nswitch to openai:right") {
		t.Errorf("%s", out)
	}
}

// With --dev the prompts are those of the working folder.
func TestPickReadsPromptsInDevelopment(t *testing.T) {
	url, asked := serveEndpoint(t, "as a poet", map[string]string{"right": rightAnswer})
	notesDesk(t, endpointNail(url))
	serveModels(t).Close()
	pickOf(t, 0, "--models", "openai:right", "--dry-run")
	if asked.Load() > 0 {
		t.Error("the prompt is there already")
	}
	desk0(t, 1, "pick", "--models", "openai:right", "--dry-run", "--dev")
	if err := os.Mkdir("prompts", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("prompts/extract.md", []byte("Read the note as a poet.\n\n{{.Source}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	pickOf(t, 0, "--models", "openai:right", "--dry-run", "--dev")
	if asked.Load() == 0 {
		t.Error("the built-in prompt was used")
	}
}
