package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/tackhammer/tackhammer/kit/internal/need"
)

// modelServer is a server that has some models, each of which answers every
// note with the same words.
type modelServer struct {
	*httptest.Server
	mu     sync.Mutex
	calls  map[string]int // of drafts, by model
	pulled []string
}

// served is a model of it.
type served struct {
	name    string
	size    int64
	answer  string // "" gives prose, whatever format is asked for
	vram    int64  // of its size in memory, which is twice that on the disk
	licence string
	more    string // further keys of /api/tags, as JSON
	can     string // its capabilities, as JSON; ["completion"] unless told
}

// digest is the model's name without what a digest cannot hold.
func (m served) digest() string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > 'z' || r == ':' || r == ';' || r == '[' {
			return '-'
		}
		return r
	}, m.name)
}

func serveModels(t *testing.T, models ...served) *modelServer {
	t.Helper()
	s := &modelServer{calls: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/tags", func(w http.ResponseWriter, _ *http.Request) {
		var all []string
		for _, m := range models {
			name, _ := json.Marshal(m.name)
			all = append(all, fmt.Sprintf(`{"name":%s,"size":%d,"digest":"d-%s"%s}`, name, m.size, m.digest(), m.more))
		}
		fmt.Fprintf(w, `{"models":[%s]}`, strings.Join(all, ","))
	})
	mux.HandleFunc("GET /api/ps", func(w http.ResponseWriter, _ *http.Request) {
		var all []string
		for _, m := range models {
			name, _ := json.Marshal(m.name)
			all = append(all, fmt.Sprintf(`{"name":%s,"size":%d,"size_vram":%d}`, name, 2*m.size, m.vram))
		}
		fmt.Fprintf(w, `{"models":[%s]}`, strings.Join(all, ","))
	})
	mux.HandleFunc("GET /api/version", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"version":"0.17.4"}`) })
	find := func(r *http.Request) (m served, body string) {
		var req struct{ Model string }
		raw := new(bytes.Buffer)
		_, _ = raw.ReadFrom(r.Body)
		_ = json.Unmarshal(raw.Bytes(), &req)
		for _, m := range models {
			if m.name == req.Model || m.name == req.Model+":latest" {
				return m, raw.String()
			}
		}
		return served{name: "?"}, raw.String()
	}
	mux.HandleFunc("POST /api/pull", func(w http.ResponseWriter, r *http.Request) {
		var req struct{ Model string }
		_ = json.NewDecoder(r.Body).Decode(&req)
		s.pulled = append(s.pulled, req.Model)
		if req.Model == "gone:1b" {
			fmt.Fprintln(w, `{"error":"pull model manifest: file does not exist"}`)
			return
		}
		models = append(models, served{name: req.Model, size: 1000, answer: rightAnswer, vram: 2000})
		fmt.Fprintln(w, `{"status":"pulling ab","digest":"sha256:ab","total":3000000,"completed":1000000}`)
		fmt.Fprintln(w, `{"status":"success"}`)
	})
	mux.HandleFunc("POST /api/show", func(w http.ResponseWriter, r *http.Request) {
		m, _ := find(r)
		can := m.can
		if can == "" {
			can = `["completion"]`
		}
		fmt.Fprintf(w, `{"license":%q,"modelfile":"FROM /etc/passwd","capabilities":%s,"model_info":{}}`, m.licence, can)
	})
	mux.HandleFunc("POST /api/chat", func(w http.ResponseWriter, r *http.Request) {
		m, body := find(r)
		answer := m.answer
		switch {
		case answer == "":
			answer = "The sea is wide."
		case strings.Contains(body, "You chat."):
			answer = `{"nail":"tackhammer"}`
		default:
			s.mu.Lock()
			s.calls[m.name]++
			s.mu.Unlock()
		}
		chunk, _ := json.Marshal(map[string]any{"message": map[string]string{"content": answer}})
		fmt.Fprintf(w, "%s\n{\"done\":true,\"done_reason\":\"stop\"}\n", chunk)
	})
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	t.Setenv("OLLAMA_HOST", s.URL)
	return s
}

const rightAnswer, wrongAnswer = `{"title":"Blue chairs","words":7}`, `{"title":"Blue chairs","words":1}`

const pickNail = `# The nail of the test.
name: test-desk
job: Read notes
bar: {title: 0.6, words: {threshold: 0.8, confidence: 0.95}}   # how good

