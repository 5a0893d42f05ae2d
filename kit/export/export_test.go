package export_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/export"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// secret is the one of the Standard Webhooks libraries' own tests.
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

var at = time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)

func outgoing(id string) workflow.Outgoing {
	output := json.RawMessage(`{"company":"Tan & Söhne <KG>","total":9.00}`)
	return workflow.Outgoing{ID: id, CaseID: "c1", CaseName: "a.txt", Step: "export", Output: output,
		Receipt: audit.Receipt{Delivery: id, OutputHash: kit.Hash(output)}, CreatedAt: at}
}

func targets(t *testing.T, c export.Config) *export.Targets {
	t.Helper()
	out, err := export.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func ExampleNew() {
	dir, _ := os.MkdirTemp("", "deliveries")
	defer os.RemoveAll(dir)
	out, _ := export.New(export.Config{Folder: dir})
	err := out.Send(context.Background(), export.FolderTarget, outgoing("e1"))
	files, _ := os.ReadDir(dir)
	fmt.Println(out.Targets(), err, files[0].Name())
	// Output: [folder] <nil> e1.json
}

func TestNewRefuses(t *testing.T) {
	for _, c := range []export.Config{
		{URL: "http://example.com/hook", Secret: secret},
		{URL: "http://8.8.8.8/hook", Secret: secret},
		{URL: "ftp://example.com", Secret: secret},
		{URL: "/hook", Secret: secret},
		{URL: "https://example.com/hook"},
		{URL: "https://example.com/hook", Secret: "whsec_c2hvcnQ="},
		{URL: "https://example.com/hook", Secret: "whsec_not base64 but long enough for one"},
	} {
		if _, err := export.New(c); kit.CodeOf(err) != kit.Invalid || kit.HintOf(err) == "" {
			t.Errorf("%+v: %v", c, err)
		}
	}
	for _, url := range []string{"https://example.com/hook", "http://127.0.0.1:9/h", "http://[::1]/h", "http://10.1.2.3/h", "http://receiver:8080/h"} {
		if got := targets(t, export.Config{URL: url, Secret: secret}).Targets(); len(got) != 1 || got[0] != export.WebhookTarget {
			t.Errorf("%s: targets %v", url, got)
		}
	}
}

func TestFolderHoldsEachDeliveryOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	out := targets(t, export.Config{Folder: dir})
	path := filepath.Join(dir, "e1.json")
	if err := out.Send(t.Context(), "folder", outgoing("e1")); err != nil {
		t.Fatal(err)
	}
	first, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, _ := os.Stat(path)
	if err := out.Send(t.Context(), "folder", outgoing("e1")); err != nil {
		t.Fatal(err)
	}
	second, _ := os.ReadFile(path)
	after, _ := os.Stat(path)
	if !bytes.Equal(first, second) || !before.ModTime().Equal(after.ModTime()) {
		t.Error("the second sending changed the file")
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("%d files", len(files))
	}
	var got struct {
		ID, Step  string
		CaseID    string `json:"case_id"`
		CaseName  string `json:"case_name"`
		Output    json.RawMessage
		Receipt   audit.Receipt
		CreatedAt time.Time `json:"created_at"`
	}
	if err := json.Unmarshal(first, &got); err != nil {
		t.Fatal(err)
	}
	if got.ID != "e1" || got.CaseID != "c1" || got.CaseName != "a.txt" || got.Step != "export" || !got.CreatedAt.Equal(at) {
		t.Errorf("%s", first)
	}
	if kit.Hash(got.Output) != got.Receipt.OutputHash {
		t.Errorf("the output's bytes changed on the way: %s", got.Output)
	}
}

func TestFolderMendsABrokenFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "e1.json")
	if err := os.WriteFile(path, []byte(`{"id":`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := targets(t, export.Config{Folder: dir}).Send(t.Context(), "folder", outgoing("e1")); err != nil {
		t.Fatal(err)
	}
	if data, _ := os.ReadFile(path); !json.Valid(data) {
		t.Errorf("%s", data)
	}
}

func TestFolderRefuses(t *testing.T) {
	dir := t.TempDir()
	out := targets(t, export.Config{Folder: dir})
	for _, id := range []string{"", "../e1", "a/b", `a\b`, ".", "a.b"} {
		if err := out.Send(t.Context(), "folder", outgoing(id)); kit.CodeOf(err) != kit.Invalid {
			t.Errorf("id %q: %v", id, err)
		}
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	err := targets(t, export.Config{Folder: file}).Send(t.Context(), "folder", outgoing("e1"))
	if kit.CodeOf(err) != kit.Unavailable || kit.HintOf(err) == "" {
		t.Errorf("a file for a folder: %v", err)
	}
	if err := out.Send(t.Context(), "webhook", outgoing("e1")); kit.CodeOf(err) != kit.Invalid {
		t.Errorf("a target that is gone: %v", err)
	}
}

// receiver is a server that keeps what it was posted.
type receiver struct {
	*httptest.Server
	mu      sync.Mutex
	bodies  []string
	headers []http.Header
}

func receive(t *testing.T, answer http.HandlerFunc) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		r.bodies, r.headers = append(r.bodies, string(body)), append(r.headers, req.Header)
		r.mu.Unlock()
		answer(w, req)
	}))
	t.Cleanup(r.Close)
	return r
}

