package console_test

import (
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/nail"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

func TestThePageOfCostsSaysWhatIsMeasuredAndWhatIsAssumed(t *testing.T) {
	w := newWorld()
	w.spending = spends(w.now)
	c := serve(t, w, nil).as("tp_omar")
	page := c.get("/costs")
	page.has(t, 200, "<h1>Costs</h1>", "Measured over 29.5 days", `<span class="badge">measured</span>`, "stated in nail.yaml",
		"47.25 USD of 100.00 USD spent this calendar month (47.2 %)", "0.0804 USD", "1,000; 1,100 came in", "266.7 minutes in 800 decisions",
		"1.44 USD an hour, 4 slots", "qwen3:4b", "1,234,567 / 45,678", "failed before any model answered", `aria-current="true">30 days`,
		`<a class="further" href="/costs" aria-current="page">`, "each pays for itself", "2,503")
	page.lacks(t, "cannot be told", ">costs.", ">budget.")
	for _, name := range []string{"spend", "time"} {
		light, dark := c.get("/costs/"+name+".svg?days=30&theme=light"), c.get("/costs/"+name+".svg?days=30&theme=dark&narrow=1")
		for _, a := range []answer{light, dark} {
			a.has(t, 200, "<svg", "</svg>")
			if err := wellFormed(a.body); err != nil || a.header.Get("Content-Type") != "image/svg+xml" || light.body == dark.body {
				t.Errorf("%s is %s: %v", name, a.header.Get("Content-Type"), err)
			}
		}
	}
	c.get("/costs/none.svg").has(t, http.StatusNotFound)
	c.get("/costs?lang=zh").has(t, 200, "成本", "实测 29.5 天", "本自然月已用 47.25 USD，预算 100.00 USD（47.2%）", "每小时 1.44 USD，并发 4", "每单均可收回成本")
}

func TestWhatCannotBeToldIsSaidInWords(t *testing.T) {
	w := newWorld()
	w.spending = spends(w.now)
	r, f := nail.Rates{Currency: "USD", Slots: 4}, nail.Facts{Days: 0.4}
	w.spending.costs.Rates, w.spending.costs.Facts, w.spending.costs.Ledger = r, f, r.Ledger(f)
	w.spending.costs.Models, w.spending.budget = nil, workflow.Budget{}
	for i := range w.spending.costs.Days {
		w.spending.costs.Days[i] = workflow.CostDay{Day: w.spending.costs.Days[i].Day}
	}
	c := serve(t, w, nil).as("tp_omar")
	page := c.get("/costs")
	page.has(t, 200, "none was delivered in these days", "nail.yaml states no price", "nail.yaml states no wage", "from less than two days", "not stated", "Nothing to show for these days yet")
	page.lacks(t, "NaN", "spent this calendar month", "0.00 USD", "By model")
	page.lacks(t, "cannot be told</td>", "Break-even, cases a month")
	c.get("/costs?lang=zh").has(t, 200, "没有交付，无法得出每单成本", "不足两天", "无法得出</dd>")
}

func TestCostsAreNotForEverybody(t *testing.T) {
	w := newWorld()
	w.spending = spends(w.now)
	for _, token := range []string{"tp_mei", "tp_vera"} {
		c := serve(t, w, nil).as(token)
		for _, path := range []string{"/costs", "/costs?days=7", "/costs/spend.svg?days=30&theme=light"} {
			page := c.get(path)
			page.has(t, http.StatusForbidden)
			page.lacks(t, "47.25", "<svg class", "qwen3")
		}
		c.get("/inbox").lacks(t, `href="/costs"`)
	}
}

func TestASpentBudgetIsSaidWherePeopleLook(t *testing.T) {
	w := gallery(t)
	w.spending.budget.Spent, w.spending.budget.Stopped = 101, true
	waits := w.cases["c-r6"]
	waits.State, waits.Error = kit.Drafting, &workflow.CaseError{Code: workflow.OverBudget, Message: "the month's budget is spent"}
	server := serve(t, w, nil)
	mei, lead := server.as("tp_mei"), serve(t, w, nil).as("tp_omar")
	for _, path := range []string{"/inbox", "/board", "/cases"} {
		mei.get(path).has(t, 200, "nothing new is drafted until it is raised, or until 1 Dec 2026 (UTC)")
		mei.get(path).lacks(t, `href="/costs"`)
		lead.get(path).has(t, 200, `<a href="/costs">See the costs</a>`)
		lead.get(path+"?lang=zh").has(t, 200, "本月模型预算已用完，新单据暂停起草，提高预算或到 2026年12月1日（UTC）后恢复", "查看成本")
	}
	lead.get("/costs").has(t, 200, "101.00 USD of 100.00 USD", "raise budget.month in nail.yaml", `class="budget-bar spent"`)
	one := mei.get("/cases/c-r6")
	one.has(t, 200, "This case is drafted when it is raised", "nothing is lost")
	one.lacks(t, "/cases/c-r6/retry", `role="alert"><p><strong>`)
	mei.get("/cases/c-r6?lang=zh").has(t, 200, "提高预算或进入下月后会自动起草，单据不会丢失")
	mei.get("/cases").has(t, 200, "This case is drafted when it is raised")

	w.spending.budget.Stopped = false
	waits.Error = nil
	mei.get("/inbox").lacks(t, "is drafted")
	mei.get("/cases/c-r6").lacks(t, "budget")
}

func TestThePageOfCostsIsAccessible(t *testing.T) {
	long(t)
	source := axe(t)
	w := gallery(t)
	c := serve(t, w, nil)
	for _, look := range []struct {
		lang, theme string
		width       int64
	}{{"en", "light", 1280}, {"zh", "dark", 1280}, {"zh", "light", 390}, {"en", "dark", 390}} {
		b := browse(t, c.base)
		b.run(chromedp.EmulateViewport(look.width, 844))
		b.signIn("tp_omar")
		b.post("/settings", "lang="+look.lang+"&back=/")
		b.post("/settings", "theme="+look.theme+"&back=/")
		for _, spent := range []bool{false, true} {
			w.spending.budget.Stopped = spent
			for _, path := range []string{"/costs", "/inbox"} {
				b.run(b.open(path))
				b.accessible(source, path+" "+look.lang+" "+look.theme)
				b.holds(`document.documentElement.scrollWidth <= innerWidth`)
			}
		}
	}
}
