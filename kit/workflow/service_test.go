package workflow_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/baseline"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// note is the input of the tests' workflow, label what is drafted of it.
type note struct{ kit.Document }

type label struct {
	Title string       `json:"title" label:"Title" jsonschema:"minLength=1,maxLength=80"`
	Count *json.Number `json:"count" label:"Count" jsonschema:"minimum=0"`
}

// firstLine drafts the title from the first line and the count from the last
// word.
func firstLine(n note) []baseline.Guess {
	line, _, _ := strings.Cut(n.Text, "\n")
	words := strings.Fields(n.Text)
	return []baseline.Guess{
		{Path: "title", Value: line, Confidence: 0.9, End: len(line)},
		{Path: "count", Value: json.Number(fmt.Sprint(len(words))), Confidence: 0.4},
	}
}

// targets is a Sender that remembers, and fails as often as it is told to.
type targets struct {
	mu    sync.Mutex
	names []string
	sent  []workflow.Outgoing
	fails int
	err   error
	only  string // the target that fails; "" for any
	panic any
}

func (s *targets) Targets() []string { return s.names }

func (s *targets) Send(_ context.Context, target string, out workflow.Outgoing) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.panic != nil {
		panic(s.panic)
	}
	if s.fails > 0 && (s.only == "" || s.only == target) {
		s.fails--
		return s.err
	}
	s.sent = append(s.sent, out)
	return nil
}

func (s *targets) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sent)
}

// service is a runner with its people, on one database.
type service struct {
	*workflow.Runner
	t        *testing.T
	accounts auth.Accounts
	ann, bob auth.User
	robot    auth.User
	out      *targets
}

// option changes the config of a test's service.
type option func(*workflow.Config)

// simple is the workflow of most tests.
func simple(m model.Provider) *workflow.Workflow {
	w, in := workflow.New[note]("notes")
	drafted := workflow.Draft(in, "extract", model.Extract[note, label](m, "extract"))
	checked := workflow.Review(drafted, "check", review.Policy{})
	workflow.Deliver(checked, "export", func(_ context.Context, a workflow.Approved[label]) (any, error) { return a.Value(), nil })
	return w
}

// start runs a service until the test ends.
func start(t *testing.T, db *store.DB, opts ...option) *service {
	t.Helper()
	s := idle(t, db, opts...)
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := s.Stop(ctx); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	return s
}

// idle sets a service up without starting work.
func idle(t *testing.T, db *store.DB, opts ...option) *service {
	t.Helper()
	signer, err := audit.MakeSigner(filepath.Join(t.TempDir(), "key"))
	if err != nil {
		t.Fatal(err)
	}
	blobs, err := store.OpenBlobs(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := &service{t: t, out: &targets{names: []string{"folder"}}, accounts: auth.Accounts{DB: db}}
	m := baseline.New("rules", "v1", firstLine)
	c := workflow.Config{DB: db, Workflow: simple(m), Signer: signer, Sender: s.out, Model: m, Blobs: blobs,
		FirstRetry: 10 * time.Millisecond}
	for _, o := range opts {
		o(&c)
	}
	if s.Runner, err = workflow.NewRunner(c); err != nil {
		t.Fatal(err)
	}
	s.ann, s.bob = s.person("Ann"), s.person("Bob")
	token, err := s.accounts.ServiceToken(t.Context(), "robot")
	if err != nil {
		t.Fatal(err)
	}
	if s.robot, err = s.accounts.Authenticate(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *service) person(name string) auth.User {
	s.t.Helper()
	u, err := s.accounts.Add(s.t.Context(), name, strings.ToLower(name)+"@example.com", auth.Reviewer)
	if err != nil {
		s.t.Fatal(err)
	}
	return u
}

// submit makes a case of a text.
func (s *service) submit(text string) string {
	s.t.Helper()
	input, _ := json.Marshal(kit.Document{Name: "note.txt", Text: text})
	done, err := s.Submit(s.t.Context(), s.robot, workflow.Submission{Name: "note.txt", Input: input})
	if err != nil {
		s.t.Fatal(err)
	}
	return done.ID
}

// claim waits until a review can be had.
func (s *service) claim(by auth.User) *review.Review {
	s.t.Helper()
	var v *review.Review
	s.eventually("a review to claim", func() bool {
		var err error
		if v, err = s.Claim(s.t.Context(), by); err != nil {
			s.t.Fatal(err)
		}
		return v != nil
	})
	return v
}

// decide is a decision on a review as its holder saw it.
func (s *service) decide(by auth.User, v *review.Review, verdict kit.Verdict, fields string) (workflow.Outcome, error) {
	req := review.Request{Verdict: verdict, Subject: v.Subject, Epoch: v.Lease.Epoch, Key: kit.NewID()}
	if fields != "" {
		if err := json.Unmarshal([]byte(fields), &req.Fields); err != nil {
			s.t.Fatal(err)
		}
	}
	if verdict == kit.Reject || verdict == kit.Return {
		req.Reason = "because"
	}
	return s.Decide(s.t.Context(), by, v.ID, req, 0)
}

// mustDecide fails the test unless the decision is taken.
func (s *service) mustDecide(by auth.User, v *review.Review, verdict kit.Verdict, fields string) workflow.Outcome {
	s.t.Helper()
	out, err := s.decide(by, v, verdict, fields)
	if err != nil {
		s.t.Fatalf("%s: %v", verdict, err)
	}
	return out
}

// reaches waits until a case is in a state.
func (s *service) reaches(id string, want kit.State) *workflow.Case {
	s.t.Helper()
	var c *workflow.Case
	s.eventually("case in state "+string(want), func() bool {
		var err error
		if c, err = s.Case(s.t.Context(), s.ann, id); err != nil {
			s.t.Fatal(err)
		}
		return c.State == want
	})
	return c
}

// eventually waits for what the workers do.
func (s *service) eventually(what string, ok func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if ok() {
			return
		}
	}
	s.t.Fatalf("waited 30 s for %s", what)
}

// whole checks the trail.
func (s *service) whole() {
	s.t.Helper()
	res, err := audit.Verify(s.t.Context(), s.DB.Read())
	if err != nil {
		s.t.Fatal(err)
	}
	if !res.OK() {
		s.t.Fatalf("the trail is broken: %+v", res.Problems)
	}
}

// wantCode fails unless err carries the code.
func wantCode(t *testing.T, err error, want kit.Code) {
	t.Helper()
	if got := kit.CodeOf(err); got != want {
		t.Fatalf("error %v has code %q, want %q", err, got, want)
	}
}
