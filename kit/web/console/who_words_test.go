package console

import (
	"testing"

	"github.com/tackhammer/tackhammer/kit/auth"
)

func TestEveryRefusalHasWords(t *testing.T) {
	for _, lang := range langs {
		words := catalogue(t, lang)
		for _, r := range auth.Refusals {
			if words["refused."+string(r)] == nil {
				t.Errorf("%s: no words for %s", lang, r)
			}
		}
	}
}

func TestABrowserIsNamedAsPeopleDo(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0": "Edge · Windows",
		"Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0":                                                    "Firefox · Linux",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15":     "Safari · macOS",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Mobile/15E148 MicroMessenger/8.0.54":                                "WeChat · iPhone",
		"Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36":              "Chrome · Android",
		"curl/8.5.0": "curl/8.5.0", "": "–", "Firefox/1": "Firefox",
	} {
		if got := browserOf(auth.Session{Agent: agent}); got != want {
			t.Errorf("%q is %q, want %q", agent, got, want)
		}
	}
}
