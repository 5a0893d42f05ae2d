package command

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
	"demo": {
		"tackhammer demo",
		"tackhammer demo --model ollama:qwen3:4b --addr 127.0.0.1:0",
	},
	"doctor": {
		"tackhammer doctor",
		"tackhammer doctor --template receipts --model ollama:qwen3:4b",
		"tackhammer doctor desk --db postgres --json",
	},
	"update": {
		"tackhammer update --dry-run",
		"tackhammer update",
		"tackhammer update --continue",
	},
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
