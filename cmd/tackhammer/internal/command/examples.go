package command

import (
	"maps"
	"strings"
)

// examples are those that the help of each command ends with, by the command's
// full name. Each is a command line that runs as it stands, in an app's folder
// where it works on one.
var examples = map[string][]string{
	"new": {
		"tackhammer new receipts-desk --template receipts",
		"tackhammer new desk -t receipts --model ollama:qwen3:4b --lang zh",
		"tackhammer new desk -t receipts --db postgres --dry-run",
		"tackhammer new desk --spec desk.yaml",
	},
	"plan":           {"tackhammer plan new desk --template receipts -o desk.plan.yaml", "tackhammer plan update -o update.plan.yaml"},
	"plan new":       {"tackhammer plan new desk --template receipts -o desk.plan.yaml", "tackhammer plan new desk --spec desk.yaml -o -"},
	"plan add field": {"tackhammer plan add field discount --type money -o discount.plan.yaml"},
	"plan update":    {"tackhammer plan update -o update.plan.yaml"},
	"apply":          {"tackhammer apply desk.plan.yaml", "tackhammer apply desk.plan.yaml --dir other"},
	"nail": {
		"tackhammer nail",
		"tackhammer nail --price 0.30 --volume 2000",
	},
	"nail check": {
		"tackhammer nail check",
		"tackhammer nail check desk/nail.yaml --json",
	},
	"templates": {
		"tackhammer templates",
		"tackhammer templates --json",
	},
	"template":       {"tackhammer template new retail ./retail", "tackhammer template check ./retail"},
	"template new":   {"tackhammer template new retail ./retail", "tackhammer template new retail ./retail --from receipts"},
	"template check": {"tackhammer template check ./retail --no-build", "tackhammer template check ./retail --json"},
	"template test":  {"tackhammer template test ./retail --lang zh --set on_call=yes"},
	"demo": {
		"tackhammer demo",
		"tackhammer demo --model ollama:qwen3:4b --addr 127.0.0.1:0",
	},
	"doctor": {
		"tackhammer doctor",
		"tackhammer doctor --template receipts --model ollama:qwen3:4b",
		"tackhammer doctor desk --db postgres --json",
	},
	"add":          {"tackhammer add field discount --type money --bar 0.9", "tackhammer add step summary --kind draft"},
	"add field":    {"tackhammer add field discount --type money --bar 0.9", "tackhammer add field category --type choice --values food,travel,other"},
	"add step":     {"tackhammer add step summary --kind draft --title Summarise", "tackhammer add step round-off --kind code"},
	"add importer": {"tackhammer add importer mail --ext .eml"},
	"add target":   {"tackhammer add target ledger --kind code", "tackhammer add target books --kind webhook --url https://x.example/in"},
	"add channel":  {"tackhammer add channel slack --url-env SLACK_WEBHOOK", "tackhammer add channel email --url-env SMTP_URL --from desk@example.com"},
	"add model":    {"tackhammer add model qwen3:4b", "tackhammer add model qwen3:4b --use"},
	"remove":       {"tackhammer remove field discount --dry-run", "tackhammer remove field discount"},
	"remove field": {"tackhammer remove field discount"}, "remove step": {"tackhammer remove step summary"},
	"remove importer": {"tackhammer remove importer mail"}, "remove target": {"tackhammer remove target ledger"},
	"remove channel": {"tackhammer remove channel slack"}, "remove model": {"tackhammer remove model qwen3:4b"},
	"update": {
		"tackhammer update --dry-run",
		"tackhammer update",
		"tackhammer update --continue",
	},
	"verify": {"tackhammer verify", "tackhammer verify desk --sarif verify.sarif"},
	"version": {
		"tackhammer version",
		"tackhammer version --json",
	},
	"completion": {
		"source <(tackhammer completion bash)",
		"tackhammer completion fish > ~/.config/fish/completions/tackhammer.fish",
	},
	"completion bash":       {"source <(tackhammer completion bash)"},
	"completion zsh":        {"source <(tackhammer completion zsh)"},
	"completion fish":       {"tackhammer completion fish | source"},
	"completion powershell": {"tackhammer completion powershell | Out-String | Invoke-Expression"},
}

// allExamples are the examples with those of the commands that can be planned: what
// adds or removes is planned by the same words.
func allExamples() map[string][]string {
	all := maps.Clone(examples)
	for name, lines := range examples {
		verb, _, _ := strings.Cut(name, " ")
		if verb != "add" && verb != "remove" || all["plan "+name] != nil {
			continue
		}
		line := strings.TrimSuffix(strings.TrimPrefix(lines[0], "tackhammer "), " --dry-run")
		all["plan "+name] = []string{"tackhammer plan " + line + " -o FILE"}
	}
	return all
}
