package nail

import (
	"fmt"
	"maps"
	"math"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

var (
	nameShape     = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	currencyShape = regexp.MustCompile(`^[A-Z]{3}$`)
	envShape      = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	servedShape   = regexp.MustCompile(`^(ollama|openai):[^\s,]+$`)
	modelShape    = regexp.MustCompile(`^(baseline|learned|ollama:\S+|openai:\S+)$`)
)

// check adds a problem for each value that is out of range.
func (r *reading) check(n Nail) {
	r.want(nameShape.MatchString(n.Name) && len(n.Name) <= 63, "name",
		n.Name, "write lower-case letters, digits and hyphens, such as receipts-desk")
	r.want(utf8.RuneCountInString(n.Title) <= 80, "title", n.Title, "write at most 80 characters")
	r.want(strings.TrimSpace(n.Job) != "", "job", n.Job, "say in a sentence what the service does")
	r.want(n.Lang == "en" || n.Lang == "zh", "lang", n.Lang, "write en or zh")
	r.want(currencyShape.MatchString(n.Currency), "currency", n.Currency, "write a code of three capitals, such as USD or CNY")
	for i, name := range n.Candidates {
		r.want(servedShape.MatchString(name), fmt.Sprintf("candidates[%d]", i), name, "write ollama:NAME such as ollama:qwen3:4b, or openai:NAME")
	}
	r.want(modelShape.MatchString(n.Model), "model", n.Model, "write baseline, learned, ollama:NAME such as ollama:qwen3:4b, or openai:NAME")
	r.want(n.Database == "sqlite" || n.Database == "postgres", "database", n.Database, "write sqlite or postgres")
	r.want(strings.TrimSpace(n.Data.Cases) != "", "data.cases", n.Data.Cases, "name the folder of documents, such as golden/cases")
	r.want(strings.TrimSpace(n.Data.Answers) != "", "data.answers", n.Data.Answers, "name the folder of right answers, such as golden/answers")
	r.checkNumbers(n)
	r.checkOpenAI(n)
	r.checkPicked(n.Picked)
	r.checkReview(n.Review)
	r.checkWebhook(n.Deliver.Webhook)
	r.checkSignin(n.Signin)
	r.checkRetain(n.Retain)
	r.checkNotify(n.Notify)
}

func (r *reading) checkNumbers(n Nail) {
	amounts := map[string]float64{
		"today.minutes": n.Today.Minutes, "today.wage": n.Today.Wage,
		"reviewer.wage": n.Reviewer.Wage, "budget.month": n.Budget.Month,
		"price": n.Price, "gpu_hour": n.GPUHour, "volume": float64(n.Volume),
	}
	for _, path := range slices.Sorted(maps.Keys(amounts)) {
		v := amounts[path]
		r.want(v >= 0 && v <= 1e12 && !math.IsNaN(v), path, v, "write a number from 0 up")
	}
	for _, field := range slices.Sorted(maps.Keys(n.Bar)) {
		r.checkGoal("bar."+field, n.Bar[field])
	}
	r.want(n.Slots >= 1 && n.Slots <= 256, "slots", n.Slots, "write a whole number from 1 to 256, such as 4")
	r.want(n.Limits.FileMB >= 1 && n.Limits.FileMB <= 2048, "limits.file_mb", n.Limits.FileMB, "write a whole number from 1 to 2048")
}

// checkGoal checks one field's goal.
func (r *reading) checkGoal(path string, g Goal) {
	measures := slices.Concat(shares, agreements)
	at := path
	if _, written := r.places[path+".threshold"]; written {
		at += ".threshold"
	}
	r.want(g.Threshold > 0 && g.Threshold <= 1, at, g.Threshold, "write a share above 0 and at most 1, such as 0.95")
	r.wantWritten(slices.Contains(measures, g.Measure), path+".measure", g.Measure, "write one of "+strings.Join(measures, ", "))
	r.wantWritten(g.Confidence >= 0.5 && g.Confidence < 1, path+".confidence", g.Confidence, "write how sure that is to be, from 0.5 to below 1, such as 0.95")
}

// checkOpenAI checks where the models of "openai:NAME" are.
func (r *reading) checkOpenAI(n Nail) {
	r.want(n.OpenAIModel() == "" || len(n.OpenAI.URLs) > 0, "openai.urls", n.OpenAI.URLs,
		`write the server's address, such as ["http://127.0.0.1:8000/v1"]`)
	for i, address := range n.OpenAI.URLs {
		r.want(SafeURL(address), fmt.Sprintf("openai.urls[%d]", i), address,
			"write an https address, or an http address on this machine or a private network")
	}
	r.want(n.OpenAI.KeyEnv == "" || envShape.MatchString(n.OpenAI.KeyEnv), "openai.key_env", n.OpenAI.KeyEnv,
		"name the environment variable that holds the key, such as OPENAI_API_KEY")
}

func (r *reading) checkWebhook(w Webhook) {
	if w == (Webhook{}) {
		return
	}
	r.want(SafeURL(w.URL), "deliver.webhook.url", w.URL,
		"write an https address, or an http address on this machine or a private network")
	r.want(envShape.MatchString(w.SecretEnv), "deliver.webhook.secret_env", w.SecretEnv,
		"name the environment variable that holds the secret, such as WEBHOOK_SECRET")
}

// want adds a problem with the value at path unless ok.
func (r *reading) want(ok bool, path string, value any, mend string) {
	if ok {
		return
	}
	at, written := r.places[path]
	if !written {
		r.add(r.near(path), path, fmt.Sprintf("%s is missing; %s", path, mend))
		return
	}
	r.add(at, path, fmt.Sprintf("%s: %v cannot be used; %s", path, quoted(value), mend))
}

// near is the place of the closest group that holds path, or the file's start.
func (r *reading) near(path string) place {
	for up, _, ok := cutLast(path); ok; up, _, ok = cutLast(up) {
		if at, written := r.places[up]; written {
			return at
		}
	}
	return place{1, 1}
}

func quoted(value any) any {
	if s, ok := value.(string); ok {
		return fmt.Sprintf("%q", s)
	}
	return value
}

// SafeURL reports whether approved outputs may be posted to address: over the
// open network only where the line is encrypted. A host name without a dot is
// taken for one of a private network, as in a compose file.
func SafeURL(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && private(u.Hostname())
}

// private reports whether host is this machine or on a private network.
func private(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsLoopback() || ip.IsPrivate()
	}
	return !strings.Contains(host, ".") || strings.HasSuffix(host, ".localhost") || strings.HasSuffix(host, ".internal")
}
