package api_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/nail"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

func (f *fake) Costs(_ context.Context, by auth.User, days int) (workflow.Costs, error) {
	if !by.MayLead() {
		return workflow.Costs{}, kit.Errorf(kit.Forbidden, "read the costs: %s may not see them", by.Name)
	}
	r := nail.Rates{Currency: "USD", Price: 2, GPUHour: 72, Slots: 2}
	facts := nail.Facts{Days: float64(days), Delivered: 3, ModelSeconds: 10}
	return workflow.Costs{Rates: r, Facts: facts, Ledger: r.Ledger(facts), Days: []workflow.CostDay{}, Models: []workflow.ModelCost{}}, f.call("Costs")
}

func TestCostsAreForLeadsAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := build(t, db)
		for _, token := range []string{h.mei, h.viewer, h.bot} {
			h.do("GET", "/costs", token, "").want(t, 403, "forbidden")
		}
		h.do("GET", "/costs", "", "").want(t, 401, "unauthorized")
		a := h.do("GET", "/costs?days=7", h.ann, "")
		if a.status != 200 || strings.Count(a.raw, `"review_seconds"`) != 8 || !strings.Contains(a.raw, `"untold":["delivered","price","wage","days"]`) {
			t.Errorf("%d %s", a.status, a.raw)
		}
		for _, days := range []string{"0", "367", "x"} {
			if a := h.do("GET", "/costs?days="+days, h.ann, ""); a.status != 422 {
				t.Errorf("%s days: %d", days, a.status)
			}
		}
	})
}

func TestAmountsOfTheBudgetAreForLeads(t *testing.T) {
	next := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	f := &fake{budget: &workflow.Budget{Month: 100, Spent: 101.5, Stopped: true, Resumes: &next}}
	c := serve(t, f, tokens{}, nil)
	for token, sees := range map[string]bool{"mei": false, "vic": false, "bot": false, "ada": true} {
		a := c.do("GET", "/status", token, "")
		if a.status != 200 || !strings.Contains(a.raw, `"stopped":true`) || strings.Contains(a.raw, "101.5") != sees {
			t.Errorf("%s: %d %s", token, a.status, a.raw)
		}
	}
	if f.budget.Spent != 101.5 {
		t.Error("the service's own budget was changed")
	}
}
