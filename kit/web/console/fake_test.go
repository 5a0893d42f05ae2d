package console_test

import (
	"context"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// receipt is what the fake service's reviews decide.
type receipt struct {
	Company *string      `json:"company" label:"Company" label_zh:"商家" jsonschema:"maxLength=80"`
	Date    *string      `json:"date" label:"Date" label_zh:"日期" jsonschema:"format=date"`
	Address *string      `json:"address" label:"Address" label_zh:"地址" kind:"longtext"`
	Total   *json.Number `json:"total" label:"Total" label_zh:"总额" jsonschema:"minimum=0"`
	Kind    string       `json:"kind" label:"Paid by" label_zh:"付款方式" jsonschema:"enum=cash,enum=card"`
	Paid    bool         `json:"paid" label:"Paid" label_zh:"已付款"`
}

var schema = func() *model.Schema {
	s, err := model.SchemaOf[receipt]()
	if err != nil {
		panic(err)
	}
	return s
}()

// world is a service and its people in memory. Times stand still unless a test
// moves them.
type world struct {
	figures  workflow.Board
	spending spending
	mu       sync.Mutex
	now      time.Time
	people   map[string]auth.User // by ID
	tokens   map[string]string    // to IDs
	codes    map[string]string
	order    []string
	reviews  map[string]*review.Review
	made     map[string]workflow.Outcome // by review and key
	cases    map[string]*workflow.Case
	sent     []workflow.Delivery
	decided  []review.Request
	files    map[string]string // case ID by content
	media    string
	data     []byte
	skipped  map[string]bool
	canaries map[string]workflow.CanaryFound
	seats    map[string]string       // other seats that are had where one is asked for
	typed    map[string]review.Edits // by review and person
	fail     error                   // what every act fails with, when set
	imports  []string
	together together
	lots     []review.Lot
	bars     []review.Certified
	gathers  bool // lots are on
	asked    []review.LotRequest
}

var (
	mei  = auth.User{ID: "u-mei", Kind: auth.PersonKind, Name: "Mei Lin", Email: "mei@example.com", Role: auth.Reviewer}
	omar = auth.User{ID: "u-omar", Kind: auth.PersonKind, Name: "Omar Haddad", Email: "omar@example.com", Role: auth.Lead}
	vera = auth.User{ID: "u-vera", Kind: auth.PersonKind, Name: "Vera Viewer", Email: "vera@example.com", Role: auth.Viewer}
	bot  = auth.User{ID: "u-bot", Kind: auth.ServiceKind, Name: "importer", Role: auth.Service}
)

func newWorld() *world {
	w := &world{now: time.Now().UTC().Truncate(time.Second), people: map[string]auth.User{}, codes: map[string]string{"tl_once": mei.ID},
		tokens:  map[string]string{"tp_mei": mei.ID, "tp_omar": omar.ID, "tp_vera": vera.ID, "ts_bot": bot.ID},
		reviews: map[string]*review.Review{}, made: map[string]workflow.Outcome{}, cases: map[string]*workflow.Case{},
		files: map[string]string{}, skipped: map[string]bool{}, typed: map[string]review.Edits{}}
	for _, u := range []auth.User{mei, omar, vera, bot} {
		w.people[u.ID] = u
	}
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

const receiptText = "TAN & SONS TRADING SDN BHD\nNO. 53, JALAN SAGU 18,\nTAMAN DAYA, 81100 JOHOR BAHRU\n\n" +
	"INVOICE NO  TD01167104\nDATE:  25/12/2018  8:13 PM\n\nKF MODELLING CLAY  1 PC  9.00\nROUNDING  0.00\nTOTAL:  9.00\nCASH  10.00\nCHANGE  1.00\n"

// at finds a text in the fixture's document.
func at(text, part string) kit.Evidence {
	i := strings.Index(text, part)
	return kit.Evidence{Start: i, End: i + len(part), Line: 1 + strings.Count(text[:i], "\n"), Text: part}
}

// add puts a review of a receipt into the world.
func (w *world) add(id, name string) *review.Review {
	doc := kit.Document{Name: name, MediaType: "text/plain", Text: receiptText}
	input, _ := json.Marshal(doc)
	value := `{"company":"TAN & SONS TRADING SDN BHD","date":"2018-12-25","address":"NO. 53, JALAN SAGU 18, TAMAN DAYA","total":9.00,"kind":"cash","paid":true}`
	fields := []kit.Field{
		{Path: "company", Confidence: .97, Evidence: []kit.Evidence{at(receiptText, "TAN & SONS TRADING SDN BHD")}},
		{Path: "date", Confidence: .93, Evidence: []kit.Evidence{at(receiptText, "25/12/2018")}},
		{Path: "address", Confidence: .64, Evidence: []kit.Evidence{at(receiptText, "NO. 53, JALAN SAGU 18,"), at(receiptText, "TAMAN DAYA")}, Marks: []kit.Mark{kit.MarkRepaired}},
		{Path: "total", Confidence: .31, Evidence: []kit.Evidence{at(receiptText, "9.00\nCASH")}, Marks: []kit.Mark{kit.MarkNotFound}},
		{Path: "kind", Confidence: .91, Evidence: []kit.Evidence{at(receiptText, "CASH")}},
		{Path: "paid", Confidence: .88},
	}
	fields[3].Evidence[0].End -= 5
	fields[3].Evidence[0].Text = "9.00"
	flat := schema.Flatten([]byte(value))
	for i := range fields {
		fields[i].Value = flat[fields[i].Path]
	}
	r := &review.Review{ID: id, CaseID: "c-" + id, CaseName: name, Step: "check", State: review.Open, Subject: "s-" + id, Confidence: .31,
		CreatedAt: w.now.Add(-90 * time.Minute), Input: input, Draft: review.Draft{ID: "d-" + id, Value: json.RawMessage(value), Fields: fields,
			Model: kit.ModelInfo{Name: "baseline", Digest: "sha256:1"}, CreatedAt: w.now.Add(-90 * time.Minute)}}
	w.reviews[id], w.order = r, append(w.order, id)
	w.cases[r.CaseID] = &workflow.Case{CaseRow: workflow.CaseRow{ID: r.CaseID, Name: name, State: kit.InReview, Step: "check", CreatedAt: r.CreatedAt, UpdatedAt: w.now},
		Input: input, Draft: &r.Draft, ReviewID: id}
	w.tell(r.CaseID, "u-bot", "case.submitted", map[string]any{"name": name})
	w.tell(r.CaseID, "service", "draft.made", map[string]any{"step": "extract", "model": r.Draft.Model})
	return r
}

func (w *world) tell(caseID, actor, kind string, data any) {
	body, _ := json.Marshal(data)
	c := w.cases[caseID]
	c.History = append(c.History, workflow.Event{At: w.now, Actor: actor, Kind: kind, CaseID: caseID, Data: body})
}

func (w *world) user(ids map[string]string, secret string) (auth.User, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	id, ok := ids[secret]
	if !ok {
		return auth.User{}, kit.Errorf(kit.Unauthorized, "sign in: the token is unknown")
	}
	return w.people[id], nil
}

func (w *world) Authenticate(_ context.Context, token string) (auth.User, error) {
	return w.user(w.tokens, token)
}
func (w *world) Peek(_ context.Context, code string) (auth.User, error) { return w.user(w.codes, code) }

func (w *world) Redeem(_ context.Context, code string) (auth.User, error) {
	u, err := w.user(w.codes, code)
	delete(w.codes, code)
	return u, err
}

func (w *world) Get(_ context.Context, id string) (auth.User, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	u, ok := w.people[id]
	if !ok {
		return u, kit.Errorf(kit.NotFound, "find user %s: there is none", id)
	}
	return u, nil
}

func (w *world) Import(_ context.Context, _ auth.User, name string, r io.Reader, _ string, _ bool) (workflow.Submitted, error) {
	data, err := io.ReadAll(r)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.imports = append(w.imports, name)
	switch {
	case err != nil:
		return workflow.Submitted{}, err
	case len(data) == 0:
		return workflow.Submitted{}, kit.Errorf(kit.Invalid, "import %s: the file is empty", name).WithHint("send the file again")
	case w.files[string(data)] != "":
		return workflow.Submitted{ID: w.files[string(data)]}, kit.Errorf(kit.Duplicate, "%s: the same content is case %s already", name, w.files[string(data)])
	}
	id := kit.NewID()
	w.files[string(data)] = id
	return workflow.Submitted{ID: id, State: kit.Drafting}, w.fail
}

func (w *world) Retry(_ context.Context, _ auth.User, id string) error {
	w.cases[id].State, w.cases[id].Error = kit.Drafting, nil
	return nil
}

func (w *world) History(_ context.Context, _ auth.User, id, after string, _ int) (p workflow.Page[workflow.Event], err error) {
	before, _ := strconv.Atoi(after)
	for i, e := range w.cases[id].History {
		if i+1 < before {
			p.Items = append([]workflow.Event{e}, p.Items...)
		}
	}
	return p, w.fail
}

func (w *world) Case(_ context.Context, _ auth.User, id string) (*workflow.Case, error) {
	if w.fail != nil {
		return nil, w.fail
	}
	if c := w.cases[id]; c != nil {
		return c, nil
	}
	return nil, kit.Errorf(kit.NotFound, "case %s: there is no such case", id)
}

func (w *world) Cases(_ context.Context, f workflow.CaseFilter) (p workflow.Page[workflow.CaseRow], err error) {
	w.together.searched = f
	for _, id := range w.order {
		if c := w.cases["c-"+id]; f.State == "" || c.State == f.State {
			row := c.CaseRow
			if c.Error != nil {
				row.Error = c.Error.Message
			}
			p.Items = append(p.Items, row)
		}
	}
	return p, w.fail
}

func (w *world) Original(context.Context, string) (string, []byte, error) {
	return w.media, w.data, w.fail
}

func (w *world) Page(context.Context, string, int) ([]byte, error) {
	return w.data, nil
}
func (w *world) FirstSchema() *model.Schema { return schema }
func (w *world) Board(context.Context, int) (workflow.Board, error) {
	return w.figures, nil
}
func (w *world) Deliveries(context.Context, string, int) (workflow.Page[workflow.Delivery], error) {
	return workflow.Page[workflow.Delivery]{Items: w.sent}, w.fail
}

func (w *world) Status(context.Context) (workflow.Status, error) {
	s := workflow.Status{Workflow: "receipts", Cases: map[kit.State]int64{}}
	for _, c := range w.cases {
		s.Cases[c.State]++
	}
	for _, id := range w.order {
		if r := w.reviews[id]; r.State == review.Open && s.Oldest == nil {
			s.Oldest = &r.CreatedAt
		}
	}
	return s, w.fail
}

func (w *world) Schema(step string) *model.Schema {
	if step == "check" || step == "extract" {
		return schema
	}
	return nil
}
