package app_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/store"
)

// BenchmarkClaim50 is the time in which each of 50 people who ask at once gets
// a review of 100,000 that wait, by the API. No review is held
// by two.
func BenchmarkClaim50(b *testing.B) {
	const cases, people, rounds = 100_000, 50, 20
	b.Setenv(deskLease, "10m") // no lease ends meanwhile
	var tokens []string
	fill := func(b *testing.B, db *store.DB) {
		fillReviews(b, db, cases)
		tokens = hire(b, db, people)
	}
	eachEngine(b, fill, func(b *testing.B, w *window) {
		for b.Loop() {
			c := &rush{window: w, held: map[string]int{}}
			for range rounds {
				c.all(tokens)
			}
			c.alone()
			report(b, "", c.took)
		}
	})
}

// hire adds people and returns a token of each.
func hire(b *testing.B, db *store.DB, n int) (tokens []string) {
	accounts := auth.Accounts{DB: db}
	for i := range n {
		name := fmt.Sprintf("Person %d", i)
		u, err := accounts.Add(context.Background(), name, fmt.Sprintf("p%d@example.com", i), auth.Reviewer)
		if err != nil {
			b.Fatal(err)
		}
		token, err := accounts.NewToken(context.Background(), u.ID, "bench", time.Hour)
		if err != nil {
			b.Fatal(err)
		}
		tokens = append(tokens, token)
	}
	return tokens
}

// rush is many people who claim at once.
type rush struct {
	*window
	mu   sync.Mutex
	held map[string]int // how often each review was given
	took []time.Duration
}

// alone fails unless each claim got a review of its own.
func (c *rush) alone() {
	for id, times := range c.held {
		if times > 1 {
			c.t.Errorf("review %s is held by %d people", id, times)
		}
	}
	if len(c.held) != len(c.took) {
		c.t.Errorf("%d claims were given %d reviews", len(c.took), len(c.held))
	}
}

// all lets each claim one review.
func (c *rush) all(tokens []string) {
	var wg sync.WaitGroup
	start := make(chan struct{})
	for _, token := range tokens {
		wg.Go(func() {
			<-start
			c.one(token)
		})
	}
	close(start)
	wg.Wait()
}

func (c *rush) one(token string) {
	var v struct {
		ID string `json:"id"`
	}
	began := time.Now()
	code, err := c.call(token, "POST", "/reviews/claim", "", nil, &v)
	took := time.Since(began)
	if err != nil || code != http.StatusOK {
		c.t.Errorf("claim: %d, %v", code, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held[v.ID]++
	c.took = append(c.took, took)
}
