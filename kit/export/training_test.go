package export_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/export"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// bill is what the corrections of these tests are of.
type bill struct {
	Company *string      `json:"company" private:"true"`
	Date    *string      `json:"date" jsonschema:"format=date"`
	Address *string      `json:"address"`
	Total   *json.Number `json:"total"`
	Paid    bool         `json:"paid"`
}

// decided are corrections in memory, given in pages of two.
type decided []workflow.Correction

func (d decided) Corrections(_ context.Context, after string, _ int) (workflow.Page[workflow.Correction], error) {
	at := 0
	if after != "" {
		_, err := fmt.Sscan(after, &at)
		if err != nil {
			return workflow.Page[workflow.Correction]{}, err
		}
	}
	end := min(at+2, len(d))
	p := workflow.Page[workflow.Correction]{Items: d[at:end]}
	if end < len(d) {
		p.Next = fmt.Sprint(end)
	}
	return p, nil
}

// correction is a case of a text with a draft and what was let out.
func correction(id, text, draft, final string) workflow.Correction {
	input, _ := json.Marshal(kit.Document{Name: id + ".txt", Text: text})
	c := workflow.Correction{ID: "d-" + id, CaseID: "c-" + id, Input: input, InputHash: kit.Hash(input), Step: "check", DraftStep: "extract",
		Value: json.RawMessage(final), Verdict: kit.Edit, Reason: "misread", Person: review.Holder{ID: "u1", Name: "Mei"}, DecidedAt: at}
	c.Draft = review.Draft{Value: json.RawMessage(draft), Model: kit.ModelInfo{Name: "tiny", Digest: "abc"}, Prompt: "old"}
	return c
}

func billJSON(company, total string) string {
	return fmt.Sprintf(`{"company":%q,"date":"2018-02-01","address":null,"total":%s,"paid":true}`, company, total)
}

// decisions are three corrections, one of them of a draft that was right.
func decisions() decided {
	return decided{
		correction("1", "ABC TRADING\nTOTAL 9.00\n", billJSON("ABC", "9.00"), billJSON("ABC Trading", "9.00")),
		correction("2", "云帆文具\n合计 12.50\n", billJSON("云帆文具", "12.50"), billJSON("云帆文具", "12.50")),
		correction("3", "KOPI <LIMA>\nTOTAL 7\n", billJSON("KOPI <LIMA>", "70"), billJSON("KOPI <LIMA>", "7")),
	}
}

const promptFile = "---\nsystem: You read bills.\n---\nRead the bill.\n\n{{.Source}}\n"

func training(t *testing.T, f export.TrainingFormat) export.Training {
	t.Helper()
	schema, err := model.SchemaOf[bill]()
	if err != nil {
		t.Fatal(err)
	}
	prompts, err := model.LoadPrompts(fstest.MapFS{"prompts/extract.md": {Data: []byte(promptFile)}}, "prompts")
	if err != nil {
		t.Fatal(err)
	}
	prompt := func(_ context.Context, input json.RawMessage) (model.Rendered, error) {
		var doc kit.Document
		if err := json.Unmarshal(input, &doc); err != nil {
			return model.Rendered{}, err
		}
		return prompts.Render("extract", model.Request{Task: "extract", Input: doc, Schema: schema})
	}
	return export.Training{App: "bills", Format: f, Step: "extract", Schema: schema, Prompt: prompt,
		Shares: export.Shares{Train: 100}}
}

// written exports into a new folder, and returns it.
func written(t *testing.T, tr export.Training, d decided) (string, export.Manifest) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "out")
	m, err := tr.Write(t.Context(), d, dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir, m
}

func lines(t *testing.T, path string) [][]byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Split(bytes.TrimSpace(raw), []byte("\n"))
}

func TestTheSameCorrectionsMakeTheSameBytes(t *testing.T) {
	for _, f := range export.TrainingFormats {
		a, _ := written(t, training(t, f), decisions())
		b, _ := written(t, training(t, f), decisions())
		files, _ := os.ReadDir(a)
		for _, file := range files {
			x, _ := os.ReadFile(filepath.Join(a, file.Name()))
			y, _ := os.ReadFile(filepath.Join(b, file.Name()))
			if len(x) == 0 || !bytes.Equal(x, y) {
				t.Errorf("%s: %s differs, or is empty", f, file.Name())
			}
			if info, _ := file.Info(); info.Mode().Perm() != 0o600 || file.Name()[0] == '.' {
				t.Errorf("%s: %s has mode %v", f, file.Name(), info.Mode())
			}
		}
		if info, _ := os.Stat(a); info.Mode().Perm() != 0o700 {
			t.Errorf("%s: the folder has mode %v", f, info.Mode())
		}
		if left, _ := filepath.Glob(filepath.Join(filepath.Dir(a), ".*")); len(left) > 0 {
			t.Errorf("%s: left behind %v", f, left)
		}
	}
}

