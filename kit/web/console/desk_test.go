package console_test

import (
	"encoding/json"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
)

func TestFieldsAreConfirmedChangedAndCleared(t *testing.T) {
	w, c, a := held(t)
	a.has(t, 200, "0 of 6 fields checked", `name="c.total"`, "This field cannot be left empty") // kind is not nullable
	form := verdict(a.form(), "approve")
	form.Set("c.date", "1")
	form.Set("f.company", "")
	form.Set("f.total", "12.50")
	form.Set("c.total", "1") // confirmed before it was changed
	form.Set("f.kind", "")
	again := c.post("/reviews/r1/decide", form)
	again.has(t, 422, "4 of 6 fields checked", "A value is needed here", `name="c.date" value="1" checked`)
	form = verdict(again.form(), "approve")
	form.Set("f.kind", "cash")
	c.post("/reviews/r1/decide", form).leads(t, "/reviews/r2")
	d := w.decided[0]
	fields, _ := json.Marshal(d.Fields)
	if d.Verdict != kit.Edit || string(fields) != `{"company":null,"total":12.50}` || !reflect.DeepEqual(d.Confirmed, []string{"date"}) {
		t.Errorf("decided %s %s, confirmed %v", d.Verdict, fields, d.Confirmed)
	}
	plain := verdict(c.get("/reviews/r2").form(), "approve")
	plain.Set("c.paid", "1")
	c.post("/reviews/r2/decide", plain)
	if d := w.decided[1]; d.Verdict != kit.Approve || !reflect.DeepEqual(d.Confirmed, []string{"paid"}) {
		t.Errorf("decided %+v", d)
	}
}

// lock makes a field of a review one that Omar set before.
func lock(r *review.Review, path string) {
	r.Locked = []review.Lock{{Path: path, Value: json.RawMessage(`"2018-12-25"`), Person: review.Holder{ID: omar.ID, Name: omar.Name}}}
	for i := range r.Draft.Fields {
		if f := &r.Draft.Fields[i]; f.Path == path {
			f.Marks, f.Confidence = []kit.Mark{kit.MarkSet}, .2
		}
	}
}

func TestChosenFieldsAreDraftedAnewAndTheOthersGoAlong(t *testing.T) {
	w, c, _ := held(t)
	lock(w.reviews["r1"], "date")
	a := c.get("/reviews/r1")
	a.has(t, 200, "Set by Omar Haddad", "2 fields need a look", "1 of 6 fields checked", `name="redraft" value="date" data-redraft="f1" disabled`)
	form := a.form()
	if got := strings.Join(form["redraft"], " "); got != "total address company kind paid" {
		t.Errorf("by itself %q would be drafted anew", got)
	}
	form["redraft"] = []string{"total", "date", "nothing"} // what is locked or no field is left out
	form.Set("f.company", "KEPT SDN BHD")
	form.Set("f.total", "1")
	form.Set("c.kind", "1")
	form.Set("words.return", "it is with tax")
	c.post("/reviews/r1/decide", verdict(form, "return:values")).leads(t, "/reviews/r2")
	d := w.decided[0]
	fields, _ := json.Marshal(d.Fields)
	if d.Verdict != kit.Return || string(fields) != `{"company":"KEPT SDN BHD"}` || !reflect.DeepEqual(d.Redraft, []string{"total"}) || !reflect.DeepEqual(d.Confirmed, []string{"kind"}) {
		t.Errorf("decided %s fields %s redraft %v confirmed %v", d.Verdict, fields, d.Redraft, d.Confirmed)
	}
	form = c.get("/reviews/r2").form()
	form.Del("redraft")
	c.post("/reviews/r2/decide", verdict(form, "return:values")).has(t, 422, "Choose at least one field")
	if len(w.decided) != 1 {
		t.Error("a return that asks for nothing was sent")
	}
}

func TestTypingIsSavedAndFoundAgain(t *testing.T) {
	w, c, a := held(t)
	form := a.form()
	form.Set("f.total", "12.5")
	form.Set("c.date", "1")
	form.Set("words.reject", "cannot re")
	c.post("/reviews/r1/edits", form).has(t, 200, `"saved_at":"20`)
	if len(w.decided) != 0 {
		t.Fatal("saving decided")
	}
	again := c.get("/reviews/r1")
	again.has(t, 200, "Your unsent words are back", `value="12.5"`, `name="c.date" value="1" checked`, "cannot re", "2 of 6 fields checked")
	serve(t, w, nil).as("tp_omar").get("/reviews/r1").lacks(t, `value="12.5"`, "unsent")
	w.reviews["r1"].Subject = "s-new"
	c.get("/reviews/r1").has(t, 200, "The draft changed since you typed", `value="12.5"`, "Typed on an earlier draft", "1 of 6 fields checked")
	stale := again.form()
	stale.Set("epoch", "9")
	c.post("/reviews/r1/edits", stale).has(t, 409, `"message":`)
	c.post("/reviews/r1/edits", url.Values{"drop": {"1"}}).leads(t, "/reviews/r1")
	c.get("/reviews/r1").lacks(t, `value="12.5"`, "checked data-sure")
	c.post("/reviews/r1/edits", c.get("/reviews/r1").form()).has(t, 200, "saved_at")
	if len(w.typed) != 0 {
		t.Errorf("nothing typed is kept as %+v", w.typed)
	}
	c.get("/reviews/r1/edits").leads(t, "/reviews/r1")
}

