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

func (s *server) getStatus(ctx context.Context, _ auth.User, _ *struct{}) (*body[workflow.Status], error) {
	return answer(s.Service.Status(ctx))
}
