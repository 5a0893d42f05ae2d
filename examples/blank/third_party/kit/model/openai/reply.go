package openai

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
)

// chatReply is the body of an answer.
type chatReply struct {
	Choices []struct {
		Message struct {
			Content   string `json:"content"`
			Refusal   string `json:"refusal"`
			Reasoning string `json:"reasoning"`         // vLLM
			Thoughts  string `json:"reasoning_content"` // llama.cpp, SGLang, older vLLM
		} `json:"message"`
		Finish   string `json:"finish_reason"`
		Logprobs struct {
			Content []logprob `json:"content"`
		} `json:"logprobs"`
	} `json:"choices"`
	Usage struct {
		Prompt int `json:"prompt_tokens"`
		Output int `json:"completion_tokens"`
	} `json:"usage"`
	Error json.RawMessage `json:"error"`
}

// logprob is one token.
type logprob struct {
	Token   string    `json:"token"`
	Logprob float64   `json:"logprob"`
	Bytes   []int     `json:"bytes"`
	Top     []logprob `json:"top_logprobs"`
}

var (
	errBrokeOff = errors.New("the answer broke off before it was done")
	errEndless  = errors.New("the answer is longer than 8 MB")
)

// readReply reads a whole answer: one JSON value that says why it ended.
func readReply(raw []byte) (model.Reply, error) {
	var c chatReply
	if len(bytes.TrimSpace(raw)) == 0 {
		return model.Reply{}, errBrokeOff
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		var bad *json.SyntaxError
		if errors.As(err, &bad) && bad.Offset == int64(len(raw)) {
			return model.Reply{}, errBrokeOff
		}
		return model.Reply{}, kit.Errorf(kit.Unavailable, "the answer is none of this protocol: %s", short(string(raw)))
	}
	if len(c.Error) > 0 && string(c.Error) != "null" {
		return model.Reply{}, &refusal{words: wordsOf(raw)}
	}
	if len(c.Choices) == 0 {
		return model.Reply{}, errBrokeOff
	}
	first := c.Choices[0]
	switch first.Finish {
	case "stop", "length":
	case "", "abort", "error":
		return model.Reply{}, errBrokeOff
	default:
		return model.Reply{}, kit.Errorf(kit.Unsupported, "the server ended the answer with %q", short(first.Finish))
	}
	said := first.Message
	reply := model.Reply{
		Output: cmp.Or(said.Content, said.Refusal), Cut: first.Finish == "length",
		Usage: model.Usage{PromptTokens: c.Usage.Prompt, OutputTokens: c.Usage.Output},
	}
	for _, l := range first.Logprobs.Content {
		reply.Tokens = append(reply.Tokens, token(l))
	}
	return reply.Sift(said.Reasoning+said.Thoughts != ""), nil
}

// token reads one token: from its bytes where it is a part of a character and
// the server sends them.
func token(l logprob) model.Token {
	t := model.Token{Text: l.Token, LogProb: l.Logprob}
	if strings.ContainsRune(l.Token, utf8.RuneError) && len(l.Bytes) > 0 {
		b := make([]byte, len(l.Bytes))
		for i, v := range l.Bytes {
			b[i] = byte(v)
		}
		t.Text = string(b)
	}
	best := math.Inf(-1)
	for _, other := range l.Top {
		if other.Token != l.Token && other.Logprob <= 0 && other.Logprob > best {
			best, t.Second, t.SecondText = other.Logprob, other.Logprob, other.Token
		}
	}
	return t
}
