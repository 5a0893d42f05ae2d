package console_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/internal/need"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// TestLook takes pictures of every page for people to look at, in the folder
// that CONSOLE_SHOTS names.
func TestLook(t *testing.T) {
	dir := os.Getenv("CONSOLE_SHOTS")
	if dir == "" {
		t.Skip("CONSOLE_SHOTS names no folder for pictures")
	}
	w := gallery(t)
	c := serve(t, w, nil)
	pages := map[string]string{"signin": "/signin", "inbox": "/inbox", "review": "/reviews/r1", "scan": "/reviews/r2", "held": "/reviews/r4",
		"cases": "/cases", "case": "/cases/c-r5", "failed": "/cases/c-r6", "deliveries": "/deliveries", "board": "/board", "help": "/help", "statistics": "/help/statistics", "empty": "/inbox?mine=1"}
	only := os.Getenv("CONSOLE_ONLY")
	for _, look := range []struct {
		name, lang, theme string
		width, height     int64
	}{{"wide-light-en", "en", "light", 1440, 900}, {"wide-dark-zh", "zh", "dark", 1440, 900},
		{"slim-light-zh", "zh", "light", 390, 844}, {"slim-dark-en", "en", "dark", 390, 844}} {
		b := browse(t, c.base)
		b.run(chromedp.EmulateViewport(look.width, look.height))
		b.signIn("tp_mei")
		b.post("/settings", "lang="+look.lang+"&back=/")
		b.post("/settings", "theme="+look.theme+"&back=/")
		b.post("/reviews/r1/claim", "")
		b.post("/reviews/r2/claim", "")
		for name, path := range pages {
			if only != "" && !strings.Contains(only, name) {
				continue
			}
			b.run(b.open(path), chromedp.Sleep(150*time.Millisecond))
			b.shoot(filepath.Join(dir, name+"-"+look.name+".png"))
		}
		shot := func(name string) { b.shoot(filepath.Join(dir, name+"-"+look.name+".png")) }
		b.run(b.open("/reviews/r1"))
		b.keys("j", "\r", "1", "2", ".", "5", "0")
		shot("editing")
		b.keys("\x1b", "x")
		shot("reject")
		b.keys("\x1b", "?")
		shot("keys")
		b.run(b.open("/reviews/r2"))
		b.holds(`(document.querySelector("#pane-source").checked = true)`)
		shot("source")
		b.run(b.open("/inbox"), click(".menu summary"))
		shot("menu")
		b.run(b.open("/reviews/r1"), chromedp.SetValue(chromedp.CSS("[name='f.total']"), "twelve"), click(".decide .primary"), seen(".has-problem"))
		shot("problem")
		b.run(chromedp.SetValue(chromedp.CSS("[name='f.total']"), "9.00"), click(".decide .primary"), seen(".flash"))
		b.run(chromedp.Sleep(100 * time.Millisecond))
		shot("flash")
		b.run(click(".flash .button"))
		b.at("/reviews/r1")
	}
}

