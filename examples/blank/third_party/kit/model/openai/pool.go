package openai

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"
)

// pool chooses among the servers. It counts what this process has in flight:
// other processes have pools of their own.
type pool struct {
	slots int // answers in flight on each

	mu        sync.Mutex // guards what follows
	endpoints []*endpoint
	next      int           // where the search begins: ties go round
	changed   chan struct{} // closed, and made anew, when a slot comes free
}

// take returns the server with the fewest answers in flight, one that rests
// only when no other can take more, and waits while all are full. It returns
// nil when there is none but those tried and those whose breakers are open.
func (p *pool) take(ctx context.Context, tried []*endpoint, now time.Time) (*endpoint, error) {
	for {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		e, full, changed := p.pick(tried, now)
		if e != nil || !full {
			return e, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

// pick takes a slot of the best server; full says that there are some, with
// all slots taken, and changed closes when that may be over.
func (p *pool) pick(tried []*endpoint, now time.Time) (best *endpoint, full bool, changed <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.endpoints {
		e := p.endpoints[(p.next+i)%len(p.endpoints)]
		switch {
		case slices.Contains(tried, e) || e.breaker.State() == gobreaker.StateOpen:
		case e.inFlight >= p.slots:
			full = true
		case best == nil || e.before(best, now):
			best = e
		}
	}
	if best != nil {
		best.inFlight++
		p.next = slices.Index(p.endpoints, best) + 1
	}
	return best, full, p.changed
}

// before reports whether e is to be asked rather than other.
func (e *endpoint) before(other *endpoint, now time.Time) bool {
	if rests := now.Before(e.restsUntil); rests != now.Before(other.restsUntil) {
		return !rests
	}
	return e.inFlight < other.inFlight
}

// release gives a slot back. A server at fault rests, and is asked who it is
// before it answers again.
func (p *pool) release(e *endpoint, fault bool, now time.Time, cooldown time.Duration) {
	if fault {
		e.forget()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	e.inFlight--
	e.restsUntil = time.Time{}
	if fault {
		e.restsUntil = now.Add(cooldown)
	}
	close(p.changed)
	p.changed = make(chan struct{})
}