// torn makes r1 a review that settles what two people decided differently.
func torn(w *world) *review.Review {
	r := w.reviews["r1"]
	value := func(total string) json.RawMessage {
		return json.RawMessage(strings.Replace(string(r.Draft.Value), "9.00", total, 1))
	}
	r.Versions = []review.Version{
		{Decision: "d-omar", Person: review.Holder{ID: omar.ID, Name: omar.Name}, Verdict: kit.Approve, Value: value("9.00"), Fields: map[string]string{"total": "confirmed"}},
		{Decision: "d-ada", Person: review.Holder{ID: "u-ada", Name: "Ada Byron"}, Verdict: kit.Edit, Value: value("10.00"), Fields: map[string]string{"total": "changed"}},
		{Decision: "d-li", Person: review.Holder{ID: "u-li", Name: "Li Na"}, Verdict: kit.Reject, Reason: "cut <off>"}}
	return r
}

func TestVersionsStandSideBySide(t *testing.T) {
	w, c, _ := held(t)
	torn(w)
	a := c.get("/reviews/r1")
	a.has(t, 200, "What others decided", "Omar Haddad", "Ada Byron", "cut &lt;off&gt;", "5 fields are the same for all", `value="total:2"`)
	a.lacks(t, `aria-pressed="true" aria-label`, `value="date:1"`)
	form := a.form()
	form.Set("take", "total:2")
	taken := c.post("/reviews/r1/take", form)
	taken.has(t, 200, `name="f.total" value="10.00"`, "Changed by you")
	form = taken.form()
	form.Set("take", "total:1") // as it was drafted
	back := c.post("/reviews/r1/take", form)
	back.has(t, 200, `name="f.total" value="9.00"`, `name="c.total" value="1" checked`)
	for _, odd := range []string{"total:3", "total:9", "total", "nothing:1", ""} {
		form.Set("take", odd)
		c.post("/reviews/r1/take", form).has(t, 200, `name="f.total" value="10.00"`)
	}
	c.post("/reviews/r1/decide", verdict(taken.form(), "approve")).leads(t, "/reviews/r2")
	w.cases["c-r1"].Decision.Stood = []string{"d-ada"}
	for _, path := range []string{"/cases/c-r1", "/reviews/r1"} {
		page := c.get(path)
		page.has(t, 200, "What others decided", "Stood")
		page.lacks(t, "/take")
		if strings.Index(page.body, "Stood") < strings.Index(page.body, "Ada Byron") {
			t.Errorf("%s: it is not Ada's that stood", path)
		}
	}
}

func TestTheCasePageTellsTheWordsThatChanged(t *testing.T) {
	w, c, a := held(t)
	form := verdict(a.form(), "approve")
	form.Set("f.address", "NO. 55, JALAN SAGU 18, TAMAN DAYA")
	c.post("/reviews/r1/decide", form)
	w.cases["c-r1"].Decision.Fields = map[string]string{"address": "changed", "total": "confirmed"}
	c.get("/cases/c-r1").has(t, 200, `NO. <del><span class="sr">removed: </span>53</del><ins><span class="sr"> added: </span>55</ins>, JALAN SAGU`, "Confirmed")
}

func TestAScriptIsToldWhatComesNext(t *testing.T) {
	w, c, a := held(t)
	c.get("/reviews/r1/next").has(t, 200, `{"pictures":[]}`)
	w.reviews["r2"].Input = json.RawMessage(`{"text":"TOTAL 9.00","media_type":"image/png","blob":"b","pages":[{"width":10,"height":20}]}`)
	c.get("/reviews/r1/next").has(t, 200, `{"pictures":["/cases/c-r2/original"]}`)
	if w.reviews["r2"].Holder != nil {
		t.Fatal("looking ahead claimed a review")
	}
	form := verdict(a.form(), "approve")
	c.post("/reviews/r1/decide", form, "Accept", "application/json, text/html").has(t, 200, `"next":"/reviews/r2"`, `"turn":true`)
	c.post("/reviews/r2/decide", verdict(c.get("/reviews/r2").form(), "approve"), "Accept", "application/json, text/html").has(t, 200, `{"next":"/inbox"}`)
}

func TestWhatAnEarlierStepApprovedIsMarkedSo(t *testing.T) {
	w, c, _ := held(t)
	lock(w.reviews["r1"], "date")
	w.reviews["r1"].Locked = nil
	w.together.steps = []string{"judge"}
	c.get("/reviews/r1").has(t, 200, "Approved in an earlier step", "2 fields need a look", "1 of 6 fields checked",
		`name="redraft" value="date" data-redraft="f1" disabled`, `<span class="badge"><bdi>Check</bdi></span>`)
	c.get("/reviews/r1?lang=zh").has(t, 200, "此前环节已核定", `<span class="badge"><bdi>审核</bdi></span>`)
	c.get("/inbox?lang=zh").has(t, 200, `<span class="badge"><bdi>审核</bdi></span>`)
	w.together.steps = nil
	c.get("/reviews/r1").lacks(t, `<span class="badge"><bdi>Check</bdi></span>`)
	c.get("/inbox").lacks(t, "<bdi>Check</bdi></span>")
}