# Who drafts.
model: baseline   # the floor
slots: 4          # of the server
`

// notesDesk makes 40 notes whose words the rules count otherwise than people
// do, and a nail, in a working folder of their own.
func notesDesk(t *testing.T, nail string) {
	t.Helper()
	t.Chdir(t.TempDir())
	write := func(path, content string) {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	write("nail.yaml", nail)
	for i := range 40 {
		write(fmt.Sprintf("golden/cases/n%d.txt", i), fmt.Sprintf("Blue chairs\nnote %d", i))
		write(fmt.Sprintf("golden/answers/n%d.json", i), rightAnswer)
	}
}

// desk0 runs a command of the desk and returns what it printed.
func desk0(t *testing.T, wantCode int, args ...string) (out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	c := desk()
	c.Out, c.Err = &o, &e
	if code := c.Run(context.Background(), append([]string{"test-desk"}, args...)); code != wantCode {
		t.Fatalf("%s: exit code %d, want %d\n%s%s", strings.Join(args, " "), code, wantCode, &o, &e)
	}
	return o.String(), e.String()
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// pickJSON is what a script reads of `pick --json`.
type pickJSON struct {
	Chosen     string
	Digest     string
	Calls      int
	Grid       int `json:"full_grid_calls"`
	Missing    string
	More       int `json:"more_labelled_cases"`
	Notes      []string
	Candidates []struct {
		Model   string
		Verdict string
		Why     string
		Fits    string
		Calls   int
	}
}

func pickOf(t *testing.T, code int, args ...string) (p pickJSON) {
	t.Helper()
	out, errs := desk0(t, code, append([]string{"pick", "--json"}, args...)...)
	if err := json.Unmarshal([]byte(out), &p); err != nil {
		t.Fatalf("%v\n%s%s", err, out, errs)
	}
	return p
}

func TestPickNamesTheSmallestThatPassesAndFits(t *testing.T) {
	notesDesk(t, pickNail)
	s := serveModels(t,
		served{name: "huge:70b", size: 40 << 30, answer: rightAnswer},
		served{name: "good:4b", size: 3000, answer: rightAnswer, vram: 6000, licence: "LLAMA 3.2 COMMUNITY LICENSE AGREEMENT\nLlama 3.2 Version Release Date"},
		served{name: "wrong:1b", size: 1000, answer: wrongAnswer, vram: 2000},
		served{name: "deaf:1b", size: 1500},
		served{name: "spilled:2b", size: 2000, answer: rightAnswer, vram: 1000},
		served{name: "larger:8b", size: 4000, answer: rightAnswer, vram: 8000},
		served{name: "cloud:120b", size: 500, answer: rightAnswer, more: `,"remote_host":"https://ollama.com"`},
		served{name: "embed:1b", size: 100, can: `["embedding"]`},
		served{name: "evil\x1b[2J; rm -rf /", size: 1})
	got := pickOf(t, 0, "--vram", "24GiB")
	want := map[string]string{"baseline": "failed", "ollama:cloud:120b": "refused", "ollama:wrong:1b": "failed", "ollama:deaf:1b": "refused",
		"ollama:spilled:2b": "refused", "ollama:good:4b": "passed", "ollama:larger:8b": "untried", "ollama:huge:70b": "untried"}
	if got.Chosen != "ollama:good:4b" || got.Digest != "d-good-4b" || len(got.Candidates) != len(want) {
		t.Fatalf("%+v", got)
	}
	for _, c := range got.Candidates {
		if want[c.Model] != c.Verdict {
			t.Errorf("%s: %s (%s), want %s", c.Model, c.Verdict, c.Why, want[c.Model])
		}
	}
	if s.calls["larger:8b"]+s.calls["huge:70b"]+s.calls["cloud:120b"] > 0 || s.calls["wrong:1b"] >= 40 || s.calls["wrong:1b"] == 0 || got.Calls >= got.Grid {
		t.Errorf("calls %v, %d of %d", s.calls, got.Calls, got.Grid)
	}
	if notes := strings.Join(got.Notes, "\n"); !strings.Contains(notes, "embed:1b was left out") || !strings.Contains(notes, "Built with Llama") {
		t.Errorf("notes: %s", notes)
	}
	nail := readFile(t, "nail.yaml")
	for _, kept := range []string{"# The nail of the test.\n", "# how good\n", "\n# Who drafts.\nmodel: \"ollama:good:4b\"", "# the floor", "slots: 4          # of the server\n", "digest: d-good-4b"} {
		if !strings.Contains(nail, kept) {
			t.Errorf("%q is not in\n%s", kept, nail)
		}
	}
	if info, err := os.Stat("nail.yaml"); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the file's mode is changed: %v, %v", info.Mode(), err)
	}
	if file := readFile(t, "data/picked.json"); !strings.Contains(file, `"chosen": "ollama:good:4b"`) {
		t.Errorf("picked.json: %s", file)
	}
	before := fmt.Sprint(s.calls)
	if again := pickOf(t, 0, "--vram", "24GiB"); again.Chosen != got.Chosen || fmt.Sprint(s.calls) != before {
		t.Errorf("a second run asks again: %v, first %v", s.calls, before)
	}
}

func TestPickSaysWhatIsMissing(t *testing.T) {
	notesDesk(t, pickNail)
	serveModels(t, served{name: "wrong:1b", size: 1000, answer: wrongAnswer, vram: 2000, licence: "CC-BY-NC-4.0"})
	out, errs := desk0(t, 4, "pick")
	for _, words := range []string{"none of 2 candidates reaches the bar", "words 0 % of 80 %, 80.0 points short", "no number of labelled cases would help"} {
		if !strings.Contains(errs, words) {
			t.Errorf("%q is not in\n%s", words, errs)
		}
	}
	if said := strings.Join(strings.Fields(out), " "); !strings.Contains(said, "NON-COMMERCIAL") || !strings.Contains(said, "does not allow business use") {
		t.Errorf("no word of the licence:\n%s", out)
	}
	if readFile(t, "nail.yaml") != pickNail {
		t.Error("nail.yaml was written though none passed")
	}
	few := pickOf(t, 4, "--nail", nailFile(t, strings.Replace(pickNail, "words: {threshold: 0.8, confidence: 0.95}", "words: 0.99", 1)))
	if few.More != 368-40 || !strings.Contains(few.Missing, "words has 40 answers, and takes 368 even without an error") { // 0.99^368 is the first below 0.025
		t.Errorf("%+v", few)
	}
}

// nailFile writes another nail beside the first.
func nailFile(t *testing.T, content string) string {
	t.Helper()
	if err := os.WriteFile("other.yaml", []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return "other.yaml"
}

func TestPickRefusesBySizeAndDryRunWritesNothing(t *testing.T) {
	notesDesk(t, strings.Replace(pickNail, "words: {threshold: 0.8, confidence: 0.95}", "words: 0.01", 1))
	serveModels(t, served{name: "large:8b", size: 5 << 30, answer: rightAnswer})
	got := pickOf(t, 4, "--vram", "4 GB", "--dry-run")
	if c := got.Candidates[1]; c.Verdict != "refused" || c.Fits != "no" || !strings.Contains(c.Why, "it needs about 5.5 GiB of the GPU's 3.7 GiB") {
		t.Errorf("%+v", c)
	}
	if _, err := os.Stat("data"); err == nil || strings.Contains(readFile(t, "nail.yaml"), "picked") {
		t.Error("a dry run wrote something")
	}
}

func TestPickGoesOnWithoutAServer(t *testing.T) {
	notesDesk(t, strings.Replace(pickNail, ", words: {threshold: 0.8, confidence: 0.95}", "", 1))
	serveModels(t).Close()
	out, _ := desk0(t, 0, "pick", "--dry-run")
	if said := strings.Join(strings.Fields(out), " "); !strings.Contains(said, "note: no Ollama server answers at "+os.Getenv("OLLAMA_HOST")+": no model of it was tried ") || strings.Contains(out, "dial tcp") || !strings.Contains(out, "baseline is the smallest that reaches the bar; nothing was written") {
		t.Errorf("%s", out)
	}
}

// The rules and the learned model are tried in any case: to name them is no
// mistake, and to name nothing else leaves the server alone.
func TestPickTakesTheNamesOfItsOwn(t *testing.T) {
	notesDesk(t, pickNail)
	s := serveModels(t, served{name: "good:4b", size: 3000, answer: rightAnswer, vram: 6000}, served{name: "other:1b", size: 1000, answer: rightAnswer, vram: 2000})
	if got := pickOf(t, 0, "--dry-run", "--models", "baseline, learned,good:4b"); got.Chosen != "ollama:good:4b" || len(got.Candidates) != 2 {
		t.Errorf("%+v", got)
	}
	before := s.calls["good:4b"]
	if got := pickOf(t, 4, "--dry-run", "--pull", "--models", "baseline,learned"); len(got.Candidates) != 1 || s.calls["good:4b"] != before || s.calls["other:1b"] > 0 || len(s.pulled) > 0 {
		t.Errorf("%+v, calls %v, fetched %v", got, s.calls, s.pulled)
	}
	if _, errs := desk0(t, 1, "pick", "--models", "ollama:baseline"); !strings.Contains(errs, "the server has no model baseline") {
		t.Errorf("%s", errs)
	}
}

func TestPickTriesTheCandidatesOfTheNail(t *testing.T) {
	notesDesk(t, pickNail+"candidates: [\"ollama:good:4b\"]\n")
	s := serveModels(t, served{name: "good:4b", size: 3000, answer: rightAnswer, vram: 6000}, served{name: "other:1b", size: 1000, answer: rightAnswer, vram: 2000})
	if got := pickOf(t, 0, "--dry-run"); got.Chosen != "ollama:good:4b" || len(got.Candidates) != 2 || s.calls["other:1b"] > 0 {
		t.Errorf("%+v, calls %v", got, s.calls)
	}
	if got := pickOf(t, 0, "--dry-run", "--models", "other:1b"); got.Chosen != "ollama:other:1b" {
		t.Errorf("a flag says more than the file: %+v", got)
	}
	if got := pickOf(t, 0, "--dry-run", "--model", "ollama:other:1b"); got.Chosen != "ollama:other:1b" || len(got.Candidates) != 3 {
		t.Errorf("today's is not tried beside them: %+v", got)
	}
}

func TestTryKeepsOrSwitches(t *testing.T) {
	notesDesk(t, strings.Replace(pickNail, "model: baseline", "model: ollama:good:4b", 1))
	s := serveModels(t, served{name: "good:4b", size: 3000, answer: rightAnswer, vram: 6000}, served{name: "wrong:1b", size: 1000, answer: wrongAnswer, vram: 2000},
		served{name: "new:2b", size: 2000, answer: rightAnswer, vram: 4000, licence: "Apache License"}, served{name: "research:2b", size: 2000, answer: rightAnswer, vram: 4000, licence: "Qwen RESEARCH LICENSE AGREEMENT"},
		served{name: "spilled:1b", size: 100, answer: rightAnswer, vram: 1})
	for _, c := range []struct{ model, margin, advice, why string }{
		{"wrong:1b", "0.1", "keep", "it is worse in"},
		{"new:2b", "0.01", "undecided", "more labelled cases would"},
		{"ollama:new:2b", "0.1", "switch", "it is smaller"},
		{"research:2b", "0.1", "keep", "does not allow business use"},
		{"spilled:1b", "0.1", "keep", "spilled to the CPU's memory"},
		{"baseline", "0.1", "keep", "it is worse in"},
	} {
		out, _ := desk0(t, 0, "pick", "--try", c.model, "--margin", c.margin)
		if last := out[max(0, strings.Index(out, "\n"+c.advice)):]; !strings.Contains(out, "\n"+c.advice) || !strings.Contains(last, c.why) {
			t.Errorf("%s: want %s, %s\n%s", c.model, c.advice, c.why, out)
		}
	}
	if strings.Contains(readFile(t, "nail.yaml"), "new:2b") {
		t.Error("it was written unasked")
	}
	calls := s.calls["good:4b"]
	desk0(t, 0, "pick", "--try", "new:2b", "--margin", "0.1", "--write")
	if nail := readFile(t, "nail.yaml"); !strings.Contains(nail, `model: "ollama:new:2b"`) || !strings.Contains(nail, "digest: d-new-2b") || !strings.Contains(nail, "# the floor") {
		t.Errorf("not switched:\n%s", nail)
	}
	if calls != 40 || s.calls["good:4b"] != 40 {
		t.Errorf("today's model was asked %d times, then %d, for 40 cases", calls, s.calls["good:4b"])
	}
	desk0(t, 2, "pick", "--try", "new:2b")
	desk0(t, 2, "pick", "--try", "a b")
	desk0(t, 1, "pick", "--try", "absent:1b")
	desk0(t, 2, "pick", "--try", "good:4b", "--margin", "1")
}

func TestCheckWarnsOfAnotherModelThanWasMeasured(t *testing.T) {
	notesDesk(t, strings.Replace(pickNail, ", words: {threshold: 0.8, confidence: 0.95}", "", 1))
	serveModels(t)
	desk0(t, 0, "pick")
	if out, _ := desk0(t, 0, "check"); !strings.Contains(out, "baseline was measured on") {
		t.Errorf("%s", out)
	}
	nail := readFile(t, "nail.yaml")
	at := strings.Index(nail, "digest: ")
	end := strings.Index(nail[at:], "\n")
	other := nail[:at] + "digest: another" + nail[at+end:]
	if out, _ := desk0(t, 0, "check", "--nail", nailFile(t, other)); !strings.Contains(out, "warn ") || !strings.Contains(strings.Join(strings.Fields(out), " "), "is not the one that was measured") {
		t.Errorf("%s", out)
	}
}

func TestPickRefusesWhatCannotBeMeant(t *testing.T) {
	notesDesk(t, pickNail)
	serveModels(t, served{name: "good:4b", size: 3000, answer: rightAnswer})
	for _, args := range [][]string{
		{"--models", "a b"}, {"--models", "good:4b,,"}, {"--models", "../x"}, {"--vram", "much"}, {"--vram", "-1"}, {"--vram", "9999999TB"}, {"--from", "nowhere"},
		{"--pull"}, {"--pull", "--models", "other:1b"}, {"--pull", "--up-to", "x"}, {"more"},
	} {
		_, errs := desk0(t, 2, append([]string{"pick"}, args...)...)
		if !strings.Contains(errs, "hint: ") {
			t.Errorf("%v: no hint in %s", args, errs)
		}
	}
	if _, errs := desk0(t, 1, "pick", "--models", "absent:1b"); !strings.Contains(errs, "ollama pull absent:1b") {
		t.Errorf("%s", errs)
	}
	if _, errs := desk0(t, 2, "pick", "--nail", nailFile(t, "name: x\njob: y\n")); !strings.Contains(errs, "no bar to reach") {
		t.Errorf("%s", errs)
	}
}

func TestPullFetchesWhatIsMissingAndTriesIt(t *testing.T) {
	notesDesk(t, pickNail)
	s := serveModels(t, served{name: "qwen3:0.6b", size: 500, answer: wrongAnswer, vram: 1000})
	if got := pickOf(t, 0, "--pull", "--yes", "--models", "qwen3:0.6b,fresh:1b"); got.Chosen != "ollama:fresh:1b" || fmt.Sprint(s.pulled) != "[fresh:1b]" {
		t.Errorf("%+v, fetched %v", got, s.pulled)
	}
	desk0(t, 0, "pick", "--pull", "--yes", "--up-to", "1GB", "--dry-run")
	if fmt.Sprint(s.pulled) != "[fresh:1b gemma3:1b]" {
		t.Errorf("of the ladder up to 1 GB: %v", s.pulled)
	}
	if _, errs := desk0(t, 1, "pick", "--pull", "--yes", "--models", "gone:1b"); !strings.Contains(errs, "file does not exist") {
		t.Errorf("%s", errs)
	}
	_, errs := desk0(t, 2, "pick", "--pull", "--models", "other:1b")
	if !strings.Contains(errs, "nobody said whether to fetch other:1b") || len(s.pulled) != 3 {
		t.Errorf("%s, fetched %v", errs, s.pulled)
	}
	out, _ := desk0(t, 0, "pick", "--ladder")
	if !strings.Contains(out, "qwen3:0.6b") || !strings.Contains(out, "sizes approximate") || strings.Count(out, "  yes\n") != 2 {
		t.Errorf("%s", out)
	}
}

// A real server's model of random weights fails the bar that the rules reach.
func TestPickWithARealServer(t *testing.T) {
	host, name := need.Env(t, "OLLAMA_HOST", "a real Ollama server"), need.Env(t, "OLLAMA_TINY_MODEL", "a small model of that server")
	notesDesk(t, "name: test-desk\njob: Read notes\nbar: {title: 0.5}\n")
	t.Setenv("OLLAMA_HOST", host)
	for i := 6; i < 40; i++ { // its drafts take their time
		for _, file := range []string{fmt.Sprintf("golden/cases/n%d.txt", i), fmt.Sprintf("golden/answers/n%d.json", i)} {
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
		}
	}
	c := desk()
	c.Files = fstest.MapFS{"prompts/extract.md": {Data: []byte("---\nnum_ctx: 1024\nmax_tokens: 32\ntries: 1\n---\nRead the note.\n\n{{.Source}}\n")}}
	run := func(args ...string) (p pickJSON) {
		var out, errs bytes.Buffer
		c.Out, c.Err = &out, &errs
		if code := c.Run(t.Context(), append([]string{"test-desk", "pick", "--json", "--models", name}, args...)); code != 0 {
			t.Fatalf("exit code %d\n%s%s", code, &out, &errs)
		}
		if err := json.Unmarshal(out.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		return p
	}
	got := run()
	if got.Chosen != "baseline" || got.Candidates[1].Verdict != "untried" || got.Calls != 6 || got.Grid != 12 {
		t.Errorf("%+v", got)
	}
	full := run("--full", "--dry-run")
	if full.Chosen != "baseline" || full.Candidates[1].Verdict != "failed" || full.Calls != 12 {
		t.Errorf("%+v", full)
	}
}
