package console_test

import (
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// Where several people had to decide, each of them is named.
func TestAllWhoDecidedAreNamed(t *testing.T) {
	w := newWorld()
	w.add("r1", "a.txt")
	by := func(id, name string) audit.ReceiptDecision {
		return audit.ReceiptDecision{ID: id, Verdict: kit.Approve, Person: audit.ReceiptPerson{ID: name, Name: name}}
	}
	k := w.cases["c-r1"]
	k.State = kit.Delivered
	k.Decision = &review.Decision{ID: "d2", ReviewID: "r1", Verdict: kit.Approve, Person: review.Holder{ID: "w", Name: "Wang Wei"}, CreatedAt: w.now}
	k.Delivery = &workflow.Delivery{CaseID: "c-r1", CaseName: "a.txt", CreatedAt: w.now,
		Receipt: audit.Receipt{Decision: by("d2", "Wang Wei"), Others: []audit.ReceiptDecision{by("d1", "Rita")}}}
	w.sent = []workflow.Delivery{*k.Delivery}
	c := serve(t, w, nil).as("tp_mei")
	c.get("/cases/c-r1").has(t, 200, "<bdi>Rita, Wang Wei</bdi>", "Decided by Rita, Wang Wei, drafted by")
	c.get("/deliveries").has(t, 200, "<bdi>Rita, Wang Wei</bdi>")
	c.get("/deliveries?lang=zh").has(t, 200, "<bdi>Rita、Wang Wei</bdi>")
	k.Decision.ID = "d3" // one that nothing came of yet
	c.get("/cases/c-r1").has(t, 200, "<bdi>Wang Wei</bdi>")
}

func TestAReturnIsNoDecisionThatStands(t *testing.T) {
	w := newWorld()
	w.add("r1", "a.txt")
	k := w.cases["c-r1"]
	k.Decision = &review.Decision{ID: "d1", ReviewID: "r1", Verdict: kit.Return, Person: review.Holder{ID: mei.ID, Name: mei.Name}, CreatedAt: w.now}
	c := serve(t, w, nil).as("tp_mei")
	page := c.get("/cases/c-r1")
	page.has(t, 200, "<h2>Earlier decision</h2>")
	page.lacks(t, "<h2>Decision</h2>")
	k.Decision.Verdict = kit.Reject
	c.get("/cases/c-r1").has(t, 200, "<h2>Decision</h2>")
}

// A field in which nothing was found has no confidence, however sure that was.
func TestAnEmptyFieldHasNoConfidence(t *testing.T) {
	w := newWorld()
	r := w.add("r1", "a.txt")
	r.Draft.Value = []byte(`{"company":null,"date":null,"address":null,"total":null,"kind":"cash","paid":true}`)
	for i := range r.Draft.Fields {
		r.Draft.Fields[i].Marks = nil
	}
	w.cases["c-r1"].Draft = &r.Draft
	c := serve(t, w, nil).as("tp_mei")
	for _, path := range []string{"/reviews/r1", "/cases/c-r1"} {
		page := c.get(path)
		if none, sure := strings.Count(page.body, ">none found<"), strings.Count(page.body, `class="conf conf-`); none != 4 || sure != 2 {
			t.Errorf("%s: %d fields without and %d with a confidence", path, none, sure)
		}
	}
}
