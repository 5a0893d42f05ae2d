package app_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/app"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
)

// TestScripts runs each command as a process, as an operator does.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exit": exitCode, "says": says, "odd": oddFile, "sql": runSQL, "decide": decideAll, "taken": takePort, "models": haveModel,
			"letters": writeLetters,
		},
	})
}

// exitCode runs a program and holds it to an exit code: exit 3 test-desk ….
func exitCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exit CODE PROGRAM ARGS…")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if exit, ok := err.(*exec.ExitError); ok {
		got = strings.TrimPrefix(exit.Error(), "exit status ")
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != args[0] {
		ts.Fatalf("exit code %s, want %s", got, args[0])
	}
}

// says looks for a text in the standard output, wherever its lines break:
// says 'two people decide'.
func says(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: says TEXT")
	}
	said := strings.Join(strings.Fields(ts.ReadFile("stdout")), " ")
	if strings.Contains(said, args[0]) == neg {
		ts.Fatalf("%q is (not) in\n%s", args[0], said)
	}
}

// oddFile writes a file that no text editor makes: odd gbk FILE.
func oddFile(ts *testscript.TestScript, _ bool, args []string) {
	gbk, err := simplifiedchinese.GBK.NewEncoder().String("云帆文具\n合计 12.50 元，谢谢惠顾，欢迎下次光临\n")
	ts.Check(err)
	content := map[string]string{
		"gbk":     gbk,
		"big":     strings.Repeat("A line of a long text.\n", 1<<16),
		"unknown": "PK\x03\x04\x00\x00\x00\x00archive",
		"broken":  "%PDF-1.7\nnothing follows\n",
		"empty":   "",
	}[args[0]]
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(content), 0o600))
}

// runSQL does what one with the database's file could: sql FILE STATEMENT….
func runSQL(ts *testscript.TestScript, _ bool, args []string) {
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	defer db.Close()
	for _, statement := range args[1:] {
		_, err := db.Exec(statement)
		ts.Check(err)
	}
}

// takePort listens on a free port and sets TAKEN to its address.
func takePort(ts *testscript.TestScript, _ bool, _ []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { l.Close() })
	ts.Setenv("TAKEN", l.Addr().String())
}

// haveModel starts a model's server that has the one of this name: models NAME.
func haveModel(ts *testscript.TestScript, _ bool, args []string) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"models":[{"name":%q,"digest":"0123456789abcdef"}]}`, args[0]+":latest")
	}))
	ts.Defer(server.Close)
	ts.Setenv("OLLAMA_HOST", server.URL)
}

// writeLetters makes labelled letters, the folders cases and answers of them,
// by their numbers from FROM to below TO: letters FOLDER FROM TO.
func writeLetters(ts *testscript.TestScript, _ bool, args []string) {
	from, err := strconv.Atoi(args[1])
	ts.Check(err)
	to, err := strconv.Atoi(args[2])
	ts.Check(err)
	cases, answers := filepath.Join(ts.MkAbs(args[0]), "cases"), filepath.Join(ts.MkAbs(args[0]), "answers")
	for _, folder := range []string{cases, answers} {
		ts.Check(os.MkdirAll(folder, 0o700))
	}
	for i := from; i < to; i++ {
		text, title := letter(i)
		ts.Check(os.WriteFile(filepath.Join(cases, fmt.Sprint(i, ".txt")), []byte(text), 0o600))
		ts.Check(os.WriteFile(filepath.Join(answers, fmt.Sprint(i, ".json")), fmt.Appendf(nil, `{"title":%q}`, title), 0o600))
	}
}

// visit asks the service whose greeting stands in a log for a page.
func visit() {
	log, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	resp, err := http.Get("http://" + greeting.FindStringSubmatch(string(log))[1] + "/signin")
	if err != nil {
		panic(err)
	}
	resp.Body.Close()
}

// decideAll works on the data folder until every case has left: decide FOLDER.
func decideAll(ts *testscript.TestScript, _ bool, args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var log bytes.Buffer
	c := desk()
	c.Out, c.Err = io.Discard, &log
	s, err := c.Open(ctx, app.Options{Data: ts.MkAbs(args[0])})
	ts.Check(err)
	defer s.Close()
	ts.Check(approveAll(ctx, s))
}

// approveAll has Mei approve whatever waits, until every case has left.
func approveAll(ctx context.Context, s *app.Service) error {
	by, err := s.Accounts.ByEmail(ctx, "mei@example.com")
	if kit.CodeOf(err) == kit.NotFound {
		by, err = s.Accounts.Add(ctx, "Mei", "mei@example.com", auth.Reviewer)
	}
	if err != nil {
		return err
	}
	if err := s.Runner.Start(ctx); err != nil {
		return err
	}
	defer s.Runner.Stop(ctx)
	for left := int64(1); left > 0; time.Sleep(5 * time.Millisecond) {
		r, err := s.Runner.Claim(ctx, by)
		if err != nil {
			return err
		}
		if r != nil {
			if _, err := s.Runner.Decide(ctx, by, r.ID,
				review.Request{Verdict: kit.Approve, Subject: r.Subject, Epoch: r.Lease.Epoch, Key: kit.NewID()}, 0); err != nil {
				return err
			}
		}
		status, err := s.Runner.Status(ctx)
		if err != nil {
			return err
		}
		left = status.Cases[kit.Drafting] + status.Cases[kit.InReview] + status.Cases[kit.Delivering]
	}
	return ctx.Err()
}
