package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/tackhammer/tackhammer/kit/model"
)

// maxAnswer and maxRefusal bound what is read of an answer and of one that is
// an error, in bytes: a server that never stops must not fill the memory.
const (
	maxAnswer  = 8 << 20
	maxRefusal = 64 << 10
)

// httpClient returns a client that follows no redirect: what is sent holds a
// customer's words and a key, and goes where the nail says or nowhere. The
// default keeps a connection for each answer in flight.
func httpClient(given *http.Client, slots int) *http.Client {
	client := http.Client{}
	if given != nil {
		client = *given
	} else {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.MaxIdleConnsPerHost = slots + 1
		client.Transport = t
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client
}

// complete sends one chat request and reads its answer.
func (p *Provider) complete(ctx context.Context, e *endpoint, req chatRequest) (model.Reply, error) {
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(req); err != nil {
		return model.Reply{}, err
	}
	raw, err := p.send(ctx, http.MethodPost, e.url+"/chat/completions", &body)
	if err != nil {
		return model.Reply{}, err
	}
	return readReply(raw)
}

// get reads JSON from a server.
func (p *Provider) get(ctx context.Context, address string, into any) error {
	raw, err := p.send(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("the answer is none of this protocol: %s", short(string(raw)))
	}
	return nil
}

// send sends one request and reads the whole of what comes back. Any status
// but 200 is a refusal.
func (p *Provider) send(ctx context.Context, method, address string, body io.Reader) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	if p.config.Key != "" {
		req.Header.Set("Authorization", "Bearer "+p.config.Key)
	}
	resp, err := p.config.HTTPClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		raw, _ := io.ReadAll(io.LimitReader(resp.Body, maxRefusal))
		return nil, &refusal{status: resp.StatusCode, words: wordsOf(p.hush(raw))}
	}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, errBrokeOff
	case len(raw) > maxAnswer:
		return nil, errEndless
	}
	return p.hush(raw), nil
}

// hush takes the key out of what a server says: some say it back.
func (p *Provider) hush(raw []byte) []byte {
	if p.config.Key == "" {
		return raw
	}
	return bytes.ReplaceAll(raw, []byte(p.config.Key), []byte("(the key)"))
}

// refusal is an answer that is an error. A status of 0 is one told with a 200.
type refusal struct {
	status int
	words  string
}

func (r *refusal) Error() string {
	if r.status == 0 {
		return r.words
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s: %s", r.status, http.StatusText(r.status), r.words))
}

// clients reports whether the server lays it to what was asked for.
func (r *refusal) clients() bool {
	return r.status >= http.StatusBadRequest && r.status < http.StatusInternalServerError && !isBusy(r)
}

// wordsOf finds the message in an error's body: servers write {"error":
// {"message": …}}, {"error": "…"}, {"message": …} or {"detail": …}.
func wordsOf(raw []byte) string {
	var e struct {
		Error   json.RawMessage `json:"error"`
		Message string          `json:"message"`
	}
	if json.Unmarshal(raw, &e) != nil {
		return short(string(raw))
	}
	var inner struct {
		Message string `json:"message"`
		Type    string `json:"type"`
	}
	var text string
	switch {
	case json.Unmarshal(e.Error, &inner) == nil && inner.Message != "":
		return short(strings.TrimSpace(inner.Message + " " + inner.Type))
	case json.Unmarshal(e.Error, &text) == nil && text != "":
		return short(text)
	case e.Message != "":
		return short(e.Message)
	}
	return short(string(raw))
}

// short keeps words to a line: a broken server's may be megabytes.
func short(text string) string {
	text = strings.Join(strings.Fields(text[:min(len(text), 1200)]), " ")
	return strings.ToValidUTF8(text[:min(len(text), 300)], "")
}