func TestTheManifestTellsWhereEachExampleIsFrom(t *testing.T) {
	d := decisions()
	d[1].DecidedAt = at.Add(time.Hour)
	dir, m := written(t, training(t, export.Chat), d)
	raw, err := os.ReadFile(filepath.Join(dir, export.ManifestFile))
	if err != nil {
		t.Fatal(err)
	}
	var got export.Manifest
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&got); err != nil {
		t.Fatalf("%v\n%s", err, raw)
	}
	if got.App != "bills" || !got.When.Equal(at.Add(time.Hour)) || got.Count() != 3 || m.Count() != 3 || got.Reworded != 3 || len(got.Records) != 3 {
		t.Errorf("%+v", got)
	}
	r := got.Records[0]
	if r.Case != "c-1" || r.Decision != "d-1" || r.Person != "Mei" || r.Model != "tiny" || r.ModelDigest != "abc" || r.PromptHash != kit.Hash([]byte(promptFile)) ||
		r.InputHash != d[0].InputHash || r.Source != export.TextHash("ABC Trading TOTAL 9.00") || r.SchemaHash != training(t, export.Chat).Schema.Hash() {
		t.Errorf("%+v", r)
	}
	for _, f := range got.Files {
		body, _ := os.ReadFile(filepath.Join(dir, f.Name))
		if kit.Hash(body) != f.SHA256 {
			t.Errorf("%s has another hash", f.Name)
		}
	}
	if len(got.Files) != 3 { // train.jsonl, README.md, dataset_info.json
		t.Errorf("files %v", got.Files)
	}
	if got.Length.Longest < 100 || got.Length.Tokens < got.Length.Longest/3 {
		t.Errorf("length %+v", got.Length)
	}
}

func TestWhatIsNoLabelIsLeftOutAndTold(t *testing.T) {
	d := decisions()
	d[0].Lot, d[1].Blind = "l1", true
	other, misfit, early := d[2], d[2], d[2]
	other.CaseID, other.DraftStep = "c-4", "translate"
	misfit.CaseID, misfit.Value = "c-5", json.RawMessage(`{"company":"X"}`)
	early.Value = json.RawMessage(billJSON("EARLY", "1"))
	d = append(decided{early}, append(d, other, misfit)...)
	dir, m := written(t, training(t, export.Chat), d)
	want := map[string]int{"passed with a lot: nobody looked at it": 1, "filled in blind: it was made without the draft": 1,
		"drafted by another step": 1, "does not fit the draft's schema of today": 1, "a later review of the same case had the last word": 1}
	if fmt.Sprint(m.LeftOut) != fmt.Sprint(want) || m.Count() != 1 {
		t.Errorf("left out %v, %d examples", m.LeftOut, m.Count())
	}
	if got := lines(t, filepath.Join(dir, "train.jsonl")); len(got) != 1 || bytes.Contains(got[0], []byte("EARLY")) {
		t.Errorf("%s", got)
	}
	card, _ := os.ReadFile(filepath.Join(dir, "README.md"))
	for why := range want {
		if !strings.Contains(string(card), why) {
			t.Errorf("the card does not say: %s", why)
		}
	}
	_, err := training(t, export.Chat).Write(t.Context(), d[1:2], filepath.Join(t.TempDir(), "none"))
	if kit.CodeOf(err) != kit.Invalid || !strings.Contains(err.Error(), "1 passed with a lot") {
		t.Errorf("nothing to learn from: %v", err)
	}
}

func TestADraftThatGaveUpIsALabelAndNoPair(t *testing.T) {
	d := decisions()[2:]
	d[0].Draft.GaveUp, d[0].Draft.Value = "no valid answer", json.RawMessage(`{"company":null,"date":null,"address":null,"total":null,"paid":null}`)
	if _, m := written(t, training(t, export.SFT), d); m.Count() != 1 {
		t.Errorf("%d examples", m.Count())
	}
	_, err := training(t, export.DPO).Write(t.Context(), d, filepath.Join(t.TempDir(), "none"))
	if kit.CodeOf(err) != kit.Invalid || !strings.Contains(err.Error(), "nothing to reject") {
		t.Errorf("%v", err)
	}
}

