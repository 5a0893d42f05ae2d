package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/tackhammer/tackhammer/kit"
)

const (
	// perMinute is how many messages DingTalk and WeCom take of one robot in a
	// minute.
	perMinute = 20

	maxAnswer = 64 << 10 // bytes of an answer that are read
)

// hook posts JSON to a chat's webhook.
type hook struct {
	kind, url, secret string
	hidden            []string // what no error may say
	client            *http.Client
	clock             kit.Clock
	most              int // messages a minute; 0 for as many as there are

	mu   sync.Mutex
	sent []time.Time // within the last minute
}

// post sends body to address, and gives the answer of a chat that took it to
// accepted, which says whether it really did.
func (h *hook) post(ctx context.Context, address string, body any, accepted func([]byte) error) error {
	if wait := h.full(); wait > 0 {
		return h.wait(wait, "it takes %d messages a minute", h.most)
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(raw))
	if err != nil {
		return kit.Errorf(kit.Invalid, "send a message by %s: its webhook is no address to post to", h.kind)
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "tackhammer")
	res, err := h.client.Do(req)
	if err != nil {
		return kit.Errorf(kit.Unavailable, "send a message by %s: %w", h.kind, unaddressed(err))
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return kit.Errorf(kit.Unavailable, "send a message by %s: read its answer: %w", h.kind, unaddressed(err))
	}
	if res.StatusCode == http.StatusTooManyRequests {
		return h.wait(retryAfter(res), "it answered %s", h.heard(res.Status))
	}
	if res.StatusCode != http.StatusOK {
		return h.refused(res.StatusCode >= 500, "it answered %s", h.heard(res.Status+": "+string(answer)))
	}
	return accepted(answer)
}

// full counts a message, or tells how long the minute's share is used up.
func (h *hook) full() time.Duration {
	if h.most == 0 {
		return 0
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.clock()
	for len(h.sent) > 0 && now.Sub(h.sent[0]) >= time.Minute {
		h.sent = h.sent[1:]
	}
	if len(h.sent) >= h.most {
		return time.Minute - now.Sub(h.sent[0])
	}
	h.sent = append(h.sent, now)
	return 0
}

// wait is the error of a message that may be sent in a while.
func (h *hook) wait(after time.Duration, format string, args ...any) error {
	return later{kit.Errorf(kit.Unavailable, "send a message by "+h.kind+": "+format, args...), after}
}

// refused is the error of a message that was not taken.
func (h *hook) refused(passing bool, format string, args ...any) error {
	code := kit.Invalid
	if passing {
		code = kit.Unavailable
	}
	return kit.Errorf(code, "send a message by "+h.kind+": "+format, args...)
}

// judge reads the answer of a chat that says in its JSON, with HTTP status 200,
// whether it took the message: code 0 means so, those of busy that it may later.
func (h *hook) judge(raw []byte, code *int, words string, busy ...int) error {
	if code == nil {
		return h.refused(false, "it answered %s", h.heard(string(raw)))
	}
	if *code == 0 {
		return nil
	}
	for _, b := range busy {
		if *code == b {
			return h.wait(time.Minute, "it answered %d: %s", *code, h.heard(words))
		}
	}
	return h.refused(false, "it answered %d: %s", *code, h.heard(words))
}

// heard is what a chat said, on one line, without what its address and the
// secret hold: some servers say back what they were asked.
func (h *hook) heard(words string) string {
	for _, s := range h.hidden {
		words = strings.ReplaceAll(words, s, "…")
	}
	return printable(words, 200)
}

// secrets are the parts of a webhook's address by which one may post to it, and
// the secret that signs: the longest first.
func secrets(address, secret string) []string {
	all := []string{address, secret}
	if u, err := url.Parse(address); err == nil {
		all = append(all, u.RequestURI(), u.RawQuery)
		for _, part := range strings.Split(u.Path, "/") {
			if len(part) >= 8 { // shorter ones are words of the way: hook, robot, v2
				all = append(all, part)
			}
		}
		for _, values := range u.Query() {
			all = append(all, values...)
		}
	}
	all = slices.DeleteFunc(all, func(s string) bool { return len(s) < 4 })
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	return all
}

// unaddressed keeps the address, which holds a token, out of an error.
func unaddressed(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// retryAfter is the wait that an answer asks for, a minute where it does not say.
func retryAfter(res *http.Response) time.Duration {
	seconds, err := strconv.Atoi(res.Header.Get("Retry-After"))
	if err != nil || seconds < 1 || seconds > 3600 {
		return time.Minute
	}
	return time.Duration(seconds) * time.Second
}

// printable keeps foreign words on one line of at most n characters, without
// signs that hide or turn text around.
func printable(s string, n int) string {
	s = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r) || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s)), " ")
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
