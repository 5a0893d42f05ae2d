package ollamaserver

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
)

// maxRefusal bounds what is read of an answer that is an error, in bytes.
const maxRefusal = 64 << 10

// telling returns h with refusals that have words: the client takes an error
// status with an empty body for an answer.
func telling(h *http.Client) *http.Client {
	told := *h
	next := h.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	told.Transport = words{next}
	return &told
}

type words struct{ next http.RoundTripper }

// RoundTrip gives a refusal without a body its status as the error.
func (w words) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := w.next.RoundTrip(req)
	if err != nil || resp.StatusCode < http.StatusMultipleChoices {
		return resp, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxRefusal))
	if err != nil || len(bytes.TrimSpace(raw)) == 0 {
		raw, _ = json.Marshal(map[string]string{"error": resp.Status}) // a string: it cannot fail
	}
	resp.Body = io.NopCloser(bytes.NewReader(raw))
	return resp, nil
}