func TestWebhookIsSigned(t *testing.T) {
	r := receive(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	out := targets(t, export.Config{URL: r.URL + "/hook", Secret: secret})
	for range 2 {
		if err := out.Send(t.Context(), "webhook", outgoing("e1")); err != nil {
			t.Fatal(err)
		}
	}
	verifier, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	for i, body := range r.bodies {
		h := r.headers[i]
		if err := verifier.Verify([]byte(body), h); err != nil {
			t.Errorf("post %d: %v", i, err)
		}
		if verifier.Verify([]byte(body+" "), h) == nil {
			t.Error("the signature fits another body")
		}
		if h.Get("webhook-id") != "e1" || h.Get("Idempotency-Key") != "e1" || h.Get("Content-Type") != "application/json" {
			t.Errorf("headers %v", h)
		}
	}
	if len(r.bodies) != 2 || r.bodies[0] != r.bodies[1] || !strings.Contains(r.bodies[0], `"output":{"company":"Tan & Söhne <KG>","total":9.00}`) {
		t.Errorf("bodies %v", r.bodies)
	}
}

// TestSignatureByTheSpecification holds the signature against one that was
// computed apart: HMAC-SHA256 of "e1.1763976600.BODY" with the decoded secret.
func TestSignatureByTheSpecification(t *testing.T) {
	r := receive(t, func(http.ResponseWriter, *http.Request) {})
	clock := func() time.Time { return time.Unix(1763976600, 0) }
	out := targets(t, export.Config{URL: r.URL, Secret: secret, Clock: clock})
	o := outgoing("e1")
	o.Receipt = audit.Receipt{}
	if err := out.Send(t.Context(), "webhook", o); err != nil {
		t.Fatal(err)
	}
	if got := r.headers[0].Get("webhook-timestamp"); got != "1763976600" {
		t.Errorf("timestamp %s", got)
	}
	if got, want := r.headers[0].Get("webhook-signature"), sign(t, "e1.1763976600."+r.bodies[0]); got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
}

func TestWebhookAnswers(t *testing.T) {
	for status, code := range map[int]kit.Code{
		200: "", 202: "", 301: kit.Invalid, 302: kit.Invalid, 400: kit.Invalid, 401: kit.Invalid, 404: kit.Invalid, 410: kit.Invalid,
		422: kit.Invalid, 408: kit.Unavailable, 409: kit.Unavailable, 425: kit.Unavailable, 429: kit.Unavailable,
		500: kit.Unavailable, 502: kit.Unavailable, 503: kit.Unavailable,
	} {
		r := receive(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
			fmt.Fprint(w, "no\x1b[31m such\nfield: total"+strings.Repeat("!", 1000))
		})
		err := targets(t, export.Config{URL: r.URL, Secret: secret}).Send(t.Context(), "webhook", outgoing("e1"))
		if kit.CodeOf(err) != code {
			t.Errorf("%d: %v has code %q, want %q", status, err, kit.CodeOf(err), code)
		}
		if len(r.bodies) != 1 {
			t.Errorf("%d: %d requests; a redirect was followed", status, len(r.bodies))
		}
		if status == 422 && (!strings.Contains(err.Error(), "422") || !strings.Contains(err.Error(), "no [31m such field: total") || len(err.Error()) > 400) {
			t.Errorf("%q", err)
		}
	}
}

