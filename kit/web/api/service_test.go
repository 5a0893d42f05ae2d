package api_test

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
	Title string       `json:"title" jsonschema:"minLength=1,maxLength=80"`
	Total *json.Number `json:"total" jsonschema:"minimum=0"`
}

// firstLine drafts the title and leaves the total open.
func firstLine(n note) []baseline.Guess {
	line, _, _ := strings.Cut(n.Text, "\n")
	return []baseline.Guess{{Path: "title", Value: line, Confidence: 0.9, End: len(line)}}
}

// house is an API over a real runner on a real database.
type house struct {
	client
	runner                *workflow.Runner
	mei, ann, viewer, bot string // tokens
}

func build(t *testing.T, db *store.DB) house {
	t.Helper()
	ctx := t.Context()
	signer, err := audit.MakeSigner(filepath.Join(t.TempDir(), "key"))
	must(t, err)
	blobs, err := store.OpenBlobs(ctx, t.TempDir())
	must(t, err)
	m := baseline.New("rules", "v1", firstLine)
	w, in := workflow.New[note]("notes")
	drafted := workflow.Draft(in, "extract", model.Extract[note, label](m, "extract"))
	checked := workflow.Review(drafted, "check", review.Policy{})
	workflow.Deliver(checked, "export", func(_ context.Context, a workflow.Approved[label]) (any, error) { return a.Value(), nil })
	runner, err := workflow.NewRunner(workflow.Config{DB: db, Workflow: w, Signer: signer, Model: m, Blobs: blobs, FirstRetry: 10 * time.Millisecond})
	must(t, err)
	must(t, runner.Start(ctx))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := runner.Stop(ctx); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	accounts := auth.Accounts{DB: db}
	h := house{client: serve(t, runner, accounts, nil), runner: runner}
	person := func(name string, role auth.Role) string {
		u, err := accounts.Add(ctx, name, name+"@example.com", role)
		must(t, err)
		token, err := accounts.Token(ctx, u.Email)
		must(t, err)
		return token
	}
	h.mei, h.ann, h.viewer = person("mei", auth.Reviewer), person("ann", auth.Lead), person("vic", auth.Viewer)
	h.bot, err = accounts.ServiceToken(ctx, "bot")
	must(t, err)
	return h
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// submit makes a case and waits until a person has the next move.
func (h house) submit(text string) (id string) {
	h.t.Helper()
	body, _ := json.Marshal(map[string]any{"input": map[string]string{"text": text}})
	a := h.do("POST", "/cases", h.bot, string(body))
	if a.status != 201 {
		h.t.Fatalf("submit: %d %s", a.status, a.raw)
	}
	h.reaches(a.str("id"), "review")
	return a.str("id")
}

func (h house) reaches(id, state string) answered {
	h.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		a := h.do("GET", "/cases/"+id, h.bot, "")
		if a.str("state") == state {
			return a
		}
		if time.Now().After(deadline) {
			h.t.Fatalf("case is no %s: %s", state, a.raw)
		}
	}
}

// decide sends a decision on a review as it was claimed; extra is further JSON.
func (h house) decide(token string, claimed answered, verdict, key, extra string) answered {
	h.t.Helper()
	return h.do("POST", "/reviews/"+claimed.str("id")+"/decision", token, fmt.Sprintf(
		`{"verdict":%q,"subject":%q,"epoch":%v,"key":%q%s}`, verdict, claimed.str("subject"), claimed.at("lease", "epoch"), key, extra))
}

