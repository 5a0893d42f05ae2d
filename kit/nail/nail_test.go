package nail_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/nail"
)

const receipts = `name: receipts-desk
lang: en
buyer: Bookkeeping offices with more than 500 paper receipts a month
job: Read date, total, company and address off a shop receipt
today: {minutes: 3, wage: 12}
volume: 2000
price: 0.30
currency: USD
gpu_hour: 0
bar: {date: 0.95, total: 0.95, company: 0.90, address: 0.80}
model: baseline
slots: 8
database: sqlite
review: {lease: 10m, undo: 10s}
deliver:
  folder: deliveries
  # webhook: {url: https://example.com/hook, secret_env: WEBHOOK_SECRET}
limits: {file_mb: 20}
`

func ExampleParse() {
	_, err := nail.Parse("nail.yaml", []byte("name: receipts-desk\njob: Read receipts\nvolumes: 2000\nprice: cheap\n"))
	fmt.Println(err)
	// Output:
	// nail.yaml:3:1: unknown key "volumes"; did you mean "volume"?
	// nail.yaml:4:8: price: cheap is not a number; write a number
}

func ExampleNail_Economics() {
	n, _ := nail.Parse("nail.yaml", []byte(receipts))
	e := n.Economics()
	fmt.Printf("by hand %.2f a case, the buyer keeps %.0f %s a month, the margin is %.0f\n",
		e.HumanCost, e.Saving, n.Currency, e.Margin)
	// Output: by hand 0.60 a case, the buyer keeps 600 USD a month, the margin is 600
}

