package ollama

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ollama/ollama/api"

	"github.com/tackhammer/tackhammer/kit/model"
)

// maxAnswer bounds an answer, in bytes: a server that never stops must not
// fill the memory.
const maxAnswer = 8 << 20

var (
	errBrokeOff = errors.New("the answer broke off before it was done")
	errEndless  = errors.New("the answer is longer than 8 MB")
)

// chunk is what is read of one line of an answer.
type chunk struct {
	Message         struct{ Content, Thinking string }
	Logprobs        []logprob
	Done            bool
	DoneReason      string `json:"done_reason"`
	PromptEvalCount int    `json:"prompt_eval_count"`
	EvalCount       int    `json:"eval_count"`
	Error           string
}

// logprob is one token of a chunk.
type logprob struct {
	Token       string
	Logprob     float64
	Bytes       json.RawMessage // Token's, numbers
	TopLogprobs []struct {
		Token   string
		Logprob float64
	} `json:"top_logprobs"`
}

// stream sends one request and gathers its chunks. Only one that says it is
// the last makes an answer.
func (p *Provider) stream(ctx context.Context, req *api.ChatRequest) (model.Reply, error) {
	var g gathered
	began := time.Now()
	err := p.post(ctx, req, g.add)
	if ctx.Err() != nil {
		return model.Reply{}, ctx.Err()
	}
	if err != nil {
		return model.Reply{}, err
	}
	if !g.done {
		return model.Reply{}, errBrokeOff
	}
	reply := g.reply()
	reply.Usage.Elapsed = time.Since(began)
	if window, _ := req.Options["num_ctx"].(int); g.usage.PromptTokens+g.usage.OutputTokens > window {
		reply.Cut = true // an older server shifted the context all the same
	}
	return reply, nil
}

// gathered are the chunks of one answer so far.
type gathered struct {
	text    strings.Builder
	tokens  []model.Token
	thought bool // the model thought aloud: log-probabilities are of the thoughts too
	wrong   bool // a log-probability above 0: the server means something else by it
	done    bool
	reason  string
	usage   model.Usage
}

// add takes one chunk.
func (g *gathered) add(c chunk) error {
	g.text.WriteString(c.Message.Content)
	if g.text.Len() > maxAnswer {
		return errEndless
	}
	g.thought = g.thought || c.Message.Thinking != ""
	for _, l := range c.Logprobs {
		if !(l.Logprob <= 0) || math.IsInf(l.Logprob, 0) {
			g.wrong = true
		}
		g.tokens = append(g.tokens, token(l))
	}
	if c.Done {
		g.done, g.reason = true, c.DoneReason
		g.usage.PromptTokens, g.usage.OutputTokens = c.PromptEvalCount, c.EvalCount
	}
	return nil
}

// reply is the whole answer.
func (g *gathered) reply() model.Reply {
	r := model.Reply{Output: g.text.String(), Usage: g.usage, Cut: g.reason == "length"}
	if _, after, ok := strings.Cut(r.Output, "</think>"); ok && strings.HasPrefix(strings.TrimSpace(r.Output), "<think>") {
		r.Output, g.thought = after, true
	}
	if !g.thought && !g.wrong {
		r.Tokens = g.tokens
	}
	return r
}

// token reads one token: from its bytes where it is a part of a character and
// the server sends them.
func token(l logprob) model.Token {
	text := l.Token
	var bytes []int
	if strings.ContainsRune(text, utf8.RuneError) && json.Unmarshal(l.Bytes, &bytes) == nil && len(bytes) > 0 {
		b := make([]byte, len(bytes))
		for i, v := range bytes {
			b[i] = byte(v)
		}
		text = string(b)
	}
	t := model.Token{Text: text, LogProb: l.Logprob}
	t.SecondText, t.Second = runnerUp(l)
	return t
}

// runnerUp is the likeliest other token with its log-probability, 0 when
// unknown. The grammar may have passed over a likelier one.
func runnerUp(l logprob) (text string, best float64) {
	best = math.Inf(-1)
	for _, other := range l.TopLogprobs {
		if other.Token != l.Token && other.Logprob <= 0 && other.Logprob > best {
			text, best = other.Token, other.Logprob
		}
	}
	if math.IsInf(best, -1) {
		return "", 0
	}
	return text, best
}