func TestWholePath(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := build(t, db)
		id := h.submit("Tan Ltd\nTOTAL 9.00")
		v := h.do("POST", "/reviews/claim", h.mei, "")
		if v.status != 200 || v.str("case_id") != id || v.str("source", "text") != "Tan Ltd\nTOTAL 9.00" {
			t.Fatalf("claim: %d %s", v.status, v.raw)
		}
		if a := h.do("POST", "/reviews/claim", h.ann, ""); a.status != 204 {
			t.Errorf("a second claim: %d %s", a.status, a.raw)
		}
		if v.at("quorum") != 1.0 || v.at("seat") != 1.0 || v.raw == "" || v.str("due_at") == "" || v.at("assigned_to") != nil {
			t.Errorf("the review's round: %s", v.raw)
		}
		again := h.decide(h.mei, v, "return", "k0", `,"reason":"look","fields":{"total":12.5},"redraft":["title"]`)
		if again.status != 200 || again.str("decision", "fields", "total") != "changed" {
			t.Fatalf("return: %d %s", again.status, again.raw)
		}
		h.reaches(id, "review")
		if v = h.do("POST", "/reviews/claim", h.mei, ""); !strings.Contains(v.raw, `"locked":[{"path":"total","value":12.5,`) {
			t.Fatalf("locked: %d %s", v.status, v.raw)
		}
		h.decide(h.mei, v, "return", "k0", `,"reason":"look","redraft":["total"]`).want(t, 422, "invalid")
		bad := h.decide(h.mei, v, "edit", "k1", `,"fields":{"total":"much"}`)
		bad.want(t, 422, "invalid")
		if !strings.Contains(bad.raw, `"path":"total"`) {
			t.Errorf("the bad value is not named: %s", bad.raw)
		}
		h.decide(h.mei, v, "reject", "k2", "").want(t, 422, "invalid")
		first := h.decide(h.mei, v, "edit", "k3", `,"fields":{"total":12.50}`)
		if first.status != 200 || first.str("case", "id") != id || first.str("decision", "person", "name") != "mei" {
			t.Fatalf("decide: %d %s", first.status, first.raw)
		}
		c := h.reaches(id, "delivered")
		if got, _ := json.Marshal(c.at("delivery", "output")); string(got) != `{"title":"Tan Ltd","total":12.5}` {
			t.Errorf("delivered %s", got)
		}
		if again := h.decide(h.mei, v, "edit", "k3", `,"fields":{"total":12.50}`); again.status != 200 || again.str("decision", "id") != first.str("decision", "id") {
			t.Errorf("repeated click: %d %s", again.status, again.raw)
		}
		h.decide(h.mei, v, "approve", "k3", "").want(t, 409, "conflict")
		late := h.decide(h.ann, v, "approve", "k4", "")
		late.want(t, 409, "decided")
		if !strings.Contains(late.str("detail"), "mei") {
			t.Errorf("by whom it was decided is not said: %s", late.raw)
		}
		list := h.do("GET", "/deliveries", h.bot, "")
		if items, _ := list.at("items").([]any); len(items) != 1 || items[0].(map[string]any)["case_id"] != id {
			t.Errorf("deliveries: %s", list.raw)
		}
		if st := h.do("GET", "/status", h.viewer, ""); st.at("cases", "delivered") != 1.0 || st.str("model", "name") != "rules" {
			t.Errorf("status: %s", st.raw)
		}
	})
}

func TestWhoDecides(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := build(t, db)
		h.submit("one")
		v := h.do("POST", "/reviews/claim", h.mei, "")
		h.do("POST", "/reviews/claim", h.bot, "").want(t, 403, "forbidden")
		h.do("POST", "/reviews/claim", h.viewer, "").want(t, 403, "forbidden")
		h.do("POST", "/cases", h.viewer, `{"input":{"text":"x"}}`).want(t, 403, "forbidden")
		h.decide(h.bot, v, "approve", "k", "").want(t, 403, "forbidden")
		h.decide(h.viewer, v, "approve", "k", "").want(t, 403, "forbidden")
		h.decide(h.ann, v, "approve", "k", "").want(t, 409, "lost_lease")
		for _, forged := range []string{h.mei[:len(h.mei)-1], h.mei + "x", strings.ToUpper(h.mei), "x'; DROP TABLE users; --"} {
			h.decide(forged, v, "approve", "k", "").want(t, 401, "unauthorized")
		}
		stale := v
		stale.json = map[string]any{"id": v.str("id"), "subject": strings.Repeat("0", 64), "lease": v.at("lease")}
		h.decide(h.mei, stale, "approve", "k", "").want(t, 409, "stale")
		old := v
		old.json = map[string]any{"id": v.str("id"), "subject": v.str("subject"), "lease": map[string]any{"epoch": 0.0}}
		h.decide(h.mei, old, "approve", "k", "").want(t, 409, "lost_lease")
		if a := h.do("POST", "/reviews/"+v.str("id")+"/release", h.mei, fmt.Sprintf(`{"epoch":%v}`, v.at("lease", "epoch"))); a.status != 200 {
			t.Errorf("release: %d %s", a.status, a.raw)
		}
		w := h.do("POST", "/reviews/"+v.str("id")+"/claim", h.ann, "")
		h.do("POST", "/reviews/"+v.str("id")+"/claim", h.mei, "").want(t, 409, "lost_lease")
		h.do("POST", "/reviews/none/claim", h.mei, "").want(t, 404, "not_found")
		h.do("POST", "/reviews/"+v.str("id")+"/claim", h.bot, "").want(t, 403, "forbidden")
		if w.status != 200 || w.str("id") != v.str("id") {
			t.Errorf("after the release: %d %s", w.status, w.raw)
		}
		h.decide(h.mei, v, "approve", "k", "").want(t, 409, "lost_lease")
		if a := h.decide(h.ann, w, "reject", "k", `,"reason":"not ours"`); a.status != 200 {
			t.Errorf("reject: %d %s", a.status, a.raw)
		}
		h.reaches(v.str("case_id"), "rejected")
	})
}

func TestSubmissionsAreMadeOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := build(t, db)
		first := h.do("POST", "/cases", h.bot, `{"input":{"text":"a"}}`, "Idempotency-Key", "k")
		again := h.do("POST", "/cases", h.bot, `{ "input": {"text":"a"} }`, "Idempotency-Key", "k")
		if first.status != 201 || again.status != 200 || first.str("id") != again.str("id") {
			t.Errorf("%d %s, then %d %s", first.status, first.raw, again.status, again.raw)
		}
		h.do("POST", "/cases", h.bot, `{"input":{"text":"b"}}`, "Idempotency-Key", "k").want(t, 409, "conflict")
		file := h.upload(h.bot, "receipt.txt", [][2]string{{"file", "Tan Ltd"}}, "Idempotency-Key", "f")
		if again := h.upload(h.bot, "receipt.txt", [][2]string{{"file", "Tan Ltd"}}, "Idempotency-Key", "f"); file.status != 201 || again.status != 200 || again.str("id") != file.str("id") {
			t.Errorf("file: %d %s, then %d %s", file.status, file.raw, again.status, again.raw)
		}
		if a := h.do("GET", "/cases/"+file.str("id")+"/original", h.viewer, ""); a.raw != "Tan Ltd" {
			t.Errorf("original: %d %s", a.status, a.raw)
		}
		h.upload(h.bot, "program.exe", [][2]string{{"file", "MZ\x00\x01"}}).want(t, 415, "unsupported")
		h.do("POST", "/cases", h.bot, `{"input":{"text":" "}}`).want(t, 422, "invalid")
		h.do("POST", "/cases", h.bot, `{"input":{"text":5}}`).want(t, 422, "invalid")
		h.do("GET", "/cases/none", h.bot, "").want(t, 404, "not_found")
		h.do("GET", "/reviews/none", h.bot, "").want(t, 404, "not_found")
		var seen []string
		for after := ""; ; {
			a := h.do("GET", "/cases?limit=1&after="+after, h.bot, "")
			for _, item := range a.at("items").([]any) {
				seen = append(seen, item.(map[string]any)["id"].(string))
			}
			if after = a.str("next"); after == "" {
				break
			}
		}
		if len(seen) != 2 || seen[0] != file.str("id") || seen[1] != first.str("id") {
			t.Errorf("listed %v", seen)
		}
	})
}

// TestNoReviewIsHeldTwice claims from fifty sides at once.
func TestNoReviewIsHeldTwice(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := build(t, db)
		const waiting = 5
		for i := range waiting {
			h.submit(fmt.Sprintf("case %d", i))
		}
		accounts := auth.Accounts{DB: db}
		answers := make([]answered, 50)
		var all sync.WaitGroup
		for i := range answers {
			email := fmt.Sprintf("p%d@example.com", i)
			_, err := accounts.Add(t.Context(), email, email, auth.Reviewer)
			must(t, err)
			token, err := accounts.Token(t.Context(), email)
			must(t, err)
			all.Go(func() { answers[i] = h.do("POST", "/reviews/claim", token, "") })
		}
		all.Wait()
		held := map[string]int{}
		for _, a := range answers {
			switch a.status {
			case 200:
				held[a.str("id")]++
			case 204:
			default:
				t.Errorf("claim: %d %s", a.status, a.raw)
			}
		}
		for id, n := range held {
			if n != 1 {
				t.Errorf("review %s is held %d times", id, n)
			}
		}
		if len(held) != waiting {
			t.Errorf("%d of %d reviews were given out", len(held), waiting)
		}
	})
}
