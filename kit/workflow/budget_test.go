package workflow_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// another is the same service in another process, set up anew.
func (s *service) another(o option) *service {
	s.t.Helper()
	c, next := s.Config, *s
	o(&c)
	var err error
	if next.Runner, err = workflow.NewRunner(c); err != nil {
		s.t.Fatal(err)
	}
	return &next
}

// saysBudget wants a case to say that it waits, in its own page and in
// lists.
func (s *service) saysBudget(id string) {
	s.t.Helper()
	s.eventually("the case to say that the budget is spent", func() bool {
		c, err := s.Case(s.t.Context(), s.ann, id)
		if err != nil {
			s.t.Fatal(err)
		}
		return c.State == kit.Drafting && c.Error != nil && c.Error.Code == workflow.OverBudget
	})
	for _, query := range []string{"", "note"} {
		p, err := s.Cases(s.t.Context(), workflow.CaseFilter{State: kit.Drafting, Query: query})
		if err != nil {
			s.t.Fatal(err)
		}
		for _, c := range p.Items {
			if c.Error == "" {
				s.t.Errorf("the list says nothing of case %s", c.ID)
			}
		}
	}
}

func (s *service) budget() workflow.Budget {
	s.t.Helper()
	b, err := s.Budget(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return b
}

func TestASpentBudgetStopsDraftingUntilItIsRaised(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		first := idle(t, db, costing(0.15, never), func(c *workflow.Config) { c.Slots = 1 })
		first.LookEvery(60 * time.Millisecond)
		if err := first.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		ids := []string{first.submit("One"), first.submit("Two")}
		for _, id := range ids { // 0.1 each: the second call goes over it
			first.reaches(id, kit.InReview)
		}
		third := first.submit("Three")
		first.saysBudget(third)
		if b := first.budget(); !b.Stopped || b.Month != 0.15 || b.Spent < 0.199 || b.Spent > 0.201 {
			t.Errorf("the budget is %+v", b)
		}
		if st, err := first.Status(t.Context()); err != nil || st.Budget == nil || !st.Budget.Stopped {
			t.Errorf("the status tells of %+v, %v", st.Budget, err)
		}
		tries := func() (n int) {
			return first.count(`SELECT attempt FROM river_job WHERE kind = 'tackhammer_step' AND state <> 'completed'`)
		}
		time.Sleep(400 * time.Millisecond) // looks often, and uses no try up
		if n := tries(); n > 1 {
			t.Errorf("%d tries were counted", n)
		}
		first.agrees()
		if err := first.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		second := first.another(costing(0.25, never))
		if err := second.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer second.Stop(context.Background())
		second.reaches(third, kit.InReview)
		if c, err := second.Case(t.Context(), second.ann, third); err != nil || c.Error != nil {
			t.Errorf("it still says %+v, %v", c.Error, err)
		}
		second.agrees()
	})
}

func TestANewMonthHasANewBudget(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var w *watch
		s := idle(t, db, costing(0.05, never), func(c *workflow.Config) { w = newWatch(c, time.Date(2026, 5, 31, 23, 59, 0, 0, time.UTC)) })
		s.LookEvery(60 * time.Millisecond)
		if err := s.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.reaches(s.submit("One"), kit.InReview)
		two := s.submit("Two")
		s.saysBudget(two)
		if b := s.budget(); !b.Resumes.Equal(time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("it resumes at %v", b.Resumes)
		}
		w.pass(2 * time.Minute)
		s.reaches(two, kit.InReview)
		if b := s.budget(); b.Spent < 0.099 || b.Spent > 0.101 { // of June alone
			t.Errorf("the budget is %+v", b)
		}
		if err := s.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

// However many processes there are, no more calls go over the budget than were
// in flight when it was spent.
func TestABudgetIsOverrunByTheCallsInFlightAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var calls atomic.Int32
		slow := func() error {
			calls.Add(1)
			time.Sleep(20 * time.Millisecond)
			return nil
		}
		const slots, processes, paid = 2, 3, 5
		all := []*service{idle(t, db, costing(0.1*paid, slow), func(c *workflow.Config) { c.Slots = slots })}
		for len(all) < processes {
			all = append(all, all[0].another(func(*workflow.Config) {}))
		}
		for range 30 {
			all[0].submit("One")
		}
		for _, s := range all {
			s.LookEvery(30 * time.Millisecond)
			if err := s.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		all[0].eventually("the budget to be spent", func() bool { return all[0].budget().Stopped })
		time.Sleep(500 * time.Millisecond)
		if n := int(calls.Load()); n < paid || n > paid+slots*len(all) {
			t.Errorf("%d calls were made, want %d and at most %d more", n, paid, slots*len(all))
		}
		for _, s := range all {
			if err := s.Stop(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		all[0].agrees()
	})
}

func TestRulesThatCostNothingAreNeverStopped(t *testing.T) {
	s := start(t, storetest.SQLite(t), costing(0.05, never), func(c *workflow.Config) { c.Rates.GPUHour = 0 })
	for range 3 {
		s.reaches(s.submit("One"), kit.InReview)
	}
	if b := s.budget(); b != (workflow.Budget{}) {
		t.Errorf("the budget is %+v", b)
	}
}

func TestTheLeadsAreToldOnceThatTheBudgetIsSpent(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := &told{at: kit.Now()}
		s.service = start(t, db, costing(0.15, never), func(c *workflow.Config) {
			c.Clock, c.Slots = s.clock, 1
			c.Notify = workflow.Notify{URL: "https://desk.example/", Service: "Notes", Lang: "en", Channels: []workflow.NotifyChannel{
				{Name: "slack", Lang: "zh", Channel: &s.group}, {Name: "email", Personal: true, Channel: &s.mail}}}
		})
		lead := s.leader()
		for _, id := range []string{s.submit("One"), s.submit("Two")} {
			s.reaches(id, kit.InReview)
		}
		s.saysBudget(s.submit("Three"))
		s.round(15)
		mails := s.waitFor("a mail", &s.mail, 1)
		s.still("told", 1, 1)
		if m := mails[0]; m.To != lead.Email || len(m.Items) != 1 || m.Items[0].Kind != "budget" || m.Items[0].URL != "https://desk.example/costs" {
			t.Errorf("the mail is %+v", m)
		}
		s.round(15)
		s.still("once", 1, 1)
	})
}
