package ollama

import (
	"context"
	"errors"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ollama/ollama/api"

	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/ollamaserver"
)

// maxAnswer bounds an answer, in bytes: a server that never stops must not
// fill the memory.
const maxAnswer = 8 << 20

var errEndless = errors.New("the answer is longer than 8 MB")

// stream sends one request and gathers its chunks. The client takes a killed
// connection, a line over 8 MB and a 500 without a body for success: only a
// chunk that says it is the last one makes an answer.
func (p *Provider) stream(ctx context.Context, req *api.ChatRequest) (model.Reply, error) {
	var g gathered
	began := time.Now()
	err := p.client.Chat(ctx, req, g.add)
	if ctx.Err() != nil {
		return model.Reply{}, ctx.Err()
	}
	if err != nil && strings.HasPrefix(err.Error(), "{") {
		err = ollamaserver.ErrBrokeOff // the client hands half a line back as its error
	}
	if err != nil {
		return model.Reply{}, err
	}
	if !g.done {
		return model.Reply{}, ollamaserver.ErrBrokeOff
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
	thought bool // the model thought aloud
	done    bool
	reason  string
	usage   model.Usage
}

// add takes one chunk.
func (g *gathered) add(c api.ChatResponse) error {
	g.text.WriteString(c.Message.Content)
	if g.text.Len() > maxAnswer {
		return errEndless
	}
	g.thought = g.thought || c.Message.Thinking != ""
	for _, l := range c.Logprobs {
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
	return model.Reply{Output: g.text.String(), Tokens: g.tokens, Usage: g.usage, Cut: g.reason == "length"}.Sift(g.thought)
}

// token reads one token: from its bytes where it is a part of a character and
// the server sends them.
func token(l api.Logprob) model.Token {
	text := l.Token
	if strings.ContainsRune(text, utf8.RuneError) && len(l.Bytes) > 0 {
		b := make([]byte, len(l.Bytes))
		for i, v := range l.Bytes {
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
func runnerUp(l api.Logprob) (text string, best float64) {
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
