package nail

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// examples show what may stand behind a key, by its last name.
var examples = map[string]string{
	"today": "{minutes: 3, wage: 12}", "bar": "{total: 0.95}", "limits": "{file_mb: 20}",
	"data": "{cases: golden/cases, answers: golden/answers}", "reviewer": "{wage: 15}", "budget": "{month: 200}",
	"openai": `{urls: ["http://127.0.0.1:8000/v1"]}`, "urls": `["http://127.0.0.1:8000/v1"]`,
	"picked": `{model: baseline, digest: ab12, cases: 400}`, "figures": "[total 391 of 400]",
	"candidates": `["ollama:qwen3:4b", "ollama:gemma3:4b"]`,
	"review":     "{due: 24h, quorum: 2}", "lots": "{size: 200}", "tiers": "[{name: large, when: total > 5000}]",
	"deliver": "{folder: deliveries}", "webhook": "{url: https://customer.example/hook, secret_env: WEBHOOK_SECRET}",
	"signin": "{password: true}", "oidc": "{issuer: https://login.example.com, client_id: desk}",
	"retain": "{trail: 365d}", "notify": "{url: https://desk.example.com, channels: [{kind: slack, url_env: SLACK_WEBHOOK}]}",
	"channels": "[{kind: slack, url_env: SLACK_WEBHOOK}]", "title": "{en: Large amounts, zh: 大额}",
	"threshold": "0.95", "second_look": "0.02", "blind": "0.02", "double_blind": "0.02", "canaries": "0.01", "error": "0.02", "confidence": "0.95",
	"quorum": "2", "priority": "1", "hourly_cap": "120", "size": "200",
	"roles": "[lead, admin]", "escalation": "[notify, raise]", "domains": "[example.com]",
}

// percentage is a share as people write it.
var percentage = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?) ?[%％]$`)

// mend says what to write in place of a node that is not of kind k.
func mend(node ast.Node, path string, k kind) string {
	_, name, _ := cutLast(path)
	if k == number {
		if m := percentage.FindStringSubmatch(textOf(node)); m != nil {
			share, _ := strconv.ParseFloat(m[1], 64) // it has a number's form
			return fmt.Sprintf("write %s: %s", name, strconv.FormatFloat(share/100, 'f', -1, 64))
		}
	}
	if k == text && (node.Type() == ast.IntegerType || node.Type() == ast.FloatType || node.Type() == ast.BoolType) {
		return "put it in quotes to make it text"
	}
	if _, isGroup := node.(ast.MapNode); k == text && isGroup && strings.Contains(node.String(), "://") {
		return "put the address in quotes" // its port reads as a key's value
	}
	if k == duration {
		return "write one such as 10m, 72h or 3d"
	}
	if k == goal || k == number && strings.HasPrefix(path, "bar.") && examples[name] == "" {
		return fmt.Sprintf("write for example %s: 0.95", name)
	}
	if example := examples[name]; example != "" && k != text && k != boolean {
		return fmt.Sprintf("write for example %s: %s", name, example)
	}
	return fmt.Sprintf("write %s", k)
}

// twice is the YAML reader's word for a key that stands there already.
var twice = regexp.MustCompile(`^mapping key "(.+)" already defined at \[(\d+):\d+\]$`)

// plain says in our words what the YAML reader found at a line.
func plain(words string, line int) string {
	if m := twice.FindStringSubmatch(strings.TrimSpace(words)); m != nil {
		return fmt.Sprintf("%s stands twice in the same group, in line %s and in line %d; keep one of them", m[1], m[2], line)
	}
	return words + "; check the indentation and quotes of this line"
}