// shoot takes a picture of what the browser shows.
func (b *tab) shoot(file string) {
	b.t.Helper()
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(file, png, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// gallery is a world with something to see on every page.
func gallery(t *testing.T) *world {
	w := newWorld()
	w.figures, w.spending = figures(w.now), spends(w.now)
	for id, name := range map[string]string{"r1": "tan-and-sons-2018-12-25.txt", "r2": "scan-000.jpg", "r3": "restoran-hijau-0417.pdf", "r4": "popular-book-88213.txt",
		"r5": "99-speedmart-1519.jpg", "r6": "unihakka-international-sdn-bhd-receipt-of-a-long-name-2018-03-28-copy.png"} {
		w.add(id, name)
	}
	w.order = []string{"r1", "r2", "r3", "r4", "r5", "r6"}
	old := w.now.Add(-80 * time.Hour)
	w.reviews["r3"].EscalatedAt, w.reviews["r3"].CreatedAt, w.reviews["r3"].Confidence = &old, old, .72
	w.reviews["r4"].Holder, w.reviews["r4"].Lease = &review.Holder{ID: omar.ID, Name: omar.Name}, review.Lease{Epoch: 1, ExpiresAt: w.now.Add(7 * time.Minute)}
	w.reviews["r4"].Confidence = .96
	scan(t, w)
	ctx := context.Background()
	w.ClaimOne(ctx, omar, "r5")
	r := w.reviews["r5"]
	w.Decide(ctx, omar, "r5", review.Request{Verdict: kit.Edit, Fields: map[string]json.RawMessage{"total": json.RawMessage("10.00")}, Subject: r.Subject, Epoch: 1, Key: "k"}, 0)
	c := w.cases[r.CaseID]
	done := w.now
	c.State = kit.Delivered
	c.Delivery = &workflow.Delivery{ID: "dl1", CaseID: c.ID, CaseName: c.Name, Step: "export", CreatedAt: done,
		Sends:   []workflow.Send{{Target: "folder", Attempts: 1, DoneAt: &done}, {Target: "webhook", Attempts: 3, Error: "POST https://erp.example/hook: 503 Service Unavailable"}},
		Receipt: audit.Receipt{Decision: audit.ReceiptDecision{Person: audit.ReceiptPerson{Name: omar.Name}}, Model: kit.ModelInfo{Name: "baseline"}, OutputHash: strings.Repeat("9f2c", 16), Chain: audit.Head{Seq: 42}}}
	w.sent = []workflow.Delivery{*c.Delivery}
	w.tell(c.ID, "service", "delivery.made", nil)
	w.tell(c.ID, "service", "delivery.sent", map[string]string{"target": "folder"})
	f := w.cases["c-r6"]
	f.State, f.Draft, f.ReviewID, f.Error = kit.Failed, nil, "", &workflow.CaseError{Code: kit.Unavailable, Message: "draft extract: the model server does not answer after 5 tries"}
	w.reviews["r6"].State = review.Decided
	w.tell(f.ID, "service", "case.failed", map[string]string{"step": "extract", "error": f.Error.Message})
	w.people[mei.ID] = auth.User{ID: mei.ID, Kind: mei.Kind, Name: mei.Name, Email: mei.Email, Role: mei.Role}
	return w
}

// scan makes r2 a scanned receipt with its words where they stand.
func scan(t *testing.T, w *world) {
	data := filepath.Join(need.Shared(t), "data", "receipts")
	img, err := os.ReadFile(filepath.Join(data, "img", "000.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(filepath.Join(data, "box", "000.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows := csv.NewReader(file)
	rows.FieldsPerRecord, rows.LazyQuotes = -1, true
	doc := kit.Document{Name: "scan-000.jpg", MediaType: "image/jpeg", Blob: "b", Pages: []kit.Page{{Width: 463, Height: 1013}}}
	boxes := map[string]kit.Evidence{}
	for row, err := rows.Read(); err == nil; row, err = rows.Read() {
		n := make([]float64, 8)
		for i := range n {
			n[i], _ = strconv.ParseFloat(row[i], 64)
		}
		text := strings.Join(row[8:], ",")
		boxes[text] = kit.Evidence{Start: len(doc.Text), End: len(doc.Text) + len(text), Line: 1 + strings.Count(doc.Text, "\n"), Text: text,
			Box: &kit.Box{X0: n[0], Y0: n[1], X1: n[4], Y1: n[5]}}
		doc.Text += text + "\n"
	}
	w.media, w.data = "image/jpeg", img
	r := w.reviews["r2"]
	r.Input, _ = json.Marshal(doc)
	r.Draft.Value = json.RawMessage(`{"company":"BOOK TA .K(TAMAN DAYA) SDN BND","date":"2018-12-25","address":"NO.53 55,57 & 59, JALAN SAGU 18, TAMAN DAYA, 81100 JOHOR BAHRU, JOHOR.","total":9.00,"kind":"cash","paid":true}`)
	pick := func(names ...string) (evs []kit.Evidence) {
		for _, name := range names {
			evs = append(evs, boxes[name])
		}
		return evs
	}
	flat := schema.Flatten(r.Draft.Value)
	r.Draft.Fields = []kit.Field{
		{Path: "company", Confidence: .58, Evidence: pick("BOOK TA .K(TAMAN DAYA) SDN BND")},
		{Path: "date", Confidence: .96, Evidence: pick("25/12/2018 8:13:39 PM")},
		{Path: "address", Confidence: .71, Evidence: pick("NO.53 55,57 & 59, JALAN SAGU 18,", "TAMAN DAYA,", "81100 JOHOR BAHRU,", "JOHOR.")},
		{Path: "total", Confidence: .92, Evidence: pick("9.00")},
		{Path: "kind", Confidence: .9}, {Path: "paid", Confidence: .9}}
	for i := range r.Draft.Fields {
		r.Draft.Fields[i].Value = flat[r.Draft.Fields[i].Path]
	}
}