func TestWebhookGivesUpOnASlowReceiver(t *testing.T) {
	slow := make(chan struct{})
	r := receive(t, func(http.ResponseWriter, *http.Request) { <-slow })
	defer close(slow)
	out := targets(t, export.Config{URL: r.URL, Secret: secret, Timeout: 50 * time.Millisecond})
	if err := out.Send(t.Context(), "webhook", outgoing("e1")); kit.CodeOf(err) != kit.Unavailable {
		t.Errorf("slow: %v", err)
	}
	cut := receive(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	if err := targets(t, export.Config{URL: cut.URL, Secret: secret}).Send(t.Context(), "webhook", outgoing("e1")); kit.CodeOf(err) != kit.Unavailable {
		t.Errorf("cut off: %v", err)
	}
	cut.Close()
	if err := targets(t, export.Config{URL: cut.URL, Secret: secret}).Send(t.Context(), "webhook", outgoing("e1")); kit.CodeOf(err) != kit.Unavailable {
		t.Errorf("gone: %v", err)
	}
}

// shelf is a Lister of what it holds, in pages of two.
type shelf struct {
	items []workflow.Delivery
	err   error
}

func (s shelf) Deliveries(_ context.Context, after string, _ int) (p workflow.Page[workflow.Delivery], err error) {
	i := 0
	for after != "" && s.items[i].ID != after {
		i++
	}
	if after != "" {
		i++
	}
	end := min(i+2, len(s.items))
	p.Items = s.items[i:end]
	if end < len(s.items) {
		p.Next = s.items[end-1].ID
	} else if s.err != nil {
		return p, s.err
	}
	return p, nil
}

func delivery(id, name, person, output string) workflow.Delivery {
	d := workflow.Delivery{ID: id, CaseID: "c" + id, CaseName: name, Output: json.RawMessage(output), CreatedAt: at}
	d.Receipt.Decision = audit.ReceiptDecision{Verdict: kit.Approve, Person: audit.ReceiptPerson{Name: person}}
	return d
}

var some = shelf{items: []workflow.Delivery{
	delivery("5", "a.txt", "Mei", `{"company":"=HYPERLINK(\"x\")","total":-5.10,"seller":{"city":"上海","id":7}}`),
	delivery("4", "-b.txt", "@Ann", `{"company":null,"total":12.50,"paid":true,"lines":[1,{"a":"<b>"}]}`),
	delivery("3", "c\n.txt", "Bob", `{"id":"x","name":"+1","company":"a,\"b\""}`),
}}

func TestListAsCSV(t *testing.T) {
	var b bytes.Buffer
	n, err := export.Deliveries(t.Context(), some, &b, export.CSV)
	if err != nil || n != 3 {
		t.Fatal(n, err)
	}
	got, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	when := "2026-11-24T09:30:00Z"
	want := [][]string{
		{"id", "case_id", "case_name", "created_at", "person", "verdict", "company", "total", "seller.city", "seller.id", "paid", "lines", "output.id", "name"},
		{"5", "c5", "a.txt", when, "Mei", "approve", `'=HYPERLINK("x")`, "-5.10", "上海", "7", "", "", "", ""},
		{"4", "c4", "'-b.txt", when, "'@Ann", "approve", "", "12.50", "", "", "true", `[1,{"a":"<b>"}]`, "", ""},
		{"3", "c3", "c\n.txt", when, "Bob", "approve", `a,"b"`, "", "", "", "", "", "x", "'+1"},
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

func TestListAsJSONL(t *testing.T) {
	var b bytes.Buffer
	if n, err := export.Deliveries(t.Context(), some, &b, export.JSONL); err != nil || n != 3 {
		t.Fatal(n, err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	for i, line := range lines {
		var d workflow.Delivery
		if err := json.Unmarshal([]byte(line), &d); err != nil || d.ID != some.items[i].ID || string(d.Output) != string(some.items[i].Output) {
			t.Errorf("line %d: %s %v", i, line, err)
		}
	}
	if len(lines) != 3 {
		t.Errorf("%d lines", len(lines))
	}
}

func TestListOfNothing(t *testing.T) {
	var b bytes.Buffer
	if n, err := export.Deliveries(t.Context(), shelf{}, &b, export.CSV); n != 0 || err != nil || b.String() != "id,case_id,case_name,created_at,person,verdict\n" {
		t.Errorf("%d %v %q", n, err, b.String())
	}
}

func TestListFails(t *testing.T) {
	for _, f := range []export.Format{export.CSV, export.JSONL} {
		broken := shelf{items: some.items, err: kit.Errorf(kit.Unavailable, "the database went away")}
		if n, err := export.Deliveries(t.Context(), broken, io.Discard, f); kit.CodeOf(err) != kit.Unavailable || n != 2 {
			t.Errorf("%s: %d %v", f, n, err)
		}
		if _, err := export.Deliveries(t.Context(), some, full{}, f); err == nil {
			t.Errorf("%s: a full disk goes unseen", f)
		}
	}
	if _, err := export.ParseFormat("xml"); kit.CodeOf(err) != kit.Invalid {
		t.Errorf("xml: %v", err)
	}
	if f, err := export.ParseFormat("CSV"); f != export.CSV || err != nil {
		t.Errorf("CSV: %v %v", f, err)
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no room") }
