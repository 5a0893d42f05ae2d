package app_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

// eachEngine runs a benchmark against a service process on each engine, signed
// in to its console as a person. fill puts rows into the empty database before.
func eachEngine(b *testing.B, fill func(b *testing.B, db *store.DB), f func(b *testing.B, w *window)) {
	for _, engine := range []store.Engine{store.SQLite, store.Postgres} {
		b.Run(string(engine), func(b *testing.B) {
			fleet := newFleet(b, storetest.URLs(b)[engine], 1)
			fleet.recruit()
			if fill != nil {
				db := storetest.Open(b, fleet.url)
				fill(b, db)
				if err := db.Close(); err != nil {
					b.Fatal(err)
				}
			}
			fleet.launchAll()
			w := &window{fleet: fleet}
			w.signIn()
			f(b, w)
			fleet.stopAll()
		})
	}
}

// window is a person's browser, without what it draws.
type window struct {
	*fleet
	http http.Client
}

func (w *window) signIn() {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	w.http = http.Client{Jar: jar, Timeout: 20 * time.Second}
	res, err := w.http.PostForm("http://"+w.address()+"/signin", url.Values{"secret": {w.tokens[0]}, "next": {"/inbox"}})
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK || res.Request.URL.Path != "/inbox" {
		w.t.Fatalf("signed in to %s, %s", res.Request.URL, res.Status)
	}
}

// get reads a page whole.
func (w *window) get(path string) string {
	w.t.Helper()
	res, err := w.http.Get("http://" + w.address() + path)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK || res.Request.URL.RequestURI() != path {
		w.t.Fatalf("GET %s: %s at %s, %v", path, res.Status, res.Request.URL, err)
	}
	return string(page)
}

// report gives the median and the 95th percentile in milliseconds.
func report(b *testing.B, prefix string, took []time.Duration) {
	slices.Sort(took)
	at := func(share float64) float64 {
		return float64(took[int(share*float64(len(took)-1))].Microseconds()) / 1000
	}
	b.ReportMetric(at(0.5), prefix+"p50-ms")
	b.ReportMetric(at(0.95), prefix+"p95-ms")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkImportToReview is the time from sending a file until a person sees
// its draft: the file is uploaded, rules draft, and the review's page is read
// to its end. A client looks for the review every 2 ms.
func BenchmarkImportToReview(b *testing.B) {
	eachEngine(b, nil, func(b *testing.B, w *window) {
		const rounds = 100
		for b.Loop() {
			var took []time.Duration
			for i := range rounds {
				title := fmt.Sprintf("Delivery note %d", i)
				began := time.Now()
				page := w.get("/reviews/" + w.reviewOf(w.upload(title)))
				took = append(took, time.Since(began))
				if !strings.Contains(page, `value="`+title+`"`) && !strings.Contains(page, ">"+title+"<") {
					b.Fatalf("the page does not show the draft %q:\n%s", title, page)
				}
			}
			report(b, "", took)
		}
	})
}

// upload sends a file of twenty lines and returns its case.
func (w *window) upload(title string) string {
	w.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	file, err := form.CreateFormFile("file", title+".txt")
	if err != nil {
		w.t.Fatal(err)
	}
	fmt.Fprintf(file, "%s\n%s", title, strings.Repeat("four more words here\n", 20))
	form.Close()
	req, err := http.NewRequest("POST", "http://"+w.address()+"/api/v1/cases", &body)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+w.robot)
	req.Header.Set("Content-Type", form.FormDataContentType())
	res, err := client.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body) // so that the connection is used again
	if res.StatusCode != http.StatusCreated {
		w.t.Fatalf("upload: %s", res.Status)
	}
	return strings.TrimPrefix(res.Header.Get("Location"), "/api/v1/cases/")
}

// reviewOf waits for a case's review.
func (w *window) reviewOf(id string) string {
	w.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		var c struct {
			ReviewID string `json:"review_id"`
		}
		if code, err := w.call(w.robot, "GET", "/cases/"+id, "", nil, &c); err != nil || code != http.StatusOK {
			w.t.Fatalf("case %s: %d, %v", id, code, err)
		}
		if c.ReviewID != "" {
			return c.ReviewID
		}
	}
	w.t.Fatalf("case %s has no review after %s", id, patience)
	return ""
}

// BenchmarkInbox100k is the time in which a signed-in person gets the inbox
// whole, with 100,000 cases in review: its first page, and a page from the
// middle of the queue.
func BenchmarkInbox100k(b *testing.B) {
	const cases, rounds = 100_000, 200
	fill := func(b *testing.B, db *store.DB) { fillReviews(b, db, cases) }
	eachEngine(b, fill, func(b *testing.B, w *window) {
		pages := []struct{ name, path, first string }{
			{"first-", "/inbox", "Case 1<"},
			{"middle-", fmt.Sprintf("/inbox?after=0.%d.r%d", cases/2, 1_000_000+cases/2), fmt.Sprintf("Case %d<", cases/2+1)},
		}
		for b.Loop() {
			for _, p := range pages {
				var took []time.Duration
				for range rounds {
					began := time.Now()
					page := w.get(p.path)
					took = append(took, time.Since(began))
					if !strings.Contains(page, p.first) || strings.Count(page, "/reviews/r1") < 50 {
						b.Fatalf("%s does not show 50 reviews from %q on:\n%s", p.path, p.first, page)
					}
				}
				report(b, p.name, took)
			}
		}
	})
}

// fillReviews writes n cases that wait for a person, in the order of their
// numbers.
func fillReviews(b *testing.B, db *store.DB, n int) {
	const chunk = 2000
	for from := 1; from <= n; from += chunk {
		err := db.Write(context.Background(), func(ctx context.Context, tx bun.Tx) error {
			for _, insert := range []string{
				`INSERT INTO cases (id, workflow, state, step, name, input, input_hash, version, created_at, updated_at)
				SELECT 'c' || (1000000 + i), 'notes', 'review', 'check', 'Case ' || i, '{"text":"Case"}', 'h', 1, i, i FROM n`,
				`INSERT INTO drafts (id, case_id, step, value, fields, model_name, model_digest, prompt_hash, usage, gave_up, created_at)
				SELECT 'd' || (1000000 + i), 'c' || (1000000 + i), 'extract', '{"title":"Case","words":1}', '[]', 'rules', 'v1', '', '{}', '', i FROM n`,
				`INSERT INTO reviews (id, case_id, step, draft_id, state, priority, confidence, created_at, due_at, round, epoch, lease_until)
				SELECT 'r' || (1000000 + i), 'c' || (1000000 + i), 'check', 'd' || (1000000 + i), 'open', 0, 0.5, i, i, 'r' || (1000000 + i), 0, 0 FROM n`,
			} {
				numbers := fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT %d UNION ALL SELECT i + 1 FROM n WHERE i < %d) `, from, from+chunk-1)
				into, rest, _ := strings.Cut(insert, "SELECT")
				if _, err := tx.ExecContext(ctx, into+numbers+"SELECT"+rest); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
