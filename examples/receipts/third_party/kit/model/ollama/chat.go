package ollama

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/ollama/ollama/api"

	"github.com/tackhammer/tackhammer/kit/model"
)

// chat writes the request. Everything that a server could decide for itself is
// said, as their defaults differ.
func (p *Provider) chat(schema *model.Schema, prompt model.Rendered, think bool) *api.ChatRequest {
	yes, no := true, false
	r := &api.ChatRequest{
		Model:       p.config.Model,
		Messages:    []api.Message{{Role: "system", Content: prompt.System}, {Role: "user", Content: prompt.User}},
		Stream:      &yes,
		Truncate:    &no,
		Shift:       &no,
		Logprobs:    true,
		TopLogprobs: 2,
		Options:     options(prompt.Options),
	}
	if schema != nil {
		r.Format = schema.JSON()
	}
	if think {
		r.Think = &api.ThinkValue{Value: false}
	}
	if p.config.KeepAlive != 0 { // a zero would unload the model at once
		r.KeepAlive = &api.Duration{Duration: p.config.KeepAlive}
	}
	return r
}

// options names what is asked for as the server does. Older servers punish
// repeats by default, which bends JSON.
func options(o model.Options) map[string]any {
	return map[string]any{
		"num_ctx": o.NumCtx, "num_predict": o.MaxTokens,
		"temperature": o.Temperature, "seed": o.Seed, "repeat_penalty": 1.0,
	}
}

// firstLine is the room for a line of an answer to begin with, in bytes.
// The client of the server's makers takes 8 MB for each answer, and reads each
// line twice: that costs more than all else a draft does on this side.
const firstLine = 16 << 10

// maxRefusal bounds what is read of an answer that is an error, in bytes.
const maxRefusal = 64 << 10

// post sends one request and hands each line of the answer to add.
func (p *Provider) post(ctx context.Context, body *api.ChatRequest, add func(chunk) error) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.chatURL, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/x-ndjson")
	resp, err := p.config.HTTPClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return refusal(resp)
	}
	return lines(resp.Body, add)
}

// lines reads the chunks of an answer, one a line.
func lines(body io.Reader, add func(chunk) error) error {
	scan := bufio.NewScanner(body)
	scan.Buffer(make([]byte, 0, firstLine), maxAnswer)
	for scan.Scan() {
		var c chunk
		switch err := json.Unmarshal(scan.Bytes(), &c); {
		case scan.Err() != nil: // half a line
			return errBrokeOff
		case err != nil:
			return errors.New(scan.Text())
		case c.Error != "":
			return errors.New(c.Error)
		}
		if err := add(c); err != nil {
			return err
		}
	}
	if scan.Err() != nil {
		return errBrokeOff
	}
	return nil
}

// refusal is the error that a server answers with instead of chunks.
func refusal(resp *http.Response) error {
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxRefusal))
	var told struct{ Error string }
	if err == nil && json.Unmarshal(raw, &told) != nil {
		told.Error = string(raw)
	}
	return api.StatusError{StatusCode: resp.StatusCode, Status: resp.Status, ErrorMessage: told.Error}
}
