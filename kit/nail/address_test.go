package nail_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/tackhammer/tackhammer/kit/nail"
)

// The YAML reader takes the port of an address in a list between braces for a
// key's value, unless the address is in quotes. Whoever writes it is told at its
// line.
func TestAnAddressBetweenBracesWantsQuotes(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"openai: {urls: [http://127.0.0.1:8000/v1]}", "nail.yaml:3:33: openai.urls[0]: http://127.0.0.1: 8000/v1 is not text"},
		{"openai: {\n  key_env: K,\n  urls: [\"http://127.0.0.1:8000/v1\", https://models.example.com:8443/v1]}", "nail.yaml:5:64: openai.urls[1]: https://models.example.com: 8443/v1"},
		{"openai:\n  urls:\n  - \"http://127.0.0.1:8000/v1\"\n  - {http://127.0.0.1:8001/v1}", "nail.yaml:6:5: openai.urls[1]"},
	} {
		_, err := nail.Parse("nail.yaml", []byte(start+c.text+"\n"))
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "; put the address in quotes") {
			t.Errorf("%s:\ngot  %v\nwant %s", c.text, err, c.want)
		}
	}
	for _, text := range []string{`openai: {urls: ["http://127.0.0.1:8000/v1"]}`, "openai: {urls: ['http://127.0.0.1:8000/v1']}",
		"openai:\n  urls: [http://127.0.0.1:8000/v1]", "openai:\n  urls:\n  - http://127.0.0.1:8000/v1"} {
		if n := parse(t, start+text+"\n"); len(n.OpenAI.URLs) != 1 || n.OpenAI.URLs[0] != "http://127.0.0.1:8000/v1" {
			t.Errorf("%s: %q", text, n.OpenAI.URLs)
		}
	}
	if n := parse(t, start+"deliver: {webhook: {url: https://customer.example:8443/hook, secret_env: S}}\n"); n.Deliver.Webhook.URL != "https://customer.example:8443/hook" {
		t.Errorf("webhook: %q", n.Deliver.Webhook.URL)
	}
}

// What a hint tells people to write is read as it is meant.
func TestHintsCanBeWritten(t *testing.T) {
	for name, example := range nail.Examples {
		if odd := oddKeys(t, name+": "+example); len(odd) > 0 {
			t.Errorf("%s: %s: %q are read as keys", name, example, odd)
		}
	}
	if odd := oddKeys(t, "openai: {urls: [http://127.0.0.1:8000/v1]}"); !slices.Equal(odd, []string{"http://127.0.0.1"}) {
		t.Errorf("an address without quotes is read as %q", odd)
	}
}

var keyShape = regexp.MustCompile(`^[a-z_]+$`)

// oddKeys are those of a text that no key of nail.yaml looks like.
func oddKeys(t *testing.T, text string) (odd []string) {
	t.Helper()
	var read any
	if err := yaml.Unmarshal([]byte(text), &read); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	var walk func(any)
	walk = func(at any) {
		switch at := at.(type) {
		case map[string]any:
			for key, value := range at {
				if !keyShape.MatchString(key) {
					odd = append(odd, fmt.Sprint(key))
				}
				walk(value)
			}
		case []any:
			for _, value := range at {
				walk(value)
			}
		}
	}
	walk(read)
	return odd
}
