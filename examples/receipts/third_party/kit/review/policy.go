package review

import (
	"cmp"
	"fmt"
	"time"
)

// Defaults returns p with every field filled.
func (p Policy) Defaults() Policy {
	return p.Or(Policy{Quorum: 1, EscalateAfter: 72 * time.Hour, Lease: 10 * time.Minute})
}

// Or returns p with the fields that it leaves out taken from q.
func (p Policy) Or(q Policy) Policy {
	return Policy{
		Quorum:        cmp.Or(p.Quorum, q.Quorum),
		EscalateAfter: cmp.Or(p.EscalateAfter, q.EscalateAfter),
		Lease:         cmp.Or(p.Lease, q.Lease),
	}
}

// Check refuses a policy that could not be kept. A quorum below one would let
// a draft out that nobody saw.
func (p Policy) Check() error {
	switch {
	case p.Quorum < 1:
		return fmt.Errorf("quorum %d: at least one person decides", p.Quorum)
	case p.Quorum > 1:
		return fmt.Errorf("quorum %d: only 1 is known", p.Quorum)
	case p.EscalateAfter < time.Second:
		return fmt.Errorf("escalate after %s: at least 1s", p.EscalateAfter)
	case p.Lease < time.Second:
		return fmt.Errorf("lease %s: at least 1s", p.Lease)
	}
	return nil
}