func TestTheFolderIsTakenCarefully(t *testing.T) {
	tr := training(t, export.Chat)
	home := t.TempDir()
	out := filepath.Join(home, "deep", "out")
	for i, want := range []kit.Code{"", kit.Conflict} {
		if _, err := tr.Write(t.Context(), decisions(), out); kit.CodeOf(err) != want {
			t.Errorf("time %d: %v", i+1, err)
		}
	}
	tr.Force = true
	if _, err := tr.Write(t.Context(), decisions()[:1], out); err != nil {
		t.Fatal(err)
	}
	if got := lines(t, filepath.Join(out, "train.jsonl")); len(got) != 1 {
		t.Errorf("%d examples after --force", len(got))
	}
	precious := filepath.Join(home, "precious")
	file := filepath.Join(precious, "file")
	_ = os.MkdirAll(precious, 0o755)
	_ = os.WriteFile(file, []byte("mine"), 0o644)
	for _, path := range []string{precious, file} {
		if _, err := tr.Write(t.Context(), decisions(), path); kit.CodeOf(err) != kit.Conflict || kit.HintOf(err) == "" {
			t.Errorf("%s: %v", path, err)
		}
	}
	if got, _ := os.ReadFile(file); string(got) != "mine" {
		t.Errorf("it was replaced by %s", got)
	}
	empty := filepath.Join(home, "empty")
	_ = os.Mkdir(empty, 0o755)
	tr.Prompt = func(context.Context, json.RawMessage) (model.Rendered, error) {
		return model.Rendered{}, kit.Errorf(kit.NotFound, "no prompt")
	}
	if _, err := tr.Write(t.Context(), decisions(), empty); kit.CodeOf(err) != kit.NotFound {
		t.Errorf("a prompt that fails: %v", err)
	}
	if left, _ := os.ReadDir(empty); len(left) > 0 {
		t.Errorf("half a folder: %v", left)
	}
	if left, _ := filepath.Glob(filepath.Join(home, ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestTheTableIsForPeople(t *testing.T) {
	d := decisions()
	d[0].Reason = "=HYPERLINK(\"x\")"
	d[0].Value = json.RawMessage(`{"company":null,"date":"2018-02-01","address":"+60 Jalan","total":9.00,"paid":true}`)
	tr := training(t, export.Table)
	tr.Prompt = nil
	dir, _ := written(t, tr, d)
	raw, _ := os.ReadFile(filepath.Join(dir, "train.csv"))
	rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(rows[0], " "); got != "case path draft final changed verdict person when reason" || len(rows) != 1+3*5 {
		t.Errorf("%d rows, head %s", len(rows), got)
	}
	for i, want := range [][]string{
		{"c-1", "company", "[COMPANY_1]", "", "true", "edit", "Mei", "2026-11-24T09:30:00Z", "'=HYPERLINK(\"x\")"},
		{"c-1", "date", "2018-02-01", "2018-02-01", "false", "edit", "Mei", "2026-11-24T09:30:00Z", "'=HYPERLINK(\"x\")"},
		{"c-1", "address", "", "'+60 Jalan", "true", "edit", "Mei", "2026-11-24T09:30:00Z", "'=HYPERLINK(\"x\")"},
		{"c-1", "total", "9.00", "9.00", "false", "edit", "Mei", "2026-11-24T09:30:00Z", "'=HYPERLINK(\"x\")"},
	} {
		if fmt.Sprint(rows[i+1]) != fmt.Sprint(want) {
			t.Errorf("row %d: %q, want %q", i+1, rows[i+1], want)
		}
	}
}

func TestTrainingRefuses(t *testing.T) {
	for name, change := range map[string]func(*export.Training){
		"an unknown group":   func(tr *export.Training) { tr.Group = "colour" },
		"an unknown field":   func(tr *export.Training) { tr.Private = []string{"colour"} },
		"a field of a few":   func(tr *export.Training) { tr.Private = []string{"paid"} },
		"shares above 100":   func(tr *export.Training) { tr.Shares = export.Shares{Train: 80, Validation: 20, Test: 10} },
		"nothing to learn":   func(tr *export.Training) { tr.Shares = export.Shares{Test: 100} },
		"less than no share": func(tr *export.Training) { tr.Shares = export.Shares{Train: 110, Test: -10} },
	} {
		tr := training(t, export.Chat)
		change(&tr)
		if _, err := tr.Write(t.Context(), decisions(), filepath.Join(t.TempDir(), "out")); kit.CodeOf(err) != kit.Invalid || kit.HintOf(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := export.ParseTrainingFormat("parquet"); kit.CodeOf(err) != kit.Invalid {
		t.Errorf("an unknown format: %v", err)
	}
}