func parse(t *testing.T, text string) nail.Nail {
	t.Helper()
	n, err := nail.Parse("nail.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestParseReadsEveryKey(t *testing.T) {
	got := parse(t, strings.Replace(receipts, "  # webhook", "  webhook", 1))
	want := nail.Nail{
		Name: "receipts-desk", Title: "receipts-desk", Lang: "en", Currency: "USD", Model: "baseline", Slots: 8, Database: "sqlite",
		Buyer:  "Bookkeeping offices with more than 500 paper receipts a month",
		Job:    "Read date, total, company and address off a shop receipt",
		Today:  nail.Today{Minutes: 3, Wage: 12},
		Volume: 2000, Price: 0.30,
		Bar:      map[string]nail.Goal{"date": normalised(0.95), "total": normalised(0.95), "company": normalised(0.90), "address": normalised(0.80)},
		Data:     nail.Data{Cases: "golden/cases", Answers: "golden/answers"},
		Reviewer: nail.Reviewer{Wage: 12},
		Review:   usual(),
		Deliver: nail.Deliver{Folder: "deliveries",
			Webhook: nail.Webhook{URL: "https://example.com/hook", SecretEnv: "WEBHOOK_SECRET"}},
		Limits: nail.Limits{FileMB: 20},
		Retain: nail.Retain{Trail: "365d"},
		Notify: nail.Notify{Every: 15 * time.Minute},
		Signin: nail.Signin{Password: true, OIDC: nail.OIDC{Role: "reviewer"}},
	}
	got.From = nail.Source{}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// normalised is a goal of which the file says the threshold alone.
func normalised(threshold float64) nail.Goal {
	return nail.Goal{Measure: "normalised", Threshold: threshold, Confidence: 0.95}
}

// usual is a review of which the file says nothing.
func usual() nail.Review {
	return nail.Review{Undo: 10 * time.Second, Terms: nail.Terms{
		Lease: 10 * time.Minute, EscalateAfter: 72 * time.Hour, Due: 72 * time.Hour, Quorum: 1,
		Roles: []string{"reviewer", "lead", "admin"}, Escalation: []string{"raise"},
	}}
}

func TestParseFillsDefaults(t *testing.T) {
	n := parse(t, "name: x\njob: y\n")
	if n.Slots != 4 || n.Lang != "en" || n.Model != "baseline" || n.Database != "sqlite" || n.Currency != "USD" {
		t.Errorf("words: %+v", n)
	}
	if !reflect.DeepEqual(n.Review, usual()) {
		t.Errorf("review: %+v", n.Review)
	}
	if n.Deliver.Folder != "deliveries" || n.MaxBytes() != 20<<20 || n.Bar != nil {
		t.Errorf("deliver %+v, limit %d, bar %v", n.Deliver, n.MaxBytes(), n.Bar)
	}
}

func TestParseKeepsWhatIsWritten(t *testing.T) {
	n := parse(t, "name: x\njob: |\n  one\n  two\nreview: {undo: 0s, escalate_after: 1h30m}\nmodel: ollama:qwen3:4b\n"+
		"deliver: {webhook: {url: 'http://127.0.0.1:9/h', secret_env: S}}\n")
	if n.Review.Undo != 0 || n.Review.EscalateAfter != 90*time.Minute || n.Review.Lease != 10*time.Minute {
		t.Errorf("review: %+v", n.Review)
	}
	if n.Deliver.Folder != "" || n.Ollama() != "qwen3:4b" || n.Job != "one\ntwo\n" {
		t.Errorf("folder %q, model %q, job %q", n.Deliver.Folder, n.Ollama(), n.Job)
	}
}

// TestParseRefuses holds each mistake against the place and the words that the
// person gets for it.
func TestParseRefuses(t *testing.T) {
	base := "name: x\njob: y\n"
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "nail.yaml:1:1: the file is empty"},
		{"comments", "# nothing\n", "nail.yaml:1:1: the file"},
		{"a list", "- name\n", "nail.yaml:1:1: the file: "},
		{"two documents", base + "---\nname: z\n", "a second document"},
		{"bad yaml", base + "bar: {date: 0.9\n", "nail.yaml:3:"},
		{"duplicate", base + "name: z\n", "nail.yaml:3:1: "},
		{"no name", "job: y\n", "nail.yaml:1:1: name is missing"},
		{"no job", "name: x\n", "job is missing"},
		{"name's shape", "name: Receipts Desk\njob: y\n", `nail.yaml:1:7: name: "Receipts Desk" cannot be used; write lower-case`},
		{"number as text", "name: 12\njob: y\n", "nail.yaml:1:7: name: 12 is not text; put it in quotes"},
		{"unknown below", base + "review: {leese: 10m}\n", `nail.yaml:3:10: unknown key "review.leese"; did you mean "review.lease"?`},
		{"unknown and far", base + "limits: {colour: 1}\n", `unknown key "limits.colour"; known here: file_mb`},
		{"no value", base + "price:\n", "nail.yaml:3:1: price: no value; write a number"},
		{"group as text", base + "today: long\n", "nail.yaml:3:8: today: long is not a group of keys"},
		{"text as number", base + "volume: many\n", "nail.yaml:3:9: volume: many is not a whole number"},
		{"fraction as whole", base + "volume: 1.5\n", "volume: 1.5 is not a whole number"},
		{"negative", base + "price: -1\n", "nail.yaml:3:8: price: -1 cannot be used; write a number from 0 up"},
		{"infinite", base + "price: .inf\n", "nail.yaml:3:8: price: "},
		{"bar above one", base + "bar: {date: 95}\n", "nail.yaml:3:13: bar.date: 95 cannot be used; write a share"},
		{"bar of zero", base + "bar: {date: 0}\n", "bar.date: 0 cannot be used"},
		{"duration without unit", base + "review: {lease: 10}\n", "review.lease: 10 is not a duration"},
		{"duration of words", base + "review: {lease: ten minutes}\n", "review.lease: ten minutes is not a duration"},
		{"negative duration", base + "review: {undo: -1s}\n", "review.undo: -1s cannot be used"},
		{"language", base + "lang: de\n", `nail.yaml:3:7: lang: "de" cannot be used; write en or zh`},
		{"currency", base + "currency: dollars\n", "three capitals"},
		{"model", base + "model: gpt\n", "write baseline, learned, ollama:NAME such as ollama:qwen3:4b, or openai:NAME"},
		{"model without name", base + "model: 'ollama:'\n", "write baseline, learned, ollama:NAME such as ollama:qwen3:4b, or openai:NAME"},
		{"candidate", base + "candidates: [baseline]\n", `candidates[0]: "baseline" cannot be used; write ollama:NAME such as ollama:qwen3:4b`},
		{"database", base + "database: mysql\n", "write sqlite or postgres"},
		{"open http", base + "deliver: {webhook: {url: 'http://example.com/h', secret_env: S}}\n", "write an https address"},
		{"secret in the file", base + "deliver: {webhook: {url: 'https://e.com/h', secret_env: whsec_a+b=}}\n", "name the environment variable"},
		{"webhook without secret", base + "deliver: {webhook: {url: 'https://e.com/h'}}\n", "nail.yaml:3:20: deliver.webhook.secret_env is missing"},
		{"no slot", base + "slots: 0\n", "from 1 to 256"},
		{"half a slot", base + "slots: 1.5\n", "is not a whole number"},
		{"no room for files", base + "limits: {file_mb: 0}\n", "from 1 to 2048"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := nail.Parse("nail.yaml", []byte(c.text))
			if err == nil || kit.CodeOf(err) != kit.Invalid || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %q (%s), want %q", err, kit.CodeOf(err), c.want)
			}
		})
	}
}

