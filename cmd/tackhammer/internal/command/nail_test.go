package command

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/nail"
)

// typed gives a line a read, as a terminal does.
type typed struct{ *bufio.Reader }

func (t typed) Read(p []byte) (int, error) {
	line, err := t.ReadSlice('\n')
	return copy(p, line), err
}

func typing(lines ...string) io.Reader {
	return typed{bufio.NewReader(strings.NewReader(strings.Join(lines, "\n") + "\n"))}
}

// TestWizardWithoutAScreen answers line by line: what is wrong is asked again,
// and an empty line keeps what is there.
func TestWizardWithoutAScreen(t *testing.T) {
	d, err := openDraft(filepath.Join(t.TempDir(), "nail.yaml"), "zh")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err = d.ask(t.Context(), typing("", "代理记账公司", "把票据变成分录", "每月初收到一鞋盒票据", "三", "3", "60", "2000", "1.5", "cny", "", "", "",
		"合计=97.5", "", "", "客户的", "y"), &out, true)
	if err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	wantText(t, out.String(), "谁付钱？", "此项必填", `"三" is not a number`, `"cny" is not a code`, "[CNY]", "[golden/cases]", "写入文件吗？")
	if err := d.save(io.Discard); err != nil {
		t.Fatal(err)
	}
	n, err := nail.Load(d.path)
	if err != nil {
		t.Fatal(err)
	}
	if n.Buyer != "代理记账公司" || n.Today.Minutes != 3 || n.Bar["合计"].Threshold != 0.975 || n.Lang != "zh" || n.Currency != "CNY" ||
		n.Data != (nail.Data{Cases: "golden/cases", Answers: "golden/answers", Source: "客户的"}) {
		t.Errorf("%+v", n)
	}
}

// TestWizardGivenUp writes nothing: at the end of the input, at a no, and when
// the command is ended while it waits.
func TestWizardGivenUp(t *testing.T) {
	answers := []string{"a", "b", "c", "1", "2", "3", "4", "", "", "", "x=1", "", "", ""}
	for name, in := range map[string]io.Reader{
		"the end":  typing(answers[:5]...),
		"no":       typing(append(answers, "n")...),
		"a signal": waiting{},
	} {
		d, err := openDraft(filepath.Join(t.TempDir(), "nail.yaml"), "en")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		if name == "a signal" {
			cancel()
		}
		if err := d.ask(ctx, in, io.Discard, true); kit.CodeOf(err) != kit.Unavailable {
			t.Errorf("%s: %v", name, err)
		}
		cancel()
	}
}

// waiting is a person who types nothing.
type waiting struct{}

func (waiting) Read([]byte) (int, error) { select {} }

// TestNailKeepsTheFile changes a file with comments: all but the values stays.
func TestNailKeepsTheFile(t *testing.T) {
	const file = `# ours
name: x   # short
job: y
today: # by hand
  minutes: 3   # by the clock
  wage: 12
# the bar
bar:
  total: 0.9   # as agreed
  gone: 0.5
model: ollama:small  # last month's
`
	dir := t.TempDir()
	path, link := filepath.Join(dir, "real.yaml"), filepath.Join(dir, "nail.yaml")
	if err := os.WriteFile(path, []byte(file), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	code := Run(t.Context(), []string{"tackhammer", "nail", "--file", link, "--minutes", "2.5", "--bar", "total=0.95, new=0.8", "--bar", "gone="}, &out, &errs)
	got, _ := os.ReadFile(path)
	want := strings.NewReplacer("minutes: 3   #", "minutes: 2.5  #", "total: 0.9   #", "total: 0.95  #", "  gone: 0.5\n", "  new: 0.8\n").Replace(file)
	if code != 0 || string(got) != want {
		t.Errorf("%d %s\n%s", code, &errs, got)
	}
	wantText(t, out.String(), "changed in ", ": minutes, bar\n", "still not said: --buyer, --scenario, --volume, --price")
	if info, _ := os.Lstat(link); info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link is a file now")
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o640 {
		t.Errorf("the mode is %v", info.Mode())
	}
}

func TestNailRefusesAFileThatChangedMeanwhile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nail.yaml")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("name: x\njob: y\n")
	d, err := openDraft(path, "en")
	if err != nil {
		t.Fatal(err)
	}
	d.answers["price"] = "0.5"
	write("name: x\njob: z\n")
	if err := d.save(io.Discard); kit.CodeOf(err) != kit.Conflict {
		t.Errorf("%v", err)
	}
	if got, _ := os.ReadFile(path); string(got) != "name: x\njob: z\n" {
		t.Errorf("%s", got)
	}
}

func TestReadBar(t *testing.T) {
	for text, want := range map[string]nail.Goal{
		"a=0.95": {Measure: "normalised", Threshold: 0.95, Confidence: 0.95}, "a = 95 %": {Measure: "normalised", Threshold: 0.95, Confidence: 0.95},
		"a＝97.5％": {Measure: "normalised", Threshold: 0.975, Confidence: 0.95}, "a=95": {Measure: "normalised", Threshold: 0.95, Confidence: 0.95},
		"a=kappa:0.8@99%": {Measure: "kappa", Threshold: 0.8, Confidence: 0.99},
	} {
		got, err := readBar(text)
		if err != nil || got["a"] != want {
			t.Errorf("%s: %+v, %v", text, got, err)
			continue
		}
		if again, _ := readBar(barText(got)); again["a"] != want {
			t.Errorf("%s: as text %s", text, barText(got))
		}
	}
	for _, text := range []string{"a=1.5", "a=kappa:2", "a", "a=", "=0.9", "a=0", "a=-1", "a=101", "a=NaN", "a=x", "a=0.9@2x"} {
		if got, err := readBar(text); err == nil {
			t.Errorf("%s: %+v", text, got)
		}
	}
}
