package api

import (
	"context"

	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

func (s *server) registerRest() {
	handle(s, operation{method: "GET", path: "/deliveries", id: "list-deliveries", tag: "deliveries",
		summary: "List deliveries with their receipts",
		about:   "Approved outputs, on their way out or arrived; sends tells how far each target has come."}, s.listDeliveries)
	handle(s, operation{method: "GET", path: "/status", id: "get-status", tag: "service",
		summary: "Read how the service stands: cases by state, the oldest review, the model, the audit chain"}, s.getStatus)
}

func (s *server) listDeliveries(ctx context.Context, _ auth.User, in *keyset) (*body[page[workflow.Delivery]], error) {
	p, err := s.Service.Deliveries(ctx, in.After, in.Limit)
	for i := range p.Items {
		p.Items[i].Sends = list(p.Items[i].Sends)
	}
	return answer(viewPage(p), err)
}

// getStatus keeps the trail's head to administrators: a hash over what is not
// told yet is something to try guesses on. Amounts are for those who lead.
func (s *server) getStatus(ctx context.Context, by auth.User, _ *struct{}) (*body[workflow.Status], error) {
	st, err := s.Service.Status(ctx)
	if !by.MayManage() {
		st.Chain = nil
	}
	if st.Budget != nil && !by.MayLead() {
		st.Budget = &workflow.Budget{Stopped: st.Budget.Stopped, Resumes: st.Budget.Resumes}
	}
	return answer(st, err)
}
