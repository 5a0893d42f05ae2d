package review

import (
	"fmt"
	"time"
)

// Defaults returns p with every field filled.
func (p Policy) Defaults() Policy {
	if p.Quorum == 0 {
		p.Quorum = 1
	}
	if p.EscalateAfter == 0 {
		p.EscalateAfter = 72 * time.Hour
	}
	if p.Lease == 0 {
		p.Lease = 10 * time.Minute
	}
	return p
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
