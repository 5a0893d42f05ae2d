package export

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/nail"
)

// minSecret is the least length of a secret, in bytes, by the Standard
// Webhooks specification.
const minSecret = 24

// webhook posts deliveries to an address, signed by the Standard Webhooks
// scheme (standardwebhooks.com).
type webhook struct {
	url    string
	signer *standardwebhooks.Webhook
	client *http.Client
	clock  kit.Clock
}

func newWebhook(c Config) (*webhook, error) {
	if !nail.SafeURL(c.URL) {
		return nil, kit.Errorf(kit.Invalid, "set up the webhook: %q is not safe to post to", c.URL).
			WithHint("use an https address, or http on this machine or a private network")
	}
	secret, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(c.Secret, "whsec_"))
	if err != nil || len(secret) < minSecret {
		return nil, kit.Errorf(kit.Invalid, "set up the webhook: its secret is not the base64 of %d bytes or more", minSecret).
			WithHint(`make one with: echo "whsec_$(openssl rand -base64 32)"`)
	}
	signer, err := standardwebhooks.NewWebhookRaw(secret)
	if err != nil {
		return nil, kit.Errorf(kit.Internal, "set up the webhook: %w", err)
	}
	return &webhook{url: c.URL, signer: signer, client: client(c.Timeout), clock: c.Clock}, nil
}

// post sends body once. Trying again is left to the job queue.
func (w *webhook) post(ctx context.Context, id string, body []byte) error {
	req, err := w.request(ctx, id, body)
	if err != nil {
		return kit.Errorf(kit.Invalid, "post delivery %s: %w", id, err)
	}
	res, err := w.client.Do(req)
	if err != nil {
		return kit.Errorf(kit.Unavailable, "post delivery %s: %w", id, err)
	}
	defer res.Body.Close()
	if res.StatusCode >= 200 && res.StatusCode < 300 {
		return nil
	}
	code := kit.Invalid
	if passing(res.StatusCode) {
		code = kit.Unavailable
	}
	return kit.Errorf(code, "post delivery %s: the receiver answered %s%s", id, res.Status, words(res))
}

// request is one delivery with its signature.
func (w *webhook) request(ctx context.Context, id string, body []byte) (*http.Request, error) {
	now := w.clock()
	signature, err := w.signer.Sign(id, now, body)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "tackhammer")
	req.Header.Set("Idempotency-Key", id)
	req.Header.Set(standardwebhooks.HeaderWebhookID, id)
	req.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	req.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	return req, nil
}

// passing reports whether a refusal with status may pass by itself. 409 does:
// a receiver answers it while it still works on the same key.
func passing(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	}
	return status >= 500
}

// words are the first bytes of an answer, and where a redirect led: what a
// person needs to see what the receiver did not like.
func words(res *http.Response) string {
	if to := res.Header.Get("Location"); to != "" && res.StatusCode/100 == 3 {
		return ", to " + printable(to) + "; redirects are not followed, set the final address"
	}
	start, _ := io.ReadAll(io.LimitReader(res.Body, 200)) // what came before it broke off is enough
	if text := printable(string(start)); text != "" {
		return ": " + text
	}
	return ""
}

// printable keeps foreign words on one line.
func printable(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) && r != unicode.ReplacementChar {
			return r
		}
		return ' '
	}, s))
}