func TestParseTellsAllMistakesInOrder(t *testing.T) {
	_, err := nail.Parse("n.yaml", []byte("name: X\njob: y\nprice: -1\nlang: de\n"))
	fields := kit.FieldsOf(err)
	var paths []string
	for _, f := range fields {
		paths = append(paths, f.Path)
	}
	if strings.Join(paths, " ") != "name price lang" {
		t.Errorf("fields %v of %v", paths, err)
	}
}

func TestSafeURL(t *testing.T) {
	for address, want := range map[string]bool{
		"https://example.com/hook": true, "http://localhost:8080/h": true, "http://127.0.0.1/h": true, "http://[::1]:9/h": true,
		"http://192.168.1.4/h": true, "http://receiver/h": true, "http://a.internal/h": true,
		"http://example.com/h": false, "http://8.8.8.8/h": false, "http://0.0.0.0/h": false, "ftp://localhost/h": false,
		"https://": false, "/h": false, "": false, "https://ann:pw@example.com/h": false, "http://localhost.example.com/h": false,
	} {
		if got := nail.SafeURL(address); got != want {
			t.Errorf("%q: %v", address, got)
		}
	}
}

func TestLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nail.yaml")
	if _, err := nail.Load(path); kit.CodeOf(err) != kit.NotFound || kit.HintOf(err) == "" {
		t.Errorf("a missing file: %v", err)
	}
	if err := os.WriteFile(path, []byte(receipts), 0o600); err != nil {
		t.Fatal(err)
	}
	n, err := nail.Load(path)
	if err != nil || n.Name != "receipts-desk" || n.Ollama() != "" {
		t.Errorf("%+v, %v", n, err)
	}
	if err := os.WriteFile(path, []byte("lots: "+strings.Repeat("[", 100_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := nail.Load(path); kit.CodeOf(err) != kit.Invalid || !strings.Contains(err.Error(), "97 KB") {
		t.Errorf("a huge file: %v", err)
	}
	for _, odd := range []string{t.TempDir(), os.DevNull} {
		if _, err := nail.Load(odd); kit.CodeOf(err) != kit.Invalid || kit.HintOf(err) == "" {
			t.Errorf("%s, which is no file: %v", odd, err)
		}
	}
}

func TestEconomicsWithAMachine(t *testing.T) {
	e := parse(t, "name: x\njob: y\nvolume: 1000\nprice: 0.5\ngpu_hour: 0.5\ntoday: {minutes: 6, wage: 20}\n").Economics()
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-9 {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	}
	near("human cost", e.HumanCost, 2)
	near("human month", e.HumanMonth, 2000)
	near("revenue", e.Revenue, 500)
	near("machine", e.GPUMonth, 365)
	near("machine a case", e.GPUCase, 0.365)
	near("saving", e.Saving, 1500)
	near("margin", e.Margin, 135)
	near("stressed margin", e.StressMargin, 35)
	if e.BreakEven != 730 || e.StressBreakEven != 913 {
		t.Errorf("break even at %d, stressed %d; want 730 and 913", e.BreakEven, e.StressBreakEven)
	}
}

func TestEconomicsAtTheEdges(t *testing.T) {
	if e := parse(t, "name: x\njob: y\ngpu_hour: 1\n").Economics(); e.BreakEven != -1 || e.GPUCase != 0 {
		t.Errorf("no price never breaks even, no case costs nothing: %+v", e)
	}
	if e := parse(t, "name: x\njob: y\nprice: 1\n").Economics(); e.BreakEven != 0 || e.StressBreakEven != 0 {
		t.Errorf("no machine is paid at once: %+v", e)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(receipts))
	f.Add([]byte("name: x\njob: y\nreview:\n  roles: [lead]\n  tiers:\n    - {name: a, when: >-\n b, lots: {size: 9}}\n    - []\n"))
	f.Add([]byte("bar: {? a : 1}\n&a name: *a\n<<: {lang: zh}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := nail.Parse("nail.yaml", data)
		if err != nil && kit.CodeOf(err) != kit.Invalid {
			t.Fatalf("%q: code %s", data, kit.CodeOf(err))
		}
		if err == nil && (n.Name == "" || n.Review.Lease <= 0) {
			t.Fatalf("%q: accepted without a name or a lease: %+v", data, n)
		}
	})
}
