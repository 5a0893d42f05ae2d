package app_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/tackhammer/tackhammer/kit"
)

// clients bring in cases and decide them, and remember each answer.
type clients struct {
	*fleet
	seed    uint64
	mu      sync.Mutex
	ids     map[string]string // case by the key that it was sent with
	decided map[string]decision
}

// decision is one that was acknowledged.
type decision struct {
	ID      string      `json:"id"`
	CaseID  string      `json:"case_id"`
	Verdict kit.Verdict `json:"verdict"`
}

// work is what the clients are doing.
type work struct {
	wg   sync.WaitGroup
	over chan struct{}
}

// begin lets four programs bring in n cases, and each person decide twice at a
// time, until the work is ended.
func (c *clients) begin(n int) *work {
	w := &work{over: make(chan struct{})}
	for i := range 4 {
		w.wg.Go(func() {
			for j := i; j < n && !c.t.Failed(); j += 4 {
				c.submit(fmt.Sprintf("note-%d", j))
			}
		})
	}
	for i := range 4 {
		rng := rand.New(rand.NewPCG(c.seed, uint64(i+1)))
		w.wg.Go(func() {
			for !c.t.Failed() {
				select {
				case <-w.over:
					return
				default:
					c.review(c.tokens[i%len(c.tokens)], rng)
				}
			}
		})
	}
	return w
}

func (w *work) end() {
	close(w.over)
	w.wg.Wait()
}

func (c *clients) submit(key string) {
	var done struct {
		ID string `json:"id"`
	}
	in := map[string]any{"name": key, "input": map[string]string{"text": "Note " + key + "\nof a few words"}}
	for first := ""; ; first = done.ID {
		code, err := c.call(c.robot, "POST", "/cases", key, in, &done)
		if err != nil || code > 201 || first != "" && done.ID != first {
			c.t.Errorf("submit %s: %d, %v; case %s, before it was %s", key, code, err, done.ID, first)
			return
		}
		if first != "" || !strings.HasSuffix(key, "0") { // one in ten sends it twice
			break
		}
	}
	c.answers.Add(1)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ids[key] = done.ID
}

// claimed is a review as a client needs it.
type claimed struct {
	ID      string `json:"id"`
	Subject string `json:"subject"`
	Lease   struct {
		Epoch int64 `json:"epoch"`
	} `json:"lease"`
}

// review claims a review and decides it, if there is one.
func (c *clients) review(token string, rng *rand.Rand) {
	var v claimed
	code, err := c.call(token, "POST", "/reviews/claim", "", nil, &v)
	switch {
	case err != nil || code > 204:
		c.t.Errorf("claim: %d, %v", code, err)
		return
	case code == http.StatusNoContent:
		time.Sleep(20 * time.Millisecond)
		return
	}
	var out struct {
		Decision decision `json:"decision"`
		Code     kit.Code `json:"code"`
	}
	request := verdict(v, rng)
	code, err = c.call(token, "POST", "/reviews/"+v.ID+"/decision", "", request, &out)
	if first := out.Decision.ID; first != "" && rng.IntN(10) == 0 { // a second click
		code, err = c.call(token, "POST", "/reviews/"+v.ID+"/decision", "", request, &out)
		if out.Decision.ID != first || code != http.StatusOK {
			c.t.Errorf("decide %s again: %d %s, decision %s, before it was %s", v.ID, code, out.Code, out.Decision.ID, first)
		}
	}
	switch {
	case err == nil && code == http.StatusConflict && (out.Code == kit.LostLease || out.Code == kit.Decided):
		return // the process was down for longer than the lease, and somebody else took it
	case err != nil || code != http.StatusOK:
		c.t.Errorf("decide %s: %d %s, %v", v.ID, code, out.Code, err)
		return
	}
	c.answers.Add(1)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.decided[out.Decision.ID] = out.Decision
}

// verdict is mostly an approval.
func verdict(v claimed, rng *rand.Rand) map[string]any {
	d := map[string]any{"verdict": kit.Approve, "subject": v.Subject, "epoch": v.Lease.Epoch, "key": kit.NewID()}
	switch n := rng.IntN(100); {
	case n < 15:
		d["verdict"], d["fields"] = kit.Edit, map[string]any{"title": fmt.Sprintf("Note, edited %d", n)}
	case n < 25:
		d["verdict"], d["reason"] = kit.Reject, "it is no note"
	case n < 32:
		d["verdict"], d["reason"] = kit.Return, "look again"
	}
	return d
}
