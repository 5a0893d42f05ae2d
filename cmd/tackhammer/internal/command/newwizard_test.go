package command

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
	"github.com/tackhammer/tackhammer/kit"
)

// testFiles is the folder testdata, wherever a test goes.
var testFiles, _ = filepath.Abs("testdata")

// smallSource has two templates that ask, and a kit of one file.
func smallSource() scaffold.Source {
	return scaffold.Source{Templates: os.DirFS(filepath.Join(testFiles, "asking")), Kit: os.DirFS(filepath.Join(testFiles, "kit"))}
}

// answering is a wizard for the small source whose person answers line by line.
func answering(t *testing.T, lang string, lines ...string) (*newWizard, *bytes.Buffer) {
	t.Helper()
	t.Chdir(t.TempDir())
	out := &bytes.Buffer{}
	r := &request{src: smallSource(), typed: map[string]string{}, mayAsk: true}
	return newNewWizard(t.Context(), r, newAsker(typing(lines...), out, lang, true), lang), out
}

// noServer is an address where nothing answers.
func noServer(t *testing.T) {
	t.Helper()
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	t.Setenv("OLLAMA_HOST", s.URL)
}

// TestThreeWaysAreTheSame asks for one app by answers, by the flags that the
// wizard prints, and by a file: each has the same bytes.
func TestThreeWaysAreTheSame(t *testing.T) {
	noServer(t)
	src := smallSource()
	w, out := answering(t, "en",
		"1", "Till Desk", // template, name
		"desk", "git.example.org/till", // folder, module
		"2", "qwen3:4b", // another model
		"2", "2", // Chinese, PostgreSQL
		"1", "7", // loud, with the volume that is asked for then
		"2", "tax", "4", "", // a field: money
		"2", "tax", "kind", "6", "", "food, 旅行", // a name that is taken, then a choice
		"1", "1") // enough; write
	w.r.src = src
	if err := w.all(t.Context()); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	asked, err := src.Plan(w.r.spec)
	if err != nil {
		t.Fatal(err)
	}
	wantText(t, out.String(), "No Ollama server answers", "it is there already", "kind (choice: food, 旅行)", "git.example.org/till", "cd desk && go test ./...")

	source = func() scaffold.Source { return src }
	t.Cleanup(func() { source = embedded })
	printed := strings.Replace(w.r.commandLine(asked.Spec), self(), "tackhammer", 1)
	wantText(t, printed, "new desk", "--name 'Till Desk'", "--set volume=7", "--field kind:choice:food,旅行")
	if err := asked.Apply(t.Context(), "asked/desk"); err != nil {
		t.Fatal(err)
	}
	runs(t, shellWords(t, printed)...)
	if err := os.WriteFile("spec.yaml", read(t, "asked/desk/.tackhammer/spec.yaml"), 0o600); err != nil {
		t.Fatal(err)
	}
	runs(t, "tackhammer", "new", "file/desk", "--spec", "spec.yaml")
	for _, other := range []string{"desk", "file/desk"} {
		for _, op := range asked.Ops {
			if got := read(t, filepath.Join(other, op.Path)); !bytes.Equal(got, op.Data) {
				t.Errorf("%s/%s is another", other, op.Path)
			}
		}
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func runs(t *testing.T, args ...string) {
	t.Helper()
	var out, errs bytes.Buffer
	if code := Run(t.Context(), args, &out, &errs); code != 0 {
		t.Fatalf("%q: %d %s", args, code, &errs)
	}
}

// shell is the program that reads a printed command line.
func shell(t *testing.T) string {
	t.Helper()
	sh, err := exec.LookPath("sh")
	if err != nil && os.Getenv("TACKHAMMER_REQUIRE") != "" {
		t.Fatal("required here: sh, to read the command line")
	}
	if err != nil {
		t.Skip("there is no sh to read the command line")
	}
	return sh
}

// shellWords is a command line as a shell reads it.
func shellWords(t *testing.T, line string) []string {
	t.Helper()
	out, err := exec.Command(shell(t), "-c", `tackhammer() { printf '%s\n' tackhammer "$@"; }; `+line).Output()
	if err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}

// TestWhatFlagsCannotSayIsPrintedAsAFile pastes a command line with a document
// in it.
func TestWhatFlagsCannotSayIsPrintedAsAFile(t *testing.T) {
	r := &request{dir: "-x", src: smallSource()}
	spec := scaffold.Spec{Template: "asking", Name: "It's SPEC", Additions: scaffold.Additions{
		Fields: []scaffold.Field{{Name: "tax", Type: "money", Description: "the $tax: it's all"}}}}
	plan, err := r.src.Plan(spec)
	if err != nil {
		t.Fatal(err)
	}
	printed := strings.Replace(r.commandLine(plan.Spec), self(), "tackhammer", 1)
	wantText(t, printed, "new ./-x --spec - <<'SPEC_'\n", "name: It's SPEC\n")
	out, err := exec.Command(shell(t), "-c", "tackhammer() { cat; }\n"+printed).Output()
	if err != nil {
		t.Fatalf("%v: %s", err, printed)
	}
	again, err := scaffold.ReadSpec("pasted", out)
	if err != nil || again.Fields[0].Description != spec.Fields[0].Description || again.Name != spec.Name {
		t.Errorf("%v %+v", err, again)
	}
}

// TestTheWizardOffersWhatAServerHas, and lets pick try the others.
func TestTheWizardOffersWhatAServerHas(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := `{"version":"0.33.0"}`
		if r.URL.Path == "/api/tags" {
			body = `{"models":[{"name":"large","size":9},{"name":"small:latest","size":1},{"name":"not one of ours"}]}`
		}
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	t.Setenv("OLLAMA_HOST", s.URL)
	w, out := answering(t, "en", "", "Desk", "", "", "2", "1", "0", "", "", "", "", "1")
	if err := w.all(t.Context()); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	wantText(t, out.String(), "2. ollama:small: installed here", "3. ollama:large: installed here", "Which others should `pick` try?")
	if w.r.spec.Model != "ollama:small" || strings.Join(w.r.spec.Models, " ") != "ollama:large" || strings.Contains(out.String(), "not one of ours") {
		t.Errorf("%+v\n%s", w.r.spec, out)
	}
}

// TestTheWizardGoesBack changes an answer, and drops what is no longer asked.
func TestTheWizardGoesBack(t *testing.T) {
	noServer(t)
	w, out := answering(t, "zh", "1", "票据台", "", "", "", "", "", "1", "9", "", "2", // loud, volume 9, then change
		"", "", "", "", "", "", "", "2", "", "1") // all as it was, but not loud
	if err := w.all(t.Context()); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	s := w.r.spec
	if s.Name != "票据台" || s.Lang != "zh" || s.Answers["loud"] != false || len(s.Answers) != 1 || w.r.dir != "asking" {
		t.Errorf("%+v in %s\n%s", s, w.r.dir, out)
	}
	wantText(t, out.String(), "它叫什么名字？", "没有 Ollama 服务器应答", "将要写入", "cd asking && go test ./...")
}

// TestTheWizardGivenUp ends without a word of what would be.
func TestTheWizardGivenUp(t *testing.T) {
	noServer(t)
	for name, lines := range map[string][]string{
		"at once": {}, "at the name": {"1"}, "among the fields": {"1", "Desk", "", "", "", "", "", "", "2", "tax"},
		"by a no": {"1", "Desk", "", "", "", "", "", "", "1", "3"},
	} {
		w, out := answering(t, "en", lines...)
		if len(lines) == 0 {
			w.asker = newAsker(strings.NewReader(""), out, "en", true)
		}
		if err := w.all(t.Context()); err != errGivenUp {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
		if entries, _ := os.ReadDir("."); len(entries) > 0 {
			t.Errorf("%s: %v", name, entries)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	w, out := answering(t, "en")
	w.asker = newAsker(waiting{}, out, "en", true)
	time.AfterFunc(time.Second/10, cancel)
	if err := w.all(ctx); err != errGivenUp {
		t.Errorf("a signal: %v", err)
	}
}

func TestNobodyIsAskedWithoutATerminal(t *testing.T) {
	source = smallSource
	t.Cleanup(func() { source = embedded })
	for args, want := range map[string]string{
		"new":                       "new: not said: DIR, --template; nothing was written",
		"new --template asking":     "new: not said: DIR; nothing was written",
		"new --lang zh desk":        "new: not said: --template; nothing was written",
		"new -t needy":              "new: not said: DIR, --set who=TEXT, --set how=fast|slow; nothing was written",
		"new desk -t needy --set a": `set "a": it is not NAME=VALUE`,
	} {
		var out, errs bytes.Buffer
		code := Run(t.Context(), append([]string{"tackhammer"}, strings.Fields(args)...), &out, &errs)
		if code != 2 || !strings.Contains(errs.String(), want) || out.Len() > 0 {
			t.Errorf("%s: %d %s%s", args, code, &out, &errs)
		}
	}
	if _, err := os.Stat("desk"); err == nil {
		t.Error("desk was made")
	}
	if kit.CodeOf(notSaid("new", []string{"DIR"})) != kit.Invalid {
		t.Error("it is no wrong use")
	}
}
