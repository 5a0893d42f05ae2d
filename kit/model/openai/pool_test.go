package openai_test

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model/openai"
)

func TestTheLeastLoadedServerAnswers(t *testing.T) {
	a, b, c := newMember(t), newMember(t), newMember(t)
	p := open(t, []*member{a, b, c})
	if p.Slots() != 12 {
		t.Errorf("%d slots on three servers of 4", p.Slots())
	}
	for range 9 { // nothing in flight: they take turns
		if _, err := ask(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	for i, m := range []*member{a, b, c} {
		if chats, lists := m.counts(); chats != 3 || lists != 1 {
			t.Errorf("server %d was asked for %d drafts and %d lists, want 3 and 1", i, chats, lists)
		}
	}
	release, started := make(chan struct{}), make(chan struct{}, 8)
	for _, m := range []*member{a, b} { // two that are slow keep one each
		m.does(func(w http.ResponseWriter, r *http.Request) {
			started <- struct{}{}
			<-release
			well(w, r)
		})
	}
	answered := make(chan error, 3)
	for range 3 {
		go func() {
			_, err := ask(t.Context(), p)
			answered <- err
		}()
	}
	<-started
	<-started
	if err := <-answered; err != nil { // that of the third server
		t.Error(err)
	}
	for range 5 {
		if r, err := ask(t.Context(), p); err != nil || r.Output != from(c) {
			t.Errorf("answered by %s, %v; want the one with nothing in flight", r.Output, err)
		}
	}
	close(release)
	for range 2 {
		if err := <-answered; err != nil {
			t.Error(err)
		}
	}
}

func TestAFailureIsTriedOnAnotherServer(t *testing.T) {
	hijack := func(w http.ResponseWriter, _ *http.Request) {
		conn, _, _ := w.(http.Hijacker).Hijack()
		_ = conn.Close()
	}
	for name, fault := range map[string]http.HandlerFunc{
		"500": status(500, ""), "busy": status(503, `{"error":{"message":"Loading model"}}`), "killed": hijack,
		"half": status(200, `{"choices":[{"message":{"content":"{\"na`), "no such model": status(404, ""), "another key": status(401, ""),
	} {
		a, b := newMember(t), newMember(t)
		a.does(fault)
		now := newClock()
		p := open(t, []*member{a, b}, func(c *openai.Config) { c.Clock, c.Cooldown = now.Now, time.Minute })
		for range 6 {
			if r, err := ask(t.Context(), p); err != nil || r.Output != from(b) {
				t.Errorf("%s: %s, %v", name, r.Output, err)
			}
		}
		if chats, _ := a.counts(); chats != 1 {
			t.Errorf("%s: the server that failed was asked %d times while it rests, want 1", name, chats)
		}
		a.does(well)
		now.pass(2 * time.Minute)
		for range 4 {
			if _, err := ask(t.Context(), p); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if chats, lists := a.counts(); chats != 3 || lists != 2 {
			t.Errorf("%s: rested, it was asked for %d drafts and %d lists, want 3 and 2: who it is before it is used again", name, chats, lists)
		}
	}
}

func TestWhatIsWrongWithTheRequestIsToldAtOnce(t *testing.T) {
	a, b := newMember(t), newMember(t)
	for code, reply := range map[kit.Code]http.HandlerFunc{
		kit.Invalid:  status(400, `{"error":"bad schema"}`),
		kit.TooLarge: status(400, `{"object":"error","message":"This model's maximum context length is 500 tokens.","type":"BadRequestError"}`),
	} {
		a.does(reply)
		b.does(reply)
		before, _ := b.counts()
		chatsA, _ := a.counts()
		if _, err := ask(t.Context(), open(t, []*member{a, b})); kit.CodeOf(err) != code {
			t.Errorf("got %v, want %s", err, code)
		}
		after, _ := b.counts()
		if now, _ := a.counts(); now-chatsA+after-before != 1 {
			t.Errorf("%s: %d servers were asked", code, now-chatsA+after-before)
		}
	}
}

func TestWhenNoServerAnswersAllAreNamed(t *testing.T) {
	a, b := newMember(t), newMember(t)
	a.does(status(500, "out of memory"))
	b.Close()
	_, err := ask(t.Context(), open(t, []*member{a, b}))
	for _, want := range []string{"none of 2 servers", a.URL, "out of memory", b.URL, "connect"} {
		if kit.CodeOf(err) != kit.Unavailable || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
	p := open(t, []*member{b, a})
	a.does(well)
	if info, err := p.Info(t.Context()); err != nil || info.Name != "small" {
		t.Errorf("one that is down hides the other: %v", err)
	}
	if err := p.Probe(t.Context()); kit.CodeOf(err) != kit.Unsupported || !strings.Contains(err.Error(), a.URL) {
		t.Errorf("a probe of what is up: %v", err)
	}
	all := p.Servers(t.Context())
	if len(all) != 2 || all[0].URL != b.URL+"/v1" || kit.CodeOf(all[0].Err) != kit.Unavailable || all[1].Err != nil || all[1].Model.Name != "small" {
		t.Errorf("servers %+v", all)
	}
}

func TestABusyFleetIsAskedAgain(t *testing.T) {
	a, b := newMember(t), newMember(t)
	a.does(status(500, ""))
	n := 0
	b.does(func(w http.ResponseWriter, r *http.Request) {
		if n++; n < 3 {
			w.WriteHeader(429)
			return
		}
		well(w, r)
	})
	r, err := ask(t.Context(), open(t, []*member{a, b}, func(c *openai.Config) { c.Patience = 10 * time.Second }))
	if err != nil || r.Output != from(b) {
		t.Errorf("%s, %v", r.Output, err)
	}
}

func TestPatienceEndsTheSearch(t *testing.T) {
	a, b := newMember(t), newMember(t)
	hang := func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // a caller who leaves is noticed after that
		<-r.Context().Done()
	}
	a.does(hang)
	b.does(hang)
	p := open(t, []*member{a, b}, func(c *openai.Config) { c.Timeout, c.Patience = 60*time.Millisecond, 30*time.Millisecond })
	_, err := ask(t.Context(), p)
	chatsA, _ := a.counts()
	chatsB, _ := b.counts()
	if kit.CodeOf(err) != kit.Unavailable || chatsA+chatsB != 1 {
		t.Errorf("%d tries, %v: no second one starts after the patience", chatsA+chatsB, err)
	}
}

func TestServersThatDisagreeAreNamed(t *testing.T) {
	a, b := newMember(t), newMember(t)
	b.has(strings.Replace(b.list, "small-4b", "small-8b", 1))
	now := newClock()
	p := open(t, []*member{a, b}, func(c *openai.Config) { c.Clock = now.Now })
	_, infoErr := p.Info(t.Context())
	_, askErr := ask(t.Context(), p)
	for _, err := range []error{infoErr, askErr} {
		if kit.CodeOf(err) != kit.Unavailable || !strings.Contains(err.Error(), "different models") || !strings.Contains(err.Error(), a.URL) || !strings.Contains(err.Error(), b.URL) {
			t.Errorf("different models: %v", err)
		}
	}
	if chats, _ := a.counts(); chats > 0 {
		t.Error("a draft was asked for all the same")
	}
	b.has(a.list)
	now.pass(time.Minute)
	if _, err := p.Info(t.Context()); err != nil {
		t.Errorf("mended: %v", err)
	}
	for range 2 {
		if _, err := ask(t.Context(), p); err != nil {
			t.Errorf("mended: %v", err)
		}
	}
}

// TestOneGoodServerIsEnough has three servers fail at random, never all of
// them, and forty callers.
func TestOneGoodServerIsEnough(t *testing.T) {
	members := []*member{newMember(t), newMember(t), newMember(t)}
	for _, m := range members[:2] {
		m.does(func(w http.ResponseWriter, r *http.Request) {
			switch rand.IntN(4) {
			case 0:
				status(500, "")(w, r)
			case 1:
				status(200, `{"choices":`)(w, r)
			case 2:
				status(503, "")(w, r)
			default:
				well(w, r)
			}
		})
	}
	p := open(t, members, func(c *openai.Config) { c.Slots, c.Cooldown, c.Patience = 2, time.Millisecond, 10*time.Second })
	var group sync.WaitGroup
	for range 40 {
		group.Go(func() {
			for range 5 {
				if _, err := ask(t.Context(), p); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}

func TestACallerInTheQueueMayLeave(t *testing.T) {
	a := newMember(t)
	release := make(chan struct{})
	a.does(func(w http.ResponseWriter, r *http.Request) {
		<-release
		well(w, r)
	})
	p := open(t, []*member{a}, func(c *openai.Config) { c.Slots = 1 })
	var group sync.WaitGroup
	group.Go(func() { _, _ = ask(t.Context(), p) })
	for chats := 0; chats == 0; chats, _ = a.counts() {
		time.Sleep(time.Millisecond)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ask(ctx, p); kit.CodeOf(err) != kit.Unavailable {
		t.Errorf("a caller who left: %v", err)
	}
	close(release)
	group.Wait()
}
