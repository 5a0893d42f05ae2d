package console_test

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/baseline"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/web/console"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// slip is the input of the real service, entry what is drafted of it.
type slip struct{ kit.Document }

type entry struct {
	Company string      `json:"company" label:"Company" label_zh:"商家" jsonschema:"minLength=1,maxLength=80"`
	Total   json.Number `json:"total" label:"Total" label_zh:"总额" jsonschema:"minimum=0"`
}

// slipRules take the first line for the company and the last amount for the total.
func slipRules(s slip) []baseline.Guess {
	first, _, _ := strings.Cut(s.Text, "\n")
	guesses := []baseline.Guess{{Path: "company", Value: first, Confidence: .95, End: len(first)}}
	if all := regexp.MustCompile(`\d+\.\d\d`).FindAllStringIndex(s.Text, -1); all != nil {
		at := all[len(all)-1]
		guesses = append(guesses, baseline.Guess{Path: "total", Value: json.Number(s.Text[at[0]:at[1]]), Confidence: .4, Start: at[0], End: at[1]})
	}
	return guesses
}

// real is a console over a real runner on SQLite, and a link that signs Mei in.
func real(t testing.TB, undo time.Duration, opts ...func(*workflow.Config)) (*workflow.Runner, string, string) {
	t.Helper()
	db := storetest.SQLite(t)
	signer, err := audit.MakeSigner(filepath.Join(t.TempDir(), "key"))
	if err != nil {
		t.Fatal(err)
	}
	blobs, err := store.OpenBlobs(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	m := baseline.New("rules", "v1", slipRules)
	w, in := workflow.New[slip]("slips")
	drafted := workflow.Draft(in, "extract", model.Extract[slip, entry](m, "extract"))
	checked := workflow.Review(drafted, "check", review.Policy{})
	workflow.Deliver(checked, "export", func(_ context.Context, a workflow.Approved[entry]) (any, error) { return a.Value(), nil })
	c := workflow.Config{DB: db, Workflow: w, Signer: signer, Blobs: blobs, Model: m}
	for _, o := range opts {
		o(&c)
	}
	r, err := workflow.NewRunner(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	accounts := auth.Accounts{DB: db}
	if _, err := accounts.Add(t.Context(), "Mei Lin", "mei@example.com", auth.Reviewer); err != nil {
		t.Fatal(err)
	}
	code, err := accounts.Link(t.Context(), "mei@example.com", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	e := echo.New()
	err = console.Register(e, console.Config{Service: r, Accounts: accounts, Sessions: auth.Sessions(db, kit.Now), Undo: undo})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(e)
	t.Cleanup(func() {
		server.Close()
		if err := r.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return r, server.URL, "/signin/link?code=" + code
}

// reaches waits until a case is in a state.
func reaches(t *testing.T, r *workflow.Runner, id string, state kit.State) *workflow.Case {
	t.Helper()
	for range 400 {
		c, err := r.Case(t.Context(), auth.User{}, id)
		if err != nil {
			t.Fatal(err)
		}
		if c.State == state {
			return c
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatalf("case %s is not %s", id, state)
	return nil
}

func TestFromUploadToDeliveryInABrowser(t *testing.T) {
	r, base, link := real(t, 300*time.Millisecond)
	file := filepath.Join(t.TempDir(), "slip <b>1.txt")
	if err := os.WriteFile(file, []byte("KEDAI <script>alert(1)</script>\nTOTAL 12.50\nCHANGE 7.50\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	b := browse(t, base)
	b.run(chromedp.EmulateViewport(1440, 900), b.open(link), click("form.stack .primary"))
	b.at("/inbox")
	send := func() {
		b.run(chromedp.SetUploadFiles(chromedp.CSS("input[type=file]"), []string{file}), click(".upload .button"))
		b.at("/upload")
	}
	send()
	id := b.text(`document.querySelector(".main-cell a").pathname.split("/")[2]`)
	reaches(t, r, id, kit.InReview)
	b.run(click(".head .primary"))
	b.at("/inbox")
	send() // the same file again
	b.holds(`document.querySelector(".fate-duplicate") && document.querySelector(".main-cell a").pathname === "/cases/` + id + `"`)
	b.run(click(".head .primary"))
	b.at("/inbox")
	b.keys("n")
	b.holds(`location.pathname.startsWith("/reviews/") && document.querySelector("h1").textContent === "slip <b>1.txt"`)
	b.keys("j", "\r", "1", "2", ".", "5", "0")
	b.holds(`document.querySelector(".ev.on mark").textContent === "7.50"`)
	b.keys("\x1b", "a")
	b.at("/inbox")
	b.holds(`document.querySelector(".flash").textContent.includes("Approved with changes")`)
	done := reaches(t, r, id, kit.Delivered)
	var got entry
	if err := json.Unmarshal(done.Delivery.Output, &got); err != nil || got != (entry{"KEDAI <script>alert(1)</script>", "12.50"}) {
		t.Errorf("delivered %s", done.Delivery.Output)
	}
	b.run(b.open("/cases/" + id))
	story := b.text(`document.querySelector(".history").innerText`)
	for _, e := range done.History {
		if strings.Contains(story, e.Kind) {
			t.Errorf("%s has no words", e.Kind)
		}
	}
	if !strings.Contains(story, "Mei Lin approved with 1 change") {
		t.Errorf("history: %s", story)
	}
	b.silent()
}

// text is what a script says.
func (b *tab) text(script string) string {
	b.t.Helper()
	said, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](script))
	if err != nil {
		b.t.Fatal(err)
	}
	return said
}

func TestARealServiceRefusesAndTakesBack(t *testing.T) {
	r, base, link := real(t, time.Minute)
	c := client{t: t, base: base, http: newBrowser()}
	code := strings.TrimPrefix(link, "/signin/link?code=")
	c.post("/signin", map[string][]string{"secret": {code}}).leads(t, "/")
	c.upload("a.txt", "KEDAI SATU\nTOTAL 1.00\n", "b.txt", "KEDAI DUA\nTOTAL 2.00\n", "empty.txt", "").has(t, 200, "2 taken", "1 refused")
	waitFor(t, func() bool {
		st, err := r.Status(t.Context())
		return err == nil && st.Cases[kit.InReview] == 2
	})
	first := c.post("/reviews/claim", nil).header.Get("Location")
	a := c.get(first)
	form := verdict(a.form(), "approve")
	form.Set("f.company", "")
	bad := c.post(first+"/decide", form)
	bad.has(t, 422, "has-problem")
	form = verdict(bad.form(), "approve")
	form.Set("f.company", "KEDAI SATU")
	next := c.post(first+"/decide", form)
	second := next.header.Get("Location")
	if next.status != 303 || !strings.HasPrefix(second, "/reviews/") || second == first {
		t.Fatalf("%d to %s", next.status, second)
	}
	c.post(first+"/decide", form).leads(t, second) // a second click
	undo := regexp.MustCompile(`/decisions/[^/]+/undo`).FindString(c.get(second).body)
	c.post(undo, nil).leads(t, first)
	c.get(first).has(t, 200, "Yours until", "KEDAI ")
	c.post(first+"/decide", verdict(c.get(first).form(), "return:values")).leads(t, second)
	c.post(second+"/decide", verdict(c.get(second).form(), "reject:foreign"))
	waitFor(t, func() bool {
		st, err := r.Status(t.Context())
		return err == nil && st.Cases[kit.InReview] == 1 && st.Cases[kit.Rejected] == 1
	})
	again := c.post("/reviews/claim", nil).header.Get("Location")
	c.get(again).has(t, 200, "Returned before:", "Values are wrong", "KEDAI ")
}

func waitFor(t testing.TB, is func() bool) {
	t.Helper()
	for range 400 {
		if is() {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatal("waited in vain")
}
