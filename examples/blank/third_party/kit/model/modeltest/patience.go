package modeltest

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tackhammer/tackhammer/kit"
)

// hanging serves an answer that stops in its middle until the test ends.
func (s suite) hanging(t *testing.T) *fake {
	release := make(chan struct{})
	f := s.serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		s.part(w, good, 0.5)
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	t.Cleanup(func() { close(release) })
	return f
}

// hangs bounds the wait, by the provider's limit and by the caller's.
func (s suite) hangs(t *testing.T) {
	f := s.hanging(t)
	_, err := ask(t.Context(), f.open(t, func(c *Config) { c.Timeout = 50 * time.Millisecond }))
	wantError(t, err, kit.Unavailable, "within 50ms")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := ask(ctx, f.open(t)); kit.CodeOf(err) != kit.Unavailable || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the caller's limit: %v", err)
	}
}

// leaves ends at once, and is no failure of the server.
func (s suite) leaves(t *testing.T) {
	f := s.hanging(t)
	m := f.open(t)
	for n := range 7 { // more than the failures after which a server is left alone
		ctx, cancel := context.WithCancel(t.Context())
		began := time.Now()
		go func() {
			for f.count() <= n && ctx.Err() == nil && time.Since(began) < time.Second {
				time.Sleep(time.Millisecond) // until the server was asked
			}
			cancel()
		}()
		if _, err := ask(ctx, m); !errors.Is(err, context.Canceled) {
			t.Fatalf("a caller who left: %v", err)
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("a caller who left waited %s", took)
		}
		if f.count() != n+1 {
			t.Fatalf("the server was asked %d times, want %d", f.count(), n+1)
		}
	}
}

// slots bounds what is in flight.
func (s suite) slots(t *testing.T) {
	release, started := make(chan struct{}), make(chan struct{}, 3)
	f := s.serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		started <- struct{}{}
		<-release
		s.protocol.Write(w, good)
	})
	m := f.open(t, func(c *Config) { c.Slots = 2 })
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			if _, err := ask(t.Context(), m); err != nil {
				t.Error(err)
			}
		})
	}
	<-started
	<-started
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, err := ask(ctx, m); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a third answer: %v", err)
	}
	close(release)
	group.Wait()
	if f.count() != 2 {
		t.Errorf("%d requests arrived, want 2", f.count())
	}
}

// many asks from many goroutines.
func (s suite) many(t *testing.T) {
	f := s.answers(t, good)
	m := f.open(t, func(c *Config) { c.Slots = 3 })
	var group sync.WaitGroup
	for range 40 {
		group.Go(func() {
			if r, err := ask(t.Context(), m); err != nil || r.Output != good.Text || r.Model.Name != "small" {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
	group.Wait()
	if f.count() != 40 {
		t.Errorf("%d requests arrived, want 40", f.count())
	}
}

// fullThenFree asks a server again that says it is full.
func (s suite) fullThenFree(t *testing.T) {
	f := s.serve(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		if n < 3 {
			s.refuse(w, []int{503, 429}[n-1], "server busy, please try again")
			return
		}
		s.protocol.Write(w, good)
	})
	r, err := ask(t.Context(), f.open(t, func(c *Config) { c.Patience = 10 * time.Second }))
	if err != nil || r.Output != good.Text || f.count() != 3 {
		t.Errorf("%q after %d requests, %v", r.Output, f.count(), err)
	}
}

// alwaysBusy gives a busy server time, and then an error that is tried again
// later.
func (s suite) alwaysBusy(t *testing.T) {
	for _, status := range []int{408, 425, 429, 503} {
		f := s.serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(status) })
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			_, err := ask(t.Context(), f.open(t, f.near, func(c *Config) { c.Patience = time.Minute }))
			took := time.Since(began)
			wantError(t, err, kit.Unavailable, "")
			if f.count() < 10 || took < 50*time.Second || took > time.Minute {
				t.Errorf("%d: asked %d times in %s", status, f.count(), took)
			}
		})
	}
}

// breaker leaves a server alone that failed 5 times in a row.
func (s suite) breaker(t *testing.T) {
	f := s.serve(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		if n <= 5 {
			w.WriteHeader(500)
			return
		}
		s.protocol.Write(w, good)
	})
	synctest.Test(t, func(t *testing.T) {
		m := f.open(t, f.near, func(c *Config) { c.Cooldown = time.Hour })
		for n := range 7 {
			_, err := ask(t.Context(), m)
			wantError(t, err, kit.Unavailable, map[bool]string{true: "500", false: "left alone"}[n < 5])
		}
		if f.count() != 5 {
			t.Errorf("%d requests reached the server, want 5", f.count())
		}
		time.Sleep(time.Hour + time.Second)
		if _, err := ask(t.Context(), m); err != nil {
			t.Errorf("after the cooldown: %v", err)
		}
	})
}

// comesLater uses a model as soon as it is there.
func (s suite) comesLater(t *testing.T) {
	f := s.serve(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		if n <= 7 { // more than the failures after which a server is left alone
			s.refuse(w, 404, `model "small" not found`)
			return
		}
		s.protocol.Write(w, good)
	})
	m := f.open(t)
	for range 7 {
		if _, err := ask(t.Context(), m); kit.CodeOf(err) != kit.NotFound || kit.HintOf(err) == "" {
			t.Fatalf("%v, hint %q", err, kit.HintOf(err))
		}
	}
	if _, err := ask(t.Context(), m); err != nil {
		t.Errorf("as soon as it is there: %v", err)
	}
}

// comesBack uses a server that lost one connection.
func (s suite) comesBack(t *testing.T) {
	f := s.serve(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		if n == 1 {
			kill(w)
			return
		}
		s.protocol.Write(w, good)
	})
	m := f.open(t)
	if _, err := ask(t.Context(), m); kit.CodeOf(err) != kit.Unavailable {
		t.Errorf("a connection closed before the answer: %v", err)
	}
	if r, err := ask(t.Context(), m); err != nil || r.Output != good.Text {
		t.Errorf("the next one: %q, %v", r.Output, err)
	}
}

// connections keeps one connection for drafts that follow each other, also
// where some fail.
func (s suite) connections(t *testing.T) {
	var mu sync.Mutex
	from := map[string]bool{}
	long := Answer{Text: `{"name":"` + strings.Repeat("long ", 200_000) + `"}`}
	f := s.serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
		mu.Lock()
		defer mu.Unlock()
		from[r.RemoteAddr] = true
		if n%2 == 0 {
			s.refuse(w, 400, "invalid format")
			return
		}
		s.protocol.Write(w, long)
	})
	m := f.open(t)
	for n := range 10 {
		if r, err := ask(t.Context(), m); (err != nil) != (n%2 == 1) || err == nil && r.Output != long.Text {
			t.Fatalf("draft %d: %d bytes, %v", n, len(r.Output), err)
		}
	}
	if len(from) != 1 {
		t.Errorf("%d connections for 10 drafts one after the other", len(from))
	}
}
